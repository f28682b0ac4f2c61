"""What a detector finds in a text."""

from collections.abc import Iterable
from typing import NamedTuple


class Mark(NamedTuple):
    """A place in a text, in code points from `start` up to and without `end`, and what it is for people.

    `instead` is what would stand there, None where nothing is proposed.
    """

    start: int
    end: int
    what: str
    instead: str | None = None


def mended(text: str, marks: Iterable[Mark]) -> str:
    """The text with all that is proposed in place of what is marked; of two marks that overlap, the first counts."""
    parts, done = [], 0
    for mark in sorted((one for one in marks if one.instead is not None), key=lambda one: one[:2]):
        if mark.start >= done:
            parts += [text[done : mark.start], mark.instead or ""]
            done = mark.end
    return "".join([*parts, text[done:]])
