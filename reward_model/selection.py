"""Which answers of a file are kept: the best of each prompt, those that clearly beat the others, those without flags.

Flagged answers go first and compete no more. The others are ranked within their prompt by score; equal scores keep the
order of the file. The margin of a kept answer is its score minus that of the best answer to its prompt that is left
over; where none is left over, minus 0, which is the score of the typical answer of the training data.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from data.errors import InputError
from reward_model.scoring import Scored

Why = Literal["", "flagged", "not among the best", "margin too small"]
REASONS: tuple[Why, ...] = ("", "flagged", "not among the best", "margin too small")
"""Why an answer is dropped, in the order in which it is asked; empty: it is kept."""
KEPT, FLAGGED, NOT_BEST, TOO_CLOSE = range(4)
TYPICAL = 0.0


class Rules(NamedTuple):
    """What is kept: so many of each prompt (None: all), those with at least this margin in logits, the unflagged."""

    keep_best: int | None = None
    min_margin: float | None = None
    drop_flagged: bool = False


class Selection(NamedTuple):
    """What becomes of each answer, in the order of the file.

    `why` is a place in `REASONS`; `rank` is the place in its prompt from 1, 0 for a flagged one that was dropped; `of`
    is how many were ranked there; `margin` in logits.
    """

    why: npt.NDArray[np.int8]
    rank: npt.NDArray[np.int64]
    of: npt.NDArray[np.int64]
    margin: npt.NDArray[np.float64]

    def counts(self) -> dict[Why, int]:
        """How many answers each reason has; with the kept ones under "" they add up to all."""
        return dict(zip(REASONS, np.bincount(self.why, minlength=len(REASONS)).tolist(), strict=True))


def check_rules(rules: Rules) -> None:
    """InputError where a rule cannot be followed, or where there is none."""
    if rules == Rules():
        raise InputError("Nothing would be dropped; say how many to keep, by what margin, or to drop flagged answers.")
    if rules.keep_best is not None and rules.keep_best < 1:
        raise InputError("{n} answers cannot be kept of a prompt; keep at least 1.", n=rules.keep_best)
    if rules.min_margin is not None and not 0 <= rules.min_margin < np.inf:
        raise InputError("A margin of {margin} is none; give 0 or more logits.", margin=rules.min_margin)


def selected(found: Scored, rules: Rules) -> Selection:
    """What becomes of each answer by these rules."""
    out = found.flagged() & rules.drop_flagged
    score, prompt = found.scores(), found.prompts()
    rank, of, next_best = _ranked(score, prompt, ~out, rules.keep_best)
    margin = score - next_best
    why = np.zeros(len(score), dtype=np.int8)
    if rules.min_margin is not None:
        why[margin < rules.min_margin] = TOO_CLOSE
    if rules.keep_best is not None:
        why[rank > rules.keep_best] = NOT_BEST
    why[out] = FLAGGED
    return Selection(why, rank, of, margin)


def ranked(found: Scored) -> npt.NDArray[np.int64]:
    """The place of each answer among those to its prompt, from 1, the best."""
    return selected(found, Rules()).rank


def _ranked(
    score: npt.NDArray[np.float64],
    prompt: npt.NDArray[np.uint64],
    among: npt.NDArray[np.bool_],
    keep: int | None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Of each answer: its rank, how many were ranked with it, and the score of the best that is left over."""
    rank, of = np.zeros(len(score), dtype=np.int64), np.zeros(len(score), dtype=np.int64)
    left_over = np.full(len(score), TYPICAL)
    rows = np.flatnonzero(among)
    order = rows[np.lexsort((-score[rows], prompt[rows]))]
    starts = np.flatnonzero(np.r_[True, prompt[order][1:] != prompt[order][:-1]]) if len(order) else order
    sizes = np.diff(np.r_[starts, len(order)])
    rank[order] = np.arange(len(order)) - np.repeat(starts, sizes) + 1
    of[order] = np.repeat(sizes, sizes)
    if keep is not None:
        more = sizes > keep
        first = np.full(len(sizes), TYPICAL)
        first[more] = score[order[starts[more] + keep]]
        left_over[order] = np.repeat(first, sizes)
    return rank, of, left_over


def reason(found: Scored, chosen: Selection, rules: Rules, at: int) -> str:
    """Why an answer is dropped, in one sentence; empty when it is kept."""
    return _SAID[chosen.why[at]].format(
        kind=found.kind(at),
        chance=found.chance[at],
        rank=chosen.rank[at],
        of=chosen.of[at],
        keep=rules.keep_best,
        margin=chosen.margin[at],
        least=rules.min_margin,
        beside="the best answer that is not kept"
        if rules.keep_best is not None and chosen.of[at] > rules.keep_best
        else "a typical answer of the training data",
    )


_SAID: Mapping[int, str] = {
    KEPT: "",
    FLAGGED: "It is flagged {kind} ({chance:.2f}).",
    NOT_BEST: "It is number {rank} of {of} answers to its prompt, and {keep} are kept.",
    TOO_CLOSE: "It beats {beside} by {margin:.2f} logits, and {least:g} are asked for.",
}
