"""Who is given which tasks: a task has a route, and a project may name the people for each part of it."""

from collections.abc import Iterable

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
