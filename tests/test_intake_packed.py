"""Archives and packed files: what is read from them, what is left out, and what is refused before it does harm."""

import gzip
import io
import json
import os
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import intake
from data.errors import InputError
from data.intake import archives, packing, rows
from data.intake.files import opened
from data.intake.rows import Row
from data.schemas import Project, Rejection
from data.store import Store
from tests.workbooks_made import write_workbook

ROWS = [{"prompt": f"Which, {n}?", "responses": ["this", f"that {n}"]} for n in range(3)]
LINES = "\n".join(map(json.dumps, ROWS))


def read(path: Path, name: str = "") -> list[Row | Rejection]:
    with opened(path, name) as source:
        found = list(source.rows)
        assert 0 <= source.share() <= 1
    return found


def values(path: Path) -> list[dict[str, Any]]:
    return [row.values for row in read(path) if isinstance(row, Row)]


def packed(members: Mapping[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def zipped(path: Path, members: Mapping[str, bytes | str]) -> Path:
    path.write_bytes(packed(members))
    return path


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, "zstd", asbytes=True))


def parquet(path: Path) -> bytes:
    pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path.read_bytes()


def test_every_kind_is_read_from_every_packing(tmp_path: Path) -> None:
    table: list[list[Any]] = [["prompt", "a"], ["x", 1]]
    plain = {
        "a.jsonl": (LINES.encode(), ROWS),
        "a.json": (json.dumps(ROWS, indent=1).encode(), ROWS),
        "a.csv": (b"prompt,a\nx,1\n", [{"prompt": "x", "a": "1"}]),
        "a.tsv": (b"prompt\ta\nx\t1\n", [{"prompt": "x", "a": "1"}]),
        "a.parquet": (parquet(tmp_path / "a"), ROWS),
        "a.xlsx": (write_workbook(tmp_path / "b", {"S": table}).read_bytes(), [{"prompt": "x", "a": 1}]),
    }
    for name, (content, expected) in plain.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
        (tmp_path / f"{name}.zst").write_bytes(zstd(content))
        zipped(tmp_path / f"{name}.zip", {name: content})
        for end in (".gz", ".zst", ".zip"):
            assert values(tmp_path / (name + end)) == expected, name + end


def test_zstandard_in_several_frames_is_read_to_its_end(tmp_path: Path) -> None:
    lines = [zstd(f"{json.dumps(row)}\n".encode()) for row in ROWS]
    (tmp_path / "a.jsonl.zst").write_bytes(b"".join(lines))
    assert values(tmp_path / "a.jsonl.zst") == ROWS


def test_several_files_are_read_one_after_another_and_say_which_a_row_is_in(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip",
        {
            "set/b.csv": "#id\ta1\ta2\nb1\tthis\tthat\n",
            "set/a.csv": "#id\ta1\ta2\na1\tthis\tthat\na2\tx\n\na3\tx\ty\tz\n",
            "set/c.csv": "",
            "set/README.md": "How it was made",
            "__MACOSX/set/._a.csv": "junk",
            ".DS_Store": "junk",
        },
    )
    with opened(path) as source:
        found = list(source.rows)
        placed = [source.placed(row).reason for row in found if isinstance(row, Rejection)]
        assert source.kind == "CSV, ZIP"
        assert source.notes == ("Left out of the archive, as no files of rows: “set/README.md”.",)
        assert source.share() == 1.0
    good = [row for row in found if isinstance(row, Row)]
    assert [(row.number, row.file, row.values["#id"]) for row in good] == [
        (1, "set/a.csv", "a1"),
        (2, "set/a.csv", "a2"),
        (4, "set/b.csv", "b1"),
    ]
    assert placed == [
        "Row 3 (row 3 of “set/a.csv”): has 4 fields but the header names 3; quote the field.",
        "Row 5 (row 1 of “set/c.csv”): The file is empty; choose one with rows in it.",
    ]


