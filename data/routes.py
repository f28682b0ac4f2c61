"""Who is given which tasks: a task has a route, and a project may name the people for each part of it."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from data import tables
from data.schemas import Project


def route_of(language: str, topics: Iterable[str]) -> str:
    """The names that `Project.routes` may have for such a task, in one text: `;language:ru;topic:health;`."""
    names = [*([f"language:{language}"] if language else []), *(f"topic:{topic}" for topic in sorted(topics))]
    return f";{';'.join(names)};" if names else ""


def is_for(project: Project, annotator: str) -> sa.ColumnElement[bool]:
    """The condition that a task goes to this annotator: every route that names it and people names them."""
    barred = [name for name, people in project.routes.items() if people and annotator not in people]
    return sa.and_(sa.true(), *(~tables.task.c.route.contains(f";{name};", autoescape=True) for name in barred))


Routes = Mapping[str, Collection[str]]
"""A kind of task ("topic:health", "language:ru") → those who are given such tasks."""


class Waiting(NamedTuple):
    """Tasks that lack judgements: how many of each route, and how many of them each annotator has judged or skipped."""

    tasks: Mapping[str, int]
    judged: Mapping[tuple[str, str], int]


class Shared(NamedTuple):
    """How routes share out the tasks that wait: how many each kind has, and how many each person can be given.

    `nobody`: how many tasks nobody can be given, by route; `too_few`: how many have fewer people named for them than
    are to judge each.
    """

    of_kind: Mapping[str, int]
    of_person: Mapping[str, int]
    nobody: Mapping[str, int]
    too_few: int


def kinds_in(route: str) -> tuple[str, ...]:
    """The names that `Project.routes` may have for a task of this route."""
    return tuple(name for name in route.split(";") if name)


def named_for(routes: Routes, route: str) -> frozenset[str] | None:
    """Those who are given a task of this route; None where everybody is."""
    named = [frozenset(routes[kind]) for kind in kinds_in(route) if routes.get(kind)]
    return frozenset.intersection(*named) if named else None


def shared_out(routes: Routes, overlap: int, waiting: Waiting, people: Iterable[str]) -> Shared:
    """How these routes share out what waits, when so many people are to judge each task."""
    named = {route: named_for(routes, route) for route in waiting.tasks}
    of_kind: dict[str, int] = {}
    for route, n in waiting.tasks.items():
        for kind in kinds_in(route):
            of_kind[kind] = of_kind.get(kind, 0) + n
    of_person = {
        who: sum(
            n - waiting.judged.get((who, route), 0) for route, n in waiting.tasks.items() if _is_in(who, named[route])
        )
        for who in people
    }
    counts = {route: len(who) for route, who in named.items() if who is not None}
    nobody = {route: waiting.tasks[route] for route, n in counts.items() if not n}
    return Shared(
        of_kind, of_person, nobody, sum(waiting.tasks[route] for route, n in counts.items() if 0 < n < overlap)
    )


def _is_in(who: str, named: frozenset[str] | None) -> bool:
    return named is None or who in named
