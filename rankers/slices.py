"""Judgements by topic and by language: how far people agree there, and what they prefer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.schemas import NOT_READ, Judgement, PreferencePair, Slice, Task, slices_of
from rankers.agreement import Agreement, agreement_of, task_votes

FEWEST_PROMPTS = 5
"""Of slices with fewer prompt groups no share is said: it would say nothing of other prompts."""
TOO_FEW = "too few"
_COUNTED = 9
_JUDGED, _ANSWERS, _FLAGGED, _PAIRS, _TIES, _UNEQUAL, _LONGER, _PLACED, _FIRST = range(_COUNTED)
Counts = NDArray[np.float64]


@dataclass(frozen=True)
class SliceReport:
    """What the judgements of one slice say. A task with several topics is in the slice of each.

    `tasks`, `prompts` (groups) and `judgements` count what was judged. The shares (0 to 1) are None where there are
    too few prompts (`few`) or nothing shows it: `ties` of all pairs; `flagged` of the answers judged; `longer` and
    `first` of the decided pairs in which one answer is longer, or one is known to have stood first on the screen.
    `agreement` counts ties as a third answer; None where no two people judged the same pair of answers.
    """

    slice: Slice
    tasks: int
    prompts: int
    judgements: int
    pairs: int
    agreement: Agreement | None
    ties: float | None
    flagged: float | None
    longer: float | None
    first: float | None

    @property
    def few(self) -> bool:
        """Whether there are too few prompts to say a share."""
        return self.prompts < FEWEST_PROMPTS

    @property
    def few_agree(self) -> bool:
        """Whether too few prompts were judged by two people to say how far they agree."""
        return self.agreement is not None and self.agreement.n_prompts < FEWEST_PROMPTS


def slice_reports(
    tasks: Mapping[str, Task], judgements: Iterable[Judgement], pairs: Sequence[PreferencePair]
) -> list[SliceReport]:
    """A report for each slice that has judgements, in no order; `pairs` are those of the judgements."""
    counts, votes = _counts(tasks, judgements, pairs), task_votes(pairs)
    inside = defaultdict[Slice, list[str]](list)
    for task_id in counts:
        for one in slices_of(tasks[task_id].language, tasks[task_id].topics):
            inside[one].append(task_id)
    found = []
    for one, ids in inside.items():
        agreement = agreement_of((tasks[task_id].group, votes[task_id]) for task_id in ids if task_id in votes)
        groups = len({tasks[task_id].group for task_id in ids})
        found.append(_report(one, len(ids), groups, np.sum([counts[task_id] for task_id in ids], axis=0), agreement))
    return found


def slices_in_words(reports: Sequence[SliceReport], accuracies: Mapping[Slice, str]) -> list[tuple[str, ...]]:
    """A table for data cards, its head first; empty where nothing was read.

    `accuracies` says how well a reward model does on each slice, where that is known. Topics come before languages, the
    largest first.
    """
    if all(one.slice.name == NOT_READ for one in reports):
        return []
    ordered = sorted(reports, key=lambda one: (one.slice.by != "topic", -one.judgements, one.slice.name))
    head = ("", "judgements", "prompts", "two people agree", "ties", "flagged answers", "reward model is right")
    rows = [
        (
            *(f"{one.slice.by}: {one.slice.name}", f"{one.judgements:,}", f"{one.prompts:,}", _agree(one)),
            *(_said(one.ties), _said(one.flagged), accuracies.get(one.slice, "–")),
        )
        for one in ordered
    ]
    return [head, *rows]


def _agree(one: SliceReport) -> str:
    found = one.agreement
    if found is None:
        return "–"
    return TOO_FEW if one.few_agree else f"{found.agreement:.1%} ({found.low:.1%} to {found.high:.1%})"


def _said(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _report(one: Slice, tasks: int, prompts: int, counts: Counts, agreement: Agreement | None) -> SliceReport:
    def share(part: int, of: int) -> float | None:
        return float(counts[part] / counts[of]) if counts[of] and prompts >= FEWEST_PROMPTS else None

    return SliceReport(
        one,
        tasks,
        prompts,
        int(counts[_JUDGED]),
        int(counts[_PAIRS]),
        agreement,
        share(_TIES, _PAIRS),
        share(_FLAGGED, _ANSWERS),
        share(_LONGER, _UNEQUAL),
        share(_FIRST, _PLACED),
    )


def _counts(
    tasks: Mapping[str, Task], judgements: Iterable[Judgement], pairs: Iterable[PreferencePair]
) -> dict[str, Counts]:
    """What is counted of each judged task."""
    counts: defaultdict[str, Counts] = defaultdict(lambda: np.zeros(_COUNTED))
    for one in judgements:
        if one.status == "submitted":
            flagged = len({flag.response_id for flag in one.flags})
            counts[one.task_id][: _FLAGGED + 1] += (1, len(tasks[one.task_id].responses), flagged)
    for pair in pairs:
        counts[pair.task_id][_PAIRS:] += _shown(pair)
    return dict(counts)


def _shown(pair: PreferencePair) -> tuple[int, ...]:
    """What a pair adds from `_PAIRS` on; an edit says nothing of length and place, as it was written afterwards."""
    if pair.tie or pair.is_edit:
        return 1, pair.tie, 0, 0, 0, 0
    longer = len(pair.chosen) - len(pair.rejected)
    placed = bool(pair.chosen_place and pair.rejected_place)
    first = placed and (pair.chosen_place or 0) < (pair.rejected_place or 0)
    return 1, 0, longer != 0, longer > 0, placed, first
