"""Names that others have given, as they stand in a sentence of the interface."""

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!:$~|&])")


def as_written(name: str) -> str:
    """A name for a sentence that is shown as Markdown: each of its characters stands for itself, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(name.split()))


_LIVE = re.compile(r"([\[\]<]|(?<=\w):(?=//))")


def inert(sentence: str) -> str:
    """A sentence that may quote what a file holds, such as the name of a column: no link, image or tag comes alive."""
    return _LIVE.sub(r"\\\1", sentence)
