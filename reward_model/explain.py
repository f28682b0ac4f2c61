"""Why a reward model scores as it does: what each feature and each word adds, with names that people can read.

Everything is exactly additive: features, or words and what is in no word, sum to a score or to a difference of two.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from reward_model.embedding import pieces
from reward_model.features import (
    ENDING,
    EVERY_FAMILY,
    HASHED,
    NUMBERED,
    NUMBERS,
    Floats,
    Item,
    columns_of,
    family_of,
)
from reward_model.model import RewardModel
from reward_model.observations import Observations
from reward_model.word_shares import Place, Word, by_character, character_places, piece_span, valued, word_places

STRONGEST = 15
MOST_PAIRS, MOST_READ, MOST_NAMED = 2_000, 250, 10
"""Training pairs that tell which features are strongest, those of them read for words, and responses for a name."""
PLACES: Mapping[str, Callable[[str], Iterator[Place]]] = {"words": word_places, "characters": character_places}
"""Hashed family → where its n-grams stand in a text."""
_LABELS = tuple(NUMBERS.values())
EMBEDDED: Mapping[str, Callable[[str], int]] = {
    "meaning": lambda _: 0,
    "ending": lambda text: max(len(text) - ENDING, 0),
}
"""Embedded family → the character of a text from which on it reads."""
_READ = {*EMBEDDED, *HASHED}

Ints = npt.NDArray[np.int32 | np.int64]
Key = tuple[str, int | str]
"""A family and its column, or in an embedded family a word."""
Names = Mapping[int, Counter[str]]
"""Column → the n-grams in it, with the number of texts that have them."""


class Contribution(NamedTuple):
    """What one feature adds to a score, in logits. `also` lists further n-grams in the same column (collisions).

    A dimension of an embedding has no name: in the families "meaning" and "ending" each word is a feature, and adds
    what its pieces add; signs and white space go together under the name "".
    """

    family: str
    name: str
    value: float
    also: tuple[str, ...] = ()


class Explanation(NamedTuple):
    """A score taken apart: `words` cover the text in its order, `others` are in no word (length, style, prompt)."""

    words: tuple[Word, ...]
    others: tuple[Contribution, ...]


class _Scored(NamedTuple):
    """A response whose `columns` add `added` to its score."""

    text: str
    columns: Ints
    added: Floats
    weights: Floats


def contributions(model: RewardModel, item: Item) -> list[Contribution]:
    """What each feature adds to the score, strongest first; the values sum to `model.scores([item])[0]`."""
    (one,) = _scored(model, [item])
    return _ordered([*_named(_features(one), _names([one.text])), *_typical(model)])


def contributions_of_difference(model: RewardModel, better: Item, other: Item) -> list[Contribution]:
    """What each feature adds to score(better) − score(other), strongest first; the values sum to that difference."""
    one, two = _scored(model, [better, other])
    added, taken = _features(one), _features(two)
    between = {key: added.get(key, 0.0) - taken.get(key, 0.0) for key in {**added, **taken}}
    return _ordered(_named(between, _names([one.text, two.text])))


def explanation(model: RewardModel, item: Item) -> Explanation:
    """What each word of a response adds to its score, and what is in no word; all values sum to the score."""
    (one,) = _scored(model, [item])
    characters = sum((_on_characters(one, family) for family in _READ), np.zeros(len(one.text)))
    others = {key: value for key, value in _features(one).items() if key[0] not in _READ}
    return Explanation(valued(one.text, characters), tuple(_ordered([*_named(others, {}), *_typical(model)])))


def _typical(model: RewardModel) -> list[Contribution]:
    return [Contribution("typical", "Typical response", -model.offset)]


def _ordered(parts: Iterable[Contribution]) -> list[Contribution]:
    return sorted((part for part in parts if part.value), key=lambda part: -abs(part.value))


def _scored(model: RewardModel, items: list[Item]) -> list[_Scored]:
    rows, weights = model.features(items), model.dense()
    parts = [rows[at] for at in range(len(items))]
    return [_Scored(i[1], r.indices, r.data * weights[r.indices], weights) for i, r in zip(items, parts, strict=True)]


def _features(one: _Scored) -> dict[Key, float]:
    """What each feature of a response adds; embeddings by words, and what else has no names as a whole."""
    parts: dict[Key, float] = {}
    for at, value in zip(one.columns.tolist(), one.added.tolist(), strict=True):
        family = family_of(at)
        if family not in EMBEDDED:
            key = (family, at if family in {*NUMBERED, *HASHED} else EVERY_FAMILY[family].label)
            parts[key] = parts.get(key, 0.0) + value
    for family in EMBEDDED:
        words = _by_word(one.text, _of_embedding(one, family))
        parts.update({(family, word): value for word, value in words.items()})
    return parts


def _on_characters(one: _Scored, family: str) -> Floats:
    return _of_embedding(one, family) if family in EMBEDDED else _of_ngrams(one, family)


def _of_embedding(one: _Scored, family: str) -> Floats:
    """What an embedding adds, on the characters its pieces came from."""
    values, begin = _by_pieces(one.text, family, one.weights), EMBEDDED[family](one.text)
    whole = one.added[np.isin(one.columns, EVERY_FAMILY[family].columns)].sum()
    values[begin:] += (whole - values.sum()) / max(len(values) - begin, 1)  # features have single precision
    return values


def _by_pieces(text: str, family: str, weights: Floats) -> Floats:
    """The embedding of a text is the sum of its pieces by its length, so that each piece adds a part of its own."""
    begin, columns = EMBEDDED[family](text), EVERY_FAMILY[family].columns
    part = text[begin:]
    found = pieces(part)
    vectors = np.array([piece.vector for piece in found], dtype=np.float64).reshape(len(found), len(columns))
    values = by_character(len(part), [piece_span(part, *piece[:2]) for piece in found], vectors @ weights[columns])
    return np.concatenate([np.zeros(begin), values])


def _by_word(text: str, characters: Floats) -> dict[str, float]:
    parts: dict[str, float] = {}
    for start, end, value in valued(text, characters):
        word = text[start:end].casefold()
        word = word if any(letter.isalnum() for letter in word) else ""
        parts[word] = parts.get(word, 0.0) + value
    return parts


def _of_ngrams(one: _Scored, family: str) -> Floats:
    """What a hashed family adds, on the characters of the n-grams: each column is shared evenly among its places."""
    places = list(PLACES[family](one.text))
    where = columns_of(family, {place.ngram for place in places})
    used, at = np.unique([where[place.ngram] for place in places], return_inverse=True)
    parts = np.array([place.part for place in places])
    added = dict(zip(one.columns.tolist(), one.added.tolist(), strict=True))
    each = np.array([added.get(col, 0.0) for col in used.tolist()]) / np.bincount(at, parts)
    return by_character(len(one.text), [(place.start, place.end) for place in places], parts * each[at])


def _named(parts: Mapping[Key, float], names: Names) -> list[Contribution]:
    return [_contribution(family, at, value, names) for (family, at), value in parts.items()]


def _contribution(family: str, at: int | str, value: float, names: Names) -> Contribution:
    if isinstance(at, str):
        return Contribution(family, at, value)
    if family in NUMBERED:
        return Contribution(family, _LABELS[at], value)
    first, *more = [name for name, _ in names[at].most_common()]
    return Contribution(family, first, value, tuple(more))


def _names(texts: Sequence[str], wanted: Iterable[int] | None = None) -> dict[int, Counter[str]]:
    """The n-grams of these texts by column, of all or of the `wanted` columns."""
    names: dict[int, Counter[str]] = {}
    only = None if wanted is None else set(wanted)
    for family, places in PLACES.items():
        found = Counter(ngram for text in texts for ngram in {place.ngram for place in places(text)})
        where = columns_of(family, found)
        for ngram, times in found.items():
            at = where[ngram]
            if only is None or at in only:
                names.setdefault(at, Counter())[ngram] = times
    return names


def strongest(model: RewardModel, obs: Observations, rows: sparse.csr_matrix) -> dict[str, list[dict[str, Any]]]:
    """The features that weigh most, each way, JSON-able: lists of `{family, name, weight, also}`.

    "surface" has the features with a name (length, style, relation to the prompt), "ngrams" words and letters, and
    "meaning" words by their embedding. `rows` are the features of `obs.items`, inside the bounds of the model.
    `weight` is the mean absolute share of a feature in the score differences of training pairs (a sample where there
    are many), in logits, with the sign of its direction. A hashed n-gram is named by the most frequent of its column.
    "families" says the same, without a sign, of the families that carry weight.
    """
    pairs = _evenly(len(obs), MOST_PAIRS)
    moved = rows[obs.first[pairs]] - rows[obs.second[pairs]]
    weight = np.asarray(abs(moved).mean(axis=0)).ravel() * model.dense()
    found = {kind: _extremes(weight, families) for kind, families in (("surface", NUMBERED), ("ngrams", HASHED))}
    names = _names_of(rows, [text for _, text in obs.items], found["ngrams"])
    listed = {
        kind: [_row(_contribution(family_of(at), at, float(weight[at]), names)) for at in columns]
        for kind, columns in found.items()
    }
    return listed | {"meaning": _by_meaning(model, obs), "families": _by_family(model, moved)}


def _evenly(count: int, most: int) -> Ints:
    """At most so many of 0 … count − 1, at even distances."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))


