"""Responses beside their prompts, read together: what several surface features need is counted once."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from reward_model.characters import Characters, Floats, Ints
from reward_model.cuts import cut, patterns, readable
from reward_model.phrases import PHRASES, phrase_counts

_HASH_BITS = 40
"""Of the hash of a word: enough to tell the words of one text apart, and room for the row of the text."""
Keys = npt.NDArray[np.uint64]
"""row · 2^`_HASH_BITS` + hash of a word, each once and in increasing order: the vocabularies of some texts."""


class Responses:
    """Some responses and their prompts; what it counts has one entry a response."""

    def __init__(self, items: Sequence[tuple[str, str]]) -> None:
        self.prompts, self.texts = [prompt for prompt, _ in items], [response for _, response in items]
        self.characters = Characters(self.texts)
        self.sizes = self.characters.sizes
        self._small, self._rows = _words(self.texts)

    @cached_property
    def words(self) -> Ints:
        """Words; one character each in scripts without spaces."""
        return np.bincount(self._rows, minlength=len(self.texts))

    @cached_property
    def _keys(self) -> Keys:
        return _vocabularies(self._small, self._rows)

    @cached_property
    def vocabulary(self) -> Ints:
        """The different words, capitals aside."""
        return _each(self._keys, len(self.texts))

    @cached_property
    def _prompt_keys(self) -> Keys:
        """The vocabulary of the prompt of each response; every prompt is read once."""
        known = {prompt: at for at, prompt in enumerate(dict.fromkeys(self.prompts))}
        keys = _vocabularies(*_words(list(known)))
        sizes, of = _each(keys, len(known)), np.array([known[prompt] for prompt in self.prompts], dtype=np.int64)
        begins = (np.cumsum(sizes) - sizes)[of]
        wanted, rows = sizes[of], np.repeat(np.arange(len(of)), sizes[of])
        places = np.arange(len(rows)) + np.repeat(begins - (np.cumsum(wanted) - wanted), wanted)
        return _keyed(rows, keys[places])

    @cached_property
    def prompt_vocabulary(self) -> Ints:
        """The different words of the prompt."""
        return _each(self._prompt_keys, len(self.texts))

    @cached_property
    def shared_vocabulary(self) -> Ints:
        """The different words that stand in the prompt too."""
        return _each(np.intersect1d(self._keys, self._prompt_keys, assume_unique=True), len(self.texts))

    @cached_property
    def _phrases(self) -> Ints:
        return phrase_counts(self._small, self._rows, len(self.texts))

    def phrases(self, kind: str) -> Ints:
        """How many phrases of a kind there are."""
        return np.asarray(self._phrases[:, list(PHRASES).index(kind)])

    @cached_property
    def series(self) -> pl.Series:
        """The responses, where patterns are looked for."""
        return pl.Series("text", readable(self.texts), dtype=pl.String)

    @cached_property
    def repeated_lines(self) -> Floats:
        """The share of the lines that stood there before; 1 in a text that says nothing."""
        share = np.where(self.characters.lines == 0, 1.0, 0.0)
        for at in np.flatnonzero(self.characters.lines > 1):
            lines = [line.strip() for line in self.texts[at].splitlines() if line.strip()]
            share[at] = 1 - len(set(lines)) / len(lines)
        return share


def _words(texts: Sequence[str]) -> tuple[pl.Series, npt.NDArray[np.uint32]]:
    """The words of all texts in small letters, and the row of each."""
    return cut(readable([text.casefold() for text in texts]), patterns().word)


def _vocabularies(words: pl.Series, rows: npt.NDArray[np.uint32]) -> Keys:
    keys = np.sort(_keyed(rows, words.hash().to_numpy()))
    first = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return keys[first]


def _keyed(rows: npt.NDArray[np.integer], hashes: npt.NDArray[np.uint64]) -> Keys:
    """Keys of other rows, from hashes or from keys."""
    return rows.astype(np.uint64) << np.uint64(_HASH_BITS) | hashes & np.uint64((1 << _HASH_BITS) - 1)


def _each(keys: Keys, n_rows: int) -> Ints:
    return np.bincount((keys >> np.uint64(_HASH_BITS)).astype(np.int64), minlength=n_rows)
