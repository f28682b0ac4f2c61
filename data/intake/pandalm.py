"""The format `pandalm`: one row a pair of responses, judged by several people in columns of their own.

A judgement is 0 for a tie, 1 or 2 for the better response. Responses that JSON has as booleans or numbers are text.
"""

import re
from collections.abc import Mapping

from data.intake.columns import GROUP, Columns, Field, Found
from data.intake.content import Answer, Item, imported, merged, task_from
from data.intake.format import Format, Reading, Values, by_row
from data.intake.prompts import INPUT, PROMPT, asked, spread_input
from data.intake.rows import Row, quoted
from data.intake.values import fault, is_missing, label, text
from data.schemas import Judgement, fingerprint

_OUTCOMES: Mapping[str, int] = {"0": 0, "tie": 0, "1": 1, "2": 2}
_ANNOTATOR = re.compile(r"(?:annotator|label)_?(\d{1,2})$")


def panda_item(row: Row, reading: Reading) -> Item:
    """The task of a row and the judgements of everybody who judged it."""
    values, columns = row.values, reading.columns
    fields = ("response_1", "response_2")
    said = ["" if is_missing(v := columns.value(values, f)) else text(v, columns.name(f)) for f in fields]
    answers = [Answer(*answer) for answer in zip(said, _sources(values, columns), strict=True)]
    group = label(columns.value(values, "group"), columns.name("group"))
    task, ids = task_from(asked(values, columns), answers, group)
    rankings = {0: (tuple(sorted(ids)),), 1: ((ids[0],), (ids[1],)), 2: ((ids[1],), (ids[0],))}
    judgements = list[Judgement]()
    for column in columns.of["judgements"]:
        if not is_missing(values.get(column)) and values[column] != "":
            judgements.append(imported(task, _who(column), rankings[_outcome(values, column)]))
    key = fingerprint([task.id, *(j.idempotency_key for j in judgements)])
    return Item((row.number,), key, (task,), tuple(judgements), merged(ids))


def _sources(values: Values, columns: Columns) -> tuple[str | None, str | None]:
    """The two models that a pair is named after, as in `bloom-7b_llama-7b`; None where it names no two."""
    named = label(columns.value(values, "pair"), columns.name("pair")) or ""
    first, _, second = named.partition("_")
    return (first, second) if first and second and "_" not in second else (None, None)


def _who(column: str) -> str:
    found = _ANNOTATOR.search(column.strip().lower())
    return f"pandalm-{found[1]}" if found else f"pandalm-{column}"


def _outcome(values: Values, column: str) -> int:
    said = text(values[column], column).strip().lower().removesuffix(".0")
    if said not in _OUTCOMES:
        fault("says {said}; write 1 or 2 for the better response, or 0 for a tie", column, said=quoted(said))
    return _OUTCOMES[said]


def _spread(found: Found, known: Mapping[str, str]) -> Found:
    judged = tuple(known[name] for name in sorted(known) if _ANNOTATOR.match(name))
    return spread_input(found | {"judgements": judged} if judged else found, known)


PANDALM = Format(
    "one row a pair of responses, judged in columns annotator1, annotator2, … (PandaLM)",
    {
        "prompt": PROMPT,
        "input": INPUT,
        "response_1": Field("the first response", ("response1", "response_1"), required=True),
        "response_2": Field("the second response", ("response2", "response_2"), required=True),
        "judgements": Field(
            "what each annotator said: 0 for a tie, 1 or 2 for the better response; one column an annotator",
            ("annotator1",),
            required=True,
            several=True,
        ),
        "pair": Field("the two sources, joined by an underscore", ("cmp_key",)),
        "group": GROUP,
    },
    by_row(panda_item),
    spread=_spread,
)
