"""How a ranking becomes preference pairs, what a flag does to them, and what each pair weighs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal, NamedTuple

import pandas as pd

from data.schemas import Edit, Judgement, PreferencePair, Ranking, Response, Task

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
UNRANKABLE, NOT_BY_CRITERION = "no answer could be ranked", "edit, of which no criterion says anything"
EDITS_SAY = "An edit is an annotator's corrected version of a response: it is preferred to that response, in one pair."


class PairRules(NamedTuple):
    """The choices between a judgement and its pairs, by name. `criterion`: whose ranking; empty: the overall one."""

    weighting: Weighting = "2/k"
    flags: FlagPolicy = "never chosen"
    criterion: str = ""


def rules_in_words(rules: PairRules) -> dict[str, str]:
    """The rules for people: what is ruled → the name of the rule and what it says."""
    ranking = f"{rules.criterion}: The ranking by this criterion; edits are left out, they are better in all respects."
    return {
        "Flags": f"{rules.flags}: {FLAG_POLICIES[rules.flags].says}",
        "Weights": f"{rules.weighting}: {WEIGHTINGS[rules.weighting].says}",
        "Ranking": ranking if rules.criterion else f"overall: The ranking in all respects. {EDITS_SAY}",
    }


def ranking_of(judgement: Judgement, criterion: str) -> Ranking:
    """The ranking by a criterion, or the overall one; empty where the annotator made none."""
    return judgement.criteria.get(criterion, ()) if criterion else judgement.ranking


@dataclass(frozen=True)
class PairSet:
    """Pairs, the rules that made them, and what was left out.

    `possible` counts the pairs of responses in all judged tasks, once for each judgement, and the edits: always
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

    @property
    def edits(self) -> int:
        """How many of the pairs are edits."""
        return sum(pair.is_edit for pair in self.pairs)


def pairs_from(task: Task, judgement: Judgement, rules: PairRules) -> list[PreferencePair]:
    """Every two responses of a ranking as one pair: the one in the better tier is chosen; in the same tier, a tie.

    Unranked responses make no pairs. The weight is that of the ranking as it was made: what the flag policy leaves out
    does not make the other pairs heavier. An edit and what was edited are one more pair, a ranking of two.
    """
    placed = sum(len(tier) for tier in ranking_of(judgement, rules.criterion))
    weight = WEIGHTINGS[rules.weighting].of_one_pair(placed) if placed > 1 else 0.0
    two_by_two = compared(judgement, rules.flags, rules.criterion)
    ranked = [_pair(task, judgement, two, weight, rules) for two in two_by_two if two.left_out_because is None]
    edits = [edit for edit in judgement.edits if _why_not(judgement, edit, rules) is None]
    return ranked + [_edited(task, judgement, edit, rules) for edit in edits]


class Compared(NamedTuple):
    """Two ranked response ids, the better one first; why the flag policy leaves them out (None: it does not)."""

    better: str
    worse: str
    tie: bool
    left_out_because: str | None


def compared(judgement: Judgement, flags: FlagPolicy, criterion: str = "") -> Iterator[Compared]:
    """Every two responses of a submitted ranking, what the flag policy leaves out included."""
    if judgement.status != "submitted":
        return
    placed = [(tier, i) for tier, ids in enumerate(ranking_of(judgement, criterion)) for i in ids]
    flagged = {flag.response_id for flag in judgement.flags}
    for (upper, better), (lower, worse) in combinations(placed, 2):
        tie = upper == lower
        yield Compared(better, worse, tie, FLAG_POLICIES[flags].leaves_out(better in flagged, worse in flagged, tie))


def _pair(task: Task, judgement: Judgement, two: Compared, weight: float, rules: PairRules) -> PreferencePair:
    """A pair of a ranking; a strength of preference is said of the overall ranking of two."""
    chosen, rejected = task.response(two.better), task.response(two.worse)
    pair = _preferred(task, judgement, chosen, rejected)
    margin = judgement.margin if len(task.responses) == 2 and not rules.criterion else None
    return pair.model_copy(update={"tie": two.tie, "weight": weight, "margin": margin})


