"""What a file's judgements say that a project does not ask for: flags, topics and criteria of other projects."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from data.schemas import MAX_CRITERIA, Criterion, FlagKind, Judgement, Project, Topic

_MOST = {"flag": 20, "topic": 30, "criterion": MAX_CRITERIA}
_COLUMN = {"flag": "flags", "topic": "topics", "criterion": "criteria"}


@dataclass
class Asked:
    """What was added to a project's settings so far, and what its settings lack, each as in “flag spam”."""

    takes_criteria: bool
    added: dict[str, None] = field(default_factory=dict)
    lacking: dict[str, None] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def has_new(self, judgements: Iterable[Judgement]) -> bool:
        """Whether these judgements name anything that none before them did."""
        named = {name for judgement in judgements for name in _names(judgement)}
        is_new = not named <= self.seen
        self.seen |= named
        return is_new

    def widened(self, project: Project, judgements: Iterable[Judgement]) -> Project:
        """The project with the flags, topics and criteria of these judgements; itself where it has them all.

        Flags and topics are added while there is room. Criteria, which every annotator then ranks by, are added only to
        a project that had no tasks.
        """
        for what, name in dict.fromkeys(named for judgement in judgements for named in _names(judgement)):
            has: tuple[FlagKind | Topic | Criterion, ...] = getattr(project, _COLUMN[what])
            if name in (_name(one) for one in has):
                continue
            if len(has) < _MOST[what] and (what != "criterion" or self.takes_criteria):
                project = project.model_copy(update={_COLUMN[what]: (*has, _made(what, name))})
                self.added[f"{what} {name}"] = None
            else:
                self.lacking[f"{what} {name}"] = None
        return project


def _names(judgement: Judgement) -> Iterable[tuple[str, str]]:
    yield from (("flag", flag.kind) for flag in judgement.flags)
    yield from (("topic", flag.topic) for flag in judgement.flags if flag.topic)
    yield from (("criterion", name) for name in judgement.criteria)


def _name(one: FlagKind | Topic | Criterion) -> str:
    return one.kind if isinstance(one, FlagKind) else one.topic if isinstance(one, Topic) else one.criterion


def _made(what: str, name: str) -> FlagKind | Topic | Criterion:
    label = name.replace("-", " ").strip().capitalize()
    if what == "flag":
        return FlagKind(kind=name, label=label, definition="As it was flagged in a file that was loaded.")
    return Topic(topic=name, label=label) if what == "topic" else Criterion(criterion=name, label=label)
