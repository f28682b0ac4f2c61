"""How an annotator has set up the board: kept for the person, so that it is the same on every device."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from data.schemas import Schema

Binding = Annotated[
    str, Field(pattern=r"^(Shift\+)?([J-Z]|ArrowLeft|ArrowRight|Backspace|Delete|Enter|[!-/:-@\[-`{-~])$")
]
"""A key as the board binds it. The letters A to I are answers, digits are ranks: neither can be taken."""


class Settings(Schema):
    """Reading, pace and keys of one person.

    `keys` maps the name of an action to its key, where that is not the usual one.
    """

    language: Literal["", "en", "ru", "zh"] = ""
    text_size: Annotated[int, Field(ge=90, le=150)] = 100
    width: Literal["narrow", "normal", "wide"] = "normal"
    layout: Literal["side", "stacked", "one"] = "side"
    contrast: Literal["normal", "high"] = "normal"
    review: bool = False
    letters: bool = True
    pause_minutes: Annotated[int, Field(ge=0, le=240)] = 50
    keys: Annotated[Mapping[Annotated[str, Field(max_length=20)], Binding], Field(max_length=40)] = {}


def settings_from(kept: Mapping[str, Any]) -> Settings:
    """Settings as they were kept; the usual ones where they can no longer be read."""
    try:
        return Settings.model_validate(kept)
    except ValidationError:
        return Settings()