def test_rejections_of_formats_say_the_file_too(tmp_path: Path, store: Store, project: Project) -> None:
    bad = json.dumps({"prompt": "p", "responses": ["one"]})
    path = zipped(
        tmp_path / "a.zip", {"a.jsonl": LINES, "b.jsonl": f'{bad}\n{{"prompt": "q", "responses": ["a", "b"]}}'}
    )
    load = intake.load(intake.plan(path), store, project, "lead")
    assert (load.rows, load.rows_used, load.tasks) == (5, 4, 4)
    (rejection,) = load.rejections
    assert rejection.row == 4
    assert rejection.reason.startswith("Row 4 (row 1 of “b.jsonl”): the prompt has one response")
    assert intake.load(intake.plan(path), store, project, "lead").tasks == 0


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/cron.d/rows.csv",
        "/etc/rows.csv",
        "a/../../rows.csv",
        "..\\..\\rows.csv",
        "C:\\rows.csv",
        "\\rows.csv",
    ],
)
def test_names_outside_the_archive_are_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "here" / "below"
    folder.mkdir(parents=True)
    path = zipped(folder / "a.zip", {"good.csv": "a\n1\n", name: "a\n1\n"})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=r"The archive names a file outside itself, “.*rows\.csv”; pack it again"):
        read(path)
    assert sorted(tmp_path.rglob("*")) == before


def test_odd_names_that_stay_inside_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"..rows..csv": "a\n1\n", "a b/ü .. x.csv": "a\n2\n"})
    assert values(path) == [{"a": "1"}, {"a": "2"}]


def locked(path: Path) -> Path:
    """The archive with the mark that its members are encrypted, as archivers set it."""
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    path.write_bytes(raw)
    return path


def test_a_locked_archive_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The archive is locked with a password"):
        read(locked(zipped(tmp_path / "a.zip", {"a.csv": "a\n1\n"})))


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"a.zip": packed({"a": ""})}, r"^The file is packed twice; unpack it once\.$"),
        ({"a.csv": gzip.compress(b"a\n1\n")}, "is packed twice; unpack it once"),
        (
            {"a.zip": b"PK\x03\x04", "b.zip": b"PK\x03\x04"},
            "holds no file of rows, such as CSV or JSONL; its files are",
        ),
        ({"a.csv": "a\n1\n", "b.jsonl": "{}"}, "files of several kinds, CSV, JSONL; load each kind by itself"),
        ({"__MACOSX/._a.csv": "x"}, "its files are: none"),
        ({}, "an archive with nothing in it"),
    ],
)
def test_an_archive_that_holds_no_rows_gets_a_sentence(tmp_path: Path, members: Any, said: str) -> None:
    path = zipped(tmp_path / "a.zip", members)
    with pytest.raises(InputError, match=said):
        intake.plan(path, "tasks")


def test_other_archives_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(b"x" * 257 + b"ustar" + bytes(250)))
    with pytest.raises(InputError, match="is a tar archive; unpack it or pack it as ZIP"):
        read(tmp_path / "a.tar.gz")
    (tmp_path / "a.gz").write_bytes(gzip.compress(gzip.compress(b"a\n1\n")))
    with pytest.raises(InputError, match="is packed twice"):
        read(tmp_path / "a.gz")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", "a\n1\n")
    with pytest.raises(InputError, match=r"packs “a\.csv” in a rare way"):
        read(tmp_path / "a.zip")


