"""What the judgements of a project say, computed once for as long as nothing is added to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import pandas as pd
import streamlit as st
from scipy.special import expit

from app import session
from app.language import N_, _, number, percent
from app.slices import counted
from data.schemas import FlagKind, Judgement, Slice, Task, slices_of
from data.store import Size
from rankers.agreement import Agreement, agreement_with_ties, human_ceiling, preference_alpha
from rankers.leaderboard import Board, Leaderboard, leaderboard, win_rates
from rankers.pairs import FLAG_POLICIES, WEIGHTINGS, PairRules, PairSet, compared, pairs_frame, preference_pairs
from rankers.slices import SliceReport, slice_reports

KEPT = 8


@dataclass(frozen=True)
class Findings:
    """What the Preferences page shows at first. `rates` is the frame of `rankers.leaderboard.win_rates`.

    It is shared by everybody: it is read, never changed.
    """

    pairs: PairSet
    annotators: int
    prompts: int
    ceiling: Agreement | None
    with_ties: Agreement | None
    alpha: float | None
    boards: Leaderboard
    rates: pd.DataFrame


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def material(project_id: int, size: Size) -> tuple[Mapping[str, Task], Sequence[Judgement]]:
    """The tasks by id and the submitted judgements of a project, as they were at this size."""
    return {task.id: task for task in session.store().tasks(project_id)}, session.store().judgements(project_id)


def judged(project_id: int, size: Size, only: Slice | None) -> tuple[Mapping[str, Task], Sequence[Judgement]]:
    """The tasks and the judgements of one topic or language; None: all of them."""
    tasks, judgements = material(project_id, size)
    if only is None:
        return tasks, judgements
    inside = {name for name, task in tasks.items() if only in slices_of(task.language, task.topics)}
    return tasks, [one for one in judgements if one.task_id in inside]


@st.cache_data(show_spinner=False, max_entries=KEPT)
def slices_judged(project_id: int, size: Size) -> Mapping[Slice, int]:
    """The topics and languages of judged tasks, in the order in which they are shown, with the number of tasks."""
    tasks, judgements = material(project_id, size)
    each = (tasks[task_id] for task_id in {one.task_id for one in judgements})
    return counted(slices_of(task.language, task.topics) for task in each)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def pair_set(project_id: int, size: Size, rules: PairRules, only: Slice | None = None) -> PairSet:
    """The pairs of a project, or of one topic or language of it, under these rules."""
    return preference_pairs(*judged(project_id, size, only), rules)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def frame_of(project_id: int, size: Size, rules: PairRules, only: Slice | None = None) -> pd.DataFrame:
    """The pairs as a table, as `rankers.pairs.pairs_frame` says; it is read, never changed."""
    return pairs_frame(pair_set(project_id, size, rules, only).pairs)


@st.cache_data(show_spinner=False, max_entries=KEPT)
def reports_by_slice(project_id: int, size: Size, rules: PairRules, only: Slice | None = None) -> Sequence[SliceReport]:
    """What the judgements say by topic and language; of one topic, by its languages and the topics beside it."""
    return slice_reports(*judged(project_id, size, only), pair_set(project_id, size, rules, only).pairs)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def findings(project_id: int, size: Size, rules: PairRules, only: Slice | None = None) -> Findings:
    """What the pairs of a project, or of one topic or language of it, say under these rules."""
    made = pair_set(project_id, size, rules, only)
    return Findings(
        made,
        len({pair.annotator for pair in made.pairs}),
        len({pair.group for pair in made.pairs}),
        human_ceiling(made.pairs),
        agreement_with_ties(made.pairs),
        preference_alpha(made.pairs),
        leaderboard(made.pairs),
        win_rates(made.pairs),
    )


@st.cache_data(show_spinner=False, max_entries=KEPT)
def flag_effects(project_id: int, size: Size, only: Slice | None) -> pd.DataFrame:
    """What each flag policy makes of the ranked pairs. Columns: `Flags, Pairs kept, Left out, What it does`."""
    _tasks, judgements = judged(project_id, size, only)
    rows = []
    for policy, made in FLAG_POLICIES.items():
        kept = Counter(two.left_out_because is None for j in judgements for two in compared(j, policy))
        counts = {N_("Pairs kept"): kept[True], N_("Left out"): kept[False]}
        rows.append({N_("Flags"): policy, **counts, N_("What it does"): made.says})
    return pd.DataFrame(rows)


@st.cache_data(show_spinner=False, max_entries=KEPT)
def weight_effects(project_id: int, size: Size, only: Slice | None) -> pd.DataFrame:
    """What each weighting makes of long rankings. Columns: `Weights, Weight of rankings of 3 or more, What it does`.

    The second is the share (0 to 1) of the weight of all pairs that comes from rankings of three or more responses.
    """
    ranked = [k for j in judged(project_id, size, only)[1] if (k := sum(map(len, j.ranking))) > 1]
    rows = []
    for weighting, rule in WEIGHTINGS.items():
        weights = [rule.of_one_pair(k) * comb(k, 2) for k in ranked]
        of_long = sum(weight for weight, k in zip(weights, ranked, strict=True) if k > 2)
        share = of_long / sum(weights) if weights else 0.0
        named = {N_("Weights"): weighting, N_("Weight of rankings of 3 or more"): share}
        rows.append(named | {N_("What it does"): rule.says})
    return pd.DataFrame(rows)


def board_frame(board: Board) -> pd.DataFrame:
    """A board as a table, the strongest source first.

    Columns: `Source`; `Chance`, `Lower end`, `Upper end` (0 to 1: to be preferred to an average source of the board,
    and its 95 % interval); `Wins, Ties, Losses, Prompts` (counts); `Strength` and `Strength with ties modelled`
    (logits).
    """
    frame = pd.DataFrame([vars(standing) for standing in board.standings])
    return pd.DataFrame(
        {
            N_("Source"): frame["source"],
            N_("Chance"): expit(frame["strength"]),
            N_("Lower end"): expit(frame["low"]),
            N_("Upper end"): expit(frame["high"]),
            N_("Wins"): frame["wins"],
            N_("Ties"): frame["ties"],
            N_("Losses"): frame["losses"],
            N_("Prompts"): frame["prompts"],
            N_("Strength"): frame["strength"],
            N_("Strength with ties modelled"): frame["strength_with_ties"].astype(float),
        }
    )


@dataclass(frozen=True)
class Wanted:
    """Which pairs are to be shown; what is empty does not matter. `kind` is a key of KINDS."""

    kind: str = "all pairs"
    sources: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    text: str = ""
    prompt: str = ""


KINDS = (N_("all pairs"), N_("one preferred"), N_("ties"), N_("with a flag"))


def wanted_pairs(frame: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """The rows of a frame of pairs that are wanted, in the same order."""
    keep = _of_kind(frame, wanted.kind)
    if wanted.sources:
        keep &= frame["chosen_source"].isin(wanted.sources) | frame["rejected_source"].isin(wanted.sources)
    if wanted.annotators:
        keep &= frame["annotator"].isin(wanted.annotators)
    if wanted.prompt:
        keep &= frame["prompt"] == wanted.prompt
    if text := wanted.text.strip().lower():
        keep &= _contains(frame, text)
    return frame[keep]


def _of_kind(frame: pd.DataFrame, kind: str) -> "pd.Series[bool]":
    if kind == "ties":
        return frame["tie"].astype(bool)
    if kind == "one preferred":
        return ~frame["tie"].astype(bool)
    if kind == "with a flag":
        return (frame["chosen_flags"] != "") | (frame["rejected_flags"] != "")
    return pd.Series(data=True, index=frame.index)


def _contains(frame: pd.DataFrame, text: str) -> "pd.Series[bool]":
    found = pd.Series(data=False, index=frame.index)
    for column in ("prompt", "chosen", "rejected"):
        found |= frame[column].str.lower().str.contains(text, regex=False)
    return found


def sum_of_pairs(made: PairSet) -> str:
    """Of all pairs that could be: how many there are, and why the others are not."""
    counts = {"possible": number(made.possible), "made": number(len(made.pairs))}
    if not made.left_out:
        return _("{possible} pairs in all = {made} made.", **counts)
    parts = [_("{n} left out: {reason}", n=number(n), reason=_(reason)) for reason, n in made.left_out.items()]
    return _("{possible} pairs in all = {made} made + {left_out}.", **counts, left_out="; ".join(parts))


def about_ties(board: Board) -> str:
    """How often equals tie on this board, or why nobody can say."""
    if board.ties_modelled is None:
        because = _(board.ties_not_modelled_because)
        return _("Strengths with ties modelled have no finite value: {because}.", because=because)
    return _(
        "With ties modelled (Newman 2023), equals tie in {share} of pairs; strengths in the numbers.",
        share=percent(board.ties_modelled),
    )


def flag_labels(kinds: str, flags: Sequence[FlagKind]) -> str:
    """Kinds of flags joined by ", " as a project calls them; a kind that it no longer has, as it is."""
    labels = {flag.kind: _(flag.label) for flag in flags}
    return ", ".join(labels.get(kind, kind) for kind in kinds.split(", ") if kind)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
