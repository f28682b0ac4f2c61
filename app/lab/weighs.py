"""What weighs: words and styles each way, and what each family of features carries."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.lab.marks import points, rows_chart, show_rows
from app.language import N_, _
from app.reasons import FAMILIES
from app.reward_charts import strongest_frame, weights_chart

KINDS = {
    "surface": N_("Length, structure and style"),
    "ngrams": N_("Words and letters"),
    "meaning": N_("Meaning of words"),
}
OF_KIND = {
    "surface": ("surface", "style", "relation"),
    "ngrams": ("words", "characters"),
    "meaning": ("meaning", "ending"),
}
"""Kind of strongest features → the families it shows."""


def ablation_frame(card: Mapping[str, Any]) -> pd.DataFrame:
    """What each family carries. Columns: `Name, Value, Lower end, Upper end, Alone, Without`, all shares."""
    rows = [row for row in card.get("ablation") or [] if row.get("ci")]
    return pd.DataFrame(
        [
            {
                "Name": _(FAMILIES.get(row["family"], row["family"])),
                "Value": row["difference"],
                "Lower end": row["ci"][0],
                "Upper end": row["ci"][1],
                N_("Without"): row["accuracy_without"],
                N_("Alone"): row.get("accuracy_alone"),
            }
            for row in rows
        ]
    )


def ablation_words(frame: pd.DataFrame) -> str:
    """Which families surely carry something, as the title of the chart."""
    sure = frame[frame["Lower end"] > 0].sort_values("Value", ascending=False)
    if sure.empty:
        return _("No single family is needed: the others make up for it")
    first = sure.iloc[0]
    return _("Most is lost without “{family}”: {points} points", family=first["Name"], points=points(-first["Value"]))


def show_weighs(card: Mapping[str, Any]) -> None:
    """The strongest features each way, then the families."""
    st.write(
        _(
            "How far each feature moves the scores of two answers apart, on average over the pairs. What adds stands "
            "to the right, what takes away to the left. Features that say the same share their weight between them."
        )
    )
    _show_strongest(card)
    _show_families(card)


def _show_strongest(card: Mapping[str, Any]) -> None:
    shown = {kind: title for kind, title in KINDS.items() if kind in card["strongest"]}
    frames = {kind: strongest_frame(card, kind) for kind in shown}
    with st.grid(min_column_width=420):
        for kind, frame in frames.items():
            if not frame.empty:
                title = _(KINDS[kind])
                st.altair_chart(weights_chart(frame, title, _("Mean shift (logits)")), alt=title)
    for kind, frame in frames.items():
        if frame.empty:
            st.caption(_(unused(card, kind), kind=_(KINDS[kind])))
    with st.expander(_("Numbers behind the charts")):
        both = pd.concat(list(frames.values()))
        st.dataframe(both.assign(Direction=both["Direction"].map(_)).rename(columns=_), hide_index=True)
        st.caption(
            _(
                "Words and letters are hashed into columns. “Also” lists others that fall into the same column; the "
                "most frequent gives its name."
            )
        )


def unused(card: Mapping[str, Any], kind: str) -> str:
    """Why a kind of features carries nothing, to be translated: it was switched off, or did not help."""
    fitted = card.get("fit_rules", {}).get("families", OF_KIND[kind])
    if not set(OF_KIND[kind]) & set(fitted):
        return N_("{kind}: this version was fitted without them.")
    return N_("{kind}: this model does not use them. They did not help on unseen prompts.")


def _show_families(card: Mapping[str, Any]) -> None:
    frame = ablation_frame(card)
    if frame.empty:
        return
    title = ablation_words(frame)
    axis = _("Accuracy lost without it, 95 % interval")
    st.altair_chart(rows_chart(frame, title, axis, form="+.1%"), alt=title)
    show_rows(frame, ("Value", "Lower end", "Upper end", "Without", "Alone"))
