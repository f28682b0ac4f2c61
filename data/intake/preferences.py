"""The format `preferences`: one row a pair, chosen and rejected, in the shapes that others publish.

TRL explicit (prompt, chosen, rejected; strings or conversations), TRL implicit (chosen and rejected hold the prompt),
Anthropic HH (transcripts with “Human:” and “Assistant:”).
"""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from data.errors import InputError
from data.intake.columns import GROUP, Columns, Field, check_complete
from data.intake.content import Answer, Item, imported, task_from
from data.intake.conversations import Parted, parted, spoken
from data.intake.files import opened
from data.intake.format import Format, Reading, by_row
from data.intake.people import JUDGES, judge
from data.intake.prompts import INPUT, PROMPT, asked, spread_input
from data.intake.rows import Row, rejected
from data.intake.spill import Spill
from data.intake.values import fault, is_missing, label, listed_in, number, text, turns
from data.schemas import Message, PreferencePair, Rejection, Task

_TURN = re.compile(r"(?:^|\n\n)(Human|Assistant):")
_LEAST_WEIGHT = 1e-12
MAX_TOPICS = 30


class _Judged(NamedTuple):
    task: Task
    better: str
    worse: str
    annotator: str
    margin: float | None
    weight: float


def preference_item(row: Row, reading: Reading) -> Item:
    """The task and the judgement of a row; InputError says what is wrong with it."""
    made = _judged(row.values, reading)
    judgement = imported(made.task, made.annotator, ((made.better,), (made.worse,)), margin=made.margin)
    return Item((row.number,), judgement.idempotency_key, (made.task,), (judgement,))


def _judged(values: Mapping[str, Any], reading: Reading) -> _Judged:
    columns = reading.columns

    def name(field: str) -> str | None:
        return label(columns.value(values, field), columns.name(field))

    pair = _pair(values, columns)
    answers = Answer(pair.first, name("chosen_source")), Answer(pair.second, name("rejected_source"))
    task, (better, worse) = task_from(pair.prompt, answers, name("group"))
    margin = _margin(values, columns)
    weight = number(columns.value(values, "weight"), columns.name("weight"), _LEAST_WEIGHT)
    return _Judged(task, better, worse, judge(values, reading), margin, 1.0 if weight is None else weight)


def _margin(values: Mapping[str, Any], columns: Columns) -> float | None:
    """By how much the chosen response is better: as the file says, or the difference of the two scores it gives."""
    said = number(columns.value(values, "margin"), columns.name("margin"))
    scores = [number(columns.value(values, f), columns.name(f), -math.inf) for f in ("chosen_score", "rejected_score")]
    if said is not None or scores[0] is None or scores[1] is None:
        return said
    return max(scores[0] - scores[1], 0.0)


def read_preferences(path: Path) -> Iterator[PreferencePair | Rejection]:
    """Every pair of a preference file, row by row, whatever its kind; bad rows come as rejections.

    A row that repeats another is a pair of its own: nothing is known of who judged it. InputError when the file as a
    whole cannot be read or has no columns `chosen` and `rejected`.
    """
    now = datetime.now(UTC)
    with closing(Spill()) as spill, opened(path) as source:
        reading: Reading | None = None
        for row in source.rows:
            if isinstance(row, Rejection):
                yield row
                continue
            reading = reading or _reading(row, spill)
            try:
                yield _preference_pair(row, reading, now)
            except InputError as error:
                yield rejected(row.number, str(error))


def _reading(row: Row, spill: Spill) -> Reading:
    columns = PREFERENCES.columns(row.values)
    check_complete("preferences", PREFERENCES.fields, columns, row.values)
    return Reading(columns, spill)


def _preference_pair(row: Row, reading: Reading, now: datetime) -> PreferencePair:
    made, columns = _judged(row.values, reading), reading.columns
    task = made.task
    chosen, rejected_one = task.response(made.better), task.response(made.worse)
    return PreferencePair.model_construct(
        task_id=task.id,
        group=task.group,
        prompt=task.prompt,
        chosen_id=chosen.id,
        rejected_id=rejected_one.id,
        chosen=chosen.text,
        rejected=rejected_one.text,
        chosen_source=chosen.source,
        rejected_source=rejected_one.source,
        annotator=made.annotator,
        weight=made.weight,
        margin=made.margin,
        judged_at=now,
        language=label(columns.value(row.values, "language"), columns.name("language")) or "",
        topics=_topics(row.values, columns),
    )


def _topics(values: Mapping[str, Any], columns: Columns) -> tuple[str, ...]:
    """The topics of a row: a list, or one text with commas between them."""
    said, column = columns.value(values, "topics"), columns.name("topics")
    several = listed_in(said)
    if several is None:
        several = [] if is_missing(said) else text(said, column).split(",")
    if len(several) > MAX_TOPICS:
        fault("names {n} topics, and {most} is the most; shorten it", column, n=len(several), most=MAX_TOPICS)
    return tuple(dict.fromkeys(name for one in several if (name := label(one, column))))


