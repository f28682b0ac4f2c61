"""Which column of a file holds which of our fields: guessed from common names, overruled by a person."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from data.errors import InputError, Sentence
from data.intake.rows import listed, quoted


class Field(NamedTuple):
    """One field of a format: what it holds, the names its columns commonly have (best first), whether it must be there.

    `several`: it may be spread over several columns.
    """

    says: str
    names: tuple[str, ...] = ()
    required: bool = False
    several: bool = False


Fields = Mapping[str, Field]

PROMPT_NAMES = ("prompt", "instruction", "question", "query", "input", "context", "messages", "user_prompt", "text")
RESPONSE_NAMES = ("response", "completion", "answer", "output", "result", "generation", "reply", "content", "text")
SOURCE_NAMES = ("source", "model", "model_name", "generator", "policy", "system")

GROUP = Field(
    "what must stay on one side of a split (by default: the opening words of the prompt)",
    ("group", "split_group", "cluster", "topic"),
)


@dataclass(frozen=True)
class Columns:
    """Field → the columns that hold it (several only for fields that may be spread)."""

    of: Mapping[str, tuple[str, ...]]

    def name(self, field: str) -> str:
        """The first column of a field; the field's own name when it has none, for use in sentences."""
        return self.of[field][0] if self.of.get(field) else field

    def value(self, values: Mapping[str, Any], field: str) -> Any:
        """What a row has in the first column of a field; None when there is no such column."""
        found = self.of.get(field)
        return values.get(found[0]) if found else None

    def overruled(
        self, by: Mapping[str, Sequence[str]], names: Iterable[str], format_name: str, fields: Fields
    ) -> "Columns":
        """These columns with some chosen by a person (none: field is not read); InputError names what is unknown."""
        known = list(names)
        for field, columns in by.items():
            if field not in fields:
                told = {"format": format_name, "field": quoted(field), "fields": ", ".join(fields) or Sentence("none")}
                raise InputError("The format {format} has no field {field}; its fields are: {fields}.", **told)
            _check_choice(field, columns, known, fields[field])
        chosen = {field: tuple(columns) for field, columns in by.items()}
        return Columns({field: columns for field, columns in {**self.of, **chosen}.items() if columns})


def _check_choice(field: str, columns: Sequence[str], known: list[str], of: Field) -> None:
    unknown = next((column for column in columns if column not in known), None)
    if unknown is not None:
        told = {"column": quoted(unknown), "columns": listed(known)}
        raise InputError("The file has no column {column}; its columns are {columns}.", **told)
    if len(columns) > 1 and not of.several:
        several = Sentence("The field {field} is read from one column, not from {n}; name one.")
        raise InputError(several, field=field, n=len(columns))


Found = dict[str, tuple[str, ...]]
Spread = Callable[[Found, Mapping[str, str]], Found]
"""Adds to the columns that were found, by plain name, those of fields that are spread over several."""


def guess(fields: Fields, names: Iterable[str], spread: Spread | None = None) -> Columns:
    """The columns that commonly hold each of these fields; each column only for the first field it was found for."""
    known = plain_names(names)
    found: Found = {
        field: (known[name],)
        for field, about in fields.items()
        if (name := next((name for name in about.names if name in known), None)) is not None
    }
    found = spread(found, known) if spread else found
    first_use = {columns[0]: field for field, columns in reversed(found.items())}
    return Columns({field: columns for field, columns in found.items() if first_use[columns[0]] == field})


def plain_names(names: Iterable[str]) -> dict[str, str]:
    """The names in small letters, with an underscore for all that is neither letter nor digit → as they are."""
    return {re.sub(r"\W+", "_", name.strip().lower()): name for name in reversed(list(names))}


def missing(fields: Fields, columns: Columns) -> list[str]:
    """The fields that a format cannot do without and that no column holds."""
    return sorted(name for name, field in fields.items() if field.required and name not in columns.of)


def check_complete(format_name: str, fields: Fields, columns: Columns, names: Iterable[str]) -> None:
    """Raise InputError when a required field has no column."""
    if lacking := missing(fields, columns):
        raise InputError(
            "The format {format} needs a column for {fields}; the columns of the file are {columns}: say which column "
            "it is, or choose another format.",
            format=format_name,
            fields=", ".join(lacking),
            columns=listed(list(names)) or Sentence("none"),
        )
