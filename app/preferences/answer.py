"""The figures that the Preferences page begins with."""

import streamlit as st

from app.findings import Findings, sum_of_pairs
from app.language import _, _n, number, percent
from rankers.agreement import Agreement


def show_answer(found: Findings) -> None:
    """Judgements, pairs and agreement."""
    made = found.pairs
    with st.container(horizontal=True, gap="large"):
        _show_judgements(found)
        below = _(
            "{ties} of them ties, from {prompts} prompts; prompts that open alike count as one",
            ties=number(made.ties),
            prompts=number(found.prompts),
        )
        _show_number(_("Pairs"), number(len(made.pairs)), below)
        _show_agreement(_("Two people agree"), found.ceiling, _("no pair was judged by two people"))
        _show_agreement(_("Agree, with ties"), found.with_ties, _("no pair was judged by two people"))
    alpha = (
        _("Krippendorff’s alpha (ordinal) is {alpha}.", alpha=number(found.alpha, 2)) if found.alpha is not None else ""
    )
    st.caption(f"{sum_of_pairs(made)} {alpha}")


def _show_judgements(found: Findings) -> None:
    below = _n("by {n} annotator", "by {n} annotators", found.annotators)
    if found.pairs.none_acceptable:
        below = _n(
            "by {n} annotator; {none} found none acceptable",
            "by {n} annotators; {none} found none acceptable",
            found.annotators,
            none=number(found.pairs.none_acceptable),
        )
    _show_number(_("Judgements"), number(found.pairs.judgements), below)


def _show_agreement(label: str, found: Agreement | None, otherwise: str) -> None:
    if found is None:
        _show_number(label, _("not known"), otherwise)
    else:
        below = _(
            "95% interval {low} to {high}, from {pairs} pairs of responses and {prompts} prompts",
            low=percent(found.low, 1),
            high=percent(found.high, 1),
            pairs=number(found.n_pairs),
            prompts=number(found.n_prompts),
        )
        _show_number(label, percent(found.agreement, 1), below)


def _show_number(label: str, value: str, below: str) -> None:
    with st.container(gap="xxsmall"):
        st.metric(label, value)
        st.caption(below)
