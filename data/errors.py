"""The one error that is shown to people, in sentences that can be said in other languages."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import core_schema


class Sentence(str):
    """An English sentence, or a part of one, that remembers its `{name}` places and what was filled in.

    It is text like any other, and what is made of it is; the pages alone ask for its template and its values, to say it
    in the language of their reader. A value is a number, which every language writes in its own way, a text, which
    stays as it is (a row, a name, a column), or another sentence. Without values, a sentence is a message by itself.
    """

    template: str
    values: Mapping[str, "int | str | Sentence"]

    def __new__(cls, template: str, /, **values: object) -> "Sentence":
        """The sentence of this template; one that is a sentence already is kept, unless it is filled in now."""
        if isinstance(template, Sentence) and not values:
            return template
        kept = {name: _kept(value) for name, value in values.items()}
        shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in kept.items()}
        made = super().__new__(cls, template.format_map(shown) if shown else template)
        made.template, made.values = str(template), kept
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """What it is made of again on the other side of a process."""
        return (self.template,), dict(self.values)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> core_schema.CoreSchema:
        """In a schema it is stored by its template and its values; text that was stored without them is text."""
        stored = core_schema.plain_serializer_function_ser_schema(_stored)
        return core_schema.no_info_plain_validator_function(_read, serialization=stored)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: object, _handler: object) -> dict[str, str]:
        """In words, it is text."""
        return {"type": "string"}


def _kept(value: object) -> "int | str | Sentence":
    if isinstance(value, int | Sentence):
        return value
    return f"{value:g}" if isinstance(value, float) else str(value)


def _stored(said: Sentence) -> Any:
    return _parts(said) if said.values else str(said)


def _parts(said: Sentence) -> dict[str, Any]:
    values = {name: _parts(value) if isinstance(value, Sentence) else value for name, value in said.values.items()}
    return {"template": said.template, "values": values}


def _read(stored: object) -> Sentence:
    if isinstance(stored, str):
        return Sentence(stored)
    template, values = (stored.get("template"), stored.get("values")) if isinstance(stored, Mapping) else (None, None)
    if not isinstance(template, str) or not isinstance(values, Mapping):
        raise ValueError("is not a sentence; write it as text.")
    return Sentence(template, **{name: _read(v) if isinstance(v, Mapping) else v for name, v in values.items()})


class InputError(ValueError):
    """What is wrong, where, and what to do about it, in one `Sentence`; safe to show as it is.

    The template is a constant with `{name}` places for the values, so that pages can say it in another language.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(Sentence(template, **values))

    def __str__(self) -> str:
        """The `Sentence`, which is English until a page says it."""
        said: Sentence = self.args[0]
        return said


AnyModel = TypeVar("AnyModel", bound=BaseModel)


def checked(schema: type[AnyModel], values: Mapping[str, Any], where: str = "") -> AnyModel:
    """`schema(**values)`, or an InputError of one sentence that begins with `where` and names the field."""
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        said = _sentence(error)
        raise InputError("{where}: {fault}", where=where, fault=said) if where else InputError(said) from None


_SAID: Mapping[str, Sentence] = {
    "missing": Sentence("is missing; add it."),
    "extra_forbidden": Sentence("is not a field that is known here; remove or rename it."),
    "string_type": Sentence("is not text; write it as text."),
    "string_unicode": Sentence("is not readable text (half of a surrogate pair); remove it."),
    "string_too_short": Sentence("is empty; give it some text."),
    "string_too_long": Sentence("is longer than {max_length} characters; shorten it."),
    "too_short": Sentence("has {actual_length}, and needs at least {min_length}; add more."),
    "too_long": Sentence("has {actual_length}, and can have at most {max_length}; remove some."),
    "string_pattern_mismatch": Sentence("is not one of those that can stand here; choose another."),
    "literal_error": Sentence("must be one of {expected}; choose one of them."),
    "finite_number": Sentence("is not a finite number; correct it."),
    "greater_than": Sentence("must be more than {gt}; correct it."),
    "greater_than_equal": Sentence("must be at least {ge}; correct it."),
    "less_than_equal": Sentence("must be at most {le}; correct it."),
}
"""What a fault is called for people, by pydantic's name for it."""


def _sentence(error: ValidationError) -> Sentence:
    """The first fault; what a schema raises itself is a sentence, or says of a field what is wrong with it."""
    first = error.errors(include_url=False, include_input=False)[0]
    field, about = ".".join(str(part) for part in first["loc"]), first.get("ctx", {})
    known = _SAID.get(first["type"])
    if known:
        fault = Sentence(known, **{name: about[name] for name in about if f"{{{name}}}" in known})
    else:
        fault = Sentence(about["error"].args[0] if first["type"] == "value_error" else f"{first['msg']}.")
    said = Sentence("{field}: {fault}", field=field, fault=fault) if field else fault
    more = error.error_count() - 1
    return Sentence("{sentence} Further faults: {n}.", sentence=said, n=more) if more else said
