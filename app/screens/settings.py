"""Settings: how is the project set up."""

import html
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.colours import colours_of
from app.glossary import languages_for, opened_terms, show_glossary, terms_of
from app.language import N_, _, _n
from app.list_editor.list_editor import list_editor
from app.project_settings import LISTS, Rows, changed, removed, rows_of, same_settings, uses
from app.routing import show_routes
from app.session import project, store
from app.topic_words import Words, opened_words, seeds_of, show_learned, show_reading, show_trial, show_words
from data.errors import InputError
from data.schemas import STANDARD_FLAGS, Project

CHIP = (
    "<style>.rd-chips{display:flex;flex-wrap:wrap;gap:.375rem}.rd-chip{display:inline-flex;align-items:center;"
    "gap:.375rem;padding:.0625rem .5rem;border-radius:999px;font-size:.8125rem;white-space:nowrap;cursor:help;"
    "background:color-mix(in srgb,var(--hue) 18%,transparent)}.rd-chip::before{content:'';width:.625rem;"
    "height:.625rem;border-radius:3px;background:var(--hue);box-shadow:inset 0 0 0 1px color-mix(in srgb,"
    "currentColor 25%,transparent)}</style>"
)
CHANGED = N_(
    "Somebody has changed the settings since you opened this page. Load them as they are now, and change them again."
)
ASKED, TOPICS, GLOSSARY, ROUTES = N_("What is asked"), N_("Sensitive topics"), N_("Glossary"), N_("Routes")
TABS = {"flags": ASKED, "criteria": ASKED, "topics": TOPICS, "seeds": TOPICS, "glossary": GLOSSARY, "routes": ROUTES}
"""What is written on the page → the tab on which it is."""
state = st.session_state


class Edited(NamedTuple):
    """A list as it has been edited, and the place under it for what is wrong with it."""

    rows: Rows
    place: DeltaGenerator


class Written(NamedTuple):
    """All that the page says now, and for each part of it the place for what is wrong with it."""

    lists: Mapping[str, Edited]
    values: Mapping[str, Any]
    terms: Rows
    places: Mapping[str, DeltaGenerator]


def opened(here: Project) -> dict[str, Any]:
    """What the page was opened with. A widget that is not there yet says that it has been opened just now."""
    kept: dict[str, Any] = state.setdefault("settings_opened", {"version": 0})
    if kept.get("id") != here.id or f"settings_overlap_{kept['version']}" not in state:
        kept |= {"id": here.id, "loaded": here, "version": kept["version"] + 1, "flags": here.flags, "resets": 0}
        kept |= {"terms": opened_terms(here), "terms_resets": 0, "words": opened_words(here), "routes": [*here.routes]}
    return kept


def reopen() -> None:
    state["settings_opened"] = {"version": state["settings_opened"]["version"] + 1}


def reset_flags() -> None:
    state["settings_opened"] |= {"flags": STANDARD_FLAGS, "resets": state["settings_opened"]["resets"] + 1}


def ask_plainly(loaded: Project, version: int) -> dict[str, Any]:
    overlap = st.number_input(
        _("How many people judge each task"), 1, 100, loaded.overlap, key=f"settings_overlap_{version}", width=280
    )
    scores = st.checkbox(
        _("Ask for a score of 1 to 7 for each answer"), loaded.scores, key=f"settings_scores_{version}"
    )
    review = st.checkbox(
        _("Ask annotators to confirm a summary before they submit"), loaded.review, key=f"settings_review_{version}"
    )
    return {"overlap": overlap, "scores": scores, "review": review}


def say_what_is_used(name: str, here: Project, rows: Rows) -> None:
    """Say of what is taken out how many judgements keep it; nothing where none does."""
    if gone := removed(name, getattr(here, name), rows):
        used = uses(here.id, store().size(here.id))[name]
        for row in gone:
            if n := used.get(row[LISTS[name].name], 0):
                said = _n(
                    "“{label}” will be taken out; {n} judgement uses it and keeps it.",
                    "“{label}” will be taken out; {n} judgements use it and keep it.",
                    n,
                    label=_(row["label"]),
                )
                st.text(said)


def show_chips(rows: Rows) -> None:
    """The flags as annotators see them."""
    shown = [row | {"kind": row["kind"] or f"new {n}"} for n, row in enumerate(rows) if row["label"].strip()]
    hues = colours_of(row["kind"] for row in shown)
    st.caption(_("So annotators see them; point at one to read what it means."))
    st.html(f'{CHIP}<div class="rd-chips">{"".join(chip(row, hues[row["kind"]]) for row in shown)}</div>')


def chip(row: Mapping[str, str], hue: str) -> str:
    meaning = html.escape(_(row["definition"]) if row["definition"] else "")
    return f'<span class="rd-chip" style="--hue:{hue}" title="{meaning}">{html.escape(_(row["label"]))}</span>'


