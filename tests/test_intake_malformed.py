"""Ten thousand malformed files: a sentence for every bad row, and rows in = tasks + rejected rows."""

import csv
import gzip
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data import intake
from data.errors import InputError
from data.schemas import MAX_TEXT, Rejection, Task
from tests.workbooks_made import sheet_xml, write_workbook

HUGE = "x" * (MAX_TEXT + 1)
TEXTS = st.sampled_from(
    [
        "",
        " ",
        "a",
        "b",
        "yes",
        "Привет",
        "你好",
        "line\nbreak",
        'quote"d',
        "a,b;c\td",
        "{",
        "[",
        "[{",
        "\x00",
        "nul\x00in",
        HUGE,
    ]
)
SURROGATES = st.sampled_from(["\ud800", "half \udfff pair"])
SCALARS = st.sampled_from([None, True, False, 0, -1, 7, 1.5, 10**30, float("nan"), float("inf")])
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {}, optional={"role": st.sampled_from(["user", "assistant", "nobody", 3]), "content": st.one_of(TEXTS, SCALARS)}
    ),
    max_size=3,
)
ODD = st.sampled_from([[], {}, [[]], {"a": {}}, [None], [1, 2]])
VALUES = st.one_of(TEXTS, SURROGATES, SCALARS, MESSAGES, ODD)
ANSWERS: st.SearchStrategy[Any] = st.one_of(
    st.lists(st.one_of(TEXTS, SCALARS), max_size=3),
    st.lists(st.fixed_dictionaries({}, optional={"text": VALUES, "source": VALUES}), max_size=3),
    st.sampled_from([[], ["one"], [str(n) for n in range(10)], ["same", "same"], "text", None, 3, {}]),
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
BROKEN = st.sampled_from([b"\xff", b"\xc3\x28", b"\xe2\x82", b"\xed\xa0\x80"])
NOT_ROWS = st.sampled_from(
    ["null", "1", '"text"', "[]", "{", "}", '{"prompt": }', "[" * 5000, '{"a": 1' + "0" * 5000 + "}"]
)
LIMITS = settings(
    derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)

GOOD: dict[str, dict[str, Any]] = {
    "tasks": {"prompt": "Which is it?", "responses": ["this", "that"]},
    "responses": {"prompt": "Which is it?", "response": "this"},
    "preferences": {"prompt": "Which is it?", "chosen": "this", "rejected": "that"},
    "votes": {
        "prompt": "Which is it?",
        "model_a": "m",
        "model_b": "n",
        "response_a": "this",
        "response_b": "that",
        "winner": "tie",
    },
    "oasst": {
        "prompt": {
            "text": "Which is it?",
            "role": "prompter",
            "replies": [{"text": t, "role": "assistant", "rank": n} for n, t in enumerate(["this", "that"])],
        }
    },
}
"""Format → a good first row, so that what follows is judged row by row."""


def rows_of(format_name: str) -> st.SearchStrategy[list[str]]:
    """Texts of JSON rows: malformed objects, things that are no object, and copies of the good row."""
    values: dict[str, st.SearchStrategy[Any]] = {
        name: ANSWERS if name == "responses" else st.one_of(st.just(good), VALUES)
        for name, good in GOOD[format_name].items()
    }
    if format_name == "oasst":
        values = {"prompt": st.one_of(nodes(), VALUES)}
    if format_name == "votes":
        values["winner"] = st.one_of(st.sampled_from(["left", "model_b", "both_bad", "m", "?"]), VALUES)
    row = st.fixed_dictionaries({}, optional=values).map(json.dumps)
    return st.lists(st.one_of(row, row, row, NOT_ROWS, st.just(json.dumps(GOOD[format_name]))), max_size=4)


def nodes() -> st.SearchStrategy[Any]:
    leaf = st.fixed_dictionaries(
        {}, optional={"text": VALUES, "role": st.sampled_from(["assistant", "prompter", "x", None]), "rank": SCALARS}
    )
    replies = st.one_of(st.lists(leaf, max_size=3), st.just([{"role": "assistant", "text": str(n)} for n in range(10)]))
    return st.fixed_dictionaries(
        {"role": st.just("prompter")}, optional={"text": VALUES, "replies": st.one_of(replies, VALUES)}
    )


def is_sentence(rejection: Rejection) -> bool:
    """One line for a person: begins with the row, ends with a full stop, speaks no Python."""
    reason = rejection.reason
    reason.encode("utf-8")
    foreign = re.search(
        r"Traceback|Error|Exception|<class|object at|NoneType|\bdict\b|\bstr\b|[\x00-\x1f\ud800-\udfff]", reason
    )
    return (
        bool(re.fullmatch(r"Row \d+( \(row \d+ of “.*”\))?: \S.*[^.]\.", reason)) and len(reason) < 400 and not foreign
    )


def checked(path: Path, format_name: str, n_rows: int, texts: Path | None = None) -> intake.Tally:
    """The tally of a file, after all that must hold of any file has been checked."""
    tally = intake.check(intake.plan(path, format_name, texts=texts))
    assert tally.read == n_rows == tally.used + tally.rejected
    assert len(tally.rejections) == tally.rejected
    assert [r for r in tally.rejections if not is_sentence(r)] == []
    assert len({r.row for r in tally.rejections}) == tally.rejected
    return tally


def broken(data: bytes, at: int, junk: bytes) -> bytes:
    """The bytes of one row with junk inside."""
    where = at % max(len(data.rstrip(b"\r\n")) - 1, 1) + 1
    return data[:where] + junk + data[where:]


def encoded(texts: list[str], faults: dict[int, tuple[int, bytes]]) -> list[bytes]:
    """Rows as bytes, some of them (never the first) with bytes that are not UTF-8."""
    raw = [text.encode("utf-8", "surrogatepass") for text in texts]
    return [raw[0], *(broken(data, *faults[n]) if n in faults else data for n, data in enumerate(raw[1:]))]


FAULTS = st.dictionaries(st.integers(0, 3), st.tuples(st.integers(0, 200), BROKEN), max_size=1)


def written(path: Path, data: bytes, packed: bool) -> Path:
    path.write_bytes(gzip.compress(data, 1) if packed else data)
    return path


@pytest.mark.parametrize(("format_name", "n"), [("tasks", 1500), ("responses", 1000), ("preferences", 1000)])
def test_any_jsonl(tmp_path: Path, format_name: str, n: int) -> None:
    some_jsonl(tmp_path, format_name, n)


@pytest.mark.parametrize(("format_name", "n"), [("votes", 1000), ("oasst", 1000)])
def test_any_jsonl_with_judgements(tmp_path: Path, format_name: str, n: int) -> None:
    some_jsonl(tmp_path, format_name, n)


def some_jsonl(folder: Path, format_name: str, n: int) -> None:
    @settings(LIMITS, max_examples=n)
    @given(rows_of(format_name), ENDS, ENDS, FAULTS, st.booleans(), st.booleans())
    def run(rows: list[str], end: str, last: str, faults: Any, bom: bool, packed: bool) -> None:
        ends = [end.encode(), *([last.encode()] * len(rows))]
        lines = encoded([json.dumps(GOOD[format_name]), *rows], faults)
        data = b"".join(line + e for line, e in zip(lines, ends, strict=True))
        path = written(folder / "rows.jsonl", b"\xef\xbb\xbf" * bom + data, packed)
        tally = checked(path, format_name, len(lines))
        assert format_name not in ("tasks", "preferences") or tally.tasks <= tally.used
        assert format_name != "tasks" or tally.read == tally.tasks + tally.rejected

    run()


def test_any_json_array(tmp_path: Path) -> None:
    whole = rows_of("tasks").map(lambda rows: [r for r in rows if r not in ("{", "}", "[" * 5000, '{"prompt": }')])

    @settings(LIMITS, max_examples=1500)
    @given(whole, st.sampled_from([",", ",\n", " , \r\n", "\r,"]), FAULTS, st.booleans())
    def run(rows: list[str], comma: str, faults: Any, packed: bool) -> None:
        parts = encoded([json.dumps(GOOD["tasks"]), *rows], faults)
        path = written(tmp_path / "rows.json", b" [" + comma.encode().join(parts) + b"]\n", packed)
        tally = checked(path, "tasks", len(parts))
        assert tally.read == tally.tasks + tally.rejected

    run()


def csv_row(cells: list[str], end: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n") + end


def test_any_csv(tmp_path: Path) -> None:
    cells = st.lists(st.one_of(TEXTS, SURROGATES), min_size=2, max_size=6)

    @settings(LIMITS, max_examples=1500)
    @given(st.lists(cells, max_size=4), st.lists(ENDS, min_size=6, max_size=6), FAULTS, st.booleans(), st.booleans())
    def run(rows: list[list[str]], ends: list[str], faults: Any, bom: bool, packed: bool) -> None:
        head = ["prompt", "response_a", "response_b", "response_c"]
        texts = [csv_row(row, end) for row, end in zip([head, ["Which?", "this", "that"], *rows], ends, strict=False)]
        header, *records = (text.encode("utf-8", "surrogatepass") for text in texts)
        for n, (_, junk) in faults.items():
            if n < len(rows):
                inside = records[n + 1].startswith(b'"')
                records[n + 1] = records[n + 1][:inside] + junk + records[n + 1][inside:]
        path = written(tmp_path / "rows.csv", b"\xef\xbb\xbf" * bom + header + b"".join(records), packed)
        tally = checked(path, "tasks", len(records))
        assert tally.read == tally.tasks + tally.rejected

    run()


def parquet_columns() -> st.SearchStrategy[tuple[pa.Array, pa.Array]]:
    """Columns of four rows, the first of which is good; prompts may be text, bytes, numbers, or broken text."""
    texts = st.lists(st.one_of(TEXTS, st.none()), min_size=3, max_size=3)
    raw = st.lists(st.sampled_from([b"a", b"\xff", b"\xed\xa0\x80", None]), min_size=3, max_size=3)
    prompts = st.one_of(
        texts.map(lambda rest: pa.array(["Which?", *rest])),
        raw.map(lambda rest: pa.array([b"Which?", *rest], pa.binary()).view(pa.string())),
        raw.map(lambda rest: pa.array([b"Which?", *rest], pa.binary())),
        st.lists(st.floats(), min_size=4, max_size=4).map(pa.array),
        st.lists(st.booleans(), min_size=4, max_size=4).map(pa.array),
        st.lists(MESSAGES, min_size=3, max_size=3).map(lambda rest: as_messages(rest)),
    )
    lists = st.lists(st.one_of(st.none(), st.lists(st.one_of(TEXTS, st.none()), max_size=10)), min_size=3, max_size=3)
    answers = st.one_of(
        lists.map(lambda rest: pa.array([["this", "that"], *rest], pa.list_(pa.string()))),
        st.lists(st.lists(st.floats(), max_size=10), min_size=4, max_size=4).map(
            lambda v: pa.array(v, pa.list_(pa.float64()))
        ),
        texts.map(lambda rest: pa.array(['["this", "that"]', *rest])),
    )
    return st.tuples(prompts, answers)


def as_messages(rest: list[list[dict[str, Any]]]) -> pa.Array:
    kind = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    text = [[{k: str(v) for k, v in message.items()} for message in turns] for turns in rest]
    return pa.array([[{"role": "user", "content": "Which?"}], *text], kind)


def test_any_parquet(tmp_path: Path) -> None:
    @settings(LIMITS, max_examples=1500)
    @given(parquet_columns(), st.booleans())
    def run(columns: tuple[pa.Array, pa.Array], packed: bool) -> None:
        path = tmp_path / "rows.parquet"
        pq.write_table(pa.table({"prompt": columns[0], "responses": columns[1]}), path)
        path = written(path, path.read_bytes(), packed)
        tally = checked(path, "tasks", 4)
        assert tally.read == tally.tasks + tally.rejected

    run()


PACKED = [b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xd0\xcf\x11\xe0"]
"""How workbooks, archives and packed files begin."""


@settings(LIMITS, max_examples=1000)
@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"[", b"{", b'{"prompt": "p", "chosen": ', b"a,b\n", b'p,"', b"PAR1", *PACKED]),
    st.data(),
)
def test_any_bytes_under_any_name(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, start: bytes, data: st.DataObject
) -> None:
    ending = data.draw(
        st.sampled_from(
            [".jsonl", ".json", ".csv", ".tsv", ".parquet", ".txt", ".jsonl.gz", ".xlsx", ".zip", ".zst", ""]
        )
    )
    path = tmp_path_factory.getbasetemp() / f"any{ending}"
    path.write_bytes(start + junk)
    for format_name in (None, "tasks", "preferences"):
        outcome = tried(path, format_name)
        assert outcome is None or re.fullmatch(r"\S.*[^.]\.", outcome), outcome


