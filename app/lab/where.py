"""Where the model holds: accuracy by language, topic, source pair, length gap and annotator."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.lab.marks import interval, rows_chart, show_rows
from app.language import N_, _, number, percent

KINDS = {
    "language": N_("Language"),
    "topic": N_("Topic"),
    "source pair": N_("Source pair"),
    "length gap": N_("Length gap"),
    "annotator": N_("Annotator"),
}
TITLES = {
    "language": N_("In which languages does it hold?"),
    "topic": N_("On which topics does it hold?"),
    "source pair": N_("Between which sources does it hold?"),
    "length gap": N_("Does it hold where lengths are alike?"),
    "annotator": N_("Whose choices does it follow?"),
}
LANGUAGES = N_("all others"), N_("unknown")
"""Names of slices that are ours, not the data's."""


def slices_of(card: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Kind of slice → its rows, in the order of KINDS; kinds without rows are left out."""
    rows: Sequence[Mapping[str, Any]] = card.get("slices") or []
    found = {kind: [row for row in rows if row["by"] == kind] for kind in KINDS}
    return {kind: some for kind, some in found.items() if some}


def slice_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The slices of one kind. Columns: `Name, Value, Lower end, Upper end, Longer wins, Pairs, Prompts`."""
    return pd.DataFrame(
        [
            {
                N_("Name"): _(row["name"]),
                N_("Value"): row["accuracy"],
                "Lower end": row["ci"][0],
                "Upper end": row["ci"][1],
                N_("Longer wins"): row["longer_wins"],
                N_("Pairs"): row["n_pairs"],
                N_("Prompts"): row["n_prompts"],
            }
            for row in rows
        ]
    )


def weakest_words(rows: Sequence[Mapping[str, Any]], accuracy: float) -> str:
    """The slices that are surely below the whole, else that none is."""
    weak = sorted((row for row in rows if row["ci"][1] < accuracy), key=lambda row: float(row["accuracy"]))
    if not weak:
        return _("No part is surely weaker than the whole ({whole}).", whole=percent(accuracy, 1))
    said = [f"{_(row['name'])} ({percent(row['accuracy'])}, {interval(row['ci'])})" for row in weak]
    return _("Surely weaker than the whole ({whole}): {parts}.", whole=percent(accuracy, 1), parts=", ".join(said))


def show_where(card: Mapping[str, Any]) -> None:
    """One kind of slice at a time, the ruler beside the model."""
    kinds = slices_of(card)
    if not kinds:
        st.caption(_("This version was fitted before parts of the data were looked at; fit a new one to see them."))
        return
    kind = st.segmented_control(
        _("By"), list(kinds), default=next(iter(kinds)), format_func=lambda one: _(KINDS[one]), required=True,
        key="reward_slices", label_visibility="collapsed",
    )  # fmt: skip
    rows = kinds.get(str(kind)) or next(iter(kinds.values()))
    title, frame = _(TITLES[rows[0]["by"]]), slice_frame(rows)
    st.text(weakest_words(rows, card["metrics"]["accuracy"]))
    chart = rows_chart(frame, title, _("Accuracy on unseen prompts, 95 % interval"), beside="Longer wins")
    st.altair_chart(chart, alt=title)
    st.caption(
        _(
            "Grey marks: the longer answer wins. Ties do not count; small parts are put together; prompts that open "
            "alike count as one. {n} pairs in all.",
            n=number(sum(row["n_pairs"] for row in rows)),
        )
    )
    show_rows(frame, ("Value", "Lower end", "Upper end", "Longer wins"))
