"""The router: who is here, and the screens they see in working order."""

from pathlib import Path

import streamlit as st

from app.language import N_, _
from app.language_choice import choose_language, recall_language
from app.session import Person, person, project, signs_in, store

st.set_page_config(page_title="Rankdesk", layout="wide", initial_sidebar_state="collapsed")
st.html(Path(__file__).with_name("frame.css"))

SCREENS = {
    N_("Work"): [
        ("screens/rank.py", N_("Rank"), {"annotator", "reviewer", "lead"}),
        ("screens/my_work.py", N_("My work"), {"annotator", "reviewer", "lead"}),
        ("screens/guideline.py", N_("Guideline"), {"annotator", "reviewer", "lead", "engineer"}),
    ],
    N_("Project"): [
        ("screens/data.py", N_("Data"), {"lead"}),
        ("screens/cleaning.py", N_("Cleaning"), {"lead"}),
        ("screens/preferences.py", N_("Preferences"), {"lead", "engineer"}),
        ("screens/next.py", N_("What next"), {"lead", "engineer"}),
    ],
    N_("Model"): [
        ("screens/reward_model.py", N_("Reward model"), {"lead", "engineer"}),
        ("screens/try_it.py", N_("Try it"), {"lead", "engineer"}),
        ("screens/flag_models.py", N_("Flag models"), {"lead", "engineer"}),
        ("screens/filter.py", N_("Filter"), {"lead", "engineer"}),
        ("screens/watch.py", N_("Watch"), {"lead", "engineer"}),
    ],
    N_("Hand over"): [("screens/export.py", N_("Export"), {"lead", "engineer"})],
    N_("Team"): [("screens/settings.py", N_("Settings"), {"lead"})],
}
"""Group → its screens: script, title, and the roles that may open it."""


def pages_for(who: Person) -> dict[str, list[st.Page]] | list[st.Page]:
    """What this person may open; a page that is not listed cannot be reached by its address either.

    Where there is one group only, its screens stand in the bar themselves.
    """
    listed = {
        _(group): [st.Page(script, title=_(title)) for script, title, roles in screens if who.role in roles]
        for group, screens in SCREENS.items()
    }
    groups = {group: screens for group, screens in listed.items() if screens}
    return groups if len(groups) > 1 else next(iter(groups.values()))


def sign_in() -> None:
    """The only screen of someone who has not signed in."""
    st.title("Rankdesk")
    st.button(_("Sign in"), type="primary", on_click=st.login)


def offer_sign_out(who: Person) -> None:
    """Who is signed in, and the way out; nothing where nobody signs in."""
    if signs_in():
        st.text(_("Signed in as {name}", name=who.name))
        st.button(_("Sign out"), on_click=st.logout)


def choose_project() -> None:
    """A choice of project, where there is more than one."""
    names, current = [p.name for p in store().projects()], project()
    if current and len(names) > 1:
        st.selectbox(_("Project"), names, key="project", bind="query-params", persist_state="session")


if signs_in() and not st.user.is_logged_in:
    sign_in()
else:
    who = person()
    recall_language(who.name)
    page = st.navigation(pages_for(who), position="top")
    with st.sidebar:
        choose_project()
        choose_language(who.name)
        offer_sign_out(who)
    page.run()
