"""A version of the dataset is kept whole: numbered, unchanging, written again bit for bit."""

import hashlib
import zlib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from data import datasets, tables
from data.errors import InputError
from data.schemas import DatasetFile, DatasetVersion, Project
from data.store import Store

MADE: dict[str, Any] = {
    "format": "trl-explicit",
    "unit": "pairs",
    "choice": {"format": "trl-explicit", "test_share": 0.1},
    "rows": 2,
    "left_out": {"tie": 1},
    "note": "",
}


def a_file(folder: Path, content: bytes, name: str = "pairs.jsonl") -> tuple[DatasetFile, Path]:
    path = folder / name
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return DatasetFile(name=name, side="train", rows=2, prompts=1, size=len(content), sha256=sha256), path


@pytest.fixture
def here(any_store: Store) -> tuple[Store, Project]:
    return any_store, any_store.create_project(Project(name="Here"))


def keep(store: Store, project: Project, *files: tuple[DatasetFile, Path], **more: Any) -> DatasetVersion:
    return store.keep_dataset(project.id, MADE | more, files, "lea")


def test_a_version_is_written_again_bit_for_bit(
    here: tuple[Store, Project], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, project = here
    monkeypatch.setattr(datasets, "BLOCK", 7)
    content = bytes(range(256)) * 3
    version = keep(store, project, a_file(tmp_path, content), a_file(tmp_path, b"", "empty.jsonl"))
    (tmp_path / "again").mkdir()
    written = store.write_dataset(project.id, version.number, tmp_path / "again")
    assert [path.read_bytes() for path in written] == [content, b""]
    assert store.datasets(project.id) == [version]


def test_versions_are_numbered_and_the_same_one_is_kept_once(here: tuple[Store, Project], tmp_path: Path) -> None:
    store, project = here
    first = keep(store, project, a_file(tmp_path, b"one"))
    assert keep(store, project, a_file(tmp_path, b"one")) == first
    second = keep(store, project, a_file(tmp_path, b"two"))
    third = keep(store, project, a_file(tmp_path, b"two"), choice={"format": "trl-explicit", "test_share": 0.2})
    assert (
        [one.number for one in store.datasets(project.id)] == [third.number, second.number, first.number] == [3, 2, 1]
    )


def test_a_version_that_was_tampered_with_is_not_handed_over(here: tuple[Store, Project], tmp_path: Path) -> None:
    store, project = here
    version = keep(store, project, a_file(tmp_path, b"one"))
    with store._db.write() as db:
        db.execute(sa.update(tables.dataset_block).values(content=zlib.compress(b"two")))
    with pytest.raises(RuntimeError, match="SHA-256"):
        store.write_dataset(project.id, version.number, tmp_path)


def test_a_version_that_is_not_there_is_said(here: tuple[Store, Project], tmp_path: Path) -> None:
    store, project = here
    with pytest.raises(InputError, match="no version 4"):
        store.write_dataset(project.id, 4, tmp_path)
