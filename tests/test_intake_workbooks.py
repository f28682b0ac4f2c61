"""Workbooks (XLSX): what people see in a sheet is what is read, and no workbook harms who reads it."""

import gzip
import http.server
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data import intake
from data.errors import InputError
from data.intake import archives, rows, workbook_process
from data.intake.files import opened
from data.intake.rows import Row
from data.schemas import Project, Rejection
from data.store import Store
from tests.workbooks_made import (
    DAY,
    HEAD,
    MAIN,
    MOMENT,
    PERCENT,
    Raw,
    Sheets,
    formula,
    relations,
    styled,
    write_workbook,
)

TASKS = [["prompt", "response_a", "response_b"], ["Which?", "this", "that"], ["Why?", "so", "thus"]]


def read(path: Path, sheet: str = "") -> list[Row | Rejection]:
    with opened(path, "", sheet) as source:
        assert source.kind == "XLSX"
        found = list(source.rows)
        assert source.share() == pytest.approx(1.0)
    return found


def values(path: Path, sheet: str = "") -> list[dict[str, Any]]:
    return [row.values for row in read(path, sheet) if isinstance(row, Row)]


def test_a_workbook_becomes_tasks_as_a_csv_does(tmp_path: Path, store: Store, project: Project) -> None:
    path = write_workbook(tmp_path / "tasks.xlsx", {"Sheet1": TASKS})
    plan = intake.plan(path)
    assert (plan.kind, plan.format, plan.sheet, plan.sheets) == ("XLSX", "tasks", "Sheet1", ("Sheet1",))
    load = intake.load(plan, store, project, "lead")
    assert (load.rows, load.rows_used, load.tasks) == (2, 2, 2)
    (tmp_path / "tasks.csv").write_text("\n".join(",".join(map(str, row)) for row in TASKS))
    assert intake.load(intake.plan(tmp_path / "tasks.csv"), store, project, "lead").tasks == 0


def test_cells_read_as_people_see_them(tmp_path: Path) -> None:
    row = [3.0, 1.5, True, styled(45000, DAY), styled(45000.5, MOMENT), styled(0.05, PERCENT), "Привет, 你好\nline"]
    path = write_workbook(tmp_path / "a.xlsx", {"S": [list("abcdefgh"), [*row, None]]})
    assert values(path) == [
        {
            "a": 3, "b": 1.5, "c": True, "d": "2023-03-15", "e": "2023-03-15 12:00:00", "f": 0.05,
            "g": "Привет, 你好\nline", "h": "",
        }
    ]  # fmt: skip


def test_the_first_sheet_with_rows_is_read_unless_another_is_named(tmp_path: Path) -> None:
    sheets: Sheets = {"Notes": [["read me"]], "Data": [["a"], [1]], "More, “α”": [["a"], [2]]}
    path = write_workbook(tmp_path / "a.xlsx", sheets)
    assert values(path) == [{"a": 1}]
    assert values(path, "More, “α”") == [{"a": 2}]
    with pytest.raises(InputError, match="The workbook has no sheet “Dta”; its sheets are: “Notes”, “Data”, “More"):
        read(path, "Dta")


def test_rows_are_numbered_from_the_names_whatever_is_blank(tmp_path: Path) -> None:
    sheet: list[list[Any]] = [[], [None, "a", None, "b"], [], [None, 1], [None, 2, None, 3, None, "astray"]]
    found = read(write_workbook(tmp_path / "a.xlsx", {"S": sheet}))
    assert found == [
        Row(2, {"a": 1, "column 2": "", "b": ""}),
        Rejection(row=3, reason="Row 3: has 1 cells to the right of the last column name; name their columns."),
    ]


def test_a_formula_gives_the_value_that_is_kept_and_is_never_computed(tmp_path: Path) -> None:
    cells = [
        formula('HYPERLINK("http://127.0.0.1/","see")', "see"),
        Raw("", "<f>1+1</f>"),
        Raw('t="e"', "<v>#N/A</v>"),
        "=cmd|' /C calc'!A0",
    ]
    path = write_workbook(tmp_path / "a.xlsx", {"S": [list("abcd"), cells]})
    assert values(path) == [{"a": "see", "b": "", "c": "", "d": "=cmd|' /C calc'!A0"}]


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The paths that anybody asks a server on this computer for; its port is the first of them."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    paths.append(str(server.server_port))
    yield paths
    server.shutdown()
    server.server_close()


