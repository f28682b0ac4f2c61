"""The settings of a project as lists that people edit, and back again, with what is wrong said where it is."""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from itertools import chain, count
from typing import Any, NamedTuple

import streamlit as st

from app import session
from app.language import N_
from data.errors import InputError, Sentence, checked
from data.schemas import STANDARD_FLAGS, STANDARD_TOPICS, Criterion, FlagKind, Project, Schema, Term, Topic
from data.store import Size

SETTINGS = ("overlap", "flags", "topics", "criteria", "scores", "review", "glossary", "seeds", "routes")
"""The fields of a project that are set here; its guideline has a page of its own."""


class Listed(NamedTuple):
    """One list among the settings: what its things are, which field is their short name, and which hold words.

    `standard` are things with known short names; `what` names one of them in a sentence.
    """

    schema: type[Schema]
    name: str
    texts: tuple[str, ...]
    what: str
    standard: Sequence[Schema] = ()


LISTS: Mapping[str, Listed] = {
    "flags": Listed(FlagKind, "kind", ("label", "definition", "example"), N_("Flag “{label}”"), STANDARD_FLAGS),
    "topics": Listed(Topic, "topic", ("label",), N_("Topic “{label}”"), STANDARD_TOPICS),
    "criteria": Listed(Criterion, "criterion", ("label", "definition"), N_("Criterion “{label}”")),
}
GLOSSARY = Listed(Term, "", ("wrong", "right", "language"), N_("Term “{label}”"))
"""The glossary is a list too; its terms have no short names."""
EDITED: Mapping[str, Listed] = {**LISTS, "glossary": GLOSSARY}
Rows = list[dict[str, str]]
"""A list as it is edited: each thing's short name ("" for a new one) and its words, in order."""
Uses = Mapping[str, Mapping[str, int]]
"""Name of a list → short name → how many judgements use it."""


@st.cache_data(show_spinner=False, max_entries=4)
def uses(project_id: int, size: Size) -> Uses:
    """What the submitted judgements of a project use, as they were at this `Store.size`."""
    said = session.store().judgements(project_id)
    return {
        "flags": Counter(kind for j in said for kind in {flag.kind for flag in j.flags}),
        "topics": Counter(topic for j in said for topic in {flag.topic for flag in j.flags if flag.topic}),
        "criteria": Counter(criterion for j in said for criterion in j.criteria),
    }


def rows_of(name: str, things: Sequence[Schema]) -> Rows:
    """A list as rows of text: the short name and the words of each thing."""
    fields = [field for field in (EDITED[name].name, *EDITED[name].texts) if field]
    return [{field: getattr(thing, field) for field in fields} for thing in things]


def things_of(name: str, rows: Rows, taken: Container[str] = ()) -> Rows:
    """The list that these rows say; rows without any words are left out.

    A new thing gets a short name that follows from its label, other than the `taken` ones; an old one keeps its own.
    InputError when one of them has no label or cannot be stored, or two have the same label.
    """
    kind = LISTS[name]
    said = [{field: text.strip() for field, text in row.items()} for row in rows]
    things = [thing for thing in said if any(thing[field] for field in kind.texts)]
    _check_labels([thing["label"] for thing in things])
    kept = {thing[kind.name] for thing in things}
    for thing in things:
        thing[kind.name] = thing[kind.name] or _new_name(kind, thing["label"], kept, taken)
        kept.add(thing[kind.name])
        checked(kind.schema, thing, Sentence(kind.what, label=thing["label"]))
    return things


def _check_labels(labels: Sequence[str]) -> None:
    if not all(labels):
        raise InputError("A row has no name; give it one, or remove the row.")
    twice = [label for label, n in Counter(map(str.casefold, labels)).items() if n > 1]
    if twice:
        raise InputError("Two rows are called “{label}”; rename one of them.", label=twice[0])


def _new_name(kind: Listed, label: str, kept: Container[str], taken: Container[str]) -> str:
    """A short name for a new thing; one of the standard things that comes back gets its own again."""
    back = (str(getattr(thing, kind.name)) for thing in kind.standard if getattr(thing, "label", "") == label)
    again = next((name for name in back if name not in kept), None)
    plain = short(label) or kind.name
    others = chain([plain], (f"{plain}-{n}" for n in count(2)))
    return again or next(name for name in others if name not in kept and name not in taken)


def short(label: str) -> str:
    """A label in a–z, 0–9 and dashes, a letter first; "" where nothing is left of it."""
    latin = unicodedata.normalize("NFKD", label.casefold().translate(_LATIN)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", latin).lstrip("0123456789-")[:36].rstrip("-")


_LATIN = str.maketrans(
    dict(zip("абвгдеёзийклмнопрстуфхцыэ", "abvgdeezijklmnoprstufhcye", strict=True))
    | {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
)


def changed(
    now: Project, lists: Mapping[str, Rows], values: Mapping[str, Any], used: Uses
) -> tuple[Project | None, Mapping[str, str]]:
    """The project with these settings; or None, and for each list (or "" for the rest) what is wrong there."""
    made: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, rows in lists.items():
        stored = {getattr(thing, LISTS[name].name) for thing in getattr(now, name)}
        try:
            made[name] = things_of(name, rows, stored | set(used[name]))
        except InputError as error:
            faults[name] = str(error)
    if faults:
        return None, faults
    try:
        return checked(Project, now.model_dump() | dict(values) | made), {}
    except InputError as error:
        field = re.match(r"\w*", str(error))
        place = field[0] if field and field[0] in SETTINGS else ""
        return None, {place: str(error)}


def removed(name: str, before: Sequence[Schema], rows: Rows) -> Rows:
    """What these rows no longer have."""
    field, texts = LISTS[name].name, LISTS[name].texts
    left = {row[field] for row in rows if any(row[text].strip() for text in texts)}
    return [row for row in rows_of(name, before) if row[field] not in left]


def same_settings(one: Project, other: Project) -> bool:
    """Whether two states of a project have the same settings."""
    return all(getattr(one, field) == getattr(other, field) for field in SETTINGS)
