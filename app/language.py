"""The language of the interface: English in the sources is the message, a catalogue has the others.

A message is a whole sentence with `{name}` places, never a part of one: word order differs.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import streamlit as st
from babel import Locale
from babel.dates import format_datetime
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as MessageOf
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from streamlit.runtime.scriptrunner import get_script_run_ctx

from data.errors import Sentence

LANGUAGES: Mapping[str, str] = {"en": "English", "ru": "Русский", "zh": "中文"}
"""Code → the language's own name. The first is that of the messages themselves."""
ENGLISH = "en"
FORMATS: Mapping[str, str] = {"en": "en_GB", "ru": "ru", "zh": "zh"}
"""Language → whose numbers and dates it is shown with."""
CHOICE = "language"
"""Where a session keeps the language that its person has chosen."""
APP = Path(__file__).parent
Message = str | tuple[str, str]
"""A message, or a singular and its plural."""


def best_language(locale: str | None) -> str:
    """The language of the interface for a browser's language tag, as “zh-TW” → “zh”; English where we have none.

    Of several, as a request's header lists them, the first one counts.
    """
    code = re.split("[^A-Za-z]", locale or "", maxsplit=1)[0].lower()
    return code if code in LANGUAGES else ENGLISH


def language() -> str:
    """The language of this session: its person's own choice, else the browser's; English outside a session."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    chosen = st.session_state.get(CHOICE)
    return str(chosen) if chosen in LANGUAGES else best_language(st.context.locale)


def catalogue_file(code: str) -> Path:
    """Where the translations of a language lie."""
    return APP / "locale" / code / "LC_MESSAGES" / "messages.po"


def read_catalogue(code: str) -> Catalog:
    """All messages of a language as they lie in its file."""
    with catalogue_file(code).open("rb") as file:
        return read_po(file, locale=code)


@lru_cache(maxsize=len(LANGUAGES))
def translations(code: str) -> Mapping[str, str | Mapping[str, str]]:
    """English message → its translation; a singular → its translations by Unicode's plural category.

    A category that is not named shares the words of “other”. Empty for English.
    """
    if code == ENGLISH:
        return {}
    return {key(said.id): _by_category(code, said) for said in read_catalogue(code) if said.id and all(strings(said))}


def key(message: str | Sequence[str]) -> str:
    """What a message is looked up by: itself, or its singular."""
    return message if isinstance(message, str) else message[0]


def strings(said: MessageOf) -> tuple[str, ...]:
    """The translation of a message, one or all of its plural forms; empty where there is none."""
    return (said.string or "",) if isinstance(said.string, str | None) else tuple(said.string)


def _by_category(code: str, said: MessageOf) -> str | Mapping[str, str]:
    if isinstance(said.id, str):
        return strings(said)[0]
    return dict(zip(categories(code), strings(said), strict=False)) | {"other": strings(said)[-1]}


def categories(code: str) -> list[str]:
    """Unicode's plural categories of a language in gettext's order."""
    named = Locale.parse(code).plural_form.tags
    return [name for name in ("zero", "one", "two", "few", "many") if name in named] + ["other"]


def translate(code: str, message: str, **values: object) -> str:
    """A message in this language with its places filled; the English one where there is no translation.

    A `Sentence` of the lower layers, as an InputError has one, is said anew in this language; so is one in a place.
    """
    if isinstance(message, Sentence):
        values = {**_written(code, message.values), **values}
        message = message.template
    found = translations(code).get(message, message)
    return _filled(code, found if isinstance(found, str) else message, values)


def _written(code: str, values: Mapping[str, int | str]) -> dict[str, object]:
    return {name: number_in(code, value) if isinstance(value, int) else value for name, value in values.items()}


def translate_number(code: str, singular: str, plural: str, n: int, **values: object) -> str:
    """One of two messages, or of a language's own plural forms, for this number; `{n}` is the number as written."""
    found = translations(code).get(singular)
    if isinstance(found, Mapping):
        said = found.get(Locale.parse(code).plural_form(n), found["other"])
    else:
        said = singular if n == 1 else plural
    return _filled(code, said, {"n": number_in(code, n)} | values)


def _filled(code: str, said: str, values: Mapping[str, object]) -> str:
    known = {name: translate(code, value) if isinstance(value, Sentence) else value for name, value in values.items()}
    return said.format_map(known) if known else said


def _(message: str, **values: object) -> str:
    """The message in the language of this session."""
    return translate(language(), message, **values)


def _n(singular: str, plural: str, n: int, **values: object) -> str:
    """The message for this number in the language of this session."""
    return translate_number(language(), singular, plural, n, **values)


def N_(message: str) -> str:
    """The message itself, marked for the catalogues: it is translated where it is shown."""
    return message


def number(value: float, digits: int = 0) -> str:
    """A number as this session's language writes it, with so many digits after the point."""
    return number_in(language(), value, digits)


def number_in(code: str, value: float, digits: int = 0) -> str:
    """A number as this language writes it."""
    return format_decimal(round(value, digits), f"#,##0.{'0' * digits}", FORMATS[code])


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, “+0.12” or “−0.12”, as this session's language writes it."""
    return f"{'−' if value < 0 else '+'}{number(abs(value), digits)}"


def significant(value: float, digits: int = 3) -> str:
    """A number with at most so many digits that count, as this session's language writes it."""
    return format_decimal(value, f"@{'#' * (digits - 1)}", FORMATS[language()])


def percent(share: float, digits: int = 0) -> str:
    """A share of 1 in per cent as this session's language writes it."""
    locale = FORMATS[language()]
    pattern = Locale.parse(locale).percent_formats[None].pattern
    return format_percent(round(share, digits + 2), pattern.replace("##0", f"##0.{'0' * digits}"), locale)


def date(when: datetime) -> str:
    """A day and a time as this session's language writes them."""
    return format_datetime(when, _DATES[language()], locale=FORMATS[language()])


_DATES: Mapping[str, str] = {"en": "d MMM y, HH:mm", "ru": "d MMM y, HH:mm", "zh": "y年M月d日 HH:mm"}


def catalogue(code: str, folder: str) -> dict[str, str | Mapping[str, str]]:
    """What the scripts of a folder of app/ say, translated; for English nothing, since they have it themselves."""
    known = translations(code)
    return {said: known[said] for said in map(key, spoken_in(folder)) if said in known}


@lru_cache
def spoken_in(folder: str) -> tuple[Message, ...]:
    """The messages of the scripts in a folder of app/: what stands in `t("…")` and `tn("…", "…", n)`."""
    found: dict[Message, None] = {}
    for script in sorted((APP / folder).glob("*.js")):
        text = BytesIO(script.read_bytes())
        for _line, said, _notes, _context in extract("javascript", text, {"t": None, "tn": (1, 2)}):
            found[said if isinstance(said, str) else (said[0], said[1])] = None
    return tuple(found)
