"""Rows of a file, the bounds on them, and the sentences about the bad ones."""

import re
from typing import Any, NamedTuple

from data.errors import Sentence
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
TOO_BLANK = Sentence("more than {n} blank lines follow one another; remove them.", n=MAX_BLANK)
TOO_LONG = Sentence("is longer than {n} MB; shorten it.", n=MAX_ROW // 1_000_000)


class Row(NamedTuple):
    """One row: its number (from 1, as `Rejection.row`) and its values by column name.

    `file` names the file in an archive or a dataset of several; rows are numbered on from file to file.
    """

    number: int
    values: dict[str, Any]
    file: str = ""


def rejected(row: int, reason: str) -> Rejection:
    """A rejection whose sentence says which row it is about."""
    return Rejection(row=row, reason=Sentence("Row {row}: {reason}", row=str(row), reason=Sentence(reason)))


def reason_alone(rejection: Rejection) -> Sentence:
    """What is wrong with a row, without which row it is."""
    said = rejection.reason.values.get("reason")
    return said if isinstance(said, Sentence) else rejection.reason


def cut_off(row: int, reason: str) -> Rejection:
    """The rejection of a row at which the file cannot be read further."""
    if row < 2:
        return rejected(row, Sentence("{fault} No row could be read.", fault=Sentence(reason)))
    rest = Sentence("{fault} Nothing after row {row} could be read.", fault=Sentence(reason), row=str(row - 1))
    return rejected(row, rest)


def too_wide(n: int) -> Sentence:
    """What is wrong with a row, or a first line, of so many columns."""
    return Sentence(
        "has {n} columns, and {most} is the most; leave out those that nobody needs.", n=n, most=MAX_COLUMNS
    )


def quoted(text: object, length: int = 40) -> str:
    """A piece of a file, safe to repeat in a sentence: shortened, control characters and broken text replaced."""
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", str(text))
    return f"“{plain[:length]}…”" if len(plain) > length else f"“{plain}”"


def listed(names: list[str], most: int = 12) -> str:
    """Names of columns, quoted and joined; at most `most` of them."""
    shown = ", ".join(quoted(name) for name in names[:most])
    return Sentence("{names} and {n} more", names=shown, n=len(names) - most) if len(names) > most else shown
