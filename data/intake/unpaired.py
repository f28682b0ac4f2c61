"""The format `unpaired`: TRL's prompt, completion, label (KTO); one row a completion that was found good or bad.

The completions of one prompt become a task: the good ones stand above the bad ones. Where all are good they are a tie,
and where all are bad none of them is acceptable.
"""

from typing import Any

from data.intake.columns import GROUP, SOURCE_NAMES, Field
from data.intake.content import imported
from data.intake.format import Format, Reading
from data.intake.gathered import Member, gathered
from data.intake.people import JUDGES, judge
from data.intake.preferences import answer_after
from data.intake.prompts import INPUT, PROMPT, asked, spread_input
from data.intake.responses import TASK
from data.intake.rows import Row, quoted
from data.intake.values import fault, label
from data.schemas import Judgement, Task, fingerprint

_GOOD, _BAD = ("true", "1", "1.0", "yes", "good", "desirable"), ("false", "0", "0.0", "no", "bad", "undesirable")


def _member(row: Row, reading: Reading) -> Member:
    columns = reading.columns
    name, found = columns.name("label"), columns.value(row.values, "label")
    said = str(found).strip().lower()
    if said not in (*_GOOD, *_BAD):
        fault("says {said}; write true or false", name, said=quoted(found))
    before = asked(row.values, columns)
    text = answer_after(columns.value(row.values, "completion"), before, columns.name("completion"))
    source = label(columns.value(row.values, "source"), columns.name("source"))
    who, good = judge(row.values, reading), said in _GOOD
    key = f"label {fingerprint([who, text, source or '', *(m.content for m in before)])}"
    if not reading.spill.put(key, str(good)) and reading.spill.get(key) != str(good):
        fault("contradicts an earlier row with the same completion; keep one of them", name)
    return Member(text, source, [who, good])


def _judgements(task: Task, members: list[tuple[str, Any]], _reading: Reading) -> list[Judgement]:
    return [_judgement(task, who, members) for who in dict.fromkeys(more[0] for _, more in members)]


def _judgement(task: Task, who: str, members: list[tuple[str, Any]]) -> Judgement:
    good, bad = (
        tuple(dict.fromkeys(name for name, (by, is_good) in members if by == who and is_good is wanted))
        for wanted in (True, False)
    )
    if not good and len(bad) == len(task.responses):
        return imported(task, who, (), none_acceptable=True)
    return imported(task, who, tuple(tuple(sorted(tier)) for tier in (good, bad) if tier))


UNPAIRED = Format(
    "one row a completion that was found good or bad, grouped by prompt",
    {
        "prompt": PROMPT,
        "input": INPUT,
        "completion": Field(
            "the completion: text, or a list of {role, content}", ("completion", "response", "output"), required=True
        ),
        "label": Field("whether it is good: true or false, 1 or 0", ("label", "kto_tag"), required=True),
        "source": Field("who wrote it", SOURCE_NAMES),
        "task": TASK,
        **JUDGES,
        "group": GROUP,
    },
    gathered(_member, _judgements),
    spread=spread_input,
)
