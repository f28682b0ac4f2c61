"""The features of very many responses, read on both cores and put where they stay: nothing is held twice."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from reward_model.features import Block, Blocks, Item, blocks
from reward_model.hashing import unit_rows
from reward_model.processes import worked

CHUNK = 2_000
"""Responses that are read together."""
NUMBERS, COUNTS = "numbers", "counts of "
Slim = Mapping[str, npt.NDArray[Any]]
"""Features as they are sent, by name: of a hashed family the columns, and how many a row has; values follow from it."""


def many_blocks(items: Sequence[Item], families: Collection[str], encoder: str = "") -> Blocks:
    """What `features.blocks` gives for all items at once."""
    read = partial(_read, families=frozenset(families), encoder=encoder)
    stacks = defaultdict[str, _Stack](_Stack)
    for part in worked(read, [items[at : at + CHUNK] for at in range(0, len(items), CHUNK)] or [items]):
        for name, rows in part.items():
            stacks[name].put(rows)
    made = {name: stacks.pop(name).whole() for name in list(stacks)}
    return Blocks(made[NUMBERS], {name: _block(made, name) for name in made if name in families})


def _read(items: Sequence[Item], families: Collection[str], encoder: str) -> Slim:
    found = blocks(items, families, encoder)
    sent: dict[str, npt.NDArray[Any]] = {NUMBERS: found.numbers}
    for family, block in found.texts.items():
        sent |= {family: block} if isinstance(block, np.ndarray) else _slim(family, block)
    return sent


def _slim(family: str, block: Any) -> Slim:
    return {family: block.indices, COUNTS + family: np.diff(block.indptr).astype(np.int64)}


def _block(made: Slim, family: str) -> Block:
    counts = made.get(COUNTS + family)
    return made[family] if counts is None else unit_rows(made[family], counts)


class _Stack:
    """Rows of arrays, one array after the other; growing a large one moves pages and copies nothing."""

    def __init__(self) -> None:
        self._rows: npt.NDArray[Any] = np.empty(0)
        self._n = 0

    def put(self, rows: npt.NDArray[Any]) -> None:
        """Add the rows of an array of the same kind."""
        if not self._n:
            self._rows = np.empty((0, *rows.shape[1:]), rows.dtype)
        end = self._n + len(rows)
        if end > len(self._rows):
            self._rows.resize((max(end, len(self._rows) * 9 // 8), *rows.shape[1:]), refcheck=False)
        self._rows[self._n : end] = rows
        self._n = end

    def whole(self) -> npt.NDArray[Any]:
        """All rows; nothing can be added any more."""
        self._rows.resize((self._n, *self._rows.shape[1:]), refcheck=False)
        return self._rows
