"""The features of very many responses, on both cores: chunks go to processes of their own and come back in order."""

import os
from collections.abc import Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reward_model.features import Block, Blocks, Floats, Item, blocks
from reward_model.hashing import unit_rows

MANY = 20_000
"""From so many responses on, the two seconds that processes take to begin are worth it."""
CHUNK = 2_000
WORKERS = min(2, os.cpu_count() or 1)


def many_blocks(items: Sequence[Item], families: Collection[str], encoder: str = "") -> Blocks:
    """What `features.blocks` gives for all items at once."""
    if len(items) < MANY or WORKERS == 1:
        return blocks(items, families, encoder)
    chunks = [items[at : at + CHUNK] for at in range(0, len(items), CHUNK)]
    read = partial(_read, families=frozenset(families), encoder=encoder)
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:  # no fork: threads may be running here
        parts = list(pool.map(read, chunks))
    numbers = np.concatenate([part.numbers for part in parts])
    texts = [part.texts for part in parts]
    del parts
    return Blocks(numbers, {family: _joined([part.pop(family) for part in texts]) for family in list(texts[0])})


Slim = npt.NDArray[np.float32] | tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]
"""A block as it is sent: a hashed one without its values, which follow from how many columns a row has."""


class _Part(NamedTuple):
    numbers: Floats
    texts: dict[str, Slim]


def _read(items: Sequence[Item], families: Collection[str], encoder: str) -> _Part:
    found = blocks(items, families, encoder)
    return _Part(found.numbers, {family: _slim(block) for family, block in found.texts.items()})


def _slim(block: Block) -> Slim:
    return block if isinstance(block, np.ndarray) else (block.indices, np.diff(block.indptr).astype(np.int64))


def _joined(parts: Sequence[Slim]) -> Block:
    sent = [part for part in parts if isinstance(part, tuple)]
    if sent:
        return unit_rows([indices for indices, _ in sent], [counts for _, counts in sent])
    return np.concatenate([part for part in parts if isinstance(part, np.ndarray)])
