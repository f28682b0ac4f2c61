"""What each export format writes: its columns, its rows, and what it leaves out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from data.export.messages import TEXT, TURNS, has_turns, transcript, turns
from data.export.split import side_of
from data.export.whole import RANKING_COLUMNS, filled, whole
from data.schemas import Judgement, Message, PreferencePair, Task

TIE, NO_VOTE, EVEN = "tie", "neither preferred nor rejected", "as often preferred as rejected"


@dataclass(frozen=True)
class Judged:
    """What an export is made from.

    `judgements` are the submitted ones, oldest first, and `tasks` holds every task they judge. `pairs` are made from
    them under the flag policy named `flags`; `left_out` maps a reason to the number of pairs which that left out.
    """

    tasks: Mapping[str, Task]
    judgements: Sequence[Judgement]
    pairs: Sequence[PreferencePair]
    left_out: Mapping[str, int]
    flags: str

    @property
    def prompts(self) -> list[tuple[Message, ...]]:
        """The prompts of the judged tasks."""
        return [self.tasks[task_id].prompt for task_id in dict.fromkeys(j.task_id for j in self.judgements)]


class Choice(NamedTuple):
    """What a person chooses of an export.

    `messages`: prompts and responses as lists of role and content, or as text; None: what suits the data.
    `weights`: a further column with the weight of each pair. `names`: annotators by name, instead of by number.
    `test_share`: 0 to 0.5, of the prompts.
    """

    format: str = "trl-explicit"
    messages: bool | None = None
    weights: bool = False
    names: bool = False
    test_share: float = 0.1


class Rows(NamedTuple):
    """The rows of an export, in what they are counted, and what is left out.

    `each` gives the rows anew at every call, as prompt group and row. Rows + left out = `possible`.
    """

    columns: pa.Schema
    each: Callable[[], Iterable[tuple[str, dict[str, Any]]]]
    n: int
    left_out: Mapping[str, int]

    @property
    def possible(self) -> int:
        """Everything that could have been a row."""
        return self.n + sum(self.left_out.values())


def explicit(judged: Judged, choice: Choice) -> Rows:
    """TRL's explicit preference: prompt, chosen, rejected; margin where every pair has one."""
    answer, prompt = _answer(choice.messages), _prompt(judged, choice.messages)
    kind = TURNS if choice.messages else TEXT

    def row(pair: PreferencePair) -> dict[str, Any]:
        return {"prompt": prompt(pair.prompt), "chosen": answer(pair.chosen), "rejected": answer(pair.rejected)}

    return _of_pairs(judged, choice, [("prompt", kind), ("chosen", kind), ("rejected", kind)], row)


def implicit(judged: Judged, choice: Choice) -> Rows:
    """TRL's implicit preference: chosen and rejected, each with the prompt before it."""
    kind = TURNS if choice.messages else TEXT

    def whole(pair: PreferencePair, text: str) -> Any:
        return turns(pair.prompt) + _said(text) if choice.messages else transcript(pair.prompt) + text

    def row(pair: PreferencePair) -> dict[str, Any]:
        return {"chosen": whole(pair, pair.chosen), "rejected": whole(pair, pair.rejected)}

    return _of_pairs(judged, choice, [("chosen", kind), ("rejected", kind)], row)


def _of_pairs(
    judged: Judged, choice: Choice, columns: list[tuple[str, Any]], row: Callable[[PreferencePair], dict[str, Any]]
) -> Rows:
    """One row a pair; ties have no chosen side, so they are counted and left to the rankings."""
    kept = [pair for pair in judged.pairs if not pair.tie]
    more = [*(["margin"] if kept and all(pair.margin is not None for pair in kept) else [])]
    more += ["weight"] if choice.weights else []
    schema = pa.schema(
        [*(pa.field(*c) for c in columns), *(pa.field(name, pa.float64(), nullable=False) for name in more)]
    )

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        return ((pair.group, row(pair) | {name: getattr(pair, name) for name in more}) for pair in kept)

    ties = {TIE: len(judged.pairs) - len(kept)} if len(kept) < len(judged.pairs) else {}
    return Rows(schema, each, len(kept), {**judged.left_out, **ties})


def unpaired(judged: Judged, choice: Choice) -> Rows:
    """TRL's unpaired preference (KTO): prompt, completion, label; one row for every different response to a prompt.

    True: in the pairs it was chosen more often than rejected. False: more often rejected. A judgement that found no
    response acceptable, or all of them wrong, counts one rejection for each of them, and of its choices only the edits.
    Under the policy "never chosen" a response that anybody flagged is False.
    """
    votes = _votes(judged)
    labels = {key: _label(said) for key, said in votes.items()}
    answer, prompt = _answer(choice.messages), _prompt(judged, choice.messages)
    kind = TURNS if choice.messages else TEXT

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for (group, before, text), label in labels.items():
            if isinstance(label, bool):
                yield group, {"prompt": prompt(before), "completion": answer(text), "label": label}

    left_out = Counter(label for label in labels.values() if isinstance(label, str))
    schema = pa.schema([("prompt", kind), ("completion", kind), ("label", pa.bool_())])
    return Rows(schema, each, len(labels) - left_out.total(), dict(left_out))


