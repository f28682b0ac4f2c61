"""What is fitted: the features of every unique response, and which two of them each distinct pair compares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from reward_model.features import EVERY_FAMILY, FAMILIES, RULER, Block, Floats
from reward_model.many import many_blocks
from reward_model.observations import Ints, Observations

MOST_ROTATED = 2_500
"""Up to so many responses n-grams are rotated into as many dense columns: the same fit, faster."""
MOST_LETTERS = 200_000
"""Beyond so many responses n-grams of letters are left out: they would need more memory than all else together."""
_AT_ONCE = 1_000_000


class Rotation(NamedTuple):
    """`hashed`·R has few dense columns in place of the many of `hashed`; R = `hashed`ᵀ·`basis` is orthonormal."""

    hashed: sparse.csr_matrix
    basis: npt.NDArray[np.float32]


class Text(NamedTuple):
    """A family that is read off the text: its block, and which columns among all features the block stands for."""

    block: Block
    columns: Ints
    rotation: Rotation | None = None

    def weights(self, found: Floats) -> Floats:
        """The weights of `columns` that score the responses as these weights of the block do."""
        if self.rotation is None:
            return found
        return np.asarray(self.rotation.hashed.T @ (self.rotation.basis @ found))

    def coordinates(self, weights: Floats) -> Floats:
        """The weights of the block that score the responses as these weights of `columns` do."""
        if self.rotation is None:
            return weights
        return np.asarray((self.rotation.hashed @ weights) @ self.rotation.basis)


@dataclass(frozen=True)
class Design:
    """The features of unique responses, and the distinct pairs of them.

    `numbers` (responses × `NUMBER_COLUMNS`) are in their own units; `texts` holds the other families. `pair` says, for
    every observation, which distinct pair it is a vote on; `first` and `second` are that pair's responses.
    """

    numbers: Floats
    texts: Mapping[str, Text]
    pair: Ints
    first: Ints
    second: Ints

    def some(self, rows: Ints) -> "Design":
        """The design of these observations alone, in this order, with the responses that they compare."""
        pairs, pair = np.unique(self.pair[rows], return_inverse=True)
        responses, place = np.unique(np.concatenate([self.first[pairs], self.second[pairs]]), return_inverse=True)
        first, second = np.split(place, 2)
        texts = {family: text._replace(block=text.block[responses]) for family, text in self.texts.items()}
        return Design(self.numbers[responses], texts, pair, first, second)


def design(obs: Observations, families: tuple[str, ...] = tuple(FAMILIES), encoder: str = "") -> Design:
    """The design of all pairs; every unique response is featurised once, and no outcome is looked at.

    The families of the ruler are always there.
    """
    too_many = {"characters"} if len(obs.items) > MOST_LETTERS else set[str]()
    found = many_blocks(obs.items, {*families, *RULER} - too_many, encoder)
    texts = {family: _text(family, block) for family, block in found.texts.items()}
    both, pair = np.unique(obs.first * len(obs.items) + obs.second, return_inverse=True)
    return Design(found.numbers, texts, pair, *np.divmod(both, len(obs.items)))


def _text(family: str, block: Block) -> Text:
    if isinstance(block, np.ndarray):
        return Text(block, EVERY_FAMILY[family].columns)
    hashed, active = _active(block)
    columns = EVERY_FAMILY[family].columns[active]
    return Text(hashed, columns) if hashed.shape[0] > MOST_ROTATED else _rotated(hashed, columns)


def _active(block: sparse.csr_matrix) -> tuple[sparse.csr_matrix, Ints]:
    """The columns of a block that are not empty, and which they are; it takes the block over and copies nothing."""
    used = np.zeros(block.shape[1], dtype=bool)
    parts = np.array_split(block.indices, 1 + block.nnz // _AT_ONCE)  # views: NumPy makes 64 bits of what it looks up
    for part in parts:
        used[part] = True
    place = (np.cumsum(used) - 1).astype(np.int32)
    for part in parts:
        part[:] = place[part]
    shape = (block.shape[0], int(used.sum()))
    return sparse.csr_matrix((block.data, block.indices, block.indptr), shape=shape), np.flatnonzero(used)


def _rotated(hashed: sparse.csr_matrix, columns: Ints) -> Text:
    """A rotation that loses nothing: an L2-penalised fit does not notice it, and is the fit on `hashed`, faster."""
    gram = np.asarray((hashed @ hashed.T).toarray(), dtype=np.float64)
    values, vectors = linalg.eigh(gram)
    kept = values > 1e-6 * max(float(values[-1]), 1e-12)
    lengths, directions = np.sqrt(values[kept]), vectors[:, kept]
    basis = np.asarray(directions / lengths, dtype=np.float32)
    return Text(np.asarray(directions * lengths, dtype=np.float32), columns, Rotation(hashed, basis))
