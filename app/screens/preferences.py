"""Preferences: what the judgements say: pairs, sources, disagreements."""

import streamlit as st

from app.findings import Findings, findings, frame_of, reports_by_slice, slices_judged
from app.language import _, _n
from app.preferences.answer import show_answer
from app.preferences.by_slice import show_slices
from app.preferences.pairs import show_pairs
from app.preferences.rules import choose_rules, chosen_rules
from app.preferences.sources import show_sources, show_win_rates
from app.session import person, project, store
from app.slices import choose_slice
from data.schemas import Project


def show_nothing(found: Findings) -> None:
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


def show_preferences(here: Project) -> None:
    size, rules = store().size(here.id), chosen_rules()
    with st.spinner(_("Reading the judgements")):
        only = choose_slice(here, list(slices_judged(here.id, size)), "preferences_slice")
        found = findings(here.id, size, rules, only)
    if not found.pairs.pairs:
        show_nothing(found)
        return
    show_answer(found)
    labels = [_("Leaderboard"), _("Win rates"), _("Topics and languages"), _("Pairs")]
    sources, rates, slices, pairs = st.tabs(labels, key="preferences_tab", on_change="rerun")
    if sources.open:
        with sources:
            show_sources(found)
    if rates.open:
        with rates:
            show_win_rates(found)
    if slices.open:
        with slices:
            show_slices(here, reports_by_slice(here.id, size, rules, only))
    if pairs.open:
        with pairs:
            show_pairs(found, frame_of(here.id, size, rules, only), here.flags)
    choose_rules(here.id, size, only)


st.title(_("Preferences"))
open_project = project()
if open_project is None:
    st.write(_("The preferences of a project appear here. A project begins with a file of prompts and answers."))
    if person().role == "lead":
        st.page_link("screens/data.py", label=_("Load file"))
else:
    show_preferences(open_project)
