"""Preferences: what the judgements say: pairs, sources, disagreements."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.charts import leaderboard_chart, win_rate_chart
from app.findings import (
    KINDS,
    Findings,
    Wanted,
    board_frame,
    findings,
    flag_effects,
    flag_labels,
    frame_of,
    records,
    wanted_pairs,
    weight_effects,
)
from app.render import RENDER_CSS, prompt_html, response_html
from app.session import person, project, store
from data.export.files import csv_text
from data.schemas import FlagKind, PreferencePair
from rankers.agreement import Agreement
from rankers.leaderboard import Board
from rankers.pairs import FLAG_POLICIES, WEIGHTINGS, PairRules

PAGE = 25
ALIKE = "prompts that open alike count as one"
TOP = {"10 strongest": 10, "15 strongest": 15, "30 strongest": 30, "all": None}
here, state = project(), st.session_state


def csv_button(frame: pd.DataFrame, name: str, key: str) -> None:
    def text() -> str:
        return csv_text(records(frame), list(frame.columns))

    st.download_button("Download as CSV", text, f"{name}.csv", "text/csv", key=key, on_click="ignore", type="tertiary")


def number(label: str, value: str, below: str) -> None:
    with st.container(gap="xxsmall"):
        st.metric(label, value)
        st.caption(below)


def show_agreement(label: str, found: Agreement | None, otherwise: str) -> None:
    if found is None:
        number(label, "not known", otherwise)
    else:
        interval = f"95% interval {found.low:.1%} to {found.high:.1%}"
        pairs, prompts = f"{found.n_pairs:,} pairs of responses", f"{found.n_prompts:,} prompts"
        number(label, f"{found.agreement:.1%}", f"{interval}, from {pairs} and {prompts}")


def show_answer(found: Findings) -> None:
    made = found.pairs
    with st.container(horizontal=True, gap="large"):
        unacceptable = f"; {made.none_acceptable:,} found none acceptable" if made.none_acceptable else ""
        number("Judgements", f"{made.judgements:,}", f"by {found.annotators:,} annotators{unacceptable}")
        number("Pairs", f"{len(made.pairs):,}", f"{made.ties:,} of them ties, from {found.prompts:,} prompts; {ALIKE}")
        show_agreement("Two people agree", found.ceiling, "no pair was judged by two people")
        show_agreement("Agree, with ties", found.with_ties, "no pair was judged by two people")
    alpha = f" Krippendorff’s alpha (ordinal) is {found.alpha:.2f}." if found.alpha is not None else ""
    left_out = "; ".join(f"{n:,} left out: {reason}" for reason, n in made.left_out.items())
    st.caption(
        f"{made.possible:,} pairs in all = {len(made.pairs):,} made{f' + {left_out}' if left_out else ''}.{alpha}"
    )


def choose_rules(project_id: int) -> None:
    with st.expander("Rules: what flags do, what pairs weigh"):
        flags, weights = st.columns(2)
        flags.selectbox("Flags", list(FLAG_POLICIES), key="preferences_flags", persist_state="session")
        weights.selectbox("Weight of a pair", list(WEIGHTINGS), key="preferences_weighting", persist_state="session")
        size = store().size(project_id)
        st.table(flag_effects(project_id, size).set_index("Flags"))
        st.table(weight_effects(project_id, size).set_index("Weights"))
        st.caption(
            "A flag counts in the judgement in which it was set. Weights count on the leaderboard and, where they are "
            "asked for, in exports."
        )


def show_board(board: Board, n: int, n_boards: int) -> None:
    frame, first = board_frame(board), board.standings[0].source
    best = frame.iloc[0]
    name = f"Board {n} of {n_boards}: " if n_boards > 1 else ""
    title = f"{name}{first} is preferred to an average source in {best['Chance']:.0%} of pairs"
    st.subheader(title)
    st.altair_chart(leaderboard_chart(frame), key=f"preferences_board_{n}", alt=title)
    st.caption(
        f"{len(frame):,} sources, {board.n_pairs:,} pairs, {board.n_prompts:,} prompts. A tie counts half. Lines are "
        "95% intervals clustered by prompt; where they overlap widely, the order may be chance. " + about_ties(board)
    )
    with st.expander("The numbers"):
        percent = {name: st.column_config.NumberColumn(format="percent") for name in ("Chance", "Low", "High")}
        logits = {name: st.column_config.NumberColumn(format="%.2f") for name in frame.columns if "Strength" in name}
        st.dataframe(frame, hide_index=True, column_config={**percent, **logits})
        csv_button(frame, f"leaderboard-{n}", f"preferences_board_csv_{n}")


def about_ties(board: Board) -> str:
    if board.ties_modelled is None:
        return f"Strengths with ties modelled have no finite value: {board.ties_not_modelled_because}."
    return (
        f"With ties modelled (Newman 2023), equals tie in {board.ties_modelled:.0%} of pairs; strengths in the numbers."
    )


def show_sources(found: Findings) -> None:
    left_out = "; ".join(f"{n:,} {'pair' if n == 1 else 'pairs'}: {why}" for why, n in found.boards.left_out.items())
    if not found.boards.boards:
        st.write("A leaderboard appears here once responses name their sources (the models that wrote them).")
    if len(found.boards.boards) > 1:
        st.write("No comparison joins these groups of sources, so each has a board of its own.")
    for n, board in enumerate(found.boards.boards, 1):
        show_board(board, n, len(found.boards.boards))
    if left_out:
        st.caption(f"Not on a leaderboard: {left_out}.")


def show_win_rates(found: Findings) -> None:
    if not found.boards.boards:
        st.write("Win rates appear here once responses name their sources.")
        return
    order = [standing.source for board in found.boards.boards for standing in board.standings]
    top = TOP[st.segmented_control("Sources", list(TOP), default="15 strongest", required=True, key="preferences_top")]
    shown = order[:top]
    title = "In what percentage of pairs is a row’s source preferred to a column’s?"
    st.subheader(title)
    dark = st.context.theme.type == "dark"
    st.altair_chart(win_rate_chart(found.rates, shown, dark), key="preferences_rates", alt=title)
    st.caption(
        "A tie counts half. An empty cell: the two never met. Many cells rest on few pairs: point at one to see."
    )
    csv_button(found.rates, "win-rates", "preferences_rates_csv")


def choose_pairs(frame: pd.DataFrame) -> Wanted:
    sources = sorted({*frame["chosen_source"].dropna(), *frame["rejected_source"].dropna()})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control("Show", KINDS, default=KINDS[0], required=True, key="preferences_kind")
        text = st.text_input("Text in prompt or response", key="preferences_text", placeholder="Any text")
    with st.container(horizontal=True):
        chosen = st.multiselect("Sources", sources, key="preferences_sources", placeholder="Any source")
        people = st.multiselect(
            "Annotators", sorted(frame["annotator"].unique()), key="preferences_people", placeholder="Anybody"
        )
        prompt = st.selectbox(
            "Prompt",
            list(frame["prompt"].unique()),
            None,
            format_func=lambda whole: whole[:80],
            key="preferences_prompt",
            placeholder="Any prompt",
        )
    return Wanted(kind, tuple(chosen), tuple(people), text, prompt or "")


def show_pairs(found: Findings, frame: pd.DataFrame, flags: Sequence[FlagKind]) -> None:
    shown = wanted_pairs(frame, choose_pairs(frame))
    st.write(f"**{len(shown):,}** of {len(frame):,} pairs")
    if shown.empty:
        st.write("No pair is like that. Take a filter away to see more.")
        return
    n_pages = math.ceil(len(shown) / PAGE)
    page = st.pagination(n_pages, key="preferences_page") if n_pages > 1 else 1
    rows = shown.iloc[(page - 1) * PAGE : page * PAGE]
    picked = st.dataframe(
        pairs_table(rows, flags),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="preferences_table",
    )
    positions = [n for n in picked.selection.rows if n < len(rows)]
    if positions:
        show_pair(found.pairs.pairs[int(rows.index[positions[0]])], flags)
    else:
        st.caption("Select a row to read the prompt and both responses.")


def pairs_table(rows: pd.DataFrame, flags: Sequence[FlagKind]) -> pd.DataFrame:
    named = [rows[side].map(lambda kinds: flag_labels(kinds, flags)) for side in ("chosen_flags", "rejected_flags")]
    return pd.DataFrame(
        {
            "Prompt": rows["prompt"].str.slice(0, 120),
            "Preferred": rows["chosen_source"].fillna("not named"),
            "": rows["tie"].map({True: "ties with", False: "over"}),
            "To": rows["rejected_source"].fillna("not named"),
            "Annotator": rows["annotator"],
            "Weight": rows["weight"].round(3),
            "Flags": [" / ".join(part for part in both if part) for both in zip(*named, strict=True)],
        }
    )


def show_pair(pair: PreferencePair, kinds: Sequence[FlagKind]) -> None:
    style = f"<style>{RENDER_CSS}</style>"
    with st.container(border=True):
        st.html(style + prompt_html(pair.prompt))
    labels = ("Tied", "Tied") if pair.tie else ("Preferred", "Not preferred")
    sides = (
        (labels[0], pair.chosen, pair.chosen_source, pair.chosen_flags),
        (labels[1], pair.rejected, pair.rejected_source, pair.rejected_flags),
    )
    for column, (label, text, source, flags) in zip(st.columns(2), sides, strict=True):
        with column.container(border=True):
            said = f", flagged: {flag_labels(', '.join(flags), kinds)}" if flags else ""
            st.text(f"{label}: {source or 'source not named'}{said}")
            st.html(style + response_html(text))


st.title("Preferences")
size = store().size(here.id) if here else (0, 0)
rules = PairRules(
    state.get("preferences_weighting", PairRules().weighting), state.get("preferences_flags", PairRules().flags)
)
if here is None:
    st.write("The preferences of a project appear here. A project begins with a file of prompts and answers.")
    if person().role == "lead":
        st.page_link("screens/data.py", label="Load file")
else:
    with st.spinner("Reading the judgements"):
        found = findings(here.id, size, rules)
    if not found.pairs.pairs:
        st.write(
            f"{found.pairs.judgements:,} judgements so far, and no pairs among them yet. Pairs, a leaderboard and "
            "the agreement between people appear here as soon as two responses of a task are ranked."
        )
        if person().role == "lead":
            st.page_link("screens/rank.py", label="Rank answers")
    else:
        show_answer(found)
        sources, rates, pairs = st.tabs(["Leaderboard", "Win rates", "Pairs"], key="preferences_tab", on_change="rerun")
        if sources.open:
            with sources:
                show_sources(found)
        if rates.open:
            with rates:
                show_win_rates(found)
        if pairs.open:
            with pairs:
                show_pairs(found, frame_of(here.id, size, rules), here.flags)
        choose_rules(here.id)