def _pair(values: Mapping[str, Any], columns: Columns) -> Parted:
    chosen, rejected_one = columns.value(values, "chosen"), columns.value(values, "rejected")
    prompt = columns.value(values, "prompt")
    if not is_missing(prompt) and prompt != "":
        before = asked(values, columns)
        return Parted(
            before,
            answer_after(chosen, before, columns.name("chosen")),
            answer_after(rejected_one, before, columns.name("rejected")),
        )
    if not (_is_conversation(chosen) and _is_conversation(rejected_one)):
        return _shared_text(text(chosen, columns.name("chosen")), text(rejected_one, columns.name("rejected")), columns)
    return _shared_turns(turns(chosen, columns.name("chosen")), turns(rejected_one, columns.name("rejected")), columns)


def _is_conversation(value: object) -> bool:
    items = None if isinstance(value, str) and not value.lstrip().startswith("[{") else listed_in(value)
    return bool(items) and all(isinstance(item, Mapping) for item in items or ())


def answer_after(value: object, prompt: tuple[Message, ...], column: str) -> str:
    """The response, where the prompt stands apart: text, or the turns after the prompt."""
    if not _is_conversation(value):
        return text(value, column)
    said = turns(value, column)
    return spoken(said[len(prompt) :] if said[: len(prompt)] == prompt else said, column)


def _shared_text(chosen: str, rejected_one: str, columns: Columns) -> Parted:
    if _TURN.search(chosen) and _TURN.search(rejected_one):
        return _shared_turns(_transcript(chosen), _transcript(rejected_one), columns)
    same = sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(chosen, rejected_one, strict=False)))
    end = _end_of_prompt(chosen[:same])
    if not end:
        fault("is missing, and chosen and rejected share no beginning; add the prompt", columns.name("prompt"))
    before = (Message(role="user", content=chosen[:end].strip()),)
    return Parted(before, chosen[end:], rejected_one[end:])


def _end_of_prompt(shared: str) -> int:
    """Where the prompt ends in what both texts begin with: at its last line, else sentence, else word; 0 for nowhere.

    Answers may begin with the same words too. Cut inside them, one prompt would become several.
    """
    found = (border.match(shared) for border in _BORDERS)
    return next((border.end() for border in found if border and border[0].strip()), 0)


_BORDERS = (re.compile(r".*\n", re.S), re.compile(r".*(?:[.!?…:]\s+|[。！？：]\s*)", re.S), re.compile(r".*\s", re.S))


def _transcript(said: str) -> tuple[Message, ...]:
    parts = _TURN.split(said)
    before = [Message(role="user", content=parts[0].strip())] if parts[0].strip() else []
    spoken = zip(parts[1::2], parts[2::2], strict=True)
    return (*before, *(Message(role="user" if who == "Human" else "assistant", content=w.strip()) for who, w in spoken))


def _shared_turns(chosen: tuple[Message, ...], rejected_one: tuple[Message, ...], columns: Columns) -> Parted:
    return parted(chosen, rejected_one, (columns.name("prompt"), columns.name("chosen"), columns.name("rejected")))


PREFERENCES = Format(
    "one row a pair, chosen and rejected",
    {
        "prompt": PROMPT._replace(
            says="the prompt; without it the beginning that chosen and rejected share", required=False
        ),
        "input": INPUT,
        "chosen": Field(
            "the better response: text, a list of {role, content}, or a transcript",
            ("chosen", "preferred", "preferred_output", "better"),
            required=True,
        ),
        "rejected": Field(
            "the worse response", ("rejected", "non_preferred", "non_preferred_output", "worse"), required=True
        ),
        "chosen_source": Field("who wrote the chosen response", ("chosen_source", "chosen_model", "chosen_policy")),
        "rejected_source": Field(
            "who wrote the rejected response", ("rejected_source", "rejected_model", "rejected_policy")
        ),
        "margin": Field("by how much the chosen response is better (0 or more)", ("margin",)),
        "chosen_score": Field(
            "a score of the chosen response; without a margin, the difference of the two is the margin",
            ("score_chosen", "chosen_score", "chosen_rating"),
        ),
        "rejected_score": Field(
            "a score of the rejected response", ("score_rejected", "rejected_score", "rejected_rating")
        ),
        "weight": Field("how much the pair counts when a reward model is fitted from the file (above 0)", ("weight",)),
        "language": Field(
            "the language of the prompt (en, ru, zh), by which the card of a model fitted from the file is sliced",
            ("language", "lang"),
        ),
        "topics": Field(
            "the sensitive topics of the prompt, a list or with commas between, by which such a card is sliced",
            ("topics", "sensitive_topics"),
        ),
        **JUDGES,
        "group": GROUP,
    },
    by_row(preference_item),
    spread=spread_input,
)
