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
    about_ties,
    board_frame,
    findings,
    flag_effects,
    flag_labels,
    frame_of,
    records,
    sum_of_pairs,
    wanted_pairs,
    weight_effects,
)
from app.language import N_, _, _n, number, percent
from app.render import RENDER_CSS, prompt_html, response_html
from app.session import person, project, store
from data.export.files import csv_text
from data.schemas import FlagKind, PreferencePair
from data.store import Size
from rankers.agreement import Agreement
from rankers.leaderboard import Board
from rankers.pairs import FLAG_POLICIES, WEIGHTINGS, PairRules

PAGE = 25
TOP = {N_("10 strongest"): 10, N_("15 strongest"): 15, N_("30 strongest"): 30, N_("all"): None}
here, state = project(), st.session_state


def csv_button(frame: pd.DataFrame, name: str, key: str) -> None:
    def text() -> str:
        return csv_text(records(frame), list(frame.columns))

    st.download_button(
        _("Download as CSV"), text, f"{name}.csv", "text/csv", key=key, on_click="ignore", type="tertiary"
    )


def show_number(label: str, value: str, below: str) -> None:
    with st.container(gap="xxsmall"):
        st.metric(label, value)
        st.caption(below)


def show_agreement(label: str, found: Agreement | None, otherwise: str) -> None:
    if found is None:
        show_number(label, _("not known"), otherwise)
    else:
        below = _(
            "95% interval {low} to {high}, from {pairs} pairs of responses and {prompts} prompts",
            low=percent(found.low, 1),
            high=percent(found.high, 1),
            pairs=number(found.n_pairs),
            prompts=number(found.n_prompts),
        )
        show_number(label, percent(found.agreement, 1), below)


def show_judgements(found: Findings) -> None:
    below = _n("by {n} annotator", "by {n} annotators", found.annotators)
    if found.pairs.none_acceptable:
        below = _n(
            "by {n} annotator; {none} found none acceptable",
            "by {n} annotators; {none} found none acceptable",
            found.annotators,
            none=number(found.pairs.none_acceptable),
        )
    show_number(_("Judgements"), number(found.pairs.judgements), below)


def show_answer(found: Findings) -> None:
    made = found.pairs
    with st.container(horizontal=True, gap="large"):
        show_judgements(found)
        below = _(
            "{ties} of them ties, from {prompts} prompts; prompts that open alike count as one",
            ties=number(made.ties),
            prompts=number(found.prompts),
        )
        show_number(_("Pairs"), number(len(made.pairs)), below)
        show_agreement(_("Two people agree"), found.ceiling, _("no pair was judged by two people"))
        show_agreement(_("Agree, with ties"), found.with_ties, _("no pair was judged by two people"))
    alpha = (
        _("Krippendorff’s alpha (ordinal) is {alpha}.", alpha=number(found.alpha, 2)) if found.alpha is not None else ""
    )
    st.caption(f"{sum_of_pairs(made)} {alpha}")


def choose_rules(project_id: int) -> None:
    with st.expander(_("Rules: what flags do, what pairs weigh")):
        flags, weights = st.columns(2)
        for column, label, rules, key in (
            (flags, _("Flags"), list(FLAG_POLICIES), "preferences_flags"),
            (weights, _("Weight of a pair"), list(WEIGHTINGS), "preferences_weighting"),
        ):
            column.selectbox(label, rules, format_func=_, key=key, persist_state="session")
        size = store().size(project_id)
        for effects in (flag_effects(project_id, size), weight_effects(project_id, size)):
            st.table(effects.map(as_said).rename(columns=_).set_index(_(str(effects.columns[0]))))
        st.caption(
            _(
                "A flag counts in the judgement in which it was set. Weights count on the leaderboard and, where they "
                "are asked for, in exports."
            )
        )


def as_said(value: str | float) -> str:
    if isinstance(value, float):
        return _("{share} of all", share=percent(value, 1))
    return _(value) if isinstance(value, str) else number(value)


def show_board(board: Board, n: int, n_boards: int) -> None:
    frame, first = board_frame(board), board.standings[0].source
    best = frame.iloc[0]
    said = {"source": first, "share": percent(best["Chance"])}
    title = _("{source} is preferred to an average source in {share} of pairs", **said)
    if n_boards > 1:
        whole = N_("Board {n} of {boards}: {source} is preferred to an average source in {share} of pairs")
        title = _(whole, n=n, boards=n_boards, **said)
    st.subheader(title)
    st.altair_chart(leaderboard_chart(frame), key=f"preferences_board_{n}", alt=title)
    about = _(
        "{sources} sources, {pairs} pairs, {prompts} prompts. A tie counts half. Lines are 95% intervals clustered by "
        "prompt; where they overlap widely, the order may be chance.",
        sources=number(len(frame)),
        pairs=number(board.n_pairs),
        prompts=number(board.n_prompts),
    )
    st.caption(f"{about} {about_ties(board)}")
    with st.expander(_("The numbers")):
        of_one = ("Chance", "Lower end", "Upper end")
        shares = {_(name): st.column_config.NumberColumn(format="percent") for name in of_one}
        logits = {_(name): st.column_config.NumberColumn(format="%.2f") for name in frame.columns if "Strength" in name}
        st.dataframe(frame.rename(columns=_), hide_index=True, column_config={**shares, **logits})
        csv_button(frame, f"leaderboard-{n}", f"preferences_board_csv_{n}")


