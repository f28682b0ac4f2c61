"""The sensitive topics and languages by which reports are sliced: what they are called, and the choice of one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import streamlit as st
from babel import Locale

from app.language import FORMATS, N_, _, language
from data.schemas import NONE, NOT_READ, NOT_TOLD, STANDARD_TOPICS, Project, Slice, SliceKind, Topic

KINDS: Mapping[SliceKind, str] = {"topic": N_("Topic: {name}"), "language": N_("Language: {name}")}
NAMELESS: Mapping[str, str] = {NONE: N_("none"), NOT_READ: N_("not read"), NOT_TOLD: N_("not told")}
"""Slices of tasks without a topic or a language; they come last."""


def slice_name(one: Slice, topics: Sequence[Topic] = ()) -> str:
    """What a topic or a language is called; a topic as the project's `topics` or the standard ones call it."""
    if one.name in NAMELESS:
        return _(NAMELESS[one.name])
    if one.by == "language":
        return str(Locale.parse(FORMATS[language()]).languages.get(one.name, one.name))
    labels = {topic.topic: topic.label for topic in (*STANDARD_TOPICS, *topics)}
    return _(labels[one.name]) if one.name in labels else one.name


def in_order(counts: Mapping[Slice, int]) -> list[Slice]:
    """Topics, then languages, the largest first; those without a name last."""
    kinds, last = list(KINDS), ["", *NAMELESS]

    def place(one: Slice) -> tuple[int, int, int, str]:
        return kinds.index(one.by), last.index(one.name if one.name in NAMELESS else ""), -counts[one], one.name

    return sorted(counts, key=place)


def counted(slices: Iterable[Iterable[Slice]]) -> dict[Slice, int]:
    """How many are in each slice, in the order in which they are shown."""
    counts = Counter(one for several in slices for one in several)
    return {one: counts[one] for one in in_order(counts)}


def choose_slice(here: Project, slices: Sequence[Slice], key: str) -> Slice | None:
    """The topic or language that a whole page is about; None: everything, also where nothing was read to choose by."""
    if all(one.name == NOT_READ for one in slices):
        return None
    if st.session_state.get(key) not in slices:
        st.session_state.pop(key, None)
    return st.selectbox(
        _("Topic or language"),
        slices,
        None,
        format_func=lambda one: _(KINDS[one.by], name=slice_name(one, here.topics)),
        key=key,
        persist_state="session",
        placeholder=_("All topics and languages"),
        width=360,
    )