def _edited(task: Task, judgement: Judgement, edit: Edit, rules: PairRules) -> PreferencePair:
    """A response and what the annotator made of it."""
    made = Response(id="edit", text=edit.text)
    weight = WEIGHTINGS[rules.weighting].of_one_pair(2)
    pair = _preferred(task, judgement, made, task.response(edit.response_id))
    made_id = f"{edit.response_id}/edit/{judgement.annotator}"
    return pair.model_copy(update={"chosen_id": made_id, "chosen_flags": (), "is_edit": True, "weight": weight})


def _preferred(task: Task, judgement: Judgement, chosen: Response, rejected: Response) -> PreferencePair:
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
        chosen_place=place_of(judgement, chosen.id),
        rejected_place=place_of(judgement, rejected.id),
        annotator=judgement.annotator,
        judged_at=judgement.created_at,
        language=task.language,
        topics=task.topics,
    )


def _why_not(judgement: Judgement, edit: Edit, rules: PairRules) -> str | None:
    """Why an edit makes no pair; None: it makes one. It has no flag, the response that was edited may have."""
    if judgement.status != "submitted":
        return NOT_SUBMITTED
    if rules.criterion:
        return NOT_BY_CRITERION
    return FLAG_POLICIES[rules.flags].leaves_out(False, bool(flags_of(judgement, edit.response_id)), False)


def flags_of(judgement: Judgement, response_id: str) -> tuple[str, ...]:
    """The kinds of flags that this judgement sets on this response."""
    return tuple(flag.kind for flag in judgement.flags if flag.response_id == response_id)


def place_of(judgement: Judgement, response_id: str) -> int | None:
    """Where the annotator saw this response, counted from 1; None where the order on the screen is not known."""
    shown = judgement.shown_order
    return shown.index(response_id) + 1 if response_id in shown else None


def left_out_of(task: Task, judgement: Judgement, rules: PairRules) -> Counter[str]:
    """How many pairs the judgement does not make, by reason; with `pairs_from` they are all there are, edits too."""
    two_by_two = list(compared(judgement, rules.flags, rules.criterion))
    not_compared = Counter({_why_unranked(judgement): comb(len(task.responses), 2) - len(two_by_two)})
    of_ranking = Counter(two.left_out_because for two in two_by_two if two.left_out_because)
    of_edits = Counter(reason for edit in judgement.edits if (reason := _why_not(judgement, edit, rules)))
    return +not_compared + of_ranking + of_edits


def _why_unranked(judgement: Judgement) -> str:
    if judgement.status != "submitted":
        return NOT_SUBMITTED
    return UNRANKABLE if judgement.unrankable else UNRANKED


def preference_pairs(tasks: Mapping[str, Task], judgements: Iterable[Judgement], rules: PairRules) -> PairSet:
    """The pairs of all submitted judgements; `tasks` maps task ids to tasks and holds every judged one (KeyError)."""
    pairs: list[PreferencePair] = []
    left_out: Counter[str] = Counter()
    possible = judged = unacceptable = 0
    for judgement in judgements:
        task = tasks[judgement.task_id]
        possible += comb(len(task.responses), 2) + len(judgement.edits)
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
    joined by ", "), `tie` (bool; then chosen and rejected are in no order), `is_edit` (bool), `chosen_place,
    rejected_place` (on the screen, from 1; missing where not known), `annotator, weight, margin` (None where none was
    given), `judged_at` (UTC), `language` (ISO 639-1; empty: not known), `topics` (joined by ", ").
    """
    rows = [
        {
            **dict(pair),
            "prompt": "\n\n".join(message.content for message in pair.prompt),
            "chosen_flags": ", ".join(pair.chosen_flags),
            "rejected_flags": ", ".join(pair.rejected_flags),
            "topics": ", ".join(pair.topics),
        }
        for pair in pairs
    ]
    frame = pd.DataFrame(rows, columns=list(PreferencePair.model_fields))
    return frame.astype({"chosen_place": "Int64", "rejected_place": "Int64"})
