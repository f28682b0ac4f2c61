"""Scores of many answers, read one after the other and kept as a few numbers each."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from data.schemas import fingerprint
from reward_model.features import Item
from reward_model.model import RewardModel
from reward_model.processes import worked

AT_ONCE = 2_000
"""Answers that are scored together."""
NOT_FLAGGED = -1
Flags = Mapping[str, float]
"""Kind of flag → its probability, 1 where somebody has set it; only those that count."""
Flagging = Callable[[Sequence[Item]], Sequence[Flags]]
"""Which flags count on each of some answers."""


class Given(NamedTuple):
    """An answer to be scored, with the flags that it has already."""

    item: Item
    flags: Sequence[str] = ()


@dataclass
class Scored:
    """The answers of a file, in their order: about 25 bytes each, whatever their length.

    `score` in logits; `prompt` tells prompts apart (64 bits); `flag` is the place in `kinds` of the likeliest flag,
    `NOT_FLAGGED` where there is none, and `chance` its probability.
    """

    score: "array[float]" = field(default_factory=lambda: array("d"))
    prompt: "array[int]" = field(default_factory=lambda: array("Q"))
    flag: "array[int]" = field(default_factory=lambda: array("i"))
    chance: "array[float]" = field(default_factory=lambda: array("f"))
    kinds: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.score)

    def scores(self) -> npt.NDArray[np.float64]:
        """All scores."""
        return np.array(self.score, dtype=np.float64)

    def prompts(self) -> npt.NDArray[np.uint64]:
        """The prompt of each answer, as a number."""
        return np.array(self.prompt, dtype=np.uint64)

    def flagged(self) -> npt.NDArray[np.bool_]:
        """Whether each answer has a flag."""
        return np.not_equal(np.array(self.flag, dtype=np.int32), NOT_FLAGGED)

    def kind(self, at: int) -> str:
        """The likeliest flag of an answer; empty where it has none."""
        return self.kinds[self.flag[at]] if self.flag[at] != NOT_FLAGGED else ""

    def add(self, score: float, item: Item, flags: Flags) -> None:
        """Add an answer."""
        kind, chance = max(flags.items(), key=lambda one: one[1], default=("", 0.0))
        self.score.append(score)
        self.prompt.append(prompt_mark(item[0]))
        self.flag.append(self._place(kind) if kind else NOT_FLAGGED)
        self.chance.append(chance)

    def extend(self, more: "Scored") -> None:
        """Add the answers of a file that follow."""
        self.score.extend(more.score)
        self.prompt.extend(more.prompt)
        self.chance.extend(more.chance)
        place = {NOT_FLAGGED: NOT_FLAGGED} | {at: self._place(kind) for at, kind in enumerate(more.kinds)}
        self.flag.extend(place[flag] for flag in more.flag)

    def _place(self, kind: str) -> int:
        if kind not in self.kinds:
            self.kinds.append(kind)
        return self.kinds.index(kind)


def prompt_mark(prompt: str) -> int:
    """64 bits that stand for a prompt, white space at its ends aside."""
    return int(fingerprint([prompt.strip()])[:16], 16)


def no_flags(items: Sequence[Item]) -> Sequence[Flags]:
    """No flags on any answer."""
    return [{} for _ in items]


def scored(given: Iterable[Given], model: RewardModel, flagging: Flagging = no_flags) -> Scored:
    """Read, flag and score all answers, `AT_ONCE` at a time, and on both cores where they are many."""
    found, rest = Scored(), iter(given)
    some = iter(lambda: list(islice(rest, AT_ONCE)), list[Given]())
    for part in worked(partial(_scored, model=model, flagging=flagging), some):
        found.extend(part)
    return found


def _scored(some: Sequence[Given], model: RewardModel, flagging: Flagging) -> Scored:
    found, items = Scored(), [one.item for one in some]
    for one, score, flags in zip(some, model.scores(items).tolist(), flagging(items), strict=True):
        found.add(score, one.item, {**flags, **dict.fromkeys(one.flags, 1.0)})
    return found
