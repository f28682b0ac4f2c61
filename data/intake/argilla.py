"""The format `argilla`: records with the responses of people to questions, of Argilla 2 (nested or flat) and 1.

Only submitted responses are judgements. Suggestions, which models made, are not.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from data.intake.content import Item
from data.intake.exported import FIELDS, flattened, made_task, spread
from data.intake.format import Format, Reading, Values, by_row
from data.intake.people import known_as
from data.intake.rows import Row
from data.intake.values import listed_in
from data.schemas import fingerprint

_USERS, _STATUS, _RESPONSES = ".responses.users", ".responses.status", ".responses"
_FINAL = ("submitted", "completed", None, "")


class _Answer(NamedTuple):
    user: str
    question: str
    value: Any
    status: str | None


def record_item(row: Row, reading: Reading) -> Item:
    """The task of a record, and a judgement for everybody who answered its questions."""
    made = made_task(_flat(row.values), reading.columns)
    people: dict[str, Any] = {}
    for answer in _answers(row.values):
        if answer.status in _FINAL:
            people.setdefault(answer.user, made.said()).take(answer.question, answer.value)
    found = (said.judgement(made.task, known_as("argilla", who, reading)) for who, said in people.items())
    judgements = tuple(one for one in found if one is not None)
    key = fingerprint([made.task.id, *(j.idempotency_key for j in judgements)])
    return Item((row.number,), key, (made.task,), judgements, made.merged)


def _answers(values: Values) -> Iterator[_Answer]:
    """Everything that people answered, in the order of the questions."""
    nested = values.get("responses")
    if isinstance(nested, Mapping):
        for question, given in nested.items():
            yield from _given(str(question), given)
    for name, given in values.items():
        if name.endswith(_USERS):
            yield from _flat_answers(values, name.removesuffix(_USERS), given)
        elif _is_old(given):
            yield from _given(str(name), given)


def _given(question: str, given: Any) -> Iterator[_Answer]:
    for one in listed_in(given) or []:
        if isinstance(one, Mapping):
            yield _Answer(str(one.get("user_id")), question, one.get("value"), one.get("status"))


def _flat_answers(values: Values, question: str, users: Any) -> Iterator[_Answer]:
    given = listed_in(values.get(question + _RESPONSES)) or []
    states = listed_in(values.get(question + _STATUS)) or [None] * len(given)
    for user, value, status in zip(listed_in(users) or [], given, states, strict=False):
        yield _Answer(str(user), question, value, status)


def _is_old(given: Any) -> bool:
    """Whether a column holds answers as Argilla 1 exported them."""
    items = given if isinstance(given, list) else []
    return bool(items) and all(isinstance(one, Mapping) and {"user_id", "value"} <= set(one) for one in items)


def _flat(values: Values) -> dict[str, Any]:
    """The fields and the metadata of a record, without its questions."""
    asked = {str(name).removesuffix(_USERS) for name in values if str(name).endswith(_USERS)}
    flat = flattened(values, "fields", "metadata")
    drop = ("responses", "suggestions", "vectors", "id", "_server_id", "status")
    nested = isinstance(values.get("fields"), Mapping)
    return {
        name: value
        for name, value in flat.items()
        if not (name in drop and (nested or name != "responses"))
        and not any(name.startswith(f"{question}.") for question in asked)
        and not _is_old(value)
    }


def _is_argilla(rows: Sequence[Values]) -> bool:
    return any(
        (isinstance(values.get("fields"), Mapping) and isinstance(values.get("responses"), Mapping))
        or any(str(name).endswith(_USERS) for name in values)
        or any(_is_old(value) for value in values.values())
        for values in rows
    )


ARGILLA = Format(
    "one row a record of Argilla", FIELDS, by_row(record_item), tells=_is_argilla, flat=_flat, spread=spread
)
