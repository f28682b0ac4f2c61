"""Who is here, which project they work in, and the one store that all sessions share."""

from typing import Literal, NamedTuple

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from data.schemas import Project
from data.store import Store

Role = Literal["annotator", "reviewer", "lead", "engineer"]


class Person(NamedTuple):
    """Who is at the screen: the name that judgements carry, and what they may see."""

    name: str
    role: Role


def signs_in() -> bool:
    """Whether sign-in is configured: an [auth] section in .streamlit/secrets.toml."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The store of this process."""
    return Store()


def person() -> Person:
    """Who is here: the signed-in user, or the one local lead where sign-in is not configured."""
    if not signs_in():
        return Person("local", "lead")
    email = str(st.user.email)
    leads = st.secrets.get("leads", [])
    # A single name that is no list must not make leads of those whose name is a part of it.
    return Person(email, "lead" if email in ([leads] if isinstance(leads, str) else leads) else "annotator")


def project() -> Project | None:
    """The project that is open on this screen; None while there is none at all."""
    projects = store().projects()
    chosen = st.session_state.get("project")
    return next((p for p in projects if p.name == chosen), projects[0] if projects else None)
