"""Rank: what do I judge now, how far am I."""

import streamlit as st

from app.board.board import Shown, afterwards, cards, message, strip
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
        st.session_state["rank_reopened"] = {here.id: done.reopened}
    st.session_state["rank_outcome"] = done
    return done


def task_at_hand(here: Project, annotator: str) -> Task | None:
    """The task that was taken back, else the next one that the database has for this annotator."""
    reopened = st.session_state.get("rank_reopened", {}).get(here.id)
    return store().task(here.id, reopened) if reopened else store().next_task(here, annotator)


def on_the_board(here: Project, annotator: str) -> Shown | None:
    """The task at hand with what this annotator said of it before, if anything."""
    task = task_at_hand(here, annotator)
    if task is None:
        return None
    ids, newest = letters(task, annotator, here.seed), store().latest(here.id, task.id, annotator)
    return Shown(here, task, ids, newest.revision if newest else 0, as_drafted(newest, ids), annotator)


def show_board(here: Project, annotator: str) -> None:
    done = outcome_of_last(here, annotator)
    shown, so_far = on_the_board(here, annotator), store().progress(here, annotator)
    if shown:
        total = so_far.mine + so_far.left
        cards(shown, f"Task {so_far.mine + 1:,} of {total:,} · {so_far.mine_today:,} today")
    else:
        show_nothing_left(so_far.tasks)
    said = afterwards(store().last_standing(here.id, annotator), so_far.mine, so_far.mine_today)
    strip(here, shown, {"answered": done.number, "error": done.error, "note": done.note, **said})


def show_nothing_left(tasks: int) -> None:
    if tasks:
        show_empty("Nothing left to judge", "You have judged every task that needs you. New tasks will appear here.")
    else:
        show_empty("No tasks yet", "The prompts and answers to rank will appear here as soon as a lead loads a file.")
        offer_loading()


def offer_loading() -> None:
    if person().role == "lead" and st.button("Load file", type="primary", key="rank_load"):
        st.switch_page("screens/data.py")


def show_rank() -> None:
    who, here = person(), project()
    if here is None:
        show_empty("No project yet", "The tasks to rank will appear here as soon as there is a project.")
        offer_loading()
    else:
        show_board(here, who.name)


show_rank()