def show_list(name: str, add: str, here: Project, kept: Mapping[str, Any]) -> Edited:
    key = f"settings_{name}_{kept['version']}_{kept['resets'] if name == 'flags' else 0}"
    things = kept["flags"] if name == "flags" else getattr(kept["loaded"], name)
    rows = list_editor(name, rows_of(name, things), add, key)
    place = st.container()
    say_what_is_used(name, here, rows)
    return Edited(rows, place)


def show_flags(here: Project, kept: Mapping[str, Any]) -> Edited:
    st.subheader(_("Flags"))
    st.caption(
        _(
            "What annotators can mark an answer with. Words of the standard list are shown to everybody in their own "
            "language, as long as you leave them as they are."
        )
    )
    edited = show_list("flags", _("Add flag"), here, kept)
    show_chips(edited.rows)
    st.button(_("Reset to the standard list"), type="tertiary", key="settings_reset", on_click=reset_flags)
    return edited


def show_topics(here: Project, kept: Mapping[str, Any]) -> Edited:
    st.subheader(_("Sensitive topics"))
    st.caption(_("What the flag for a sensitive topic can be about."))
    return show_list("topics", _("Add topic"), here, kept)


def show_criteria(here: Project, kept: Mapping[str, Any]) -> Edited:
    st.subheader(_("Criteria"))
    st.caption(
        _(
            "Each criterion gets a ranking of its own beside the overall one, which takes time. Without criteria, "
            "answers are ranked once."
        )
    )
    return show_list("criteria", _("Add criterion"), here, kept)


def save(here: Project, kept: Mapping[str, Any], written: Written) -> Mapping[str, str]:
    """Store the settings; what is wrong by its name, "" for what is wrong with all, when they could not be stored."""
    if not same_settings(here, kept["loaded"]):
        return {"": CHANGED}
    more, faults = terms_and_words(written.terms, kept["words"])
    rows = {name: edited.rows for name, edited in written.lists.items()}
    used = uses(here.id, store().size(here.id))
    wanted, more_faults = changed(here, rows, {**written.values, **more}, used)
    if wanted is None or faults:
        return {**more_faults, **faults}
    try:
        store().update_project(wanted, here)
    except InputError:
        return {"": CHANGED}
    return {}


def terms_and_words(terms: Rows, words: Words) -> tuple[dict[str, Any], dict[str, str]]:
    """The glossary and the words of topics as a project keeps them, and what is wrong with them."""
    made: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, make in (("glossary", partial(terms_of, terms)), ("seeds", partial(seeds_of, words))):
        try:
            made[name] = make()
        except InputError as error:
            faults[name] = str(error)
    return made, faults


def finish(here: Project, kept: Mapping[str, Any], written: Written) -> None:
    """The way to store it all, and what came of it."""
    pressed = st.button(_("Save settings"), type="primary", key="settings_save")
    if state.pop("settings_saved", False):
        st.success(_("Settings saved."))
    faults = save(here, kept, written) if pressed else {}
    if pressed and not faults:
        state["settings_saved"] = True
        reopen()
        st.rerun()
    for name, fault in faults.items():
        written.places.get(name, st).error(_(fault))
    if faults:
        st.text(_("Nothing was saved."))
    if wrong := [_(TABS[name]) for name in faults if name in TABS]:
        st.text(_("What is wrong is said on the tab {tabs}.", tabs=", ".join(dict.fromkeys(wrong))))
    if CHANGED in faults.values():
        st.button(_("Load the current settings"), key="settings_reload", on_click=reopen)


def show_settings(here: Project) -> None:
    kept = opened(here)
    st.text(_("Project: {name}", name=here.name))
    languages = languages_for(here, [one.name for one in store().slices(here.id) if one.by == "language"])
    tabs = dict(zip(dict.fromkeys(TABS.values()), st.tabs([*map(_, dict.fromkeys(TABS.values()))]), strict=True))
    lists, places = dict[str, Edited](), dict[str, DeltaGenerator]()
    with tabs[ASKED]:
        values = ask_plainly(kept["loaded"], kept["version"])
        lists |= {"flags": show_flags(here, kept), "criteria": show_criteria(here, kept)}
    with tabs[TOPICS]:
        lists["topics"] = show_sensitive(here, kept, languages)
        places["seeds"] = st.container()
    with tabs[GLOSSARY]:
        terms = show_glossary(kept, languages)
        places["glossary"] = st.container()
    with tabs[ROUTES]:
        values["routes"] = show_routes(here, kept, languages)
        places["routes"] = st.container()
    places |= {name: edited.place for name, edited in lists.items()}
    finish(here, kept, Written(lists, values, terms, places))


def show_sensitive(here: Project, kept: dict[str, Any], languages: Mapping[str, str]) -> Edited:
    learned = store().learned_topics(here.id)
    show_reading(here, learned)
    edited = show_topics(here, kept)
    show_words(here, kept, languages)
    show_trial(here, kept, learned)
    show_learned(here, learned)
    return edited


st.title(_("Settings"))
open_project = project()
if open_project is None:
    st.write(_("The settings of a project appear here. A project begins with a file of prompts and answers."))
    st.page_link("screens/data.py", label=_("Load file"))
else:
    show_settings(open_project)
