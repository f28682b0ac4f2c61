"""The flag models of a project, as what looks at answers that nobody judged."""

from collections.abc import Sequence

from app.flag_fitting import flag_models, limits
from data.store import Store
from reward_model.flag_features import counts
from reward_model.scoring import Flagging, Flags, Item, no_flags


def flagging_of(store: Store, project_id: int) -> Flagging:
    """What the newest flag model of each kind says, from the lead's threshold on; nothing where there is none."""
    project = next(one for one in store.projects() if one.id == project_id)
    models, least = flag_models(store, project), limits(project)

    def look(items: Sequence[Item]) -> Sequence[Flags]:
        found = counts([response for _, response in items])
        each = {kind: model.of_counts(found).tolist() for kind, model in models.items()}
        return [{kind: said[n] for kind, said in each.items() if said[n] >= least[kind]} for n in range(len(items))]

    return look if models else no_flags
