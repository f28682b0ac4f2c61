"""A `datasets` folder: read by the library as it reads its own, the same bytes every time, and loaded again here."""

import shutil
from pathlib import Path
from typing import Any

import datasets
import pytest

from data.errors import InputError
from data.export.formats import FORMATS
from data.export.rows import Choice
from data.export.write import Export, write_export
from tests.test_export import ABOUT, many

HALF, GIVEN = Choice(test_share=0.3), many()


def written(out: Path, choice: Choice = HALF) -> Export:
    out.parent.mkdir(exist_ok=True)
    return write_export(GIVEN, choice, ABOUT, out)


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sides(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {side: list(data) for side, data in datasets.load_from_disk(str(folder)).items()}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_the_same_in_a_folder_as_in_parquet(tmp_path: Path, name: str) -> None:
    choice = HALF._replace(format=name)
    export, flat = written(tmp_path / "pairs", choice), written(tmp_path / "flat.parquet", choice)
    found = sides(tmp_path / "pairs")
    assert {side: len(rows) for side, rows in found.items()} == {file.side: file.rows for file in export.files}
    for file in flat.files:
        assert found[file.side] == list(datasets.Dataset.from_parquet(str(file.path), cache_dir=str(tmp_path / "c")))


def test_the_folder_has_the_files_that_the_library_itself_would_write(tmp_path: Path) -> None:
    written(tmp_path / "ours")
    datasets.load_from_disk(str(tmp_path / "ours")).save_to_disk(str(tmp_path / "theirs"))
    assert set(content(tmp_path / "ours")) == set(content(tmp_path / "theirs"))
    assert sides(tmp_path / "theirs") == sides(tmp_path / "ours")


def test_the_same_rows_make_the_same_bytes_and_nothing_is_left_in_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    first, again = written(tmp_path / "a" / "pairs"), written(tmp_path / "b" / "pairs")
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert [file.sha256 for file in first.everything] == [file.sha256 for file in again.everything]
    assert not (tmp_path / "cache").exists()


def test_a_new_folder_takes_the_place_of_an_older_one_and_of_nothing_else(tmp_path: Path) -> None:
    written(tmp_path / "pairs")
    one_side = written(tmp_path / "pairs", Choice(test_share=0))
    assert list(sides(tmp_path / "pairs")) == ["train"]
    assert not (tmp_path / "pairs" / "test").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs", "pairs.card.md"]
    assert one_side.rows == len(sides(tmp_path / "pairs")["train"])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear")
    (tmp_path / "file").write_text("text")
    for taken in ("mine", "file"):
        with pytest.raises(InputError, match="no `datasets` folder"):
            written(tmp_path / taken)
    assert (tmp_path / "mine" / "diary.txt").read_text() == "dear"


def test_the_card_says_how_to_load_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = written(tmp_path / "pairs")
    monkeypatch.chdir(tmp_path)
    made: dict[str, Any] = {}
    exec(export.loading, made)
    assert {side: len(rows) for side, rows in made["data"].items()} == {f.side: f.rows for f in export.files}
    assert export.loading in export.card.read_text(encoding="utf-8")


def test_the_folder_with_its_card_loads_as_a_dataset_of_the_hub(tmp_path: Path) -> None:
    export = written(tmp_path / "here" / "pairs")
    shutil.move(export.card, tmp_path / "here" / "README.md")
    found = datasets.load_dataset(str(tmp_path / "here"), cache_dir=str(tmp_path / "cache"))
    assert {side: len(rows) for side, rows in found.items()} == {file.side: file.rows for file in export.files}