def test_a_file_without_a_name_in_an_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "rows.zip", "w") as archive:
        archive.writestr("a.jsonl", "{}")
    whole = (tmp_path / "rows.zip").read_bytes()
    (tmp_path / "rows.zip").write_bytes(whole.replace(b"a.jsonl", b"\0.jsonl"))
    with pytest.raises(InputError, match="without a name"):
        intake.plan(tmp_path / "rows.zip")


DAMAGES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6)


@pytest.mark.parametrize(("ending", "n"), [("xlsx", 60), ("zip", 300), ("zst", 300), ("parquet", 300)])
def test_any_damage_to_packed_files(tmp_path: Path, ending: str, n: int) -> None:
    rows = [json.dumps({"prompt": f"p{k}", "responses": ["this", f"that {k}"]}) for k in range(30)]
    path = tmp_path / f"rows.jsonl.{ending}"
    if ending == "xlsx":
        cells = [["prompt", "response_a", "response_b"], *([f"p{k}", "this", f"that {k}"] for k in range(30))]
        write_workbook(path, {"One": cells, "Two": cells})
    elif ending == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in ("a.jsonl", "b.jsonl"):
                archive.writestr(name, "\n".join(rows))
    elif ending == "zst":
        path.write_bytes(pa.compress("\n".join(rows).encode(), "zstd", asbytes=True))
    else:
        pq.write_table(pa.Table.from_pylist([json.loads(row) for row in rows]), path)
    whole = path.read_bytes()

    @settings(LIMITS, max_examples=n)
    @given(DAMAGES, st.sampled_from([0, 0, 0, 1, 30]))
    def run(damages: list[tuple[int, int]], cut: int) -> None:
        raw = bytearray(whole[: len(whole) - cut])
        for at, byte in damages:
            raw[at % len(raw)] = byte
        path.write_bytes(raw)
        outcome = tried(path, "tasks")
        assert outcome is None or re.fullmatch(r"\S.*[^.]\.", outcome), outcome

    run()


