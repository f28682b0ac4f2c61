"""How a ranking becomes preference pairs, what a flag does to them, and what each pair weighs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal, NamedTuple

import pandas as pd

from data.schemas import Judgement, PreferencePair, Task

Weighting = Literal["2/k", "1/(k choose 2)", "1"]
FlagPolicy = Literal["never chosen", "excluded", "ignored"]


class Weight(NamedTuple):
    """What each pair of a ranking of k responses weighs, and the rule in words."""

    of_one_pair: Callable[[int], float]
    says: str


WEIGHTINGS: Mapping[Weighting, Weight] = {
    "2/k": Weight(lambda k: 2 / k, "A ranking of k responses weighs k − 1 in all: each pair 2/k."),
    "1/(k choose 2)": Weight(lambda k: 1 / comb(k, 2), "Every ranking weighs 1 in all, as InstructGPT does it."),
    "1": Weight(lambda _k: 1.0, "Every pair weighs 1, so a long ranking counts for much more than a short one."),
}
"""Name of the rule → the weight of one pair. 1/(k choose 2): Ouyang et al. 2022, arXiv 2203.02155, equation 1."""


class Policy(NamedTuple):
    """Why a pair is left out (None: it is kept), from: first flagged, second flagged, tie; and the policy in words."""

    leaves_out: Callable[[bool, bool, bool], str | None]
    says: str


def _never_chosen(first: bool, second: bool, tie: bool) -> str | None:
    if tie and (first or second):
        return "tie with a flagged response"
    return "flagged response preferred" if first else None


def _excluded(first: bool, second: bool, _tie: bool) -> str | None:
    return "flagged response in the pair" if first or second else None


FLAG_POLICIES: Mapping[FlagPolicy, Policy] = {
    "never chosen": Policy(
        _never_chosen,
        "A flagged response is never the chosen side. It may be the rejected one; a pair in which it is preferred, "
        "to another flagged response too, and a tie in which it stands are left out.",
    ),
    "excluded": Policy(_excluded, "A pair in which either response is flagged is left out."),
    "ignored": Policy(lambda _first, _second, _tie: None, "Flags change nothing."),
}
"""Name of the policy → what it leaves out. A flag counts in the judgement in which it was set, not in other people's.

| preferred over                  | never chosen | excluded | ignored |
|---------------------------------|--------------|----------|---------|
| unflagged over unflagged        | kept         | kept     | kept    |
| unflagged over flagged          | kept         | left out | kept    |
| flagged over unflagged          | left out     | left out | kept    |
| flagged over flagged            | left out     | left out | kept    |
| tie, neither flagged            | kept         | kept     | kept    |
| tie, one or both flagged        | left out     | left out | kept    |

