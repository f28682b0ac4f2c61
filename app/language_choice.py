"""The choice of the interface's language, and the page's own mark of it."""

import streamlit as st

from app.language import CHOICE, LANGUAGES, _, language

_MARK = st.components.v2.component(
    "rankdesk_page_language",
    html="<span hidden>\n</span>",
    js="export default ({ data }) => {\n  document.documentElement.lang = data.language\n}\n",
)
"""Says the language of the page to screen readers and spelling checkers: Streamlit says English always."""


def choose_language() -> None:
    """Offer the languages by their own names; the choice holds for the whole session."""
    st.session_state[CHOICE] = language()
    st.selectbox(_("Language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key=CHOICE)
    _MARK(key="page_language", data={"language": language()})
