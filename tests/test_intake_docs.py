"""docs/data.md says what the code does."""

import re

from data.database import LOCAL
from data.intake.archives import MAX_MEMBERS
from data.intake.loading import CHUNK
from data.intake.packing import MAX_RATIO
from data.intake.rows import MAX_COLUMNS, MAX_ROW, MAX_UNPACKED
from data.intake.votes import TEXT_NAMES
from data.intake.workbook_process import MAX_MEMORY, MAX_SECONDS
from data.schemas import MAX_TEXT
from tests.described import BLOCKS, PAGE, current, formats_block, schema_block, tables_block

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_generated_parts_are_current() -> None:
    assert current(TEXT) == TEXT, "run python -m tests.described"


def test_every_generated_part_is_on_the_page() -> None:
    assert all(block() in TEXT for block in BLOCKS.values())


def test_the_parts_name_schemas_tables_and_formats() -> None:
    assert "| `source` | text (1 to 200 characters) or nothing |" in schema_block()
    assert "| `status` | `submitted`, `skipped`, `withdrawn` |" in schema_block()
    assert "| `judgement` | `id`, `project_id`" in tables_block()
    assert "| `chosen` (required) | the better response" in formats_block()


def test_the_bounds_are_the_ones_in_the_code() -> None:
    assert f"| one text | {MAX_TEXT:,} characters |" in TEXT
    assert f"| one row | {MAX_ROW // 1_000_000} MB |" in TEXT
    assert f"| one row | {MAX_COLUMNS:,} columns |" in TEXT
    assert f"| a packed file | {MAX_UNPACKED // 1_000_000_000} GB unpacked |" in TEXT
    assert f"| a packed file | {MAX_RATIO} times its size" in TEXT
    assert f"| an archive | {MAX_MEMBERS:,} files |" in TEXT
    memory, minutes = MAX_MEMORY / 1e9, MAX_SECONDS // 60
    assert f"| a workbook | {memory:g} GB of memory and {minutes} minutes" in TEXT
    assert f"Tasks are stored {CHUNK} at a time" in TEXT


def test_the_columns_of_a_file_of_texts_are_recognised() -> None:
    found = re.search(r"a second file \(`--texts`\) with\s+`([^`]+)`", TEXT)
    assert found is not None
    names = found.group(1).split(", ")
    assert all(set(names) & set(common) for common in TEXT_NAMES.values())
    assert LOCAL.parts[-2:] == ("data", "local")
