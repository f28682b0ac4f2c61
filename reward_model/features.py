"""From responses to numbers: families of features that can be switched on and off.

Nothing here is learnt from the data at hand: the same response has the same features on every machine, in every fit.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from data.schemas import Message
from reward_model import embedding
from reward_model.encoder import MOST_DIMENSIONS, encoded
from reward_model.hashing import BUCKETS, HASH, buckets, hashed
from reward_model.pieces import PIECES, piece_rows
from reward_model.surface import SURFACE, surface_rows
from reward_model.words import NGRAMS

Floats = npt.NDArray[np.float64]
Item = tuple[str, str]
"""A prompt as text and a response to it."""
Block = sparse.csr_matrix | npt.NDArray[np.float32]
"""Features of one family, items × its columns: sparse where most of them are 0."""

STYLE = {
    *("headings", "list_items", "bold", "code_blocks", "inline_code", "table_rows", "links", "maths", "emoji"),
    *("hedges", "refusals", "apologies", "as_machine", "connectives", "connective_share", "advice", "reasons"),
}
RELATION = {"words_of_prompt", "prompt_covered", "like_prompt", "ending_like_prompt"}
NUMBERS: Mapping[str, str] = {**{name: label for name, (label, _) in SURFACE.items()}, **PIECES}
"""Name → label of the features that have a name; they are the first columns, in this order."""
NUMBER_COLUMNS = len(NUMBERS)


class Family(NamedTuple):
    """Features that are switched, scaled and held back together: what they are, and which columns are theirs."""

    label: str
    columns: npt.NDArray[np.intp]


def _numbers(is_mine: Callable[[str], bool]) -> npt.NDArray[np.intp]:
    return np.array([at for at, name in enumerate(NUMBERS) if is_mine(name)], dtype=np.intp)


def _after(start: int, count: int) -> npt.NDArray[np.intp]:
    return np.arange(start, start + count)


ENDING = 80
"""Characters at the end of a response that are read by themselves: that is where many answers conclude."""
MEANING_START = NUMBER_COLUMNS
ENDING_START = MEANING_START + embedding.DIMENSIONS
WORDS_START = ENDING_START + embedding.DIMENSIONS
CHARACTERS_START = WORDS_START + BUCKETS
ENCODER_START = CHARACTERS_START + BUCKETS
COLUMNS = ENCODER_START + MOST_DIMENSIONS
FAMILIES: Mapping[str, Family] = {
    "surface": Family("Length, spelling, punctuation", _numbers(lambda name: name not in STYLE | RELATION)),
    "style": Family("Style: lists, bold, code, hedges, refusals", _numbers(STYLE.__contains__)),
    "relation": Family("Relation to the prompt", _numbers(RELATION.__contains__)),
    "meaning": Family("Meaning (static embedding)", _after(MEANING_START, embedding.DIMENSIONS)),
    "ending": Family("Meaning of its last words", _after(ENDING_START, embedding.DIMENSIONS)),
    "words": Family("Words and pairs of words", _after(WORDS_START, BUCKETS)),
    "characters": Family("Letters (2 to 4 in a row)", _after(CHARACTERS_START, BUCKETS)),
}
"""Every family that is built in, by name; `Family.columns` are places among `COLUMNS`."""
ENCODER = "encoder"
EVERY_FAMILY: Mapping[str, Family] = {
    **FAMILIES,
    ENCODER: Family("Meaning (sentence encoder)", _after(ENCODER_START, MOST_DIMENSIONS)),
}
"""And the optional one: the embedding by an encoder that somebody names."""
NUMBERED = ("surface", "style", "relation")
RULER = ("surface", "style")
"""The families of the surface-only model: what anybody sees without reading."""
LENGTH = _numbers({"log_characters", "log_words", "root_words"}.__contains__)
"""The columns that say how long a response is."""
HASHED = tuple(NGRAMS)
SETTINGS: Mapping[str, Any] = {
    "version": 3,
    "numbers": list(NUMBERS),
    "embedding": embedding.NAME,
    "ending": ENDING,
    "hashed": list(HASHED),
    "buckets": BUCKETS,
    "hash": HASH,
    "values": "numbers as they are; else present or not, each family scaled to length 1",
}
"""What a saved model needs to find unchanged."""


def prompt_text(prompt: Sequence[Message]) -> str:
    """The messages of a prompt below one another."""
    return "\n".join(message.content for message in prompt)


class Blocks(NamedTuple):
    """The features of some items: those with a name, items × `NUMBER_COLUMNS`, and those of text families by name."""

    numbers: Floats
    texts: Mapping[str, Block]


def blocks(items: Sequence[Item], families: Collection[str] = tuple(FAMILIES), encoder: str = "") -> Blocks:
    """The features of these families; the numbers of others are 0. Numbers are in their own units and finite.

    `encoder` names the encoder of the family of that name; InputError when it cannot be used.
    """
    texts = [response for _, response in items]
    vectors = not {"relation", "meaning"}.isdisjoint(families)
    read = embedding.reading(texts, vectors=vectors) if vectors or not set(NUMBERED).isdisjoint(families) else None
    found: dict[str, Block] = {"meaning": read.vectors} if read and "meaning" in families else {}
    found |= {"ending": embedding.embeddings([text[-ENDING:] for text in texts])} if "ending" in families else {}
    found |= {family: hashed(texts, family) for family in HASHED if family in families}
    found |= {ENCODER: encoded(texts, encoder)} if ENCODER in families else {}
    return Blocks(_numbers_of(items, families, read), found)


def _numbers_of(items: Sequence[Item], families: Collection[str], read: embedding.Reading | None) -> Floats:
    wanted = number_columns(families)
    rows = np.zeros((len(items), NUMBER_COLUMNS))
    if len(wanted) and read:
        rows[:, : len(SURFACE)] = surface_rows(items)
        words = np.asarray(np.round(np.expm1(rows[:, list(SURFACE).index("log_words")])), dtype=np.float64)
        rows[:, len(SURFACE) :] = piece_rows(items, words, read, closeness="relation" in families)
        rows[:, np.setdiff1d(np.arange(NUMBER_COLUMNS), wanted)] = 0.0
    return rows


def features(
    items: Sequence[Item], families: Collection[str] = tuple(FAMILIES), encoder: str = ""
) -> sparse.csr_matrix:
    """All features, items × `COLUMNS`, float64: what a model multiplies by its weights; other families are empty."""
    found = blocks(items, families, encoder)
    others = [family for family in EVERY_FAMILY if family not in NUMBERED]
    empty = {family: (len(items), len(EVERY_FAMILY[family].columns)) for family in others}
    texts = [sparse.csr_matrix(found.texts.get(family, empty[family]), dtype=np.float64) for family in empty]
    return sparse.csr_matrix(sparse.hstack([sparse.csr_matrix(found.numbers), *texts], format="csr"))


def number_columns(families: Collection[str]) -> npt.NDArray[np.intp]:
    """The columns of these families that have a name, in increasing order."""
    mine = [FAMILIES[family].columns for family in NUMBERED if family in families]
    return np.sort(np.concatenate([np.zeros(0, dtype=np.intp), *mine]))


def column(family: str, ngram: str) -> int:
    """The column, among all `COLUMNS`, that an n-gram of a hashed family falls into."""
    return columns_of(family, [ngram])[ngram]


def columns_of(family: str, ngrams: Collection[str]) -> dict[str, int]:
    """The column of each of these n-grams of a hashed family: all at once is a hundred times as fast."""
    start = int(FAMILIES[family].columns[0])
    return dict(zip(ngrams, (start + buckets(list(ngrams)).astype(int)).tolist(), strict=True))


def family_of(column: int) -> str:
    """The family that a column belongs to."""
    if column >= ENCODER_START:
        return ENCODER
    if column >= WORDS_START:
        return "words" if column < CHARACTERS_START else "characters"
    if column >= MEANING_START:
        return "meaning" if column < ENDING_START else "ending"
    name = list(NUMBERS)[column]
    return "style" if name in STYLE else "relation" if name in RELATION else "surface"
