"""What every report can be sliced by: the sensitive topics and the language of what it reports on."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

SliceKind = Literal["topic", "language"]
NONE, NOT_READ, NOT_TOLD = "none", "not read", "not told"
"""No sensitive topic; nobody has looked; somebody has looked and cannot tell."""


class Slice(NamedTuple):
    """All of one topic (a slug, or `NONE`) or of one language (ISO 639); where nothing was read, `NOT_READ`."""

    by: SliceKind
    name: str


def slices_of(language: str, topics: Sequence[str]) -> tuple[Slice, ...]:
    """The slices that a task or a pair is in: each of its topics, and its language.

    Without a language and without topics it counts as not read: a text too short to tell its language is among them.
    """
    if not language and not topics:
        return Slice("topic", NOT_READ), Slice("language", NOT_READ)
    return *(Slice("topic", name) for name in topics or (NONE,)), Slice("language", language or NOT_TOLD)
