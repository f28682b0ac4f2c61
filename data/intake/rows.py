"""Rows of a file, the bounds on them, and the sentences about the bad ones."""

import re
from typing import Any, NamedTuple

from data.schemas import Rejection

MAX_ROW = 8_000_000
"""Bytes (JSON, JSONL) or characters (CSV) of one row; what is longer is rejected without being held."""
MAX_BRACKETS = 200_000
"""Opening brackets in one JSON row: more would cost far more memory than the text itself."""
MAX_UNPACKED = 2_000_000_000
"""Bytes that a packed file may unpack to."""
MAX_COLUMNS = 10_000
"""Columns of one row."""
MAX_BLANK = 1_000_000
"""Blank lines that may follow one another: nobody could end the reading of a file of nothing else."""
TOO_BLANK = f"more than {MAX_BLANK:,} blank lines follow one another; remove them"


class Row(NamedTuple):
    """One row: its number (from 1, as `Rejection.row`) and its values by column name.

    `file` names the file in an archive or a dataset of several; rows are numbered on from file to file.
    """

    number: int
    values: dict[str, Any]
    file: str = ""


def rejected(row: int, reason: str) -> Rejection:
    """A rejection whose sentence says which row it is about."""
    return Rejection(row=row, reason=f"Row {row}: {reason}")


def cut_off(row: int, reason: str) -> Rejection:
    """The rejection of a row at which the file cannot be read further."""
    rest = f"nothing after row {row - 1} could be read" if row > 1 else "no row could be read"
    return rejected(row, f"{reason.rstrip('.')}; {rest}.")


def too_wide(n: int) -> str:
    """What is wrong with a row, or a first line, of so many columns."""
    return f"has {n:,} columns, and {MAX_COLUMNS:,} is the most; leave out those that nobody needs."


def quoted(text: object, length: int = 40) -> str:
    """A piece of a file, safe to repeat in a sentence: shortened, control characters and broken text replaced."""
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", str(text))
    return f"“{plain[:length]}…”" if len(plain) > length else f"“{plain}”"


def listed(names: list[str], most: int = 12) -> str:
    """Names of columns, quoted and joined; at most `most` of them."""
    shown = ", ".join(quoted(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
