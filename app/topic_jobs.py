"""Learning sensitive topics from the labels of a project, beside the screens; and how far such work is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from app import session
from app.apart import Ended, apart
from app.background import Job, See, Stopped
from app.language import N_, _, number
from app.queue_jobs import Doing
from data.clean.topic_labels import FEWEST, Example, LearnedTopics, counted, labelled
from data.clean.topic_learning import learned
from data.schemas import Project
from data.store import Size, Store

LEARNING = N_("Learning from labels, topic by topic")
MORE = 1.2
"""Labels that have grown by so much since they were learned from are worth learning from again."""
Learning = Job[tuple[int, int], LearnedTopics]


def examples_of(store: Store, project: Project) -> list[Example]:
    """The judged answers of a project with the topics that people flagged."""
    return labelled(store.tasks(project.id), store.judgements(project.id))


@st.cache_data(show_spinner=False, max_entries=4)
def labels(project_id: int, name: str, size: Size) -> tuple[int, dict[str, int]]:
    """How many answers were judged, and how many of them have each topic, as they were at this `Store.size`."""
    found = examples_of(session.store(), Project(id=project_id, name=name))
    return len(found), counted(found)


def learning(store: Store, project: Project, by: str) -> Learning:
    """Learn from the labels of a project and keep what they teach."""

    def work(see: See[tuple[int, int]]) -> LearnedTopics:
        examples = examples_of(store, project)
        counts = counted(examples)
        try:
            weights = apart(learned, examples, _plain(project), see=see, first=(0, max(len(counts), 1)))
        except Ended:
            raise Stopped from None
        made = LearnedTopics(
            texts=len(examples), labels=counts, weights=weights, learned_by=by, learned_at=datetime.now(UTC)
        )
        store.keep_learned_topics(project.id, made)
        return made

    return Job(work, (0, 1))


def _plain(project: Project) -> dict[str, dict[str, Sequence[str]]]:
    return {topic: dict(by) for topic, by in project.seeds.items()}


def worth_learning(texts: int, counts: Mapping[str, int], known: LearnedTopics | None) -> bool:
    """Whether there are labels enough that nothing was learned from yet."""
    before = _enough(known.texts, known.labels) if known else {}
    return any(n >= MORE * before.get(topic, 0) for topic, n in _enough(texts, counts).items())


def _enough(texts: int, counts: Mapping[str, int]) -> dict[str, int]:
    return {topic: n for topic, n in counts.items() if min(n, texts - n) >= FEWEST}


@st.cache_resource(show_spinner=False)
def learnings() -> dict[int, Learning]:
    """The newest learning of each project in this process."""
    return {}


@st.fragment(run_every=0.5)
def show_job(job: Job[Any, Any], what: str, key: str) -> None:
    """How far a work is, and the way to end it; the page is drawn anew when it has ended."""
    if not job.running:
        st.rerun()
    seen = job.progress
    doing = seen if isinstance(seen, Doing) else Doing(what, *seen)
    said = _("{what}: {done} of {total}", what=_(doing.what), done=number(doing.done), total=number(doing.total))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(doing.share, said)
        st.button(_("Cancel"), key=key, on_click=job.stop, disabled=job.stopped)
