"""Versions of the dataset: kept with all that was chosen, written again bit for bit, and told apart."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.__main__ import main
from data.errors import InputError
from data.export.files import KINDS
from data.export.rows import Choice
from data.export.scope import Scope
from data.export.versions import CARD, compare, in_full, keep, write_version
from data.export.write import Export, write_export
from data.schemas import DatasetVersion, Judgement, Project, Task
from data.store import Store
from tests.conftest import a_judgement, a_task
from tests.test_export import ABOUT, judged

RULES = {"flags": "never chosen", "weighting": "2/k", "several": "all"}


def tasks(n: int = 12) -> list[Task]:
    return [a_task(f"Question {i}?", f"one {i}", "two") for i in range(n)]


def prefer_first(*of: Task) -> list[Judgement]:
    return [a_judgement(task, ("r1",), ("r2",)) for task in of]


def exported(folder: Path, given: list[Task], said: list[Judgement], kind: str = "jsonl", **more: Any) -> Export:
    folder.mkdir(exist_ok=True)
    return write_export(judged(given, said), Choice()._replace(**more), ABOUT, folder / f"out.{kind}")


def kept(store: Store, project: Project, export: Export, note: str = "") -> DatasetVersion:
    return keep(store, project.id, export, in_full(export, Scope(), RULES), note, "lea")


@pytest.mark.parametrize("kind", KINDS)
def test_a_version_is_written_again_bit_for_bit_with_its_card(any_store: Store, tmp_path: Path, kind: str) -> None:
    project = any_store.create_project(Project(name="Here"))
    given = tasks(30)
    export = exported(tmp_path / "a", given, prefer_first(*given), kind)
    version = kept(any_store, project, export, "for the first run")
    before = {file.name: file.path.read_bytes() for file in export.everything}
    (tmp_path / "again").mkdir()
    written = write_version(any_store, project.id, version.number, tmp_path / "again")
    assert {name: path.read_bytes() for name, path in written.named.items()} == before
    assert {path.relative_to(tmp_path / "again").as_posix() for path in written.named.values()} == set(before)
    assert written.card.read_bytes() == export.card.read_bytes()
    assert [file.side for file in version.files if file.side] == ["train", "test", CARD]
    assert (version.rows, version.note) == (30, "for the first run")


def test_what_was_chosen_is_kept_and_the_same_export_is_one_version(any_store: Store, tmp_path: Path) -> None:
    project = any_store.create_project(Project(name="Here"))
    given = tasks()
    scope = Scope(languages=("en",), since=date(2026, 1, 2))
    export = exported(tmp_path / "a", given, prefer_first(*given))
    first, again = (keep(any_store, project.id, export, in_full(export, scope, RULES), "", "lea") for _ in range(2))
    assert first == again == any_store.datasets(project.id)[0]
    assert first.choice["languages"] == ["en"]
    assert first.choice["since"] == "2026-01-02"
    assert first.choice["several"] == "all"
    assert kept(any_store, project, export).number == 2


def test_two_versions_are_told_apart(store: Store, project: Project, tmp_path: Path) -> None:
    given = tasks()
    turned = a_judgement(given[1], ("r2",), ("r1",))
    kept(store, project, exported(tmp_path / "a", given[:10], prefer_first(*given[:10])))
    kept(store, project, exported(tmp_path / "b", given, [turned, *prefer_first(*given[2:])]))
    found = compare(store, project.id, 1, 2)
    assert (found.same, found.added, found.removed, found.turned) == (8, 2, 1, 1)
    assert [row["prompt"] for row in found.examples["turned"]] == ["Question 1?"]
    assert {row["prompt"] for row in found.examples["added"]} == {"Question 10?", "Question 11?"}


def test_versions_that_cannot_be_compared_are_refused(store: Store, project: Project, tmp_path: Path) -> None:
    given = tasks()
    kept(store, project, exported(tmp_path / "a", given, prefer_first(*given)))
    kept(store, project, exported(tmp_path / "b", given, prefer_first(*given), "csv"))
    kept(store, project, exported(tmp_path / "c", given, prefer_first(*given), format="rankings"))
    for other in (2, 3):
        with pytest.raises(InputError, match="of one format and one kind of file"):
            compare(store, project.id, 1, other)
    with pytest.raises(InputError, match="no version 9"):
        compare(store, project.id, 1, 9)


def test_nothing_in_a_folder_is_written_over(store: Store, project: Project, tmp_path: Path) -> None:
    given = tasks()
    export = exported(tmp_path / "a", given, prefer_first(*given))
    kept(store, project, export)
    with pytest.raises(InputError, match=r"“out.jsonl” lies in the folder"):
        write_version(store, project.id, 1, tmp_path / "a")
    with pytest.raises(InputError, match="There is no folder"):
        write_version(store, project.id, 1, tmp_path / "none")
    with pytest.raises(InputError, match="1,000 are the most"):
        kept(store, project, export, "x" * 1_001)


def test_the_commands_keep_list_write_and_compare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'a.db'}")
    monkeypatch.chdir(tmp_path)
    store = Store()
    project, given = store.create_project(Project(name="P")), tasks()
    store.add(project.id, given[:10], prefer_first(*given[:10]))
    assert main(["versions", "--project", "P"]) == 0
    assert "No version is kept yet" in capsys.readouterr().out
    export = ["export", "trl-explicit", "--project", "P", "--out", "out.jsonl", "--keep"]
    assert main([*export, "first"]) == 0
    assert "kept as version 1 (" in capsys.readouterr().out
    handed_over = Path("out.jsonl").read_bytes()
    store.add(project.id, given[10:], prefer_first(*given[10:]))
    assert main([*export, "second"]) == 0
    capsys.readouterr()
    assert main(["versions", "--project", "P"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [(line.split()[0], line.split()[-1]) for line in lines] == [("2", "second"), ("1", "first")]
    assert "10 pairs" in lines[1]
    Path("again").mkdir()
    assert main(["write-version", "1", "--project", "P", "--out", "again"]) == 0
    assert Path("again/out.jsonl").read_bytes() == handed_over
    capsys.readouterr()
    assert main(["compare", "1", "2", "--project", "P"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "10 rows the same, 2 added, 0 removed, 0 turned"
    assert said[2:4] == ["added: 2", "+ Question 10?"] or said[2:4] == ["added: 2", "+ Question 11?"]
    assert said[5] == "    rejected: two"
    assert main(["compare", "1", "2", "--project", "P", "--json"]) == 0
    assert {row["prompt"] for row in json.loads(capsys.readouterr().out)["examples"]["added"]} == {
        "Question 10?",
        "Question 11?",
    }
    assert main(["compare", "1", "7", "--project", "P"]) == 2
    assert "no version 7" in capsys.readouterr().err
    store.close()
