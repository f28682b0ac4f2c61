"""`python -m data topics`: what the project's labels teach about sensitive topics: learned, shown, forgotten."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from getpass import getuser
from shlex import quote

from data.clean.topic_labels import FEWEST, LearnedTopics, counted, labelled
from data.schemas import Project
from data.store import Store


def lines(options: argparse.Namespace) -> Iterator[str]:
    """What the command says, line by line."""
    store = Store()
    try:
        project = store.project(options.project)
        if options.what == "forget":
            store.forget_learned_topics(project.id)
            yield f"forgotten: topics are told by the lists alone; {_again(project)}"
            return
        if options.what == "learn":
            store.keep_learned_topics(project.id, learned_now(store, project, getuser()))
            yield _again(project)
        yield from _shown(project, store.learned_topics(project.id))
    finally:
        store.close()


def learned_now(store: Store, project: Project, by: str) -> LearnedTopics:
    """What the labels of a project teach as they are now."""
    from data.clean.topic_learning import learned  # scikit-learn takes a second

    examples = labelled(store.tasks(project.id), store.judgements(project.id))
    return LearnedTopics(
        texts=len(examples),
        labels=counted(examples),
        weights=learned(examples, project.seeds),
        learned_by=by,
        learned_at=datetime.now(UTC),
    )


def _again(project: Project) -> str:
    return f"read the tasks again by: python -m data clean --project {quote(project.name)} --read"


def _shown(project: Project, known: LearnedTopics | None) -> Iterator[str]:
    if known is None:
        yield "nothing was learned yet; python -m data topics learn does"
        return
    yield f"learned from {known.texts:,} judged answers, {known.learned_at:%Y-%m-%d %H:%M} UTC"
    of_topic = {one.topic: one for one in known.weights}
    for topic in (topic.topic for topic in project.topics):
        start = f"{topic}: {known.labels.get(topic, 0):,} labels"
        if one := of_topic.get(topic):
            used = "used" if one.better else "not used, as the lists are as good"
            yield f"{start}, F1 on prompts left out: lists {one.f1_lists:.2f}, learned {one.f1_learned:.2f}; {used}"
        else:
            yield f"{start}, too few ({FEWEST} are needed); not measured"
