"""The task of a record of an annotation tool: its prompt and responses, and what the tool calls each response."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from data.intake.annotated import Said
from data.intake.columns import GROUP, Columns, Fields, Found
from data.intake.content import merged, task_from
from data.intake.format import Values
from data.intake.prompts import PROMPT, asked
from data.intake.tasks import LISTED_SOURCES, RESPONSES, answers_in
from data.intake.values import label, listed_in
from data.schemas import Task

_NUMBERED = re.compile(
    r"(?:response|completion|answer|candidate|output|text|txt|reply|summary|generation|item|result|option|model_output)s?"
    r"_?([a-i]|[1-9])$"
)
_LISTS = ("responses", "completions", "candidates", "answers", "outputs", "items", "options")
FIELDS: Fields = {
    "prompt": PROMPT,
    "responses": RESPONSES._replace(names=_LISTS),
    "sources": LISTED_SOURCES,
    "group": GROUP,
}


class Made(NamedTuple):
    """A task, the id of each response in the record's order, and what the tool may call each of them → its id."""

    task: Task
    ids: list[str]
    names: Mapping[str, str]

    def said(self) -> Said:
        """What a person said of it, still empty."""
        return Said(self.names, self.ids)

    @property
    def merged(self) -> int:
        """How many responses were the same as another."""
        return merged(self.ids)


def made_task(values: Values, columns: Columns) -> Made:
    """The task of a record; InputError where its prompt or its responses are missing."""
    group = label(columns.value(values, "group"), columns.name("group"))
    task, ids = task_from(asked(values, columns), answers_in(values, columns), group)
    return Made(task, ids, dict(zip(_names(values, columns), ids, strict=False)))


def _names(values: Values, columns: Columns) -> list[str]:
    """The columns of the responses, or the ids of those in a list (by default: their numbers)."""
    spread = columns.of["responses"]
    if len(spread) > 1:
        return [name for name in spread if values.get(name) not in (None, "")]
    items = listed_in(values.get(spread[0])) or []
    return [str(one.get("id", n)) if isinstance(one, Mapping) else str(n) for n, one in enumerate(items, 1)]


def spread(found: Found, known: Mapping[str, str]) -> Found:
    """`found` with responses that stand in fields of their own, such as `response-1` or `text2`, or left and right."""
    if "responses" in found:
        return found
    numbered = tuple(known[name] for name in sorted(known) if _NUMBERED.search(name))
    sided = tuple(known[name] for name in ("left", "right") if name in known)
    responses = max(numbered, sided, key=len)
    if len(responses) < 2:
        return found
    if found.get("prompt", ("",))[0] in responses:
        found = {name: columns for name, columns in found.items() if name != "prompt"}
    return found | {"responses": responses}


def flattened(values: Values, *inside: str) -> dict[str, object]:
    """The values of a record with those of some of its columns, which hold objects, beside them."""
    flat: dict[str, object] = {}
    for name in inside:
        inner = values.get(name)
        flat |= {str(key): value for key, value in inner.items()} if isinstance(inner, Mapping) else {}
    return flat | {name: value for name, value in values.items() if name not in inside and name not in flat}