def test_a_damaged_archive_gives_its_good_rows_or_a_sentence(tmp_path: Path) -> None:
    text = "".join(f'{{"a": "{os.urandom(20).hex()}"}}\n' for _ in range(20_000))
    path = zipped(tmp_path / "a.zip", {"a.jsonl": text})
    raw = bytearray(path.read_bytes())
    raw[len(raw) * 2 // 3 : len(raw) * 2 // 3 + 50] = bytes(50)
    path.write_bytes(raw)
    found = read(path)
    assert len(found) > 5000
    assert isinstance(found[-1], Rejection)
    assert "he packed file is damaged or cut off" in found[-1].reason
    path.write_bytes(raw[:-400])
    with pytest.raises(InputError, match="damaged or cut off"):
        read(path)


def test_damaged_zstandard_gives_its_good_rows(tmp_path: Path) -> None:
    text = "".join(f'{{"a": "{os.urandom(20).hex()}"}}\n' for _ in range(20_000))
    (tmp_path / "a.jsonl.zst").write_bytes(zstd(text.encode())[:-100_000])
    found = read(tmp_path / "a.jsonl.zst")
    assert len(found) > 5000
    assert isinstance(found[-1], Rejection)
    assert "damaged or cut off" in found[-1].reason or "is not JSON" in found[-1].reason


@pytest.mark.parametrize("end", ["gz", "zst", "zip"])
def test_a_bomb_stops_at_two_hundred_times_its_size(tmp_path: Path, end: str) -> None:
    line = b'{"prompt": "p", "responses": ["a", "b"]}\n'
    content = line * 10 + b" " * 300_000_000
    path, began = tmp_path / f"a.jsonl.{end}", time.monotonic()
    if end == "zip":
        zipped(path, {"a.jsonl": content})
    else:
        path.write_bytes(gzip.compress(content, 9) if end == "gz" else zstd(content))
    assert path.stat().st_size < 1_000_000
    try:
        said: str = [row.reason for row in read(path) if isinstance(row, Rejection)][-1]
    except InputError as error:
        said = str(error)
    assert "he file unpacks to more than 200 times its size, as no text does; unpack it first" in said
    assert time.monotonic() - began < 60


def test_an_archive_that_understates_its_size_is_bounded_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MAX_UNPACKED", 1_000_000)
    path = zipped(tmp_path / "a.zip", {f"{n}.jsonl": LINES + "\n" + " " * 400_000 for n in range(4)})
    raw, at = bytearray(path.read_bytes()), -1
    while (at := raw.find(b"PK\x01\x02", at + 1)) >= 0:
        struct.pack_into("<I", raw, at + 24, 300_000)
    path.write_bytes(raw)
    with pytest.raises(InputError, match="unpacks to more than 1 MB"):
        read(path)


def test_files_that_overlap_in_an_archive_are_counted_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bomb without nesting: every entry of the list of files points at the same bytes."""
    monkeypatch.setattr(packing, "FREE", 100_000)
    path = zipped(tmp_path / "a.zip", {"0.jsonl": '{"a": 1}\n' + " " * 900_000})
    raw = path.read_bytes()
    start, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    entry, count = raw[start:end], 500
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entry) * count, start, 0)
    path.write_bytes(raw[:start] + entry * count + tail)
    with pytest.raises(InputError, match="unpacks to more than 200 times its size"):
        read(path)


def test_a_list_of_a_million_files_is_refused_before_it_is_held(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": "a\n1\n"})
    raw = path.read_bytes()
    start, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    entries = raw[start:end] * 100_000
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_000, 65_000, len(entries), start, 0)
    path.write_bytes(raw[:start] + entries + tail)
    with pytest.raises(InputError, match="holds more than 10,000 files; pack fewer into one"):
        read(path)


def test_more_files_than_allowed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 5)
    with pytest.raises(InputError, match="holds more than 5 files"):
        read(zipped(tmp_path / "a.zip", {f"{n}.csv": "a\n1\n" for n in range(6)}))


@pytest.mark.parametrize("end", ["", ".gz"])
def test_a_million_columns_are_refused_at_once(tmp_path: Path, end: str) -> None:
    header = ",".join(f"c{n}" for n in range(1_000_000)) + "\n" + "1," * 999_999 + "1\n"
    path, began = tmp_path / f"a.csv{end}", time.monotonic()
    path.write_bytes(gzip.compress(header.encode()) if end else header.encode())
    with pytest.raises(InputError, match=r"^The first line has 1,000,000 columns, and 10,000 is the most; leave out"):
        intake.plan(path)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(("name", "start"), [("a.jsonl", '{"a": 1}\n'), ("a.csv", "a\n1\n"), ("a.csv", "")])
def test_a_file_of_blank_lines_comes_to_an_end(tmp_path: Path, name: str, start: str) -> None:
    path = tmp_path / name
    path.write_text(start + "\n" * 1_100_000 + '{"a": 2}\n')
    if start:
        good, cut = read(path)
        assert isinstance(good, Row)
        assert isinstance(cut, Rejection)
        said: str = cut.reason
    else:
        with pytest.raises(InputError) as error:
            read(path)
        said = str(error.value)
    assert "more than 1,000,000 blank lines follow one another; remove them" in said


def test_blanks_after_an_array_are_not_held(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'[{"a": 1}]' + b" " * 100_000_000)
    tracemalloc.start()
    assert values(tmp_path / "a.json") == [{"a": 1}]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10_000_000


def test_a_small_parquet_file_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["x", " " * 100_000_000]}), tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    with pytest.raises(InputError, match="The file unpacks to more than 200 times its size"):
        read(tmp_path / "a.parquet")


def test_a_row_of_parquet_too_long_costs_itself_only(tmp_path: Path) -> None:
    texts = [["one"] * 3, ["x" * (rows.MAX_ROW + 1)], ["two"], ["y" * 5_000_000], ["z" * 5_000_000]]
    pq.write_table(pa.table({"a": [text for some in texts for text in some]}), tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet")
    assert [type(row) for row in found] == [Row, Row, Row, Rejection, Row, Row, Row]
    assert found[3] == Rejection(row=4, reason="Row 4: is longer than 8 MB; shorten it.")


def test_objects_and_parquet_with_too_many_columns_are_refused(tmp_path: Path) -> None:
    wide = {f"c{n}": 1 for n in range(10_001)}
    (tmp_path / "a.jsonl").write_text(f'{json.dumps(wide)}\n{{"a": 1}}\n')
    refused, good = read(tmp_path / "a.jsonl")
    assert isinstance(good, Row)
    assert isinstance(refused, Rejection)
    assert refused.reason.startswith("Row 1: has 10,001 columns, and 10,000 is the most")
    pq.write_table(pa.Table.from_pylist([wide]), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="The file has 10,001 columns"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize("depth", [90, 900, 20_000])
@pytest.mark.parametrize("format_name", ["tasks", "responses", "preferences", "votes", "oasst"])
def test_deeply_nested_json_costs_its_row_only(tmp_path: Path, depth: int, format_name: str) -> None:
    good = {
        "prompt": "p", "responses": ["a", "b"], "response": "a", "chosen": "a", "rejected": "b", "winner": "tie",
        "model_a": "m", "model_b": "n", "response_a": "a", "response_b": "b",
    }  # fmt: skip
    deep = f"{'[' * depth}{']' * depth}", '{"replies": [' * depth + "]}" * depth
    lines = [json.dumps(good)]
    for name in (*good, "extra"):
        for value in deep:
            lines.append(json.dumps(good | {name: 0}).replace(f'"{name}": 0', f'"{name}": {value}'))
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    tally = intake.check(intake.plan(path, format_name))
    assert tally.read == len(lines) == tally.used + tally.rejected
    assert all(r.reason.endswith(".") and "Error" not in r.reason for r in tally.rejections)


def test_the_command_says_what_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from data.__main__ import main

    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'a.db'}")
    path = zipped(tmp_path / "a.zip", {"a.jsonl": LINES, "notes.txt": "x"})
    assert main(["load", str(path), "--project", "P"]) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        "a.zip: JSONL, ZIP, format tasks (prompt=prompt, responses=responses)",
        "Left out of the archive, as no files of rows: “notes.txt”.",
        "3 rows read = 3 used + 0 rejected",
    ]
    book = write_workbook(tmp_path / "a.xlsx", {"One": [["a"], [1]], "Two": [["prompt", "a1", "a2"], ["p", "x", "y"]]})
    mapping = ["--map", "responses=a1", "--map", "responses=a2"]
    assert main(["load", str(book), "--project", "P", "--sheet", "Two", "--format", "tasks", *mapping]) == 0
    assert "a.xlsx: XLSX, sheet Two, format tasks" in capsys.readouterr().out
    assert main(["load", str(book), "--project", "P", "--sheet", "Three"]) == 2
    assert capsys.readouterr().err == "The workbook has no sheet “Three”; its sheets are: “One”, “Two”.\n"
