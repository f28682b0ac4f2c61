"""Very many responses are read by processes of their own, and come back the same and in order."""

import numpy as np
import pytest
from scipy import sparse

from reward_model import many, processes
from reward_model.features import FAMILIES, blocks
from reward_model.many import many_blocks


def test_what_processes_read_is_what_one_would_have_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "CHUNK", 15)
    monkeypatch.setattr(processes, "WORKERS", 2)
    items = [(f"Question {n}?", f"Answer {n}, because of 你好 **{n}** “so”.") for n in range(100)]
    found, expected = many_blocks(items, FAMILIES), blocks(items, FAMILIES)
    assert found.numbers == pytest.approx(expected.numbers, abs=1e-6)
    assert found.texts.keys() == expected.texts.keys()
    for family, block in expected.texts.items():
        one, two = (sparse.csr_matrix(some).toarray() for some in (block, found.texts[family]))
        assert np.abs(one - two).max() < 1e-6
