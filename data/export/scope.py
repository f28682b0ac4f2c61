"""Which judgements an export is made from: all, or those of some topics, languages, days, annotators, agreement."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date
from typing import NamedTuple

from data.errors import InputError, Sentence
from data.export.rows import Judged
from data.schemas import Judgement, Message, PreferencePair, Task


class Scope(NamedTuple):
    """What is chosen; what is empty leaves everything in.

    `since` and `until` are days in UTC, both included. `agreement` is the least share of the others that people on a
    task agree with, 0 to 1: tasks that only one person has judged have none. `gold`: checks with a known answer are in.
    """

    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    agreement: float = 0.0
    gold: bool = True


REASONS = (
    TURNS := "the turns of its prompt are in the wrong order",
    GOLD := "check with a known answer",
    TOPIC := "another topic",
    LANGUAGE := "another language",
    ANNOTATOR := "another annotator",
    DAY := "another day",
    AGREEMENT := "too little agreement",
)
"""Why something is outside."""
Keeps = Callable[[Task, Judgement], bool]


def check_scope(scope: Scope) -> None:
    """Raise InputError where nothing could ever be inside."""
    if scope.since and scope.until and scope.since > scope.until:
        turned = Sentence("The days end before they begin: {since} to {until}; turn them round.")
        raise InputError(turned, since=scope.since, until=scope.until)
    if not 0 <= scope.agreement <= 1:
        raise InputError("The least agreement is {share}; choose a share between 0 and 1.", share=scope.agreement)


def _filters(scope: Scope, agreement: Mapping[str, float]) -> Iterator[tuple[str, Keeps]]:
    """The filters that are on: why something is left out, and what stays. That of turns always is."""
    yield TURNS, lambda task, _: is_in_turn(task.prompt)
    if not scope.gold:
        yield GOLD, lambda task, _: not task.gold
    if topics := set(scope.topics):
        yield TOPIC, lambda task, _: not topics.isdisjoint(task.topics)
    if languages := set(scope.languages):
        yield LANGUAGE, lambda task, _: task.language in languages
    if annotators := set(scope.annotators):
        yield ANNOTATOR, lambda _, said: said.annotator in annotators
    if scope.since or scope.until:
        first, last = scope.since or date.min, scope.until or date.max
        yield DAY, lambda _, said: first <= said.created_at.astimezone(UTC).date() <= last
    if scope.agreement:
        least = scope.agreement
        yield AGREEMENT, lambda task, _: agreement.get(task.id, -1.0) >= least


def is_in_turn(prompt: Sequence[Message]) -> bool:
    """Whether user and assistant take turns, after one message of the system at most, and the user speaks last.

    Chat templates refuse other conversations, or put two answers in a row.
    """
    roles = [message.role for message in prompt]
    spoken = roles[1:] if roles[0] == "system" else roles
    return len(spoken) % 2 == 1 and all(role == ("user", "assistant")[n % 2] for n, role in enumerate(spoken))


def narrowed(
    tasks: Mapping[str, Task], judgements: Sequence[Judgement], scope: Scope, agreement: Mapping[str, float]
) -> list[tuple[str, list[Judgement]]]:
    """The judgements before each filter that leaves some out, with its reason; last those that stay, with "".

    `agreement` maps a task's id to how far people agree on it; tasks of which it is not known are absent.
    """
    check_scope(scope)
    steps, kept = list[tuple[str, list[Judgement]]](), list(judgements)
    for reason, keeps in _filters(scope, agreement):
        stay = [said for said in kept if keeps(tasks[said.task_id], said)]
        steps += [(reason, kept)] if len(stay) < len(kept) else []
        kept = stay
    return [*steps, ("", kept)]


PairsOf = Callable[[Sequence[Judgement]], tuple[Sequence[PreferencePair], Mapping[str, int]]]
"""From judgements to their pairs, and to how many were left out for which reason."""


def judged_in(
    tasks: Mapping[str, Task],
    steps: Sequence[tuple[str, Sequence[Judgement]]],
    pairs_of: PairsOf,
    flags: str,
) -> Judged:
    """What an export is made from, with what each filter has left out; `steps` come from `narrowed`."""
    made = [(reason, Judged(tasks, kept, *pairs_of(kept), flags)) for reason, kept in steps]
    return replace(made[-1][1], wider=tuple(made[:-1]))


def scope_in_words(scope: Scope) -> str:
    """What was chosen, in one sentence; "everything" where nothing was."""
    named = (("topics", scope.topics), ("languages", scope.languages), ("annotators", scope.annotators))
    said = [f"{what}: {', '.join(values)}" for what, values in named if values]
    said += [f"from {scope.since}"] if scope.since else []
    said += [f"until {scope.until}"] if scope.until else []
    said += [f"agreement of at least {scope.agreement:g}"] if scope.agreement else []
    said += [] if scope.gold else ["without checks that have a known answer"]
    return "; ".join(said) or "everything"