def test_links_to_other_files_are_never_followed(tmp_path: Path, asked: list[str]) -> None:
    elsewhere = f"http://127.0.0.1:{asked[0]}/other.xlsx"
    more = {
        "xl/externalLinks/externalLink1.xml": f'{HEAD}<externalLink xmlns="{MAIN}"><externalBook/></externalLink>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": relations({"r1": ("externalLinkPath", elsewhere)}).replace(
            "/>", ' TargetMode="External"/>'
        ),
    }
    sheet = f"""{HEAD}<!DOCTYPE x [<!ENTITY e SYSTEM "{elsewhere}"><!ENTITY f SYSTEM "file:///etc/passwd">]>
    <worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="str"><v>a</v></c></row>
    <row r="2"><c r="A2" t="str"><f>[1]Sheet1!A1</f><v>kept</v></c></row></sheetData></worksheet>"""
    assert values(write_workbook(tmp_path / "a.xlsx", {"S": sheet}, more)) == [{"a": "kept"}]
    assert asked[1:] == []


def test_a_cell_at_the_far_corner_is_refused_in_a_sentence(tmp_path: Path) -> None:
    far = f"""{HEAD}<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>
    <row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"""
    path, began = write_workbook(tmp_path / "a.xlsx", {"S": far}), time.monotonic()
    with pytest.raises(
        InputError, match=r"The workbook needs more than 1\.5 GB of memory or 5 minutes; save the sheet"
    ):
        read(path)
    assert time.monotonic() - began < 30


def test_one_long_text_in_every_cell_is_refused_in_a_sentence(tmp_path: Path) -> None:
    shared = f'{HEAD}<sst xmlns="{MAIN}"><si><t>{"x" * 1_000_000}</t></si></sst>'
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_001))
    sheet = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
    parts = {"r1": ("worksheet", "worksheets/sheet1.xml"), "r2": ("sharedStrings", "sharedStrings.xml")}
    more = {"xl/sharedStrings.xml": shared, "xl/_rels/workbook.xml.rels": relations(parts)}
    path = write_workbook(tmp_path / "a.xlsx", {"S": sheet}, more)
    with pytest.raises(InputError, match=r"needs more than 1\.5 GB of memory"):
        read(path)


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"S": [["a"], ["x" * 3_000_000]]})
    monkeypatch.setattr(rows, "MAX_UNPACKED", 2_000_000)
    with pytest.raises(InputError, match=r"^The file unpacks to more than 2 MB; split it\.$"):
        read(path)


def test_a_workbook_of_blanks_packed_very_small_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"S": TASKS}, {"xl/more.xml": " " * 100_000_000})
    with pytest.raises(InputError, match="unpacks to more than 200 times its size"):
        read(path)


def test_a_workbook_of_too_many_members_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 20)
    path = write_workbook(tmp_path / "a.xlsx", {"S": TASKS}, {f"xl/{n}.xml": "" for n in range(30)})
    with pytest.raises(InputError, match="holds more than 20 files"):
        read(path)


@pytest.mark.parametrize(
    ("sheets", "more", "said"),
    [
        ({"S": []}, {}, "The workbook is empty; choose one with column names in its first line"),
        ({"S": "<worksheet><sheetData><row"}, {}, "The workbook is damaged or no XLSX"),
        ({"S": TASKS}, {"xl/workbook.xml": "not XML at all <"}, "The workbook is damaged or no XLSX|has no sheet"),
        ({"S": [["a", "a"], [1, 2]]}, {}, "Two columns are named “a” in the first line; rename one."),
        ({"S": [["a"] * 10_001]}, {}, "The first line has 10,001 columns, and 10,000 is the most"),
    ],
)
def test_an_unusable_workbook_gets_one_sentence(tmp_path: Path, sheets: Any, more: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(write_workbook(tmp_path / "a.xlsx", sheets, more))


@pytest.mark.parametrize("names", [["xl/workbook.bin"], ["mimetype", "content.xml"]])
def test_other_spreadsheets_are_named_as_such(tmp_path: Path, names: list[str]) -> None:
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    with pytest.raises(InputError, match="is a spreadsheet, but not XLSX; save it as XLSX or CSV"):
        read(tmp_path / "a.ods")
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(InputError, match="old Excel workbook, or one with a password"):
        read(tmp_path / "a.xls")


def test_a_packed_workbook_is_read_too(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"S": TASKS})
    (tmp_path / "a.xlsx.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert values(tmp_path / "a.xlsx.gz") == values(path)


def test_a_preview_reads_the_first_rows_only_and_leaves_no_process(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"S": [TASKS[0], *[[f"p{n}", "a", f"b{n}"] for n in range(20_000)]]})
    tasks, rejections = intake.preview(intake.plan(path))
    assert (len(tasks), rejections) == (3, [])


def test_the_process_says_what_a_workbook_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"S": [["a"], [styled(0.5, 0)]]})
    head, *said = workbook_process.lines(str(path), "")
    assert head == {"sheets": ["S"], "sheet": "S", "rows": 2}
    assert said == [[1, ["a"]], [2, [0.5]]]
    assert next(workbook_process.lines(str(path), "T")) == {"fault": "sheet", "sheets": ["S"]}
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 and nothing")
    assert next(workbook_process.lines(str(tmp_path / "b.xlsx"), "")) == {"fault": "damaged"}
