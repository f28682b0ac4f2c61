"""Words and n-grams of any script."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"  # kana, Han
    "\U00020000-\U0003ffff"  # rare Han
)
"""Ranges of the scripts that put no spaces between words."""
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
SPACED = rf"(?:[^\W_{UNSPACED}]++|[{_MARKS}]++)++"
"""A word of the other scripts."""
_TOKEN = re.compile(rf"[{UNSPACED}]|{SPACED}")
_SPACED_WORD = re.compile(SPACED)
_ASCII_WORD = re.compile("[0-9A-Za-z]+")
_PIECE = re.compile(rf"[{UNSPACED}]+|[^\s{UNSPACED}]+")
_ONE_UNSPACED = re.compile(rf"[{UNSPACED}]")
CHARACTERS = (2, 4)
"""The shortest and the longest character n-gram."""


def tokens(text: str) -> list[str]:
    """The words of a text; in scripts without spaces every character is one."""
    return (_ASCII_WORD if text.isascii() else _TOKEN).findall(text)


def spaced_words(text: str) -> list[str]:
    """The words of scripts that put spaces between them."""
    return (_ASCII_WORD if text.isascii() else _SPACED_WORD).findall(text)


def word_ngrams(text: str) -> Iterator[str]:
    """Words and pairs of neighbouring words, in small letters."""
    found = tokens(text.casefold())
    yield from found
    for left, right in pairwise(found):
        yield left + right if _ONE_UNSPACED.match(left) and _ONE_UNSPACED.match(right) else f"{left} {right}"


def character_ngrams(text: str) -> Iterator[str]:
    """Character n-grams inside words, whose ends count as a space; plain n-grams where a script has no spaces."""
    for piece in _PIECE.findall(text):
        yield from piece_ngrams(piece)


def piece_ngrams(piece: str) -> list[str]:
    """The character n-grams of one word with what is joined to it, or of a run of characters without spaces."""
    padded = piece if _ONE_UNSPACED.match(piece) else f" {piece} "
    shortest, longest = CHARACTERS
    return [padded[at : at + size] for size in range(shortest, longest + 1) for at in range(len(padded) - size + 1)]


NGRAMS: Mapping[str, Callable[[str], Iterator[str]]] = {"words": word_ngrams, "characters": character_ngrams}
"""Hashed family → how a text falls into its n-grams."""
