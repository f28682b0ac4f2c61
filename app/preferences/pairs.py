"""The pairs themselves: filtered, paged, read in full."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.findings import KINDS, Findings, Wanted, flag_labels, wanted_pairs
from app.language import N_, _, number
from app.render import RENDER_CSS, prompt_html, response_html
from data.schemas import FlagKind, PreferencePair

PAGE = 25


def show_pairs(found: Findings, frame: pd.DataFrame, flags: Sequence[FlagKind]) -> None:
    """All pairs, those that are wanted, and one of them in full."""
    shown = wanted_pairs(frame, _choose_pairs(frame))
    st.write(_("**{shown}** of {n} pairs", shown=number(len(shown)), n=number(len(frame))))
    if shown.empty:
        st.write(_("No pair is like that. Take a filter away to see more."))
        return
    n_pages = math.ceil(len(shown) / PAGE)
    page = st.pagination(n_pages, key="preferences_page") if n_pages > 1 else 1
    rows = shown.iloc[(page - 1) * PAGE : page * PAGE]
    picked = st.dataframe(
        _pairs_table(rows, flags),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="preferences_table",
    )
    positions = [n for n in picked.selection.rows if n < len(rows)]
    if positions:
        _show_pair(found.pairs.pairs[int(rows.index[positions[0]])], flags)
    else:
        st.caption(_("Select a row to read the prompt and both responses."))


def _choose_pairs(frame: pd.DataFrame) -> Wanted:
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


def _pairs_table(rows: pd.DataFrame, flags: Sequence[FlagKind]) -> pd.DataFrame:
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


def _show_pair(pair: PreferencePair, kinds: Sequence[FlagKind]) -> None:
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
