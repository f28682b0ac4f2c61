"""Who judged, as it is kept: people in a file get pseudonyms, unless a person maps their names to be kept."""

from typing import Any

from data.intake.columns import Field
from data.intake.format import Reading, Values
from data.intake.values import is_missing, label
from data.schemas import UNNAMED, fingerprint

JUDGES = {
    "annotator": Field(
        "who judged; a name becomes a pseudonym (by default: “imported”)",
        ("annotator", "annotator_id", "worker", "worker_id", "judge", "labeler", "rater", "user_id", "user"),
    ),
    "annotator_name": Field("who judged, kept as it is written; for names that others may see"),
}
"""The fields of every format in which a column says who judged."""


def judge(values: Values, reading: Reading, where: str = UNNAMED) -> str:
    """Who judged a row, by its columns; `where` names those of whom nothing is known."""
    columns = reading.columns
    named = label(columns.value(values, "annotator_name"), columns.name("annotator_name"))
    return named or known_as(where, columns.value(values, "annotator"), reading)


def known_as(where: str, who: Any, reading: Reading) -> str:
    """The name here of a person of a file: a number stays that number, anything else becomes a pseudonym.

    The pseudonym is always the same in one project. Whoever has the file and the name of the project can find out whom
    it stands for; from the data alone nobody can.
    """
    if is_missing(who) or who == "":
        return where
    said = label(who, "annotator") or where
    if said.isascii() and said.isdigit() and len(said) < 10:
        return f"{where}-{said}"
    return f"{where}-{fingerprint([where, said, reading.salt])[:10]}"