A tie counts half each way wherever it is used, so a flagged response in a tie would be chosen half the time.
"""

UNRANKED, NOT_SUBMITTED = "response not ranked", "judgement skipped or withdrawn"


class PairRules(NamedTuple):
    """The two choices between a ranking and its pairs, by name."""

    weighting: Weighting = "2/k"
    flags: FlagPolicy = "never chosen"


def rules_in_words(rules: PairRules) -> dict[str, str]:
    """The rules for people: what is ruled → the name of the rule and what it says."""
    return {
        "Flags": f"{rules.flags}: {FLAG_POLICIES[rules.flags].says}",
        "Weights": f"{rules.weighting}: {WEIGHTINGS[rules.weighting].says}",
    }


@dataclass(frozen=True)
class PairSet:
    """Pairs, the rules that made them, and what was left out.

    `possible` counts the pairs of responses in all judged tasks, once for each judgement: always
    `len(pairs) + sum(left_out.values())`. `left_out` maps a reason to a number of pairs, reasons that did not occur
    are absent. `none_acceptable` counts judgements that found no response acceptable; their rankings count too.
    """

    pairs: tuple[PreferencePair, ...]
    rules: PairRules
    possible: int
    left_out: Mapping[str, int]
    judgements: int
    none_acceptable: int

    @property
    def ties(self) -> int:
        """How many of the pairs are ties."""
        return sum(pair.tie for pair in self.pairs)


def pairs_from(task: Task, judgement: Judgement, rules: PairRules) -> list[PreferencePair]:
    """Every two responses of a ranking as one pair: the one in the better tier is chosen; in the same tier, a tie.

    Unranked responses make no pairs. The weight is that of the ranking as it was made: what the flag policy leaves out
    does not make the other pairs heavier.
    """
    placed = sum(len(tier) for tier in judgement.ranking)
    weight = WEIGHTINGS[rules.weighting].of_one_pair(placed) if placed > 1 else 0.0
    return [
        _pair(task, judgement, two, weight) for two in compared(judgement, rules.flags) if two.left_out_because is None
    ]


class Compared(NamedTuple):
    """Two ranked response ids, the better one first; why the flag policy leaves them out (None: it does not)."""

    better: str
    worse: str
    tie: bool
    left_out_because: str | None


def compared(judgement: Judgement, flags: FlagPolicy) -> Iterator[Compared]:
    """Every two responses of a submitted ranking, what the flag policy leaves out included."""
    if judgement.status != "submitted":
        return
    placed = [(tier, i) for tier, ids in enumerate(judgement.ranking) for i in ids]
    flagged = {flag.response_id for flag in judgement.flags}
    for (upper, better), (lower, worse) in combinations(placed, 2):
        tie = upper == lower
        yield Compared(better, worse, tie, FLAG_POLICIES[flags].leaves_out(better in flagged, worse in flagged, tie))


def _pair(task: Task, judgement: Judgement, two: Compared, weight: float) -> PreferencePair:
    chosen, rejected = task.response(two.better), task.response(two.worse)
    return PreferencePair(
        task_id=task.id,
        group=task.group,
        prompt=task.prompt,
        chosen_id=chosen.id,
        rejected_id=rejected.id,
        chosen=chosen.text,
        rejected=rejected.text,
        chosen_source=chosen.source,
        rejected_source=rejected.source,
        chosen_flags=flags_of(judgement, chosen.id),
        rejected_flags=flags_of(judgement, rejected.id),
        tie=two.tie,
        annotator=judgement.annotator,
        weight=weight,
        margin=judgement.margin,
        judged_at=judgement.created_at,
    )


def flags_of(judgement: Judgement, response_id: str) -> tuple[str, ...]:
    """The kinds of flags that this judgement sets on this response."""
    return tuple(flag.kind for flag in judgement.flags if flag.response_id == response_id)


def left_out_of(task: Task, judgement: Judgement, rules: PairRules) -> Counter[str]:
    """How many pairs of this task the judgement does not make, by reason; with `pairs_from` they are all there are."""
    two_by_two = list(compared(judgement, rules.flags))
    reason = UNRANKED if judgement.status == "submitted" else NOT_SUBMITTED
    not_compared = Counter({reason: comb(len(task.responses), 2) - len(two_by_two)})
    return +not_compared + Counter(two.left_out_because for two in two_by_two if two.left_out_because)


def preference_pairs(tasks: Mapping[str, Task], judgements: Iterable[Judgement], rules: PairRules) -> PairSet:
    """The pairs of all submitted judgements; `tasks` maps task ids to tasks and holds every judged one (KeyError)."""
    pairs: list[PreferencePair] = []
    left_out: Counter[str] = Counter()
    possible = judged = unacceptable = 0
    for judgement in judgements:
        task = tasks[judgement.task_id]
        possible += comb(len(task.responses), 2)
        left_out += left_out_of(task, judgement, rules)
        if judgement.status == "submitted":
            judged += 1
            unacceptable += judgement.none_acceptable
            pairs += pairs_from(task, judgement, rules)
    return PairSet(tuple(pairs), rules, possible, dict(left_out), judged, unacceptable)


def pairs_frame(pairs: Sequence[PreferencePair]) -> pd.DataFrame:
    """Pairs as a table, one row a pair, in the same order.

    Columns: `task_id, group, prompt` (the contents of its turns, a blank line between them), `chosen_id, rejected_id,
    chosen, rejected, chosen_source, rejected_source` (None where nobody knows), `chosen_flags, rejected_flags` (kinds
    joined by ", "), `tie` (bool; then chosen and rejected are in no order), `annotator, weight, margin` (None where
    none was given), `judged_at` (UTC).
    """
    rows = [
        {
            **dict(pair),
            "prompt": "\n\n".join(message.content for message in pair.prompt),
            "chosen_flags": ", ".join(pair.chosen_flags),
            "rejected_flags": ", ".join(pair.rejected_flags),
        }
        for pair in pairs
    ]
    return pd.DataFrame(rows, columns=list(PreferencePair.model_fields))
