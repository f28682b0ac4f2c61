"""Rank: what do I judge now, how far am I."""

import streamlit as st

from app.board.board import FRAME_CSS, afterwards, cards, message, strip
from app.board.submission import Outcome, as_drafted, carry_out, letters
from app.session import person, project, store
from data.schemas import Project, Task


def show_empty(title: str, text: str) -> None:
    st.title("Rank")
    st.subheader(title)
    st.write(text)


def outcome_of_last(here: Project, annotator: str) -> Outcome:
    """Carry out what the board has sent since the last run, once; what came of it stays until the next message."""
    sent = message()
    known: Outcome = st.session_state.get("rank_outcome", Outcome(""))
    if sent is None or (isinstance(sent, dict) and sent.get("number") == known.number):
        return known
    done = carry_out(sent, store(), here, annotator)
    if not done.error:
        st.session_state["rank_reopened"] = done.reopened
    st.session_state["rank_outcome"] = done
    return done


def task_at_hand(here: Project, annotator: str) -> Task | None:
    """The task that was taken back, else the next one that the database has for this annotator."""
    reopened = st.session_state.get("rank_reopened")
    return store().task(here.id, reopened) if reopened else store().next_task(here, annotator)


def show_board(here: Project, annotator: str) -> None:
    done = outcome_of_last(here, annotator)
    task, so_far = task_at_hand(here, annotator), store().progress(here, annotator)
    newest = store().latest(here.id, task.id, annotator) if task else None
    revision = newest.revision if newest else 0
    ids = letters(task, annotator, here.seed) if task else {}
    before = as_drafted(newest, ids)
    st.html(f"<style>{FRAME_CSS}</style>")
    if task:
        total = so_far.mine + so_far.left
        progress = f"Task {so_far.mine + 1:,} of {total:,} · {so_far.mine_today:,} today"
        cards(task, ids, revision, before, here.guideline, progress)
    else:
        show_nothing_left(so_far.tasks)
    last = store().last_standing(here.id, annotator)
    said = afterwards(last, so_far.mine, so_far.mine_today)
    strip(task, ids, revision, before, {"answered": done.number, "error": done.error, "note": done.note, **said})


def show_nothing_left(tasks: int) -> None:
    if tasks:
        show_empty("Nothing left to judge", "You have judged every task that needs you. New tasks will appear here.")
    else:
        show_empty("No tasks yet", "The prompts and answers to rank will appear here as soon as a lead loads a file.")
        offer_loading()


def offer_loading() -> None:
    if person().role == "lead":
        st.page_link("screens/data.py", label="Load file")


def show_rank() -> None:
    who, here = person(), project()
    if here is None:
        show_empty("No project yet", "The tasks to rank will appear here as soon as there is a project.")
        offer_loading()
    else:
        show_board(here, who.name)


show_rank()
