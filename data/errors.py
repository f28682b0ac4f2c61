"""The one error that is shown to people, and how a fault that pydantic finds becomes one."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError


class InputError(ValueError):
    """What is wrong, where, and what to do about it, in one sentence; safe to show as it is."""


AnyModel = TypeVar("AnyModel", bound=BaseModel)


def checked(schema: type[AnyModel], values: Mapping[str, Any], where: str = "") -> AnyModel:
    """`schema(**values)`, or an InputError of one sentence that begins with `where` and names the field."""
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        raise InputError(f"{where}: {_sentence(error)}" if where else _sentence(error)) from None


_SAID: Mapping[str, str] = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not a field that is known here; remove or rename it",
    "string_type": "is not text; write it as text",
    "string_unicode": "is not readable text (half of a surrogate pair); remove it",
    "string_too_short": "is empty; give it some text",
    "string_too_long": "is longer than {max_length} characters; shorten it",
    "too_short": "has {actual_length}, and needs at least {min_length}; add more",
    "too_long": "has {actual_length}, and can have at most {max_length}; remove some",
    "string_pattern_mismatch": "is not one of those that can stand here; choose another",
    "literal_error": "must be one of {expected}; choose one of them",
    "finite_number": "is not a finite number; correct it",
}
"""What a fault is called for people, by pydantic's name for it."""


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    known = _SAID.get(first["type"])
    message = known.format(**first.get("ctx", {})) if known else first["msg"].removeprefix("Value error, ")
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{field}: {message}{more}." if field else f"{message[:1].upper()}{message[1:]}{more}."