def test_any_damage_to_a_sheet(tmp_path: Path) -> None:
    cells: list[list[Any]] = [["prompt", "response_a", "response_b"], *([f"p{k}", k, f"that {k}"] for k in range(9))]
    whole = sheet_xml(cells)

    @settings(LIMITS, max_examples=60)
    @given(DAMAGES)
    def run(damages: list[tuple[int, int]]) -> None:
        inside = list(whole)
        for at, byte in damages:
            inside[(at * 7919 + 150) % len(inside)] = chr(byte)
        outcome = tried(write_workbook(tmp_path / "rows.xlsx", {"One": "".join(inside)}), "tasks")
        assert outcome is None or re.fullmatch(r"\S.*[^.]\.", outcome), outcome

    run()


def tried(path: Path, format_name: str | None) -> str | None:
    """The sentence that the file as a whole was refused with; None where it was read."""
    try:
        tally = intake.check(intake.plan(path, format_name))
    except InputError as error:
        return str(error)
    assert tally.read == tally.used + tally.rejected
    assert all(map(is_sentence, tally.rejections))
    return None


@settings(LIMITS, max_examples=300)
@given(rows_of("tasks"), st.integers(0, 400))
def test_every_task_that_comes_through_is_valid(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.jsonl"
    whole = "\n".join([json.dumps(GOOD["tasks"]), *rows]).encode("utf-8", "surrogatepass")
    path.write_bytes(whole[: len(whole) - cut] if cut < len(whole) - 70 else whole)
    tasks, rejections = intake.preview(intake.plan(path, "tasks"), 9)
    assert all(Task.model_validate(task.model_dump()) == task for task in tasks)
    assert all(map(is_sentence, rejections))
