"""The ranking board: one component of our own, mounted once on the Rank page.

The page gives it a ticket, the project's choices and the first task; from there on it talks to the routes, so that no
judgement waits for a rerun. Its JavaScript and styles are files of ours, which the few lines here load.
"""

import secrets
from functools import cache
from typing import Any

import streamlit as st

from app.board.routes import VERSION
from app.board.settings import settings_from
from app.board.view import Seat, drawn, view_of
from app.colours import colours_of
from app.guideline import relevant, sections
from app.language import _, catalogue, language
from app.paths import address
from app.tickets import ticket
from data.schemas import SKIP_REASONS, STRENGTHS, Criterion, FlagKind, Project, Topic

_LOADER = """
const board = import(new URL("{address}", window.location.origin).href);
export default function ({{ data, parentElement, setStateValue }}) {{
  board.then(({{ mount }}) => mount(parentElement, data, setStateValue));
  return () => board.then(({{ unmount }}) => unmount(parentElement));
}}
"""


@cache
def _component() -> Any:
    address_ = address(f"board/{VERSION}/board.js")
    return st.components.v2.component("rankdesk_board", js=_LOADER.format(address=address_))


def show_board(seat: Seat) -> None:
    """Show the task at hand and the ranking. The board asks for a rerun only when its ticket has run out."""
    data = {"stamp": secrets.token_hex(8), "page": _page(seat), "view": view_of(seat)}
    _component()(key="rank_board", data=data, on_asks_change=lambda: None)


def _page(seat: Seat) -> dict[str, Any]:
    """What stays while the page stands."""
    project, spoken = seat.project, language()
    allowed = {"project": project.id, "annotator": seat.annotator, "language": spoken, "offset": seat.offset}
    colours = colours_of(flag.kind for flag in project.flags)
    parts = sections(project.guideline)
    return {
        "base": address(""),
        "ticket": ticket("rank", allowed),
        "language": spoken,
        "words": catalogue(spoken, "board"),
        "flags": [_said(flag) | {"colour": colours[flag.kind]} for flag in project.flags],
        "topics": [_said(topic) for topic in project.topics],
        "criteria": [_said(criterion) for criterion in project.criteria],
        "scores": project.scores,
        "review": project.review,
        "skip_reasons": {reason: _(text) for reason, text in SKIP_REASONS.items()},
        "strengths": list(STRENGTHS),
        "guideline": [{"title": s.title, "html": drawn(s.source)} for s in parts],
        "matters": {name: relevant(parts, "", [label, _(label)]) for name, label in _named(project)},
        "settings": settings_from(seat.store.settings_of(seat.annotator)).model_dump(mode="json"),
    }


def _named(project: Project) -> list[tuple[str, str]]:
    """What parts of the guideline may be about: kinds of flags and criteria with their labels."""
    return [(f.kind, f.label) for f in project.flags] + [(c.criterion, c.label) for c in project.criteria]


def _said(choice: FlagKind | Topic | Criterion) -> dict[str, Any]:
    """A choice of the project; its words are translated where they are the usual ones."""
    return {name: _(text) if text else "" for name, text in choice.model_dump().items()}
