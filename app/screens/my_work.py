"""My work: what did I do, what can I still change, how am I doing."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

import streamlit as st

from app.language import _, _n, language, number
from app.session import person, project, store
from app.work import MARKS, STATUS, Piece, Sought, daily, found, summary, time_said, work, zone_of
from app.work_chart import days_chart, finding
from app.work_list.reading import reading_of
from app.work_list.work_list import work_list
from data.schemas import Project

PAGE = 20
DATES = {"en": "DD/MM/YYYY", "ru": "DD.MM.YYYY", "zh": "YYYY/MM/DD"}


def show_number(label: str, value: str, below: str) -> None:
    with st.container(gap="xxsmall", width="content"):
        st.metric(label, value)
        st.caption(below)


def show_answer(pieces: Sequence[Piece], zone: tzinfo) -> None:
    now = datetime.now(UTC)
    so_far, days = summary(pieces, zone, now), daily(pieces, zone, now)
    numbers, picture = st.columns([5, 4], gap="medium")
    with numbers, st.container(horizontal=True, gap="medium"):
        below = _("{today} today, {week} this week", today=number(so_far.today), week=number(so_far.week))
        show_number(_("Judged"), number(so_far.judged), below)
        if so_far.skipped:
            show_number(_("Skipped"), number(so_far.skipped), _("can be taken up again"))
        if so_far.seconds:
            about = _("half of the tasks took you less, half more")
            show_number(_("Usual time for a task"), time_said(so_far.seconds), about)
    with picture:
        title = finding(days)
        st.text(title)
        if days["judged"].any():
            st.altair_chart(days_chart(days, st.context.theme.type == "dark"), key="work_days", alt=title)


def choose(pieces: Sequence[Piece], here: Project) -> Sought:
    labels = {flag.kind: _(flag.label) for flag in here.flags}
    kinds = list(dict.fromkeys([*labels, *(f.kind for p in pieces for f in p.judgement.flags)]))
    kept: dict[str, Any] = {"persist_state": "session"}
    day = kept | {"format": DATES[language()], "width": 150}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            _("Search"), key="work_text", placeholder=_("Words of the prompt, answers or notes"), **kept
        )
        flags = st.multiselect(
            _("Flags"),
            kinds,
            format_func=lambda k: labels.get(k, k),
            key=f"work_flags_{here.id}",
            placeholder=_("Any flag"),
            **kept,
        )
        first = st.date_input(_("First day"), None, key="work_first", **day)
        last = st.date_input(_("Last day"), None, key="work_last", **day)
    with st.container(horizontal=True):
        options = kept | {"format_func": _, "label_visibility": "collapsed", "wrap": True}
        status = st.pills(_("Judged or skipped"), list(STATUS), key="work_status", **options)
        marks = st.pills(_("Show only"), list(MARKS), selection_mode="multi", key="work_marks", **options)
    return Sought(text, status, tuple(marks), tuple(flags), first, last)


def show_work(pieces: Sequence[Piece], here: Project, zone: tzinfo) -> None:
    sought = choose(pieces, here)
    shown = found(pieces, sought, zone)
    count = _n("**{shown}** of {n} task", "**{shown}** of {n} tasks", len(pieces), shown=number(len(shown)))
    st.write(count)
    if not shown:
        st.write(_("No task is like that. Take a filter away to see more."))
        return
    # A key of its own for each search: another one begins at its first page.
    n_pages, key = math.ceil(len(shown) / PAGE), f"work_page_{hash(sought)}"
    page = st.pagination(n_pages, key=key, persist_state="session") if n_pages > 1 else 1
    part = shown[(page - 1) * PAGE : page * PAGE]
    if task := work_list([reading_of(piece, here, zone) for piece in part]):
        store().give(here.id, task, person().name)
        st.switch_page("screens/rank.py")


def show_my_work() -> None:
    st.title(_("My work"))
    who, here = person(), project()
    pieces = work(here.id, who.name, store().size(here.id)) if here else []
    if here and pieces:
        zone = zone_of(st.context.timezone)
        show_answer(pieces, zone)
        show_work(pieces, here, zone)
    else:
        st.write(
            _("Tasks that you judge or skip appear here. You can open each of them again and change what you said.")
        )
        st.page_link("screens/rank.py", label=_("Rank answers"))


show_my_work()
