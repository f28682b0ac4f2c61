"""Workbooks (XLSX) written by hand, so that they can hold what no library would write."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
DAY, MOMENT, PERCENT = 1, 2, 3
"""Styles of cells."""
Sheets = Mapping[str, Sequence[Sequence[Any]] | str]
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>'
    '</numFmts><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="9"/></cellXfs>'
    "</styleSheet>"
)


class Raw(str):
    """The inside of a cell as XML; `kind` is the attributes of the cell."""

    kind: str

    def __new__(cls, kind: str, inside: str) -> "Raw":
        made = super().__new__(cls, inside)
        made.kind = kind
        return made


def styled(number: float, style: int) -> Raw:
    return Raw(f's="{style}"', f"<v>{number}</v>")


def formula(text: str, value: str) -> Raw:
    """A formula of text with the value that the workbook keeps for it."""
    return Raw('t="str"', f"<f>{escape(text)}</f><v>{escape(value)}</v>")


def place(column: int, row: int) -> str:
    """“A1” for column 0 and row 1."""
    letters = ""
    while column >= 0:
        letters, column = chr(65 + column % 26) + letters, column // 26 - 1
    return f"{letters}{row}"


def cell(at: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Raw):
        return f'<c r="{at}" {value.kind}>{value!s}</c>'
    if isinstance(value, bool):
        return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{at}"><v>{value}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def sheet_xml(rows: Sequence[Sequence[Any]]) -> str:
    inside = "".join(
        f'<row r="{r}">{"".join(cell(place(c, r), value) for c, value in enumerate(row))}</row>'
        for r, row in enumerate(rows, start=1)
    )
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{inside}</sheetData></worksheet>'


def relations(parts: Mapping[str, tuple[str, str]]) -> str:
    """Relationships: id → kind and target."""
    inside = "".join(f'<Relationship Id="{k}" Type="{REL}/{kind}" Target="{to}"/>' for k, (kind, to) in parts.items())
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'


def write_workbook(path: Path, sheets: Sheets, more: Mapping[str, str] | None = None) -> Path:
    """A workbook of these sheets (rows of values, or the whole XML of a sheet), with more members if given."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name={quoteattr(s)} sheetId="{n}" r:id="r{n}"/>' for n, s in zip(numbers, sheets, strict=True)
    )
    parts = {f"r{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in numbers} | {"rs": ("styles", "styles.xml")}
    members = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": relations({"r1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(parts),
        "xl/styles.xml": STYLES,
        **{
            f"xl/worksheets/sheet{n}.xml": rows if isinstance(rows, str) else sheet_xml(rows)
            for n, rows in zip(numbers, sheets.values(), strict=True)
        },
        **(more or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path
