"""Uploads: to the disk as they arrive, bounded, each for its owner alone; and the jobs that read them."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from app.background import Job
from app.server import ROUTES
from app.tickets import ticket
from app.upload import shelf
from app.upload.choices import outcome, target
from app.upload.job import NOTHING_READ, reading_words
from app.upload.tables import loads_frame, rejections_csv, rejections_frame
from app.upload.upload import amount
from data.errors import InputError
from data.intake import Progress
from data.schemas import Load, Project, Rejection
from data.store import Store

Result = TypeVar("Result")


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'here.db'}")
    yield
    shelf._UPLOADS.clear()


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=ROUTES))


def in_a_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """What the work comes to, in a thread of its own: a browser's loop may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def address(owner: str = "me") -> str:
    return f"/api/upload?ticket={ticket('upload', {'owner': owner})}"


def files(folder: Path) -> list[Path]:
    return [path for path in (folder / "uploads").iterdir() if path.is_file()]


def test_an_upload_arrives_whole_and_belongs_to_its_owner(client: TestClient) -> None:
    answer = client.put(address(), content=b"some rows", headers={"X-File-Name": "%D1%84.jsonl"})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["size"]) == ("ф.jsonl", 9)
    found = shelf.upload_of("me", answer.json()["id"])
    assert found is not None
    assert found.path.read_bytes() == b"some rows"
    assert shelf.upload_of("somebody else", found.id) is None
    assert shelf.upload_of("me", None) is None


def test_the_name_of_a_file_is_never_a_path(client: TestClient, tmp_path: Path) -> None:
    answer = client.put(address(), content=b"x", headers={"X-File-Name": "..%2F..%2Fevil.jsonl"})
    found = shelf.upload_of("me", answer.json()["id"])
    assert found is not None
    assert found.path.parent == tmp_path / "uploads"
    assert found.path.name.isalnum()


@pytest.mark.parametrize("ticket", ["", "?ticket=forged", "?ticket=" + ticket("download", {"owner": "me"})])
def test_without_its_ticket_nothing_is_kept(client: TestClient, tmp_path: Path, ticket: str) -> None:
    answer = client.put(f"/api/upload{ticket}", content=b"x")
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("try again.")
    assert not (tmp_path / "uploads").exists()


def test_a_file_too_large_is_refused_by_its_announcement_and_by_its_bytes(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MAX_BYTES", 10)
    assert "larger than" in client.put(address(), content=b"x" * 11).json()["error"]

    def blocks() -> Iterator[bytes]:
        yield from [b"xxx"] * 4

    assert "larger than" in client.put(address(), content=blocks()).json()["error"]
    assert files(tmp_path) == []


def test_a_full_disk_gets_a_sentence(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "_SPARE", 1 << 60)
    assert "has no room" in client.put(address(), content=b"x").json()["error"]


def test_an_upload_that_announces_nothing_leaves_the_database_its_room(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"x"
        monkeypatch.setattr(shelf, "_SPARE", 1 << 60)
        yield b"x"

    assert "has no room" in client.put(address(), content=blocks()).json()["error"]
    assert files(tmp_path) == []


def test_a_disk_that_fills_up_gets_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        return
    monkeypatch.setattr(shelf, "_SPARE", 0)
    with pytest.raises(InputError, match="disk is full"):
        in_a_loop(shelf._write(stream(b"x" * 100_000), Path("/dev/full")))


async def stream(*blocks: bytes | Exception) -> AsyncIterator[bytes]:
    for block in blocks:
        if isinstance(block, Exception):
            raise block
        yield block


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ClientDisconnect):
        in_a_loop(shelf.keep(stream(b"x", ClientDisconnect()), "a", "me"))
    assert files(tmp_path) == []


def test_old_uploads_are_removed_and_new_ones_stay(tmp_path: Path) -> None:
    old, new = (in_a_loop(shelf.keep(stream(b"x"), "a", "me")) for _ in range(2))
    os.utime(old.path, (0, time.time() - 2 * shelf.KEPT_SECONDS))
    in_a_loop(shelf.keep(stream(b"x"), "a", "me"))
    assert shelf.upload_of("me", old.id) is None
    assert shelf.upload_of("me", new.id) == new
    shelf.remove(new)
    assert len(files(tmp_path)) == 1


def test_other_files_in_the_folder_are_never_removed(tmp_path: Path) -> None:
    theirs = shelf.folder() / "thesis.docx"
    theirs.write_bytes(b"x")
    os.utime(theirs, (0, 0))
    in_a_loop(shelf.keep(stream(b"x"), "a", "me"))
    assert theirs.exists()


def test_uploads_lie_in_the_projects_folder_where_the_database_is_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://somewhere/db")
    monkeypatch.setattr(shelf, "LOCAL", tmp_path / "local")
    assert shelf.folder() == tmp_path / "local" / "uploads"


def test_sizes_are_told_for_people() -> None:
    assert [amount(n) for n in (7, 52_000, 3_768_833, 1_400_000_000)] == ["7 bytes", "52 kB", "3.77 MB", "1.4 GB"]


def test_a_file_that_is_read_tells_its_rows_and_the_time_left() -> None:
    job = Job(lambda _see: 1, NOTHING_READ)
    job.wait()
    job.progress, job._began = Progress(1200, 3, 4, 0.5), time.monotonic() - 10
    assert reading_words(job).startswith("1,200 rows read, 3 rejected, about ")


@pytest.mark.parametrize(("share", "words"), [(0.0, "rejected"), (0.5, " s left"), (0.021, " min left")])
def test_the_time_left_is_told_once_it_is_known(share: float, words: str) -> None:
    job = Job(lambda _see: 1, NOTHING_READ)
    job.wait()
    job.progress, job._began = Progress(1, 0, 0, share), time.monotonic() - 10
    assert reading_words(job).endswith(words)


def a_load(**more: object) -> Load:
    values = {
        "file": "f",
        "format": "tasks",
        "rows": 3,
        "rows_used": 2,
        "rows_rejected": 1,
        "tasks": 2,
        "judgements": 0,
    }
    return Load.model_validate(values | {"loaded_by": "me"} | more)


def test_the_outcome_of_a_load_is_one_line() -> None:
    assert outcome(a_load()) == "3 rows: 2 used, 1 rejected. New: 2 tasks and 0 judgements."
    assert outcome(a_load(tasks=0)).endswith("Nothing was new: all of it was loaded before.")


def test_tables_hold_all_loads_and_reasons_in_order() -> None:
    frame = loads_frame([a_load(), a_load(file="g")])
    assert list(frame["File"]) == ["f", "g"]
    assert (frame["Rows"] == frame["Used"] + frame["Rejected"]).all()
    rejections = [Rejection(row=2, reason="Row 2: x."), Rejection(row=1, reason="Row 1: y, z.")]
    assert list(rejections_frame(rejections)["Row"]) == [1, 2]
    assert rejections_csv(rejections).decode("utf-8-sig") == 'Row,Reason\n1,"Row 1: y, z."\n2,Row 2: x.\n'


def test_the_target_is_found_or_made(store: Store, project: Project) -> None:
    assert target(store, "Test") == project
    assert target(store, "New").name == "New"
    with pytest.raises(InputError, match="The new project: name"):
        target(store, "x" * 201)
