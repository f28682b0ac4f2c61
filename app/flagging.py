"""The flag models of a project, as what looks at answers that nobody judged."""

from data.store import Store
from reward_model.scoring import Flagging, no_flags


def flagging_of(_store: Store, _project_id: int) -> Flagging:
    """What the newest flag model of each kind says; nothing where there is none."""
    return no_flags