def show_sources(found: Findings) -> None:
    left_out = [
        _n("{n} pair: {reason}", "{n} pairs: {reason}", n, reason=_(why)) for why, n in found.boards.left_out.items()
    ]
    if not found.boards.boards:
        st.write(_("A leaderboard appears here once responses name their sources (the models that wrote them)."))
    if len(found.boards.boards) > 1:
        st.write(_("No comparison joins these groups of sources, so each has a board of its own."))
    for n, board in enumerate(found.boards.boards, 1):
        show_board(board, n, len(found.boards.boards))
    if left_out:
        st.caption(_("Not on a leaderboard: {left_out}.", left_out="; ".join(left_out)))


def show_win_rates(found: Findings) -> None:
    if not found.boards.boards:
        st.write(_("Win rates appear here once responses name their sources."))
        return
    order = [standing.source for board in found.boards.boards for standing in board.standings]
    top = st.segmented_control(
        _("Sources"), list(TOP), default="15 strongest", required=True, format_func=_, key="preferences_top"
    )
    shown = order[: TOP[top]]
    title = _("In what percentage of pairs is a row’s source preferred to a column’s?")
    st.subheader(title)
    dark = st.context.theme.type == "dark"
    st.altair_chart(win_rate_chart(found.rates, shown, dark), key="preferences_rates", alt=title)
    st.caption(
        _("A tie counts half. An empty cell: the two never met. Many cells rest on few pairs: point at one to see.")
    )
    csv_button(found.rates, "win-rates", "preferences_rates_csv")


def choose_pairs(frame: pd.DataFrame) -> Wanted:
    sources = sorted({*frame["chosen_source"].dropna(), *frame["rejected_source"].dropna()})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            _("Show"), KINDS, default=KINDS[0], required=True, format_func=_, key="preferences_kind"
        )
        text = st.text_input(_("Text in prompt or response"), key="preferences_text", placeholder=_("Any text"))
    with st.container(horizontal=True):
        chosen = st.multiselect(_("Sources"), sources, key="preferences_sources", placeholder=_("Any source"))
        everybody = sorted(frame["annotator"].unique())
        people = st.multiselect(_("Annotators"), everybody, key="preferences_people", placeholder=_("Anybody"))
        prompt = st.selectbox(
            _("Prompt"),
            list(frame["prompt"].unique()),
            None,
            format_func=lambda whole: whole[:80],
            key="preferences_prompt",
            placeholder=_("Any prompt"),
        )
    return Wanted(kind, tuple(chosen), tuple(people), text, prompt or "")


def show_pairs(found: Findings, frame: pd.DataFrame, flags: Sequence[FlagKind]) -> None:
    shown = wanted_pairs(frame, choose_pairs(frame))
    st.write(_("**{shown}** of {n} pairs", shown=number(len(shown)), n=number(len(frame))))
    if shown.empty:
        st.write(_("No pair is like that. Take a filter away to see more."))
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
        st.caption(_("Select a row to read the prompt and both responses."))


def pairs_table(rows: pd.DataFrame, flags: Sequence[FlagKind]) -> pd.DataFrame:
    named = [rows[side].map(lambda kinds: flag_labels(kinds, flags)) for side in ("chosen_flags", "rejected_flags")]
    return pd.DataFrame(
        {
            _("Prompt"): rows["prompt"].str.slice(0, 120),
            _("Preferred"): rows["chosen_source"].fillna(_("not named")),
            "": rows["tie"].map({True: _("ties with"), False: _("over")}),
            _("The other"): rows["rejected_source"].fillna(_("not named")),
            _("Annotator"): rows["annotator"],
            _("Weight"): rows["weight"].round(3),
            _("Flags"): [" / ".join(part for part in both if part) for both in zip(*named, strict=True)],
        }
    )


def show_pair(pair: PreferencePair, kinds: Sequence[FlagKind]) -> None:
    style = f"<style>{RENDER_CSS}</style>"
    with st.container(border=True):
        st.html(style + prompt_html(pair.prompt))
    labels = (_("Tied"), _("Tied")) if pair.tie else (_("Preferred"), _("Not preferred"))
    sides = (
        (labels[0], pair.chosen, pair.chosen_source, pair.chosen_flags),
        (labels[1], pair.rejected, pair.rejected_source, pair.rejected_flags),
    )
    for column, (label, text, source, flags) in zip(st.columns(2), sides, strict=True):
        with column.container(border=True):
            said = {"side": label, "source": source or _("source not named")}
            flagged = flag_labels(", ".join(flags), kinds)
            whole = N_("{side}: {source}, flagged: {flags}") if flags else N_("{side}: {source}")
            st.text(_(whole, **said, flags=flagged))
            st.html(style + response_html(text))


st.title(_("Preferences"))
size = store().size(here.id) if here else Size(0, 0, 0)
rules = PairRules(
    state.get("preferences_weighting", PairRules().weighting), state.get("preferences_flags", PairRules().flags)
)
if here is None:
    st.write(_("The preferences of a project appear here. A project begins with a file of prompts and answers."))
    if person().role == "lead":
        st.page_link("screens/data.py", label=_("Load file"))
else:
    with st.spinner(_("Reading the judgements")):
        found = findings(here.id, size, rules)
    if not found.pairs.pairs:
        st.write(
            _n(
                "{n} judgement so far, and no pairs in it yet. Pairs, a leaderboard and the agreement between people "
                "appear here as soon as two responses of a task are ranked.",
                "{n} judgements so far, and no pairs among them yet. Pairs, a leaderboard and the agreement between "
                "people appear here as soon as two responses of a task are ranked.",
                found.pairs.judgements,
            )
        )
        if person().role == "lead":
            st.page_link("screens/rank.py", label=_("Rank answers"))
    else:
        show_answer(found)
        labels = [_("Leaderboard"), _("Win rates"), _("Pairs")]
        sources, rates, pairs = st.tabs(labels, key="preferences_tab", on_change="rerun")
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
