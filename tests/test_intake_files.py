"""Kinds of files and their rows: what is read, what is refused, and in which words."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.intake import delimited, json_rows, rows
from data.intake.files import kind_of, opened
from data.intake.rows import Row
from data.schemas import Rejection

ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": 'žluťoučký, "kůň"\nwith two lines'}, {"a": 3, "b": ""}]


def read(path: Path, name: str = "") -> list[Row | Rejection]:
    with opened(path, name) as source:
        found = list(source.rows)
        assert 0 <= source.share() <= 1
    return found


def values(path: Path) -> list[dict[str, Any]]:
    return [row.values for row in read(path) if isinstance(row, Row)]


def reasons(path: Path) -> list[str]:
    return [row.reason for row in read(path) if isinstance(row, Rejection)]


def file(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


@pytest.mark.parametrize("packed", ["", ".gz"])
def test_every_kind_gives_the_same_rows(tmp_path: Path, packed: str) -> None:
    lines = "\n".join(json.dumps(row) for row in ROWS)
    quoted = ROWS[1]["b"].replace('"', '""')  # type: ignore[attr-defined]
    table = tmp_path / "plain.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS), table)
    assert values(file(tmp_path, f"rows.jsonl{packed}", lines)) == ROWS
    assert values(file(tmp_path, f"rows.json{packed}", json.dumps(ROWS, indent=1))) == ROWS
    assert values(file(tmp_path, f"rows.parquet{packed}", table.read_bytes())) == ROWS
    text = f'a,b\r\n1,x\n2,"{quoted}"\r3,\n'
    assert values(file(tmp_path, f"rows.csv{packed}", text)) == [row | {"a": str(row["a"])} for row in ROWS]


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_the_delimiter_is_the_one_that_cuts_the_first_line(tmp_path: Path, mark: str) -> None:
    path = file(tmp_path, "rows.csv", f"a{mark}b\n1{mark}x y\n")
    assert values(path) == [{"a": "1", "b": "x y"}]


def test_tabs_without_quoting_keep_quotation_marks(tmp_path: Path) -> None:
    path = file(tmp_path, "rows.tsv", '#id\ta1\ta2\n1\t"So he said\tit is 5" wide\n')
    assert values(path) == [{"#id": "1", "a1": '"So he said', "a2": 'it is 5" wide'}]


def test_tabs_with_quoting_are_read_as_csv(tmp_path: Path) -> None:
    path = file(tmp_path, "rows.tsv", '"a"\t"b"\n"one\ttwo"\t3\n')
    assert values(path) == [{"a": "one\ttwo", "b": "3"}]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "rows.csv"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path, name: str) -> None:
    text = "a,b\n1,2\n" if name.endswith("csv") else '{"a": "1", "b": "2"}\n'
    assert values(file(tmp_path, name, b"\xef\xbb\xbf" + text.encode())) == [{"a": "1", "b": "2"}]


def test_a_json_file_may_hold_lines_or_one_object(tmp_path: Path) -> None:
    assert values(file(tmp_path, "lines.json", '{"a": 1}\n{"a": 2}\n')) == [{"a": 1}, {"a": 2}]
    assert values(file(tmp_path, "one.json", json.dumps({"a": [1, 2]}, indent=2))) == [{"a": [1, 2]}]


def test_the_share_read_grows_to_the_whole(tmp_path: Path) -> None:
    for name in ("rows.jsonl", "rows.jsonl.gz"):
        with opened(file(tmp_path, name, json.dumps({"a": "x" * 90}) + "\n" + '{"a": 1}\n' * 200_000)) as source:
            shares = [source.share() for _ in source.rows]
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1.0)


def test_rows_of_jsonl_are_numbered_as_lines(tmp_path: Path) -> None:
    found = read(file(tmp_path, "rows.jsonl", '\n{"a": 1}\r\n\r\n{"a": \r{"a": 2}'))
    assert [row.number if isinstance(row, Row) else -row.row for row in found] == [2, -4, 5]


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    path = file(tmp_path, "rows.jsonl", '{"a": 1.50, "b": NaN, "c": Infinity}')
    assert values(path) == [{"a": Decimal("1.50"), "b": None, "c": Decimal("Infinity")}]


@given(st.lists(st.text(alphabet="ab\r\n", max_size=8).map(str.encode), max_size=6))
def test_lines_do_not_depend_on_how_the_bytes_arrive(blocks: list[bytes]) -> None:
    class Dribble:
        def __init__(self) -> None:
            self.blocks = [b for b in blocks if b]

        def read(self, _size: int) -> bytes:
            return self.blocks.pop(0) if self.blocks else b""

    assert list(json_rows.lines(Dribble())) == b"".join(blocks).splitlines()  # type: ignore[arg-type]


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=9
    )
)
def test_an_array_is_cut_as_json_reads_it(value: Any) -> None:
    text = json.dumps([value, {"x": value}, value], ensure_ascii=False)
    parts, end = json_rows._elements(text[1:])
    assert [json.loads(part) for part in parts] == [value, {"x": value}, value]
    assert text[1:][end:] == "]"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.jsonl", b'{"a": "\xff"}', "Row 1: is not UTF-8 (byte 8 of the line); save the file as UTF-8."),
        ("rows.jsonl", b"[1]", "Row 1: is not a JSON object; write {“column”: value, …}."),
        ("rows.jsonl", b'{"a": 1', "Row 1: is not JSON (expecting ',' delimiter, character 8); mend the row."),
        ("rows.jsonl", b'{"a": ' + b"[" * 9000 + b"}", "nested too deeply"),
        ("rows.jsonl", b'{"a": ' + b"[" * 300_000 + b"}", "opening brackets"),
        ("rows.jsonl", b'{"a": ' + b"1" * 5000 + b"}", "too many digits"),
        ("rows.jsonl", b'{"a": 1e' + b"9" * 30 + b"}", "too many digits"),
        ("rows.json", b'[{"a": 1}, {"a": 2}', "never closed; check that the file is complete. Nothing after row 1"),
        ("rows.json", b'[{"a": 1}, ]', None),
        ("rows.json", b'[{"a": 1},, {"a": 2}]', "Row 2: is empty; remove the comma before it."),
        ("rows.json", b'[{"a": 1}] [2]', "Row 2: text follows the end of the array"),
        ("rows.json", b'[{"a": "\xff"}]', "Row 1: is not UTF-8; save the file as UTF-8."),
        ("rows.csv", b'a,b\n1,"2\n3,4\n', "Row 1: has a quotation mark that opens a field and never closes it"),
        ("rows.csv", b'a,b\n1,"2"x\n3,4\n', "Row 1: has text after the closing quotation mark of a field"),
        ("rows.csv", b"a,b\n1,2,3\n", "Row 1: has 3 fields but the header names 2; quote the field."),
        ("rows.csv", b"a,b\n1,\xff\n", "Row 1: column “b” is not UTF-8; save the file as UTF-8."),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_its_fault(tmp_path: Path, name: str, content: bytes, said: str | None) -> None:
    found = reasons(file(tmp_path, name, content))
    assert len(found) == (said is not None)
    assert said is None or said in found[0]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.jsonl", b"", "The file is empty"),
        ("rows.jsonl", b"\xef\xbb\xbf \n", "The file is empty"),
        ("rows.csv", b"\n\n \n", "The file is empty"),
        ("rows.csv", b"a,a\n1,2\n", "Two columns are named “a”"),
        ("rows.csv", b"a,\xff\n1,2\n", "The first line is not UTF-8"),
        ("rows.csv", b'"a,b\n1,2\n', "The first line has a quotation mark that opens"),
        ("rows.xlsx", b"PK\x03\x04....", "The archive or workbook is damaged"),
        ("rows.txt", b"\xff\xfea\x00", "UTF-16"),
        ("rows.parquet", b"PAR1 and nothing else", "damaged or not Parquet"),
        ("rows.parquet", b"a,b\n1,2\n", "does not begin as Parquet files do"),
    ],
)
def test_an_unusable_file_gets_one_sentence(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(file(tmp_path, name, content))


def test_a_missing_file_and_a_folder_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        read(tmp_path / "none.csv")
    with pytest.raises(InputError, match="holds no files of rows that can be found"):
        read(tmp_path)


def test_the_rows_after_an_open_quotation_mark_are_not_lost(tmp_path: Path) -> None:
    found = read(file(tmp_path, "rows.csv", 'a,b\n1,"2\n3,4\n5,6\n'))
    assert [row.values["a"] for row in found if isinstance(row, Row)] == ["3", "5"]
    assert len(found) == 3


def test_rereading_after_open_quotation_marks_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_MAX_REREAD", 30)
    (found,) = reasons(file(tmp_path, "rows.csv", 'a,b\n1,2\n3,"' + "\n4" * 40))
    assert found.startswith("Row 2: opens a quotation mark that is never closed")
    assert found.endswith("Nothing after row 1 could be read.")


def test_a_row_too_long_is_skipped_without_the_others(tmp_path: Path) -> None:
    long = "x" * (rows.MAX_ROW + 10)
    found = read(file(tmp_path, "rows.jsonl.gz", f'{{"a": 1}}\n{{"a": "{long}"}}\r\n{{"a": 3}}\n'))
    assert [type(row) for row in found] == [Row, Rejection, Row]
    assert found[1] == Rejection(row=2, reason="Row 2: is longer than 8 MB; shorten it or split it into several rows.")
    found = read(file(tmp_path, "rows.csv.gz", f"a,b\n1,2\n{long}{long},2\n3,4\n"))
    assert [type(row) for row in found] == [Row, Rejection, Row]
    found = read(file(tmp_path, "rows.csv.gz", f"a,b\n1,2\n{long[:-200]},2\n3,4\n"))
    assert [type(row) for row in found] == [Row, Row, Row]


def test_an_endless_element_or_object_ends_the_reading(tmp_path: Path) -> None:
    long = "x" * (rows.MAX_ROW + 600_000)
    (found,) = reasons(file(tmp_path, "rows.json.gz", f'[{{"a": 1}}, {{"a": "{long}"}}]'))
    assert (
        found
        == "Row 2: is longer than 8 MB; shorten it or split it into several rows. Nothing after row 1 could be read."
    )
    (found,) = reasons(file(tmp_path, "one.json.gz", '{\n"a": "' + long + '"}'))
    assert found.startswith("Row 1: is longer than 8 MB")


def test_an_element_just_over_the_limit_costs_one_row(tmp_path: Path) -> None:
    found = read(file(tmp_path, "rows.json.gz", '[{"a": "' + "x" * rows.MAX_ROW + '"}, {"a": 1}]'))
    assert len(found) == 1 or isinstance(found[1], Row)
    assert isinstance(found[0], Rejection)


@pytest.mark.parametrize("name", ["rows.jsonl.gz", "rows.json.gz", "rows.csv.gz"])
def test_a_file_that_unpacks_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(rows, "MAX_UNPACKED", 1_000_000)
    body = {"rows.jsonl.gz": '{"a": 1}\n', "rows.json.gz": '{"a": 1},', "rows.csv.gz": "1,2\n"}[name] * 300_000
    start = {"rows.jsonl.gz": "", "rows.json.gz": "[", "rows.csv.gz": "a,b\n"}[name]
    found = read(file(tmp_path, name, start + body))
    assert isinstance(found[-1], Rejection)
    assert "unpacks to more than 1 MB; split it. Nothing after row" in found[-1].reason
    assert sum(isinstance(row, Rejection) for row in found) == 1
    assert len(found) > 50_000


@pytest.mark.parametrize("name", ["rows.jsonl.gz", "rows.csv.gz"])
def test_a_damaged_packed_file_gives_its_good_rows(tmp_path: Path, name: str) -> None:
    text = "".join(f'{{"a": {n}, "b": "{n * 7919}"}}\n' for n in range(30_000))
    path = file(tmp_path, name, text if "json" in name else "a;b\n" + text.replace("}", ""))
    path.write_bytes(path.read_bytes()[:-20_000])
    found = read(path)
    assert len(found) > 1000
    assert isinstance(found[-1], Rejection)
    assert "damaged or cut off" in found[-1].reason


def test_parquet_text_that_is_not_utf8_costs_its_row_only(tmp_path: Path) -> None:
    texts = pa.array([b"good", b"\xff", b"fine"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"a": texts}), tmp_path / "rows.parquet")
    found = read(tmp_path / "rows.parquet")
    assert [type(row) for row in found] == [Row, Rejection, Row]


def test_parquet_that_is_damaged_inside_keeps_the_rows_before(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.table({"a": [f"text {n} {n * 7919}" for n in range(4000)]})
    pq.write_table(table, path, row_group_size=1000, compression="gzip", use_dictionary=False)
    raw = bytearray(path.read_bytes())
    middle = len(raw) * 6 // 10
    raw[middle : middle + 200] = b"\x00" * 200
    path.write_bytes(raw)
    found = read(path)
    assert isinstance(found[-1], Rejection)
    assert "damaged from here on" in found[-1].reason
    assert len(found) > 500


def test_a_row_group_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.intake import parquet_rows

    monkeypatch.setattr(parquet_rows, "_MAX_ROW_GROUP", 10)
    pq.write_table(pa.table({"a": ["text"] * 9}), tmp_path / "rows.parquet")
    with pytest.raises(InputError, match="row group over 1 GB"):
        read(tmp_path / "rows.parquet")


def test_the_name_the_person_knows_tells_the_kind(tmp_path: Path) -> None:
    path = tmp_path / "0f3a"
    path.write_bytes(b"[a],b\n1,2\n")
    assert [row.values for row in read(path, "rows.csv") if isinstance(row, Row)] == [{"[a]": "1", "b": "2"}]
    assert kind_of(b"anything", "rows.ndjson") == "JSONL"
    assert kind_of(b"not json", "rows.json") == "JSONL"
    assert kind_of(b"a,b", "rows") == "CSV"
    assert kind_of(b'{"a": "' + b"x" * 60_000, "rows") == "JSONL"


def test_a_packed_file_that_is_damaged_from_the_start_says_so_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_bytes(b"\x1f\x8b")
    with (
        pytest.raises(InputError, match=r"^The packed file is damaged or cut off; pack it again\.$"),
        opened(tmp_path / "rows.json"),
    ):
        pass
