"""Length: what is left of the model where answers are equally long."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.lab.marks import interval
from app.language import N_, _, _n, number, percent, signed

CORRELATION_HELP = N_(
    "Spearman's rank correlation of the difference of scores and the difference of lengths, over the pairs: 0 means "
    "that score and length have nothing to do with each other."
)


def length_words(card: Mapping[str, Any]) -> str:
    """Whether the model is right where length cannot help it."""
    block = card["length"]
    equal = block.get("equal_length")
    if not equal:
        return _("No pair has answers of about the same length, so nothing can be said of equal length.")
    low, high = equal["ci"]
    said = {"share": percent(equal["accuracy"], 1), "ends": interval((low, high))}
    if low > 0.5:
        return _("Where length cannot help, it is still right in {share} ({ends}): it is no ruler.", **said)
    if high < 0.5:
        return _("Where length cannot help, it is right in {share} ({ends}): worse than tossing a coin.", **said)
    whole = N_("Where length cannot help, it is right in {share} ({ends}): that may be a coin's luck.")
    return _(whole, **said)


def show_length(card: Mapping[str, Any]) -> None:
    """Accuracy at equal length, the correlation with length, and whether length's effect is removed."""
    block = card.get("length")
    if not block:
        st.caption(_("This version was fitted before length was looked at; fit a new one to see it."))
        return
    st.write(length_words(card))
    equal = block.get("equal_length")
    with st.grid(min_column_width=200):
        st.metric(_("Accuracy over all lengths"), percent(card["metrics"]["accuracy"], 1))
        if equal:
            pairs = _n(
                "{n} pair whose lengths differ by at most 10 %.",
                "{n} pairs whose lengths differ by at most 10 %.",
                equal["n_pairs"],
            )
            st.metric(_("At equal length"), percent(equal["accuracy"], 1), help=pairs)
            st.metric(_("95 % interval"), interval(equal["ci"]))
            st.metric(_("Pairs of equal length"), number(equal["n_pairs"]))
        if block.get("correlation") is not None:
            st.metric(_("Score goes with length"), signed(block["correlation"]), help=_(CORRELATION_HELP))
    removed = N_("Length's effect was estimated beside the others and left out of the scores.")
    kept = N_("Length counts like any other feature. “Choices” beside “Fit” has a fit without its effect.")
    st.caption(_(removed if block.get("removed") else kept))
