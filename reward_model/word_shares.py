"""What each word of a text adds to a score: the share of every n-gram and piece falls on the characters it came from.

Nothing is lost and nothing is made up: the values of the words sum to what was given out.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reward_model.words import CHARACTERS, UNSPACED, tokens, word_ngrams

Floats = npt.NDArray[np.float64]

_LETTERS = rf"[^\W_{UNSPACED}]+"
_WORD = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*|[{UNSPACED}]|\s+|(?:[^\w\s{UNSPACED}]|_)+")
_PIECE = re.compile(rf"[{UNSPACED}]+|[^\s{UNSPACED}]+")
_UNSPACED = re.compile(rf"[{UNSPACED}]")
_JOINER = "\u200d"


class Place(NamedTuple):
    """The characters from `start` up to `end`, which make an n-gram once; of a pair of words each makes one half."""

    ngram: str
    start: int
    end: int
    part: float = 1.0


class Word(NamedTuple):
    """The characters from `start` up to `end` of a text, and what they add to its score, in logits."""

    start: int
    end: int
    value: float


def word_places(text: str) -> Iterator[Place]:
    """Where each of `word_ngrams` stands in a text."""
    origins = [at for at, letter in enumerate(text) for _ in letter.casefold()]
    small = text.casefold()
    found = tokens(small)
    spans = [(origins[start], origins[end - 1] + 1) for start, end in _spans(small, found)]
    single, pairs = spans, list(word_ngrams(text))[len(found) :]
    yield from (Place(word, *span) for word, span in zip(found, single, strict=True))
    for pair, both in zip(pairs, pairwise(spans), strict=True):
        yield from (Place(pair, *span, 0.5) for span in both)


def _spans(text: str, parts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the parts of a text stand that follow one another."""
    end = 0
    for part in parts:
        start = text.index(part, end)
        end = start + len(part)
        yield start, end


def character_places(text: str) -> Iterator[Place]:
    """Where each of `character_ngrams` stands in a text; the spaces around a word are not part of it."""
    shortest, longest = CHARACTERS
    for piece in _PIECE.finditer(text):
        start, end = piece.span()
        pad = 0 if _UNSPACED.match(piece[0]) else 1
        padded = piece[0] if not pad else f" {piece[0]} "
        for size in range(shortest, longest + 1):
            for at in range(len(padded) - size + 1):
                first = start - pad + at
                yield Place(padded[at : at + size], max(first, start), min(first + size, end))


def piece_span(text: str, start: int, end: int) -> tuple[int, int]:
    """The characters that stand for a piece of a text: without the white space around it, and at least one."""
    part = text[start:end]
    if part.strip():
        return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())
    at = min(start, len(text) - 1)
    return at, max(end, at + 1)


def words_of(text: str) -> list[tuple[int, int]]:
    """A text cut into words, runs of signs and runs of white space, which cover it; nothing drawn as one is cut."""
    starts = [found.start() for found in _WORD.finditer(text)]
    kept = [start for start in starts if not start or not _continues(text, start)]
    return list(pairwise([*kept, len(text)]))


def _continues(text: str, at: int) -> bool:
    """Whether the character here is drawn together with the one before it, or goes on with its word."""
    before, here = text[at - 1], text[at]
    goes_on = _is_mark(before) and here.isalnum() and not _UNSPACED.match(here)
    return _is_mark(here) or goes_on or _JOINER in before + here


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")


def by_character(length: int, spans: Sequence[tuple[int, int]], values: Sequence[float] | Floats) -> Floats:
    """What each of `length` characters gets when the value of every span (start, end) falls on it evenly."""
    if not len(spans):
        return np.zeros(length)
    start, end = np.array(spans).T
    each = np.asarray(values) / (end - start)
    steps = np.bincount(start, each, length + 1) - np.bincount(end, each, length + 1)
    return np.asarray(np.cumsum(steps)[:length])


def valued(text: str, characters: Floats) -> tuple[Word, ...]:
    """The words of a text with the sum of the values of their characters."""
    until = np.concatenate([[0.0], np.cumsum(characters)])
    return tuple(Word(start, end, float(until[end] - until[start])) for start, end in words_of(text))
