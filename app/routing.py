"""Routes on the Settings page: who is given the tasks of a topic or a language, and what that comes to."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.language import _, _n
from app.names import inert
from app.slices import KINDS, slice_name
from data.routes import Shared, kinds_in, shared_out
from data.schemas import Project, Slice

Routes = dict[str, list[str]]
LONGEST, MOST_PEOPLE, MOST_WARNINGS = 200, 500, 5
state = st.session_state


def kind_name(kind: str, here: Project) -> str:
    """What a kind of task ("topic:health", "language:ru") is called."""
    by, _colon, name = kind.partition(":")
    one = Slice("language" if by == "language" else "topic", name)
    return _(KINDS[one.by], name=slice_name(one, here.topics))


def people_of(here: Project) -> list[str]:
    """Everybody who may judge the project, as far as it is known: who has, who is named for a route, who is set up."""
    named = {who for some in here.routes.values() for who in some}
    return sorted({*session.store().annotators(here.id), *named, *session.set_up(), session.person().name})


def show_routes(here: Project, kept: dict[str, Any], languages: Mapping[str, str]) -> Routes:
    """The routes as they are written now, and how they share out the tasks that wait."""
    st.caption(
        _(
            "A route gives the tasks of a topic or in a language to the people you name, and to nobody else. All other "
            "tasks go to everybody. A task with several routes goes to those whom all of them name."
        )
    )
    people, waiting = people_of(here), session.store().waiting(here.id)
    base = shared_out({}, here.overlap, waiting, people)
    if not kept["routes"]:
        st.write(_("There are no routes: every task goes to everybody."))
    routes = {kind: _show_route(here, kept, kind, people, base.of_kind.get(kind, 0)) for kind in list(kept["routes"])}
    _offer_kind(here, kept, languages, base.of_kind)
    known = sorted({*people, *(who for some in routes.values() for who in some)})
    _show_share(here, routes, shared_out(routes, here.overlap, waiting, known), here.overlap)
    _warn_of_strangers(routes, people)
    return {kind: some for kind, some in routes.items() if some}


def _show_route(here: Project, kept: dict[str, Any], kind: str, people: Sequence[str], n: int) -> list[str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            f"{kind_name(kind, here)} · {_n('{n} open task', '{n} open tasks', n)}",
            sorted({*people, *kept["loaded"].routes.get(kind, ())}),
            list(kept["loaded"].routes.get(kind, ())),
            key=f"settings_route_{kept['version']}_{kind}",
            accept_new_options=True,
            max_selections=MOST_PEOPLE,
            placeholder=_("Choose people, or write a name"),
        )
        st.button(_("Remove"), key=f"settings_unroute_{kind}", on_click=_drop_kind, args=(kept, kind))
    return [who.strip()[:LONGEST] for who in chosen if who.strip()]


def _drop_kind(kept: dict[str, Any], kind: str) -> None:
    kept["routes"] = [other for other in kept["routes"] if other != kind]


def _offer_kind(here: Project, kept: dict[str, Any], languages: Mapping[str, str], of_kind: Mapping[str, int]) -> None:
    every = [*(f"topic:{topic.topic}" for topic in here.topics), *(f"language:{code}" for code in languages)]
    every += [kind for kind in of_kind if kind not in every]
    left = [kind for kind in every if kind not in kept["routes"]]
    st.selectbox(
        _("Add a route for"),
        left,
        None,
        format_func=lambda kind: (
            f"{kind_name(kind, here)} ({_n('{n} open task', '{n} open tasks', of_kind.get(kind, 0))})"
        ),
        key=f"settings_route_new_{kept['version']}",
        placeholder=_("Choose a topic or a language"),
        on_change=_add_kind,
        args=(kept,),
        width=420,
    )


def _add_kind(kept: dict[str, Any]) -> None:
    key = f"settings_route_new_{kept['version']}"
    if (kind := state.get(key)) and kind not in kept["routes"]:
        kept["routes"].append(kind)
    state[key] = None


def _show_share(here: Project, routes: Routes, shared: Shared, overlap: int) -> None:
    if empty := [kind for kind, some in routes.items() if not some]:
        st.info(
            _n(
                "{n} route names nobody and will not be kept.",
                "{n} routes name nobody and will not be kept.",
                len(empty),
            )
        )
    for route, n in sorted(shared.nobody.items(), key=lambda one: -one[1])[:MOST_WARNINGS]:
        of = ", ".join(kind_name(kind, here) for kind in kinds_in(route) if routes.get(kind))
        said = _n("{n} open task can be given to nobody, as no person is named for all of: {kinds}.",
                  "{n} open tasks can be given to nobody, as no person is named for all of: {kinds}.",
                  n, kinds=inert(of))  # fmt: skip
        st.warning(said)
    if shared.too_few:
        st.warning(_n("{n} open task is to be judged by {people} people, and fewer are named for it.",
                      "{n} open tasks are to be judged by {people} people each, and fewer are named for them.",
                      shared.too_few, people=overlap))  # fmt: skip
    st.subheader(_("What each person can be given"))
    rows = sorted(shared.of_person.items(), key=lambda one: (one[1], one[0]))
    frame = pd.DataFrame(rows, columns=[_("Annotator"), _("Open tasks they can be given")])
    st.dataframe(frame, hide_index=True, key="settings_share")
    idle = [who for who, n in rows if not n]
    if idle and routes and any(n for _who, n in rows):
        names = ", ".join(idle[:5])
        st.caption(_n("{names} has nothing to do at the moment and reads so on the Rank page.",
                      "{names} have nothing to do at the moment and read so on the Rank page.",
                      len(idle), names=inert(names)))  # fmt: skip


def _warn_of_strangers(routes: Routes, people: Sequence[str]) -> None:
    strangers = sorted({who for some in routes.values() for who in some} - set(people))
    if strangers:
        st.caption(
            _(
                "Not seen in this project before, so look at how it is written: {names}.",
                names=inert(", ".join(strangers[:5])),
            )
        )