def _extremes(weight: Floats, families: Collection[str]) -> list[int]:
    columns = np.concatenate([EVERY_FAMILY[family].columns for family in families])
    order = columns[np.argsort(weight[columns])]
    up, down = order[::-1][:STRONGEST], order[:STRONGEST]
    return [*up[weight[up] > 0].tolist(), *down[weight[down] < 0].tolist()]


def _names_of(rows: sparse.csr_matrix, texts: Sequence[str], columns: Sequence[int]) -> Names:
    """The n-grams of these columns in some of the texts that have them; `rows` are the features of the texts."""
    having = sparse.csc_matrix(rows[:, columns])
    some = [having[:, at].indices for at in range(len(columns))]
    shown = {int(text) for found in some for text in found[_evenly(len(found), MOST_NAMED)]}
    return _names([texts[at] for at in sorted(shown)], columns)


def _by_meaning(model: RewardModel, obs: Observations) -> list[dict[str, Any]]:
    """The words that the embeddings make strongest."""
    pairs, weights = _evenly(len(obs), MOST_READ), model.dense()
    moved: dict[Key, float] = defaultdict(float)
    sign: dict[Key, float] = defaultdict(float)
    for sides in zip(obs.first[pairs], obs.second[pairs], strict=True):
        one, two = (_embedded(obs.items[side][1], model.families, weights) for side in sides)
        for key in {**one, **two}:
            moved[key] += abs(one.get(key, 0.0) - two.get(key, 0.0))
            sign[key] += one.get(key, 0.0) + two.get(key, 0.0)
    found = {key: math.copysign(moved[key], sign[key]) / len(pairs) for key in moved}
    ordered = _ordered(_named(found, {}))
    up, down = [part for part in ordered if part.value > 0], [part for part in ordered if part.value < 0]
    return [_row(part) for part in (*up[:STRONGEST], *down[:STRONGEST])]


def _embedded(text: str, families: Collection[str], weights: Floats) -> dict[Key, float]:
    used = [family for family in EMBEDDED if family in families]
    words = {family: _by_word(text, _by_pieces(text, family, weights)) for family in used}
    return {(family, word): value for family, found in words.items() for word, value in found.items()}


def _by_family(model: RewardModel, moved: sparse.csr_matrix) -> list[dict[str, Any]]:
    weights = model.dense()
    families = {name: EVERY_FAMILY[name] for name in model.families}
    sums = {name: moved[:, family.columns] @ weights[family.columns] for name, family in families.items()}
    return [_row(Contribution(name, families[name].label, float(np.abs(s).mean()))) for name, s in sums.items()]


def _row(part: Contribution) -> dict[str, Any]:
    return {"family": part.family, "name": part.name, "weight": part.value, "also": list(part.also[:5])}
