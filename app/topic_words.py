"""Sensitive topics on the Settings page: the words that tell them, a text to try, and what labels have taught."""

import html
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.cleaning_jobs import READING, jobs, reading
from app.language import N_, _, _n, date, number
from app.names import inert
from app.slices import slice_name
from app.topic_jobs import LEARNING, labels, learning, learnings, show_job, worth_learning
from data.clean.language import language as language_of
from data.clean.marks import Mark
from data.clean.sensitive import Detector, listed, topics_of
from data.clean.topic_labels import FEWEST, LearnedTopics, TopicWeights, detector_of, read_by
from data.errors import InputError
from data.schemas import Project, Slice

Words = dict[str, dict[str, str]]
"""Topic → language → the project's own words as they are written, one a line."""
LONGEST, MOST_TRIED = 80, 5_000
KINDS: Mapping[str, str] = {
    "strong": N_("One of these is enough"),
    "weak": N_("Two different ones of these, close together"),
    "group": N_("A group of people: tells the topic together with one of the claims"),
    "claim": N_("A claim: tells the topic together with one of the groups"),
    "never": N_("Not meant, whatever they look like"),
}
MARK = (
    "<style>.rd-told{white-space:pre-wrap;margin:0}.rd-told mark{background:color-mix(in srgb,#E69F00 32%,transparent);"
    "color:inherit;border-radius:3px;padding:0 .125rem;font-weight:600}</style>"
)
state = st.session_state


def opened_words(loaded: Project) -> Words:
    """The project's own words as text to edit."""
    return {topic: {code: "\n".join(some) for code, some in by.items()} for topic, by in loaded.seeds.items()}


def seeds_of(words: Words) -> dict[str, dict[str, list[str]]]:
    """The words as a project keeps them, each once; InputError for a line that is too long."""
    made: dict[str, dict[str, list[str]]] = {}
    for topic, by in words.items():
        for code, text in by.items():
            lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip(" -")))
            if long := next((line for line in lines if len(line) > LONGEST), ""):
                raise InputError(
                    "“{label}…” is longer than 80 characters; write one word or phrase a line.", label=long[:40]
                )
            if lines:
                made.setdefault(topic, {})[code] = lines
    return made


def show_words(here: Project, kept: dict[str, Any], languages: Mapping[str, str]) -> None:
    """For one topic and language: the words that Rankdesk has, and those that the project adds."""
    st.subheader(_("Words that tell a topic"))
    st.caption(
        _(
            "Topics are read from the text by these words. They route tasks to people and slice every report. The "
            "words of the project count beside the built-in ones."
        )
    )
    names = {topic.topic: slice_name(Slice("topic", topic.topic), here.topics) for topic in kept["loaded"].topics}
    if not names:
        return
    choice, code = _chosen(names, languages)
    built_in = listed(code).get(choice, {})
    key = f"settings_words_{kept['version']}_{choice}_{code}"
    st.text_area(
        _("The project's own words, one a line"),
        kept["words"].get(choice, {}).get(code, ""),
        key=key,
        height=140,
        on_change=_keep_words,
        args=(kept, choice, code, key),
        help=_("A word stands for its inflected forms. “tax*”: whatever begins so. “=Pole”: this form alone. “-word”: "
               "does not count."),
    )  # fmt: skip
    n = sum(map(len, built_in.values()))
    if not n:
        st.caption(
            _("There are no built-in words for this topic in this language; the project's own are all there is.")
        )
        return
    with st.expander(_n("{n} built-in word", "{n} built-in words", n)):
        for kind, some in built_in.items():
            st.caption(_(KINDS[kind]))
            st.html(f'<p dir="auto">{html.escape(", ".join(some))}</p>')


def _chosen(names: Mapping[str, str], languages: Mapping[str, str]) -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        topic = st.selectbox(_("Topic"), list(names), format_func=names.__getitem__, key="settings_topic", width=260)
        codes = list(languages)
        code = st.segmented_control(
            _("Language"),
            codes,
            default=codes[0],
            format_func=languages.__getitem__,
            key="settings_language",
            required=True,
        )
    return topic, code or codes[0]


def _keep_words(kept: dict[str, Any], topic: str, code: str, key: str) -> None:
    kept["words"].setdefault(topic, {})[code] = state.get(key) or ""


@st.cache_resource(show_spinner=False, max_entries=8)
def _detector(seeds: str, learned: str) -> Detector:
    return detector_of(json.loads(seeds), LearnedTopics.model_validate_json(learned) if learned else None)


def show_trial(here: Project, kept: Mapping[str, Any], learned: LearnedTopics | None) -> None:
    """A text to try: the topics that are found, with the words that told them."""
    st.subheader(_("Try it"))
    text = st.text_area(_("A text, to see which topics are found in it"), key="settings_try", max_chars=MOST_TRIED)
    if not text.strip():
        return
    try:
        seeds = seeds_of(kept["words"])
    except InputError as error:
        st.error(inert(_(str(error))))
        return
    detector = _detector(json.dumps(seeds), learned.model_dump_json() if learned else "")
    known = {topic.topic for topic in kept["loaded"].topics}
    found = {topic: marks for topic, marks in topics_of(text, language_of(text), detector).items() if topic in known}
    if not found:
        st.write(_("No sensitive topic is found in this text."))
    for topic, marks in found.items():
        st.text(slice_name(Slice("topic", topic), here.topics))
        st.html(f'{MARK}<p class="rd-told" dir="auto">{highlighted(text, marks)}</p>')


