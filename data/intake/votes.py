"""The format `votes`: one row a vote between two sources, with the texts beside it or in a second file.

A vote names a source. When the two files, or two voters, list the sources in another order, the vote follows the
source and not the side.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from data.errors import InputError, Sentence
from data.intake.columns import GROUP, Columns, Field, Found
from data.intake.content import Answer, Item, imported, task_from
from data.intake.conversations import parted
from data.intake.files import opened
from data.intake.format import Format, Reading, Values, by_row
from data.intake.people import JUDGES, judge
from data.intake.prompts import PROMPT
from data.intake.rows import Row, listed, quoted, rejected
from data.intake.spill import Spill
from data.intake.values import fault, filled_text, is_missing, label, listed_in, text, turns
from data.schemas import UNNAMED, Message, Rejection

SIDES: Mapping[str, str] = {
    "left": "a", "model_a": "a", "model_x": "a", "a": "a", "response_a": "a", "1": "a",
    "right": "b", "model_b": "b", "model_y": "b", "b": "b", "response_b": "b", "2": "b",
    "tie": "tie", "draw": "tie",
    "both_bad": "none", "bothbad": "none", "tie (bothbad)": "none", "both bad": "none", "tie (both bad)": "none",
}  # fmt: skip
"""What files call the outcome → side a, side b, a tie, or none acceptable."""

TEXT_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "pair_id", "item"),
    "prompt": ("text", "prompt_text", "instruction", "question", "prompt"),
    "source_a": ("model_x", "model_a", "source_a"),
    "source_b": ("model_y", "model_b", "source_b"),
    "response_a": ("result_x", "response_a", "conversation_a"),
    "response_b": ("result_y", "response_b", "conversation_b"),
}
"""Field → the names it commonly has in a file of texts."""


class Texts(NamedTuple):
    """The prompt of a vote and the responses of side a and side b."""

    prompt: tuple[Message, ...]
    responses: tuple[str, str]


def vote_item(row: Row, reading: Reading) -> Item:
    """The task and the judgement of a vote; InputError says what is wrong with it."""
    columns, spill = reading.columns, reading.spill
    named = [_source(row, columns, side) for side in "ab"]
    texts = _texts(row, columns, spill, named)
    shown = [label(columns.value(row.values, f"name_{side}"), columns.name(f"name_{side}")) for side in "ab"]
    answers = [Answer(said, label_ or name) for said, name, label_ in zip(texts.responses, named, shown, strict=True)]
    group = label(columns.value(row.values, "group"), columns.name("group"))
    task, (a, b) = task_from(texts.prompt, answers, group)
    outcome = _outcome(row, columns, {"a": (named[0], shown[0]), "b": (named[1], shown[1])})
    rankings = {"a": ((a,), (b,)), "b": ((b,), (a,)), "tie": (tuple(sorted((a, b))),), "none": ()}
    who = judge(row.values, reading, _PLACES.get(columns.name("annotator"), UNNAMED))
    judgement = imported(task, who, rankings[outcome], none_acceptable=outcome == "none")
    return Item((row.number,), judgement.idempotency_key, (task,), (judgement,))


def _source(row: Row, columns: Columns, side: str) -> str:
    column = columns.name(f"source_{side}")
    name = label(columns.value(row.values, f"source_{side}"), column)
    if name is None:
        fault("is missing; name the source", column)
    return name


def _outcome(row: Row, columns: Columns, names: Mapping[str, tuple[str, str | None]]) -> str:
    """`a`, `b`, `tie` or `none`."""
    found = columns.of["winner"]
    said = _one_hot(row, found) if len(found) > 1 else text(row.values.get(found[0]), found[0]).strip()
    by_name = next((side for side, known in names.items() if said in known), None)
    outcome = by_name if by_name and len(set(names.values())) > 1 else SIDES.get(said.lower())
    if outcome is None:
        fault("says {said}; write left, right, tie, both_bad or the name of a source", found[0], said=quoted(said))
    return outcome


def _one_hot(row: Row, names: Iterable[str]) -> str:
    """The winner of columns such as `winner_model_a`, of which one holds 1."""
    won = [name for name in names if str(row.values.get(name)).strip().lower() in ("1", "1.0", "true")]
    if len(won) != 1:
        fault("mark {n} outcomes; mark one with 1", ", ".join(names), n=len(won))
    return won[0].removeprefix("winner_")


def _texts(row: Row, columns: Columns, spill: Spill, named: list[str]) -> Texts:
    if "response_a" in columns.of and "response_b" in columns.of:
        return _own_texts(row.values, columns)
    column = columns.name("id")
    key = text(columns.value(row.values, "id"), column)
    stored = spill.get(f"text {key}")
    if stored is None:
        fault("is {said}, which the file of texts does not have; add it there", column, said=quoted(key))
    prompt, responses = json.loads(stored)
    if named[0] == named[1]:
        same = "names {source}, as the other side does; a vote needs two sources"
        fault(same, columns.name("source_b"), source=quoted(named[1]))
    if set(named) != set(responses):
        theirs = {"sources": ", ".join(map(quoted, responses)), "id": quoted(key)}
        fault("and its pair differ from {sources}, whose texts {id} holds", columns.name("source_a"), **theirs)
    return Texts((Message(role="user", content=prompt),), (responses[named[0]], responses[named[1]]))


def _own_texts(values: Values, columns: Columns) -> Texts:
    fields = ("response_a", "response_b")
    prompt, names = columns.value(values, "prompt"), tuple(map(columns.name, ("prompt", *fields)))
    asked = [] if is_missing(prompt) else _asked(prompt, columns.name("prompt"))
    if not asked and listed_in(columns.value(values, fields[0])) is None:
        fault("is missing; fill it in or remove the row", names[0])
    said = [_conversation(asked, columns.value(values, field), columns.name(field)) for field in fields]
    made = parted(said[0], said[1], (names[0], names[1], names[2]))
    return Texts(made.prompt, (made.first, made.second))


def _asked(prompt: object, column: str) -> list[tuple[Message, ...]]:
    """What the user said: one prompt (of one message or more), or several turns, which responses stand between."""
    items = listed_in(prompt)
    if items is None or any(isinstance(item, Mapping) for item in items):
        return [turns(prompt, column)]
    return [(Message(role="user", content=_or_empty(item, column)),) for item in items]


def _conversation(asked: list[tuple[Message, ...]], response: object, column: str) -> tuple[Message, ...]:
    """The whole conversation in which a response, or several, were given."""
    items = listed_in(response)
    if items and all(isinstance(item, Mapping) for item in items):
        found = turns(items, column)
        if found[-1].role != "assistant":
            fault("does not end with a message of the assistant; add its response", column)
        before = tuple(message for turn in asked for message in turn)
        return found if found[0].role != "assistant" or not before else (*before, *found)
    answers = [text(response, column)] if items is None else [_or_empty(item, column) for item in items]
    if len(answers) != len(asked):
        told = {"n": len(answers), "of": len(asked)}
        fault("has {n} turns, and the prompt {of}; write one response a turn", column, **told)
    return tuple(m for a, t in zip(asked, answers, strict=True) for m in (*a, Message(role="assistant", content=t)))


def _or_empty(item: object, column: str) -> str:
    """The text of one of several turns; nothing where a model said nothing."""
    return "" if is_missing(item) else text(item, column)


def keep_texts(path: Path, name: str, spill: Spill) -> None:
    """Read a file of texts into the spill; InputError for the first row that is unusable."""
    with opened(path, name) as source:
        columns: Columns | None = None
        for row in source.rows:
            if isinstance(row, Rejection):
                raise InputError("The file of texts: {fault}", fault=row.reason)
            columns = columns or _text_columns(row)
            try:
                _keep(row, columns, spill)
            except InputError as error:
                raise InputError("The file of texts: {fault}", fault=rejected(row.number, str(error)).reason) from None


def _text_columns(row: Row) -> Columns:
    found = {
        field: (name,)
        for field, common in TEXT_NAMES.items()
        if (name := next((name for name in common if name in row.values), None))
    }
    if lacking := sorted(set(TEXT_NAMES) - set(found)):
        why = Sentence("The file of texts has no column for {fields}; see docs/data.md for its columns.")
        raise InputError(why, fields=", ".join(lacking))
    return Columns(found)


def _keep(row: Row, columns: Columns, spill: Spill) -> None:
    pick = partial(columns.value, row.values)
    key = text(pick("id"), columns.name("id"))
    prompt = filled_text(pick("prompt"), columns.name("prompt"))
    responses = {
        _source(row, columns, side): text(pick(f"response_{side}"), columns.name(f"response_{side}")) for side in "ab"
    }
    if not spill.put(f"text {key}", json.dumps([prompt, responses])):
        fault("is {said} again; give each row its own id", columns.name("id"), said=quoted(key))


def check_texts(columns: Columns, has_texts: bool, names: Sequence[str]) -> None:
    """Raise InputError unless the responses of the votes can be found: in the file or in a file of texts."""
    inline = {"response_a", "response_b"} <= set(columns.of)
    if not inline and not has_texts:
        raise InputError("The votes come without the texts they are about; add the file of texts as well.")
    if not inline and "id" not in columns.of:
        why = Sentence("The votes need a column id to find their texts by; the file has {columns}.")
        raise InputError(why, columns=listed(list(names)))


def _one_hot_winner(found: Found, known: Mapping[str, str]) -> Found:
    """`found` with a winner that is spread over columns of 0 and 1."""
    spread = tuple(known[n] for n in ("winner_model_a", "winner_model_b", "winner_tie") if n in known)
    return found | {"winner": spread} if "winner" not in found and len(spread) > 1 else found


_PLACES: Mapping[str, str] = {"worker": "llmfao", "evaluation_session_id": "arena"}
"""The column that says who voted → where such columns come from."""
_INLINE = "the response of the {} source, where the file has the texts itself"
VOTES = Format(
    "one row a vote between two sources",
    {
        "winner": Field(
            "who won: left, right, model_a, model_b, tie, both_bad, or the name of a source",
            ("winner", "vote", "label", "preference"),
            required=True,
            several=True,
        ),
        "source_a": Field(
            "the source of one response",
            ("model_x", "model_a", "source_a", "left_model", "model_1", "model1", "left"),
            required=True,
        ),
        "source_b": Field(
            "the source of the other",
            ("model_y", "model_b", "source_b", "right_model", "model_2", "model2", "right"),
            required=True,
        ),
        "prompt": PROMPT._replace(says="the prompt, where the file has the texts itself", required=False),
        "response_a": Field(
            _INLINE.format("first"),
            ("response_a", "result_x", "conversation_a", "answer_a", "response_1", "response1", "output_a"),
        ),
        "response_b": Field(
            _INLINE.format("second"),
            ("response_b", "result_y", "conversation_b", "answer_b", "response_2", "response2", "output_b"),
        ),
        "id": Field("the id that the vote shares with a row of the file of texts", ("id", "pair_id", "item")),
        "name_a": Field("a readable name of the first source", ("left", "name_a")),
        "name_b": Field("a readable name of the second source", ("right", "name_b")),
        **JUDGES,
        "annotator": JUDGES["annotator"]._replace(names=(*JUDGES["annotator"].names, "evaluation_session_id")),
        "group": GROUP,
    },
    by_row(vote_item),
    spread=_one_hot_winner,
    keep_texts=keep_texts,
    check=check_texts,
)
