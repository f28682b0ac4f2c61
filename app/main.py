"""The router: who is here, and the screens they see in working order."""

from pathlib import Path

import streamlit as st

from app.session import Person, person, project, signs_in, store

st.set_page_config(page_title="Rankdesk", layout="wide", initial_sidebar_state="collapsed")
st.html(Path(__file__).with_name("frame.css"))

SCREENS = {
    "Work": [
        ("screens/rank.py", "Rank", {"annotator", "reviewer", "lead"}),
        ("screens/guideline.py", "Guideline", {"annotator", "reviewer", "lead", "engineer"}),
    ],
    "Project": [
        ("screens/data.py", "Data", {"lead"}),
        ("screens/preferences.py", "Preferences", {"lead", "engineer"}),
    ],
    "Model": [
        ("screens/reward_model.py", "Reward model", {"lead", "engineer"}),
        ("screens/try_it.py", "Try it", {"lead", "engineer"}),
    ],
    "Hand over": [("screens/export.py", "Export", {"lead", "engineer"})],
}
"""Group → its screens: script, title, and the roles that may open it."""


def pages_for(who: Person) -> dict[str, list[st.Page]] | list[st.Page]:
    """What this person may open; a page that is not listed cannot be reached by its address either.

    Where there is one group only, its screens stand in the bar themselves.
    """
    listed = {
        group: [st.Page(script, title=title) for script, title, roles in screens if who.role in roles]
        for group, screens in SCREENS.items()
    }
    groups = {group: screens for group, screens in listed.items() if screens}
    return groups if len(groups) > 1 else next(iter(groups.values()))


def sign_in() -> None:
    """The only screen of someone who has not signed in."""
    st.title("Rankdesk")
    st.button("Sign in", type="primary", on_click=st.login)


def offer_sign_out(who: Person) -> None:
    """Who is signed in, and the way out; nothing where nobody signs in."""
    if signs_in():
        st.text(f"Signed in as {who.name}")
        st.button("Sign out", on_click=st.logout)


def choose_project() -> None:
    """A choice of project, where there is more than one."""
    names, current = [p.name for p in store().projects()], project()
    if current and len(names) > 1:
        st.selectbox("Project", names, key="project", bind="query-params", persist_state="session")


if signs_in() and not st.user.is_logged_in:
    sign_in()
else:
    who = person()
    page = st.navigation(pages_for(who), position="top")
    with st.sidebar:
        choose_project()
        offer_sign_out(who)
    page.run()
