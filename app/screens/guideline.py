"""Guideline: what is good, what is a violation."""

import pandas as pd
import streamlit as st

from app.language import _
from app.render import RENDER_CSS, response_html
from app.session import person, project, store
from data.errors import InputError, checked
from data.schemas import Project


def show_flags(here: Project) -> None:
    st.subheader(_("What you can flag"))
    rows = [(_(flag.label), _(flag.definition), _(flag.example)) for flag in here.flags]
    st.table(pd.DataFrame(rows, columns=[_("Flag"), _("What it means"), _("Example")]).set_index(_("Flag")))


def save(here: Project) -> None:
    try:
        # What is stored now: settings that were changed since this page was drawn must stay.
        now = store().project(here.name)
        changed = checked(Project, now.model_dump() | {"guideline": st.session_state[f"guideline_text_{here.id}"]})
    except InputError as error:
        st.session_state["guideline_error"] = str(error)
    else:
        st.session_state["guideline_error"] = ""
        store().update_project(changed)


def show_editor(here: Project) -> None:
    with st.expander(_("Edit guideline"), expanded=not here.guideline):
        # A key of its own for each project: the text of one must not be saved as the guideline of another.
        key = f"guideline_text_{here.id}"
        st.text_area(_("Guideline, in Markdown"), here.guideline, height=320, key=key, on_change="ignore")
        st.button(_("Save guideline"), type="primary", key="guideline_save", on_click=save, args=(here,))
        if st.session_state.get("guideline_error"):
            st.error(_(st.session_state["guideline_error"]))


def show_guideline() -> None:
    st.title(_("Guideline"))
    here = project()
    if here is None:
        st.write(_("The rules for good answers and for violations will appear here as soon as there is a project."))
        return
    if here.guideline:
        st.html(f"<style>{RENDER_CSS}</style>{response_html(here.guideline)}")
    else:
        st.write(_("The lead has not written a guideline yet. It will appear here."))
    show_flags(here)
    if person().role == "lead":
        show_editor(here)


show_guideline()
