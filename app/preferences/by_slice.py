"""What the judgements say by topic and by language."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app.lab.marks import interval
from app.language import N_, _, number
from app.preferences.sources import csv_button
from app.session import person
from app.slices import in_order, slice_name
from data.schemas import NOT_READ, Project, SliceKind
from rankers.slices import FEWEST_PROMPTS, SliceReport

TITLES: Mapping[SliceKind, str] = {"topic": N_("By sensitive topic"), "language": N_("By language")}
SHARES = (N_("Agree"), N_("Ties"), N_("Flagged answers"), N_("Longer preferred"), N_("First preferred"))
COUNTS = (N_("Judgements"), N_("Prompts"))
TOO_FEW = N_("too few")


def show_slices(here: Project, reports: Sequence[SliceReport]) -> None:
    """A table for each kind of slice."""
    if all(one.slice.name == NOT_READ for one in reports):
        st.write(_("Agreement, ties and flags by topic and language appear here once the tasks are read."))
        if person().role == "lead":
            st.page_link("screens/cleaning.py", label=_("Read languages and topics"))
        return
    for by, title in TITLES.items():
        st.subheader(_(title))
        _show_table(_slices_frame([one for one in reports if one.slice.by == by], here), by)
    st.caption(
        _(
            "A task with several topics counts in each. Agree: two people say the same of a pair, ties as a third "
            "answer; too few: under {n} prompts. Longer and first preferred: of the pairs that are no ties, 50% where "
            "it does not matter. Not read: neither topic nor language is known.",
            n=number(FEWEST_PROMPTS),
        )
    )


def _show_table(frame: pd.DataFrame, by: SliceKind) -> None:
    figures = {_(name): st.column_config.NumberColumn(format="percent") for name in SHARES}
    figures |= {_(name): st.column_config.NumberColumn(format="localized") for name in COUNTS}
    st.dataframe(
        frame.round(3).rename(columns=_),
        hide_index=True,
        placeholder="–",
        column_config=figures,
        key=f"preferences_by_{by}",
    )
    csv_button(frame, f"by-{by}", f"preferences_by_{by}_csv")


def _slices_frame(reports: Sequence[SliceReport], here: Project) -> pd.DataFrame:
    """The slices, the largest first.

    Columns: `Name`; `Judgements`, `Prompts`; `Agree`, `Ties`, `Flagged answers`, `Longer preferred`, `First preferred`
    (0 to 1, missing where too few show it); `95% interval` of the agreement, or why there is none.
    """
    by_slice = {one.slice: one for one in reports}
    ordered = [by_slice[one] for one in in_order({one.slice: one.judgements for one in reports})]
    return pd.DataFrame([_row(one, here) for one in ordered])


def _row(one: SliceReport, here: Project) -> Mapping[str, str | float | None]:
    agreement = None if one.few_agree or one.agreement is None else one.agreement.agreement
    shares = (agreement, one.ties, one.flagged, one.longer, one.first)
    agree, *others = zip(SHARES, shares, strict=True)
    counts = dict(zip(COUNTS, (one.judgements, one.prompts), strict=True))
    return {
        N_("Name"): slice_name(one.slice, here.topics),
        **counts,
        **dict([agree]),
        N_("95% interval"): _between(one),
        **dict(others),
    }


def _between(one: SliceReport) -> str:
    if one.agreement is None:
        return _(TOO_FEW) if one.few else _("not judged twice")
    return _(TOO_FEW) if one.few_agree else interval((one.agreement.low, one.agreement.high))
