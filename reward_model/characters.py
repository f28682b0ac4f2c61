"""The characters of many texts at once: their kinds, their runs, and the words and lines that they make.

All texts stand in one array of code points with a line end before and after each, so that nothing reaches across.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reward_model.words import SPACED

Marks = npt.NDArray[np.bool_]
"""One entry a character."""
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
"""One entry a text."""

KINDS: Mapping[str, str | Callable[[str], object]] = {
    "letter": str.isalpha,
    "capital": str.isupper,
    "small": str.islower,
    "digit": str.isdigit,
    "space": str.isspace,
    "of a word": re.compile(SPACED).match,
    "line end": "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029",
    "sentence end": ".!?…。！？।؟",
    "repeatable": "!?.,…",
    "before a space": ",.!?;",
    "comma": ",，、،",
    "full stop": ".。।",
    "question mark": "?？؟",
    "exclamation mark": "!！",
    "colon": ":;：；",
    "apostrophe": "'’",
    "dash": "-–—",
    "quotation mark": '"“”«»„「」『』',
    "bracket": "(（[",
}
"""Kind → the characters that are of it, or whether one is; a character may be of several kinds."""
_PLACE = {kind: at for at, kind in enumerate(KINDS)}
LONG = 6
"""Longer words are long."""
_ASSIGNED, _EVERY = 0x33480, 0x110000
"""Code points: no letter, digit or space lies beyond the first number."""


class _Classes(NamedTuple):
    """The class of each code point, and classes × `KINDS`: whether its characters are of a kind."""

    of: npt.NDArray[np.uint8]
    members: Marks


@cache
def _classes() -> _Classes:
    characters = list(map(chr, range(_ASSIGNED)))
    bits = np.zeros(_ASSIGNED, dtype=np.uint32)
    for at, kind in enumerate(KINDS.values()):
        found = [*map(ord, kind)] if isinstance(kind, str) else [*map(bool, map(kind, characters))]
        bits[np.array(found)] |= np.uint32(1 << at)
    sorts, of = np.unique(bits, return_inverse=True)
    padded = np.concatenate([of, np.zeros(_EVERY - _ASSIGNED, dtype=of.dtype)])
    return _Classes(padded.astype(np.uint8), (sorts[:, np.newaxis] >> np.arange(len(KINDS)) & 1).astype(bool))


class WrittenWords(NamedTuple):
    """The words of scripts with spaces, one entry a word: its text, its length, where it begins."""

    rows: Ints
    lengths: Ints
    starts: Ints


class Characters:
    """The characters of some texts; what it counts has one entry a text."""

    def __init__(self, texts: Sequence[str]) -> None:
        every = "\n".join(["", *texts, ""])
        self.codes = np.frombuffer(every.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        self.sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        self._rows = np.repeat(np.arange(len(texts)), self.sizes + 1 + (np.arange(len(texts)) == 0))
        self._classes = _classes().of[self.codes]

    @cached_property
    def _counts(self) -> Ints:
        """Texts × `KINDS`."""
        members = _classes().members.astype(np.int64)
        places = self._rows * len(members) + self._classes
        counts = np.bincount(places, minlength=len(self.sizes) * len(members)).reshape(-1, len(members)) @ members
        added = np.ones((len(self.sizes), 1), dtype=np.int64)
        added[:1] += 1
        return np.asarray(counts - added * members[_classes().of[ord("\n")]])

    def count(self, kind: str) -> Ints:
        """How many characters are of a kind."""
        return np.asarray(self._counts[:, _PLACE[kind]])

    def _are(self, kind: str) -> Marks:
        return np.asarray(_classes().members[:, _PLACE[kind]][self._classes])

    def _each(self, marks: Marks) -> Ints:
        """How many marks each text has."""
        return np.bincount(self._rows[np.flatnonzero(marks)], minlength=len(self.sizes))

    def pairs(self, first: str, second: str) -> Ints:
        """How often a character of one kind is followed by one of another."""
        return self._each(self._are(first)[:-1] & self._are(second)[1:])

    def runs(self, kind: str, least: int) -> Ints:
        """How often a character of a kind is repeated until it stands there `least` times or more."""
        same = (self.codes[1:] == self.codes[:-1]) & self._are(kind)[1:]
        for _ in range(least - 2):
            same = same[1:] & same[:-1]
        same[1:] &= ~same[:-1]
        return self._each(same)

    @cached_property
    def sentences(self) -> Ints:
        """What signs before a space (or before what is not ASCII) and line ends leave that is not blank."""
        signs, newlines, spaces = self._are("sentence end"), self.codes == ord("\n"), self._are("space")
        closing = np.zeros_like(signs)
        closing[:-1] = signs[:-1] & (spaces | (self.codes > 127))[1:]
        return self._between(closing | newlines, ~(spaces | signs))

    @cached_property
    def lines(self) -> Ints:
        """Lines that are not blank."""
        return self._between(self._are("line end"), ~self._are("space"))

    def _between(self, ends: Marks, filled: Marks) -> Ints:
        """How many of the parts between two ends are filled somewhere."""
        at = np.flatnonzero(ends)
        some = np.logical_or.reduceat(filled, at[:-1]) if len(at) > 1 else np.zeros(0, dtype=bool)
        return np.bincount(self._rows[at[1:][some]], minlength=len(self.sizes))

    @cached_property
    def words(self) -> WrittenWords:
        """The words of scripts with spaces, as they are written."""
        inside = self._are("of a word")
        edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        starts, ends = edges[::2], edges[1::2]
        return WrittenWords(self._rows[starts], ends - starts, starts)

    @cached_property
    def n_words(self) -> Ints:
        """How many there are."""
        return np.bincount(self.words.rows, minlength=len(self.sizes))

    def _of_words(self, wanted: Marks) -> Ints:
        return np.bincount(self.words.rows[wanted], minlength=len(self.sizes))

    def letters_of_words(self) -> Ints:
        """The characters of all of them."""
        return self.count("of a word")

    def long_words(self) -> Ints:
        """Words of seven letters or more."""
        return self._of_words(self.words.lengths > LONG)

    def shouted(self) -> Ints:
        """Words of three letters or more with capitals and without small letters."""
        cases = (self._are("capital") + 2 * self._are("small").view(np.uint8)) * self._are("of a word")
        found = np.bitwise_or.reduceat(cases, self.words.starts)
        return self._of_words((found == 1) & (self.words.lengths > 2))

    def small_i(self) -> Ints:
        """Words “i”, but for that of “i.e”."""
        starts, last = self.words.starts, len(self.codes) - 1
        is_i, one, two = (self.codes[np.minimum(starts + at, last)] for at in range(3))
        is_latin = (one == ord(".")) & (two == ord("e"))
        return self._of_words((is_i == ord("i")) & (self.words.lengths == 1) & ~is_latin)
