"""Two versions side by side: every row is the same, added, removed or turned, however often it comes."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.export.compare import SHOWN, Compared, compared
from data.export.compared_words import as_json, compared_in_words
from data.export.files import KINDS

COLUMNS = pa.schema([(name, pa.string()) for name in ("prompt", "chosen", "rejected")])
Pair = tuple[str, str, str]
PAIRS = st.lists(st.tuples(st.sampled_from("pq"), st.sampled_from("ab"), st.sampled_from("ab")), max_size=8)


def written(path: Path, pairs: Sequence[Pair]) -> Path:
    rows: list[dict[str, Any]] = [dict(zip(COLUMNS.names, pair, strict=True)) for pair in pairs]
    KINDS[path.suffix.removeprefix(".")].write(path, COLUMNS, rows)
    return path


def beside(folder: Path, before: Sequence[Pair], after: Sequence[Pair], kind: str = "jsonl") -> Compared:
    return compared([written(folder / f"a.{kind}", before)], [written(folder / f"b.{kind}", after)])


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_added_removed_and_turned_in_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    before = [("p", "a", "b"), ("q", "a", "b"), ("gone", "a", "b")]
    after = [("p", "a", "b"), ("q", "b", "a"), ("new", "a", "b")]
    found = beside(tmp_path, before, after, kind)
    assert (found.same, found.added, found.removed, found.turned) == (1, 1, 1, 1)
    prompts = {name: [row["prompt"] for row in rows] for name, rows in found.examples.items()}
    assert prompts == {"added": ["new"], "removed": ["gone"], "turned": ["q"]}
    assert found.examples["turned"][0]["chosen"] == "b"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=PAIRS, after=PAIRS)
def test_every_row_is_counted_once(tmp_path: Path, before: list[Pair], after: list[Pair]) -> None:
    found = beside(tmp_path, before, after)
    assert found.same == (Counter(before) & Counter(after)).total()
    assert found.same + found.turned + found.removed == len(before)
    assert found.same + found.turned + found.added == len(after)
    other = beside(tmp_path, after, before)
    assert (other.added, other.removed, other.turned) == (found.removed, found.added, found.turned)


def test_only_some_rows_are_kept_to_be_looked_at(tmp_path: Path) -> None:
    found = beside(tmp_path, [], [(str(n), "a", "b") for n in range(SHOWN + 5)])
    assert found.added == SHOWN + 5
    assert len(found.examples["added"]) == SHOWN


def test_a_comparison_is_read_in_lines_that_end(tmp_path: Path) -> None:
    long, hostile = "word " * 500, "\x1b[31m red\n+ not a row"
    found = beside(tmp_path, [("q", "a", "b")], [("q", "b", "a"), *((f"{n} {hostile}", long, "b") for n in range(25))])
    lines = "\n".join(compared_in_words(found)).split("\n")
    assert lines[0] == "0 rows the same, 25 added, 0 removed, 1 turned"
    assert sum(line.startswith("+ ") for line in lines) == 20
    assert "  … 5 more; --json has the first 200" in lines
    assert lines[-3:] == ["~ q", "    chosen: b", "    rejected: a"]
    assert max(map(len, lines)) < 120
    assert not any("\x1b" in line for line in lines)
    assert json.loads(as_json(found))["examples"]["turned"][0]["prompt"] == "q"


def test_rows_of_other_columns_are_not_compared(tmp_path: Path) -> None:
    other = tmp_path / "c.jsonl"
    other.write_text('{"prompt": "p", "completion": "a"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="other columns"):
        compared([written(tmp_path / "a.jsonl", [("p", "a", "b")])], [other])
