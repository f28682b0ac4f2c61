"""The choice of the interface's language, kept for the person, and the page's own mark of it."""

import streamlit as st

from app import session
from app.language import CHOICE, LANGUAGES, _, language

_MARK = st.components.v2.component(
    "rankdesk_page_language",
    html="<span hidden>\n</span>",
    js="export default ({ data }) => {\n  document.documentElement.lang = data.language\n}\n",
)
"""Says the language of the page to screen readers and spelling checkers: Streamlit says English always."""


def recall_language(annotator: str) -> None:
    """Speak the language that this person has chosen, here, on the board or on another device; else the browser's."""
    kept = session.store().settings_of(annotator).get("language")
    st.session_state[CHOICE] = kept if kept in LANGUAGES else language()


def choose_language(annotator: str) -> None:
    """Offer the languages by their own names."""
    names = LANGUAGES.__getitem__
    kept = (annotator,)
    st.selectbox(_("Language"), list(LANGUAGES), format_func=names, key=CHOICE, on_change=keep_language, args=kept)
    _MARK(key="page_language", data={"language": language()})


def keep_language(annotator: str) -> None:
    """Keep the choice that has just been made."""
    settings = session.store().settings_of(annotator)
    session.store().keep_settings(annotator, settings | {"language": st.session_state[CHOICE]})
