"""Rank: what do I judge now, how far am I."""

import streamlit as st

from app.board.board import show_board
from app.board.view import Seat
from app.language import _
from app.session import person, project, store


def show_empty(title: str, text: str) -> None:
    st.title(_("Rank"))
    st.subheader(title)
    st.write(text)


def offer_loading() -> None:
    if person().role == "lead" and st.button(_("Load file"), type="primary", key="rank_load"):
        st.switch_page("screens/data.py")


def show_rank() -> None:
    who, here = person(), project()
    if here is None:
        show_empty(_("No project yet"), _("The tasks to rank will appear here as soon as there is a project."))
        offer_loading()
    elif not store().size(here.id)[0]:
        text = _("The prompts and answers to rank will appear here as soon as a lead loads a file.")
        show_empty(_("No tasks yet"), text)
        offer_loading()
    else:
        show_board(Seat(store(), here, who.name, st.context.timezone_offset or 0))


show_rank()
