"""Which sources are preferred: leaderboards and win rates."""

import pandas as pd
import streamlit as st

from app.charts import leaderboard_chart, win_rate_chart
from app.findings import Findings, about_ties, board_frame, records
from app.language import N_, _, _n, number, percent
from data.export.files import csv_text
from rankers.leaderboard import Board

TOP = {N_("10 strongest"): 10, N_("15 strongest"): 15, N_("30 strongest"): 30, N_("all"): None}


def show_sources(found: Findings) -> None:
    """A leaderboard for each group of sources that comparisons join."""
    left_out = [
        _n("{n} pair: {reason}", "{n} pairs: {reason}", n, reason=_(why)) for why, n in found.boards.left_out.items()
    ]
    if not found.boards.boards:
        st.write(_("A leaderboard appears here once responses name their sources (the models that wrote them)."))
    if len(found.boards.boards) > 1:
        st.write(_("No comparison joins these groups of sources, so each has a board of its own."))
    for n, board in enumerate(found.boards.boards, 1):
        _show_board(board, n, len(found.boards.boards))
    if left_out:
        st.caption(_("Not on a leaderboard: {left_out}.", left_out="; ".join(left_out)))


def show_win_rates(found: Findings) -> None:
    """How often each source is preferred to each other."""
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


def _show_board(board: Board, n: int, n_boards: int) -> None:
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


def csv_button(frame: pd.DataFrame, name: str, key: str) -> None:
    """Download a frame as CSV, its formulas defused."""

    def text() -> str:
        return csv_text(records(frame), list(frame.columns))

    st.download_button(
        _("Download as CSV"), text, f"{name}.csv", "text/csv", key=key, on_click="ignore", type="tertiary"
    )