def highlighted(text: str, marks: tuple[Mark, ...]) -> str:
    """The text as HTML with these places marked; of two that overlap, the first is."""
    parts, done = list[str](), 0
    for mark in sorted(marks, key=lambda one: (one.start, -one.end)):
        if mark.start >= done:
            parts += [html.escape(text[done : mark.start]), f"<mark>{html.escape(text[mark.start : mark.end])}</mark>"]
            done = mark.end
    return "".join([*parts, html.escape(text[done:])])


def show_reading(here: Project, learned: LearnedTopics | None) -> None:
    """Whether the topics of the tasks were read by what is known now, and the way to read them."""
    work = jobs().of(here.id)
    if work and work.running:
        show_job(work, READING, "settings_read_cancel")
        return
    if state.pop("settings_reading", False) and work:
        _tell_read(work.stopped, work.error(), work)
    last, now = session.store().last_read(here.id), read_by(here, learned)
    is_new = last == now or not (last or here.seeds or learned)
    if is_new or not session.store().size(here.id).tasks:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            _(
                "The words or topics have changed since the tasks were read. Until they are read again, routes and "
                "reports go by the old ones."
            )
        )
        st.button(_("Read the tasks again"), key="settings_read", on_click=_read, args=(here,))


def _tell_read(stopped: bool, error: str, work: Any) -> None:
    if error:
        st.error(_(error))
    elif stopped:
        st.info(_("The reading was cancelled; some tasks have their old topics."))
    elif (n := work.result().read) is not None:
        st.success(_n("{n} task was read.", "{n} tasks were read.", n))


def _read(here: Project) -> None:
    state["settings_reading"] = True
    jobs().start(here.id, partial(reading, session.store(), here))


def show_learned(here: Project, learned: LearnedTopics | None) -> None:
    """What the project's labels have taught, how well, and the ways to learn and to forget."""
    st.subheader(_("Learned from labels"))
    st.caption(
        _(
            "Answers that annotators flag for a sensitive topic teach which words tell it. What is learned is measured "
            "on prompts left out, and used only for topics where it finds more than the words alone."
        )
    )
    job = learnings().get(here.id)
    if job and job.running:
        show_job(job, LEARNING, "settings_learn_cancel")
        return
    if job and job.error():
        st.error(_(job.error()))
    texts, counts = labels(here.id, here.name, session.store().size(here.id))
    frame = learned_frame(here, counts, learned)
    figures = {name: st.column_config.TextColumn(alignment="right") for name in frame.columns[2:4]}
    st.dataframe(frame, hide_index=True, column_config=figures, key="settings_learned")
    if learned:
        st.caption(_("Learned from {n} judged answers, {when} UTC, by {who}.", n=number(learned.texts),
                     when=date(learned.learned_at), who=inert(learned.learned_by)))  # fmt: skip
    is_worth = worth_learning(texts, counts, learned)
    if is_worth:
        st.info(_("There are labels enough to learn from that nothing was learned from yet."))
    elif not learned:
        st.caption(_("A topic needs {n} labelled answers, and as many without it.", n=FEWEST))
    with st.container(horizontal=True):
        st.button(
            _("Learn from labels"),
            key="settings_learn",
            on_click=_learn,
            args=(here,),
            disabled=not (is_worth or learned),
        )
        if learned:
            st.button(
                _("Forget what was learned"), key="settings_forget", type="tertiary", on_click=_forget, args=(here,)
            )


def _learn(here: Project) -> None:
    running = learnings().get(here.id)
    if not (running and running.running):
        learnings()[here.id] = learning(session.store(), here, session.person().name)


def _forget(here: Project) -> None:
    session.store().forget_learned_topics(here.id)


def learned_frame(here: Project, counts: Mapping[str, int], learned: LearnedTopics | None) -> pd.DataFrame:
    """Topic by topic: labels, F1 of the words alone and of what was learned, and what is used."""
    of_topic = {one.topic: one for one in learned.weights} if learned else {}
    rows = []
    for topic in here.topics:
        one, n = of_topic.get(topic.topic), counts.get(topic.topic, 0)
        rows.append((
            slice_name(Slice("topic", topic.topic), here.topics), n,
            number(one.f1_lists, 2) if one else _("not measured"),
            number(one.f1_learned, 2) if one else _("not measured"),
            _used(one, n),
        ))  # fmt: skip
    heads = _("Topic"), _("Labels"), _("F1 of the words alone"), _("F1 with what was learned"), _("Used")
    return pd.DataFrame(rows, columns=list(heads))


def _used(one: TopicWeights | None, n: int) -> str:
    if one:
        return _("words and labels") if one.better else _("words alone: labels add nothing")
    return _("words alone: too few labels") if n < FEWEST else _("words alone: not learned yet")
