"""What a detector finds in a text."""

from typing import NamedTuple


class Mark(NamedTuple):
    """A place in a text, in code points from `start` up to and without `end`, and what it is for people.

    `instead` is what would stand there, None where nothing is proposed.
    """

    start: int
    end: int
    what: str
    instead: str | None = None
