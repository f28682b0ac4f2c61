"""What an export is made from, what a person chooses of it, and what its rows are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pyarrow as pa

from data.export.messages import has_turns, transcript, turns
from data.schemas import Judgement, Message, PreferencePair, Task

Origin = Literal["reference", "edit", "best"]
ORIGINS: Mapping[Origin, str] = {
    "reference": "answers that annotators wrote themselves",
    "edit": "answers that annotators corrected",
    "best": "the answer that is preferred to every other one of its prompt, and that nobody flagged",
}
"""Where an answer to be imitated comes from → what it is."""


@dataclass(frozen=True)
class Judged:
    """What an export is made from.

    `judgements` are the submitted ones, oldest first, and `tasks` holds every task they judge. `pairs` are made from
    them under the flag policy named `flags`; `left_out` maps a reason to the number of pairs which that left out.
    `wider` says what was chosen from: for each filter its reason and what there was before it, the widest first.
    """

    tasks: Mapping[str, Task]
    judgements: Sequence[Judgement]
    pairs: Sequence[PreferencePair]
    left_out: Mapping[str, int]
    flags: str
    wider: tuple[tuple[str, "Judged"], ...] = ()

    @property
    def prompts(self) -> list[tuple[Message, ...]]:
        """The prompts of the judged tasks."""
        return [self.tasks[task_id].prompt for task_id in dict.fromkeys(j.task_id for j in self.judgements)]


class Choice(NamedTuple):
    """What a person chooses of an export.

    `messages`: prompts and responses as lists of role and content, or as text; None: what suits the data.
    `weights`: a further column with the weight of each pair. `names`: annotators by name, instead of by number.
    `test_share`: 0 to 0.5, of the prompts. `origins`: which answers are written to be imitated. `mask`: personal data
    is replaced by what it is. `most_tokens`: a row with more, as `tokenizer` counts them, is left out; 0: none is.
    """

    format: str = "trl-explicit"
    messages: bool | None = None
    weights: bool = False
    names: bool = False
    test_share: float = 0.1
    origins: tuple[Origin, ...] = tuple(ORIGINS)
    mask: bool = False
    tokenizer: str = ""
    most_tokens: int = 0


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


def said(text: str) -> list[dict[str, str]]:
    """A response as the one message of a conversation."""
    return [{"role": "assistant", "content": text}]


def answers(messages: bool | None) -> Callable[[str], Any]:
    """How responses are written: one way for the whole file."""
    return said if messages else str


def prompts(judged: Judged, messages: bool | None) -> Callable[[Sequence[Message]], Any]:
    """How prompts are written: one way for the whole file."""
    if messages:
        return turns
    return transcript if has_turns(judged.prompts) else lambda prompt: prompt[0].content


def annotator_names(judged: Judged, names: bool) -> Mapping[str, str]:
    """Each annotator as the file calls them: by name, or by a number in the order of their first judgements."""
    everybody = dict.fromkeys(j.annotator for j in judged.judgements)
    return {who: who if names else f"annotator {n}" for n, who in enumerate(everybody, 1)}
