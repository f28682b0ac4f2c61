"""Values of a row, checked: text, turns of a conversation, names, numbers.

Each InputError begins with the column and reads on after “Row 7: ”.
"""

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NoReturn

from data.errors import InputError, Sentence
from data.intake.rows import quoted
from data.schemas import MAX_MESSAGES, MAX_TEXT, Message

ROLES: Mapping[str, Literal["system", "user", "assistant"]] = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "bot": "assistant", "chatbot": "assistant",
}  # fmt: skip
"""What files call the speaker of a turn → what we call them."""


TOO_LONG = Sentence("has {n} characters, and {most} is the most; shorten it")


def fault(what: str, column: str, **values: object) -> NoReturn:
    """Raise the InputError that says of a column what is wrong with it; `what` is a template for the values."""
    raise InputError("column {column} {fault}.", column=quoted(column), fault=Sentence(what, **values))


def is_missing(value: object) -> bool:
    """Whether there is no value at all: null, or NaN where a table has no other word for it."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def text(value: object, column: str) -> str:
    """The text of a value; numbers and booleans are text too, as JSON writes them."""
    if isinstance(value, str):
        return _sound(value, column)
    if is_missing(value):
        fault("is missing; fill it in or remove the row", column)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    fault("is {kind} where text belongs; write it as text", column, kind=_kind(value))


def filled_text(value: object, column: str) -> str:
    """The text of a value, which must not be blank."""
    found = text(value, column)
    if not found.strip():
        fault("is empty; fill it in or remove the row", column)
    return found


def _sound(value: str, column: str) -> str:
    if len(value) > MAX_TEXT:
        fault(TOO_LONG, column, n=len(value), most=MAX_TEXT)
    if "\x00" in value:
        fault("contains a NUL character; remove it", column)
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            fault("contains half of a surrogate pair, which is not text; remove it", column)
    return value


def _kind(value: object) -> Sentence:
    if isinstance(value, Mapping):
        return Sentence("an object")
    is_list, kind = isinstance(value, list | tuple), type(value).__name__
    return Sentence("a list") if is_list else Sentence("a value of type {kind}", kind=kind)


def label(value: object, column: str) -> str | None:
    """A name of at most 200 characters; None where there is none."""
    if is_missing(value) or value == "":
        return None
    found = text(value, column).strip()
    if len(found) > 200:
        fault("has {n} characters, and a name has at most {most}; shorten it", column, n=len(found), most=200)
    return found or None


def number(value: object, column: str, least: float = 0.0) -> float | None:
    """A finite number of at least `least`; None where there is none."""
    if is_missing(value) or value == "":
        return None
    try:
        found = float(value) if isinstance(value, str | int | float | Decimal) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if isinstance(value, bool) or not math.isfinite(found):
        fault("is not a number; write digits, or leave it out", column)
    if found < least:
        fault("is {said}, and {least} is the least; mend it or leave it out", column, said=found, least=least)
    return found


def listed_in(value: object) -> list[Any] | None:
    """The items of a list, also of one written as JSON in a cell; None when the value is no list."""
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            found = json.loads(value, parse_float=Decimal)
        except (ValueError, RecursionError, ArithmeticError):
            return None
        return found if isinstance(found, list) else None
    return None


def turns(value: object, column: str) -> tuple[Message, ...]:
    """The messages of a prompt: one user message, or a conversation (also written as JSON in a cell)."""
    if isinstance(value, str) and not value.lstrip().startswith("[{"):
        return (Message(role="user", content=filled_text(value, column)),)
    items = listed_in(value)
    if items is None or not all(isinstance(item, Mapping) for item in items):
        return (Message(role="user", content=filled_text(value, column)),)
    return _conversation(items, column)


def _conversation(items: Sequence[Mapping[str, Any]], column: str) -> tuple[Message, ...]:
    if not items:
        fault("is an empty conversation; give it at least one message", column)
    if len(items) > MAX_MESSAGES:
        most = {"n": len(items), "most": MAX_MESSAGES}
        fault("has {n} messages, and {most} is the most; shorten the conversation", column, **most)
    messages = tuple(_message(item, column) for item in items)
    if not any(m.content.strip() for m in messages):
        fault("is a conversation without any text; fill it in or remove the row", column)
    return messages


def _message(item: Mapping[str, Any], column: str) -> Message:
    role = item.get("role", item.get("from"))
    if not isinstance(role, str) or role.lower() not in ROLES:
        fault("has a message by {role}; name its role system, user or assistant", column, role=quoted(role))
    return Message(role=ROLES[role.lower()], content=_content(item.get("content", item.get("value")), column))


def _content(value: object, column: str) -> str:
    """The text of a message, also of one that is a list of parts."""
    if not isinstance(value, list):
        return text(value, column)
    parts = [part.get("text") for part in value if isinstance(part, Mapping) and part.get("type", "text") == "text"]
    if not parts or len(parts) != len(value):
        fault("has a message with parts that are not text; keep only the text", column)
    return _sound("\n".join(text(part, column) for part in parts), column)
