"""Where the model holds: accuracy by language, sensitive topic, topic, source pair, length gap and annotator."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.lab.marks import interval, rows_chart, show_rows
from app.language import N_, _, number, percent
from app.slices import slice_name
from data.schemas import Slice, SliceKind
from reward_model.slices import FEWEST_PAIRS, FEWEST_PROMPTS, is_said

KINDS = {
    "language": N_("Language"),
    "sensitive topic": N_("Sensitive topic"),
    "topic": N_("Topic"),
    "source pair": N_("Source pair"),
    "length gap": N_("Length gap"),
    "annotator": N_("Annotator"),
}
TITLES = {
    "language": N_("In which languages does it hold?"),
    "sensitive topic": N_("On which sensitive topics does it hold?"),
    "topic": N_("On which topics does it hold?"),
    "source pair": N_("Between which sources does it hold?"),
    "length gap": N_("Does it hold where lengths are alike?"),
    "annotator": N_("Whose choices does it follow?"),
}
READ: Mapping[str, SliceKind] = {"language": "language", "sensitive topic": "topic"}
"""Kinds of slices that are those of every report."""
OURS = N_("all others"), N_("unknown")
"""Names of slices that are ours, not the data's, beside those of `app.slices`."""


def slices_of(card: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Kind of slice → its rows, in the order of KINDS; kinds without rows are left out."""
    rows: Sequence[Mapping[str, Any]] = card.get("slices") or []
    found = {kind: [row for row in rows if row["by"] == kind] for kind in KINDS}
    return {kind: some for kind, some in found.items() if some}


def called(row: Mapping[str, Any]) -> str:
    """What a slice is called for people."""
    by = READ.get(row["by"])
    return slice_name(Slice(by, row["name"])) if by and row["name"] not in OURS else _(row["name"])


def slice_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The slices of one kind. Columns: `Name, Value, Lower end, Upper end, Longer wins, Pairs, Prompts`.

    Of a slice with too few pairs or prompts the shares are missing.
    """
    return pd.DataFrame(
        [
            {
                N_("Name"): called(row),
                N_("Value"): row["accuracy"],
                "Lower end": row["ci"][0] if row["ci"] else None,
                "Upper end": row["ci"][1] if row["ci"] else None,
                N_("Longer wins"): row["longer_wins"],
                N_("Pairs"): row["n_pairs"],
                N_("Prompts"): row["n_prompts"],
            }
            for row in rows
        ]
    )


def weakest_words(rows: Sequence[Mapping[str, Any]], accuracy: float) -> str:
    """The slices that are surely below the whole, else that none is."""
    weak = [row for row in rows if is_said(row) and row["ci"][1] < accuracy]
    if not weak:
        return _("No part is surely weaker than the whole ({whole}).", whole=percent(accuracy, 1))
    weak.sort(key=lambda row: float(row["accuracy"]))
    said = [f"{called(row)} ({percent(row['accuracy'])}, {interval(row['ci'])})" for row in weak]
    return _("Surely weaker than the whole ({whole}): {parts}.", whole=percent(accuracy, 1), parts=", ".join(said))


def few_words(rows: Sequence[Mapping[str, Any]]) -> str:
    """The slices of which nothing is said because they are too small; empty where there are none."""
    few = [
        _("{name} (pairs: {pairs}, prompts: {prompts})", name=called(row), pairs=number(row["n_pairs"]),
          prompts=number(row["n_prompts"]))
        for row in rows
        if not is_said(row)
    ]  # fmt: skip
    least = {"pairs": number(FEWEST_PAIRS), "prompts": number(FEWEST_PROMPTS)}
    words = _("Too few, under {pairs} pairs or {prompts} prompts: {parts}.", **least, parts=", ".join(few))
    return words if few else ""


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
    show_kind(kinds.get(str(kind)) or next(iter(kinds.values())), card["metrics"]["accuracy"])


def show_kind(rows: Sequence[Mapping[str, Any]], accuracy: float) -> None:
    """The slices of one kind."""
    title, frame = _(TITLES[rows[0]["by"]]), slice_frame(rows)
    drawn = frame[frame["Value"].notna()]
    if not drawn.empty:
        st.text(weakest_words(rows, accuracy))
        chart = rows_chart(drawn, title, _("Accuracy on unseen prompts, 95 % interval"), beside="Longer wins")
        st.altair_chart(chart, alt=title)
    for said in filter(None, (few_words(rows), *about_kind(rows))):
        st.caption(said)
    show_rows(frame, ("Value", "Lower end", "Upper end", "Longer wins"))


def about_kind(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What has to be known to read the slices of a kind."""
    by, n = rows[0]["by"], sum(row["n_pairs"] for row in rows)
    if by in READ:
        yield _("Grey marks: the longer answer wins. Ties do not count; prompts that open alike count as one.")
    else:
        yield _(
            "Grey marks: the longer answer wins. Ties do not count; small parts are put together; prompts that open "
            "alike count as one. {n} pairs in all.",
            n=number(n),
        )
    if by == "sensitive topic":
        yield _("A pair whose task has several topics counts in each.")
    if guessed := sum(row.get("guessed", 0) for row in rows):
        said = {"guessed": number(guessed), "n": number(n)}
        yield _("The language of {guessed} of {n} pairs is guessed: nobody has read their tasks.", **said)
    if by == "topic":
        yield _("These topics are guessed: prompts with alike words, named by the words that tell them apart.")
