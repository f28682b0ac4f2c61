"""The features of very many responses, on both cores: chunks go to processes of their own and come back in order."""

import os
from collections.abc import Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
from scipy import sparse

from reward_model.features import Block, Blocks, Item, blocks

MANY = 20_000
"""From so many responses on, the two seconds that processes take to begin are worth it."""
CHUNK = 4_000
WORKERS = min(2, os.cpu_count() or 1)


def many_blocks(items: Sequence[Item], families: Collection[str], encoder: str = "") -> Blocks:
    """What `features.blocks` gives for all items at once."""
    if len(items) < MANY or WORKERS == 1:
        return blocks(items, families, encoder)
    chunks = [items[at : at + CHUNK] for at in range(0, len(items), CHUNK)]
    read = partial(blocks, families=frozenset(families), encoder=encoder)
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:  # no fork: threads may be running here
        parts = list(pool.map(read, chunks))
    texts = [dict(part.texts) for part in parts]
    numbers = np.concatenate([part.numbers for part in parts])
    del parts
    return Blocks(numbers, {family: _joined([part.pop(family) for part in texts]) for family in list(texts[0])})


def _joined(parts: Sequence[Block]) -> Block:
    dense = [part for part in parts if isinstance(part, np.ndarray)]
    if dense:
        return np.concatenate(dense)
    return sparse.csr_matrix(sparse.vstack([part for part in parts if not isinstance(part, np.ndarray)], format="csr"))
