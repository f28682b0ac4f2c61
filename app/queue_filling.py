"""What each queue of “What next” is filled with, and why, from the judgements and the newest reward model."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from math import ceil
from typing import NamedTuple, TypeVar

import numpy as np

from app.language import N_, _, number, percent
from data.choosing import BY_CHANCE, SECOND_OPINIONS
from data.schemas import Judgement, Project, QueuedTask, QueueName, Slice, Task, slices_of
from data.store import Store
from rankers.contested import contested
from rankers.pairs import PairRules, preference_pairs
from reward_model.disagreement import disagreements
from reward_model.features import Floats, Item, prompt_text
from reward_model.informative import Candidates, informative
from reward_model.model import RewardModel

MOST = 500
"""Tasks in one queue; what comes after them is looked for when the queue is filled anew."""
DOUBTED = 0.1
"""Up to this share of the judged tasks is judged again because the model disagrees."""
SHARES = {"unsure", "chance", "difference"}
"""What a reason says in per cent."""
WHYS: Mapping[str, str] = {
    "informative": N_("The model is {unsure} unsure which answer is better; its answers were judged {compared} times."),
    "disagreement": N_("Answer {best} was judged best; the model, not fitted on this prompt, gave that {chance}."),
    "contested": N_("{people} people judged it; of what they compared, they differ on {difference}."),
    "suspects": N_("A flag model holds an answer for “{flag}”, by {chance}."),
    "random": N_("Drawn by chance, to hold the others against."),
}
Say = Callable[[str, int, int], None]
"""Told what is being done, how far it is, of how many; it may raise to stop the work."""
Key = TypeVar("Key", bound=Hashable)
Suspects = Sequence[tuple[str, str]]


class Known(NamedTuple):
    """What the queues are made from. `said` has the submitted judgements of each task; `model` may be missing.

    Only tasks of the topic or language `only` are put into them; None: any.
    """

    project: Project
    tasks: Mapping[str, Task]
    said: Mapping[str, Sequence[Judgement]]
    model: RewardModel | None
    suspects: Suspects = ()
    only: Slice | None = None

    def is_wanted(self, task_id: str) -> bool:
        """Whether a task is of the topic or language that the queues are filled with."""
        task = self.tasks[task_id]
        return self.only is None or self.only in slices_of(task.language, task.topics)

    @property
    def judged(self) -> dict[str, Sequence[Judgement]]:
        """The submitted judgements of the tasks that may be put into a queue."""
        return {task_id: said for task_id, said in self.said.items() if self.is_wanted(task_id)}

    @property
    def once(self) -> list[str]:
        """The tasks that have all their judgements, and none that a queue has asked for beyond them."""
        overlap = self.project.overlap
        return [
            task_id for task_id, said in self.judged.items() if len(said) >= overlap and not _asked_again(said, overlap)
        ]

    @property
    def unjudged(self) -> list[Task]:
        """The tasks that nobody has judged and that may be put into a queue."""
        return [task for task in self.tasks.values() if not self.said.get(task.id) and self.is_wanted(task.id)]


def _asked_again(said: Sequence[Judgement], overlap: int) -> bool:
    return len(said) > overlap and any(one.queue for one in said)


def known(store: Store, project: Project, model: RewardModel | None, suspects: Suspects = ()) -> Known:
    """What the store knows now."""
    said = defaultdict[str, list[Judgement]](list)
    for one in store.judgements(project.id):
        said[one.task_id].append(one)
    return Known(project, {task.id: task for task in store.tasks(project.id)}, dict(said), model, suspects)


def worded(why: str) -> str:
    """Why a task is in its queue, in the language of the session; what was not written here, as it is."""
    try:
        values = json.loads(why)
        message = WHYS[values.pop("says")]
        return _(message, **{name: _shown(name, value) for name, value in values.items()})
    except (ValueError, KeyError, TypeError, AttributeError):
        return why


def _shown(name: str, value: float | str) -> str:
    if isinstance(value, str):
        return _(value)
    return percent(value) if name in SHARES else number(value, 0 if float(value).is_integer() else 1)


def reason(says: str, **values: float | str) -> str:
    """Why a task is in a queue, to be kept: which of `WHYS` says it, and what with."""
    return json.dumps({"says": says, **values}, ensure_ascii=False)


def fill_queues(store: Store, these: Known, say: Say) -> dict[QueueName, int]:
    """Fill every queue that is on, empty the others; how many tasks were put into each."""
    on = {queue for queue, share in these.project.queues.items() if share}
    filled = {queue: make(these, say) if queue in on else [] for queue, make in QUEUES.items()}
    again = sum(len(filled[queue]) for queue in SECOND_OPINIONS)
    filled["random"] = _by_chance(these, again)
    for done, (queue, rows) in enumerate(filled.items()):
        say(N_("Filling the queues"), done, len(filled))
        store.fill_queue(these.project.id, queue, rows)
    return {queue: len(rows) for queue, rows in filled.items()}


def _informative(these: Known, say: Say) -> list[QueuedTask]:
    """The unjudged tasks from which the model would learn most."""
    if these.model is None:
        return []
    tasks = these.unjudged
    place, groups = dict[Item, int](), dict[str, int]()
    own = [tuple(place.setdefault(item, len(place)) for item in _items(task)) for task in tasks]
    candidates = Candidates(
        responses=own,
        group=[groups.setdefault(task.group, len(groups)) for task in tasks],
        scores=_scores(these.model, list(place), say),
        compared=_counts(place, [item for task_id in these.said for item in _items(these.tasks[task_id])]),
        judged=_counts(groups, [these.tasks[task_id].group for task_id in these.said]),
    )
    picked = informative(candidates, MOST)
    whys = [reason("informative", unsure=pick.unsure, compared=pick.compared) for pick in picked]
    return _queued("informative", [tasks[pick.task].id for pick in picked], whys, again=False)


def _items(task: Task) -> list[Item]:
    prompt = prompt_text(task.prompt)
    return [(prompt, response.text) for response in task.responses]


def _scores(model: RewardModel, items: Sequence[Item], say: Say) -> Floats:
    found, done = [np.zeros(0)], 0
    for some in model.in_parts(items):
        done += len(some)
        say(N_("Scoring the answers that nobody has judged"), done, len(items))
        found.append(some)
    return np.concatenate(found)


def _counts(place: Mapping[Key, int], seen: Iterable[Key]) -> list[int]:
    """How often each key that has a number was seen, in the order of the numbers."""
    counts = Counter(seen)
    return [counts[key] for key in place]


def _disagreement(these: Known, say: Say) -> list[QueuedTask]:
    """The judgements, not yet judged again, of which the model is most sure that they are wrong."""
    if these.model is None:
        return []
    say(N_("Comparing judgements with the model"), 0, 1)
    made = preference_pairs(these.tasks, [one for task_id in these.once for one in these.said[task_id]], PairRules())
    chance = {doubt.task_id: doubt.probability for doubt in reversed(disagreements(made.pairs, these.model.held_out))}
    most = min(MOST, ceil(DOUBTED * len(these.judged)))
    doubted = sorted(chance, key=lambda task_id: chance[task_id])[:most]
    whys = [reason("disagreement", best=_best(these, task_id), chance=chance[task_id]) for task_id in doubted]
    return _queued("disagreement", doubted, whys)


def _best(these: Known, task_id: str) -> int:
    """Which answer of a task, counted from 1, its first judgement puts first."""
    best = these.said[task_id][0].ranking[0][0]
    return [response.id for response in these.tasks[task_id].responses].index(best) + 1


def _contested(these: Known, say: Say) -> list[QueuedTask]:
    say(N_("Comparing people's judgements"), 0, 1)
    found = contested(one for said in these.judged.values() for one in said)[:MOST]
    whys = [reason("contested", people=one.people, difference=one.difference) for one in found]
    return _queued("contested", [one.task_id for one in found], whys)


def _suspects(these: Known, _say: Say) -> list[QueuedTask]:
    """The tasks that a flag model suspects, less those that somebody has judged again already."""
    can_be = {task.id for task in these.unjudged} | set(these.once)
    asked = [(task_id, why) for task_id, why in these.suspects if task_id in can_be][:MOST]
    return _queued("suspects", [task_id for task_id, _why in asked], [why for _id, why in asked])


QUEUES: Mapping[QueueName, Callable[[Known, Say], list[QueuedTask]]] = {
    "informative": _informative,
    "disagreement": _disagreement,
    "contested": _contested,
    "suspects": _suspects,
}


def _by_chance(these: Known, others: int) -> list[QueuedTask]:
    """Judged tasks drawn by chance, as many as keep `BY_CHANCE` of all second opinions to chance."""
    left = sorted(these.once)
    wanted = min(ceil(others * BY_CHANCE / (1 - BY_CHANCE)), len(left))
    drawn = np.random.default_rng([these.project.seed, len(these.said)]).permutation(len(left))[:wanted]
    return _queued("random", [left[at] for at in drawn], [reason("random")] * wanted)


def _queued(queue: QueueName, ids: Sequence[str], whys: Sequence[str], again: bool = True) -> list[QueuedTask]:
    rows = enumerate(zip(ids, whys, strict=True), start=1)
    return [QueuedTask(queue=queue, task_id=one, place=at, why=why, again=again) for at, (one, why) in rows]
