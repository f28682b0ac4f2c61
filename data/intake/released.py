"""Answers of released models: prompt, response, source and when it was written."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from data.errors import InputError
from data.intake.answers import said_in
from data.intake.columns import Columns
from data.intake.responses import RESPONSES
from data.intake.rows import Row, rejected
from data.intake.values import TOO_LONG, fault, is_missing, label
from data.schemas import MAX_TEXT, Message, Rejection, fingerprint

WRITTEN = ("written_at", "created_at", "timestamp", "date", "time", "created")
"""The columns that commonly say when an answer was written, best first."""
_SINCE, _UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Released(NamedTuple):
    """One answer of a released model; the same answer of the same moment always has the same id."""

    id: str
    source: str
    written_at: datetime
    prompt: tuple[Message, ...]
    response: str


def released(rows: Iterable[Row | Rejection]) -> Iterator[Released | Rejection]:
    """Every row as an answer of a release or as the sentence that says why it is none."""
    columns: Columns | None = None
    for row in rows:
        if isinstance(row, Rejection):
            yield row
            continue
        columns = columns or RESPONSES.columns(row.values)
        try:
            yield _released(row.values, columns)
        except InputError as error:
            yield rejected(row.number, str(error))


def _released(values: Mapping[str, Any], columns: Columns) -> Released:
    prompt, response = said_in(values, columns)
    if not response.strip():
        fault("is empty; fill it in or remove the row", columns.name("response"))
    if (n := sum(len(message.content) + 1 for message in prompt)) > MAX_TEXT:
        fault(TOO_LONG, columns.name("prompt"), n=n, most=MAX_TEXT)
    source = label(columns.value(values, "source"), columns.name("source"))
    if source is None:
        fault("is missing; say which model wrote the answer", columns.name("source"))
    name = next((name for name in WRITTEN if name in values), WRITTEN[0])
    when = moment(values.get(name), name)
    parts = [source, when.isoformat(), *(f"{m.role}:{m.content}" for m in prompt), response]
    return Released(fingerprint(parts), source, when, prompt, response)


def moment(value: object, column: str) -> datetime:
    """A moment: an ISO date, with a time or without, in UTC unless it says otherwise; or seconds since 1970."""
    if is_missing(value) or value == "":
        fault("is missing; write when the answer was written, as 2026-11-23", column)
    found = _moment(value)
    if found is None:
        fault("is no date; write it as 2026-11-23 or 2026-11-23T10:00:00Z", column)
    if not _SINCE <= found < _UNTIL:
        fault("is in the year {year}; write a date from 2000 on", column, year=str(found.year))
    return found


def _moment(value: object) -> datetime | None:
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
        elif isinstance(value, datetime):
            found = value
        elif isinstance(value, date):
            found = datetime(value.year, value.month, value.day)
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            found = datetime.fromtimestamp(float(value), UTC)
        else:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
