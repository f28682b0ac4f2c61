"""Values of a row, checked: text, turns of a conversation, names, numbers.

Each InputError begins with the column and reads on after “Row 7: ”.
"""

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NoReturn

from data.errors import InputError
from data.intake.rows import quoted
from data.schemas import MAX_MESSAGES, MAX_TEXT, Message

ROLES: Mapping[str, Literal["system", "user", "assistant"]] = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "bot": "assistant", "chatbot": "assistant",
}  # fmt: skip
"""What files call the speaker of a turn → what we call them."""


def fault(column: str, what: str) -> NoReturn:
    """Raise the InputError about a column."""
    raise InputError(f"column {quoted(column)} {what}.")


def is_missing(value: object) -> bool:
    """Whether there is no value at all: null, or NaN where a table has no other word for it."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def text(value: object, column: str) -> str:
    """The text of a value; numbers and booleans are text too, as JSON writes them."""
    if isinstance(value, str):
        return _sound(value, column)
    if is_missing(value):
        fault(column, "is missing; fill it in or remove the row")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    fault(column, f"is {_kind(value)} where text belongs; write it as text")


def filled_text(value: object, column: str) -> str:
    """The text of a value, which must not be blank."""
    found = text(value, column)
    if not found.strip():
        fault(column, "is empty; fill it in or remove the row")
    return found


def _sound(value: str, column: str) -> str:
    if len(value) > MAX_TEXT:
        fault(column, f"has {len(value):,} characters, and {MAX_TEXT:,} is the most; shorten it")
    if "\x00" in value:
        fault(column, "contains a NUL character; remove it")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            fault(column, "contains half of a surrogate pair, which is not text; remove it")
    return value


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else f"a value of type {type(value).__name__}"


def label(value: object, column: str) -> str | None:
    """A name of at most 200 characters; None where there is none."""
    if is_missing(value) or value == "":
        return None
    found = text(value, column).strip()
    if len(found) > 200:
        fault(column, f"has {len(found):,} characters, and a name has at most 200; shorten it")
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
        fault(column, "is not a number; write digits, or leave it out")
    if found < least:
        fault(column, f"is {found:g}, and {least:g} is the least; mend it or leave it out")
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
        fault(column, "is an empty conversation; give it at least one message")
    if len(items) > MAX_MESSAGES:
        fault(column, f"has {len(items)} messages, and {MAX_MESSAGES} is the most; shorten the conversation")
    messages = tuple(_message(item, column) for item in items)
    if not any(m.content.strip() for m in messages):
        fault(column, "is a conversation without any text; fill it in or remove the row")
    return messages


def _message(item: Mapping[str, Any], column: str) -> Message:
    role = item.get("role", item.get("from"))
    if not isinstance(role, str) or role.lower() not in ROLES:
        fault(column, f"has a message by {quoted(role)}; name its role system, user or assistant")
    return Message(role=ROLES[role.lower()], content=_content(item.get("content", item.get("value")), column))


def _content(value: object, column: str) -> str:
    """The text of a message, also of one that is a list of parts."""
    if not isinstance(value, list):
        return text(value, column)
    parts = [part.get("text") for part in value if isinstance(part, Mapping) and part.get("type", "text") == "text"]
    if not parts or len(parts) != len(value):
        fault(column, "has a message with parts that are not text; keep only the text")
    return _sound("\n".join(text(part, column) for part in parts), column)
