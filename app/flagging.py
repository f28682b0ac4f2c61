"""The flag models of a project, as what looks at answers that nobody judged."""

from app.flag_fitting import flag_models, limits
from data.schemas import Project
from data.store import Store
from reward_model.flagging import flagging
from reward_model.scoring import Flagging


def flagging_of(store: Store, project: Project) -> Flagging:
    """What the newest flag model of each kind says, from the lead's threshold on."""
    return flagging(flag_models(store, project), limits(project))


def every_flag(store: Store, project: Project) -> Flagging:
    """All that the newest flag models say, however improbable: thresholds may change later."""
    models = flag_models(store, project)
    return flagging(models, dict.fromkeys(models, 0.0))