Said = tuple[str, tuple[Message, ...], str]
"""A response to a prompt: group, prompt, text; the same text under another id is the same."""


def _votes(judged: Judged) -> dict[Said, Counter[str]]:
    """For every response of a judged task, and every edit: how often it was "chosen", "rejected", "flagged"."""
    votes: defaultdict[Said, Counter[str]] = defaultdict(Counter)
    unacceptable = {(j.task_id, j.annotator) for j in judged.judgements if _is_none_good(j)}
    for judgement in judged.judgements:
        task, flagged = judged.tasks[judgement.task_id], {flag.response_id for flag in judgement.flags}
        for response in task.responses:
            said = votes[task.group, task.prompt, response.text]
            said["rejected"] += _is_none_good(judgement)
            said["flagged"] += judged.flags == "never chosen" and response.id in flagged
        for edit in judgement.edits:
            votes[task.group, task.prompt, edit.text]["chosen"] += 0
    for pair in (pair for pair in judged.pairs if not pair.tie):
        is_spurned = (pair.task_id, pair.annotator) in unacceptable
        votes[pair.group, pair.prompt, pair.chosen]["chosen"] += pair.is_edit or not is_spurned
        votes[pair.group, pair.prompt, pair.rejected]["rejected"] += not is_spurned
    return dict(votes)


def _is_none_good(judgement: Judgement) -> bool:
    return judgement.none_acceptable or judgement.unrankable


def _label(said: Counter[str]) -> bool | str:
    """The label, or why there is none."""
    if said["flagged"]:
        return False
    if said["chosen"] == said["rejected"]:
        return EVEN if said["chosen"] else NO_VOTE
    return said["chosen"] > said["rejected"]


def rankings(judged: Judged, choice: Choice) -> Rows:
    """One row a submitted judgement, with all that is known of it; annotators by number unless names are wanted."""
    numbers = {who: f"annotator {n}" for n, who in enumerate(dict.fromkeys(j.annotator for j in judged.judgements), 1)}

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for judgement in _examples_first(judged, choice.test_share):
            who = judgement.annotator if choice.names else numbers[judgement.annotator]
            yield judged.tasks[judgement.task_id].group, whole(judgement, judged.tasks[judgement.task_id], who)

    return Rows(RANKING_COLUMNS, each, len(judged.judgements), {})


def _examples_first(judged: Judged, test_share: float) -> list[Judgement]:
    """The judgements, oldest first, but before them on each side of the split one that fills each column.

    A reader of JSON takes the types of the columns from the first rows, and fails where a column is empty there.
    """
    examples: dict[tuple[str, str], int] = {}
    for n, judgement in enumerate(judged.judgements):
        task = judged.tasks[judgement.task_id]
        side = side_of(task.group, test_share)
        for column in set(filled(whole(judgement, task, ""))):
            examples.setdefault((side, column), n)
    first = sorted(set(examples.values()))
    rest = set(range(len(judged.judgements))) - set(first)
    return [judged.judgements[n] for n in [*first, *sorted(rest)]]


def references(judged: Judged, choice: Choice) -> Rows:
    """Prompt and completion, for fine-tuning: one row for every reference that an annotator wrote."""
    written = [judgement for judgement in judged.judgements if judgement.reference]
    answer, prompt = _answer(choice.messages), _prompt(judged, choice.messages)
    kind = TURNS if choice.messages else TEXT

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        for judgement in written:
            task = judged.tasks[judgement.task_id]
            yield task.group, {"prompt": prompt(task.prompt), "completion": answer(judgement.reference)}

    return Rows(pa.schema([("prompt", kind), ("completion", kind)]), each, len(written), {})


class Format(NamedTuple):
    """One export format: how its rows are made, what a row is called, what it is for, and what it needs first."""

    rows: Callable[[Judged, Choice], Rows]
    unit: str
    says: str
    needs: str = "rank some answers first"


FORMATS: Mapping[str, Format] = {
    "trl-explicit": Format(explicit, "pairs", "prompt, chosen, rejected: for TRL's DPOTrainer and RewardTrainer."),
    "trl-implicit": Format(implicit, "pairs", "chosen and rejected with the prompt inside: for TRL's RewardTrainer."),
    "trl-unpaired": Format(unpaired, "labelled responses", "prompt, completion, label: for TRL's KTOTrainer."),
    "rankings": Format(
        rankings, "judgements", "every judgement with ties, flags, comments and times: nothing is lost."
    ),
    "references": Format(
        references,
        "references",
        "prompt, completion: the answers that annotators wrote themselves, for TRL's SFTTrainer.",
        "it takes answers that annotators write themselves",
    ),
}
"""Name of the format → what it writes."""


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def _answer(messages: bool | None) -> Callable[[str], Any]:
    return _said if messages else str


def _prompt(judged: Judged, messages: bool | None) -> Callable[[Sequence[Message]], Any]:
    """How prompts are written: one way for the whole file."""
    if messages:
        return turns
    return transcript if has_turns(judged.prompts) else lambda prompt: prompt[0].content
