"""Who is here, which project they work in, and the one store that all sessions share."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from data.schemas import Project
from data.store import Store

Role = Literal["annotator", "reviewer", "lead", "engineer"]


ROLE_LISTS: Mapping[str, Role] = {"leads": "lead", "engineers": "engineer", "reviewers": "reviewer"}
"""Name of the list in .streamlit/secrets.toml → the role of those whose e-mail address it holds."""


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
    """Who is here: the signed-in user, or the one local lead where sign-in is not configured.

    An address counts only when the identity provider does not call it unverified; who has none goes by their subject.
    """
    if not signs_in():
        return Person("local", "lead")
    claims = st.user.to_dict()
    is_known = bool(claims.get("email")) and claims.get("email_verified", True) is True
    if not is_known:
        return Person(str(claims["sub"]), "annotator")
    return Person(str(claims["email"]), _role_of(str(claims["email"])))


def _role_of(email: str) -> Role:
    listed = (role for name, role in ROLE_LISTS.items() if email in _names(st.secrets.get(name, [])))
    return next(listed, "annotator")


def set_up() -> set[str]:
    """Those whom .streamlit/secrets.toml names for a role that judges answers; nobody where nobody signs in."""
    judging = [name for name, role in ROLE_LISTS.items() if role != "engineer"] if signs_in() else []
    return {who for name in judging for who in _names(st.secrets.get(name, []))}


def _names(value: object) -> list[str]:
    """A list from the secrets; a single name that is no list must not match those whose name is a part of it."""
    return [value] if isinstance(value, str) else [str(name) for name in value] if isinstance(value, Iterable) else []


def project() -> Project | None:
    """The project that is open on this screen; None while there is none at all."""
    projects = store().projects()
    chosen = st.session_state.get("project")
    return next((p for p in projects if p.name == chosen), projects[0] if projects else None)
