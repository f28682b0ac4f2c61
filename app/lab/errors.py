"""Where the model is wrong: the pairs it gets most wrong, and how it deals with ties."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.language import N_, _, _n, number, percent
from app.pair_to_try import take_pair, whole_pair
from app.render import RENDER_CSS, response_html
from data.errors import InputError
from data.schemas import UNNAMED, Project

LONG, TALL = 1_200, 480
"""From so many letters on an answer scrolls in a frame of so many pixels."""
SIDES = (N_("first is better"), N_("equal"), N_("second is better"))


def ties_frame(block: Mapping[str, Any]) -> pd.DataFrame:
    """What the model says against what people said; one row for each answer of the model, counts of pairs."""
    people = [_("People: {said}", said=_(side)) for side in SIDES]
    frame = pd.DataFrame(block["counts"], columns=people)
    frame.insert(0, " ", [_("Model: {said}", said=_(side)) for side in SIDES])
    return frame


def ties_words(block: Mapping[str, Any]) -> str:
    """How many of the ties the model sees."""
    counts, n = block["counts"], int(block["n"])
    seen = int(counts[1][1])
    return _n("It sees {seen} of {n} tie.", "It sees {seen} of {n} ties.", n, seen=number(seen))


def show_errors(card: Mapping[str, Any], into: Project, version: int) -> None:
    """The worst pairs one at a time, then the ties."""
    worst: Sequence[Mapping[str, Any]] = card.get("worst") or []
    if "worst" not in card:
        st.caption(_("This version was fitted before its errors were kept; fit a new one to see them."))
    elif not worst:
        st.caption(_("It puts every pair that it was tested on in the order people chose."))
    else:
        _show_worst(worst, into, version)
    if card.get("ties"):
        _show_ties(card["ties"])


def _show_worst(worst: Sequence[Mapping[str, Any]], into: Project, version: int) -> None:
    st.write(
        _(
            "The pairs it gets most wrong, worst first. Some are its faults, some are slips of people: look before you "
            "trust either."
        )
    )
    at = 1
    if len(worst) > 1:
        at = st.pagination(len(worst), key=f"reward_worst_{version}") or 1
    one = worst[min(at, len(worst)) - 1]
    said = {"share": percent(one["probability"], 1), "who": one["annotator"]}
    anybody = N_("The model gave {share} to the answer that people chose.")
    somebody = N_("The model gave {share} to the answer that {who} chose.")
    st.text(_(anybody if one["annotator"] == UNNAMED else somebody, **said))
    style = f"<style>{RENDER_CSS}</style>"
    with st.container(border=True):
        st.html(style + response_html(one["prompt"]))
    sides = ((_("Preferred by people"), one["chosen"]), (_("Preferred by the model"), one["rejected"]))
    for column, (label, text) in zip(st.columns(2), sides, strict=True):
        with column.container(border=True, height=TALL if len(text) > LONG else "content"):
            st.caption(label)
            if text.strip():
                st.html(style + response_html(text))
            else:
                st.text(_("This answer is empty."))
    is_empty = not (one["chosen"].strip() and one["rejected"].strip())
    if st.button(_("Open on Try it"), key="reward_try", disabled=is_empty):
        take_pair(*_whole(one, into), version)
        st.switch_page("screens/try_it.py")


def _whole(one: Mapping[str, Any], into: Project) -> tuple[str, tuple[str, ...]]:
    try:
        return whole_pair(session.store().task(into.id, one["task_id"]), one["chosen"], one["rejected"])
    except InputError:
        return one["prompt"], (one["chosen"], one["rejected"])


def _show_ties(block: Mapping[str, Any]) -> None:
    st.subheader(_("Ties"))
    st.write(ties_words(block))
    st.dataframe(ties_frame(block), hide_index=True)
    st.caption(
        _(
            "The model is taken to say “equal” where its scores differ by at most {threshold}, so that it says so as "
            "often as people do. Which answer is the first is by chance.",
            threshold=number(block["threshold"], 2),
        )
    )
