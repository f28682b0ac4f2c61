"""The formats `openai`, `nemo` and `ranked`: completions of one conversation, the better ones told from the worse."""

from collections.abc import Mapping, Sequence
from typing import Any

from data.intake.columns import GROUP, Columns, Field
from data.intake.content import Answer, Item, imported, merged, task_from, tiers
from data.intake.conversations import spoken
from data.intake.format import Format, Reading, Values, by_row, has
from data.intake.people import JUDGES, judge
from data.intake.preferences import answer_after
from data.intake.prompts import INPUT, PROMPT, asked, spread_input
from data.intake.rows import Row
from data.intake.tasks import LISTED_SOURCES, RESPONSES, answers_in
from data.intake.values import fault, is_missing, listed_in, number, turns
from data.schemas import Message, Task


def _placed(row: Row, reading: Reading, made: tuple[Task, list[str]], places: Sequence[float], **said: Any) -> Item:
    """The item of a row whose answers have places, the smallest the best."""
    task, ids = made
    judgement = imported(task, judge(row.values, reading), tiers(zip(ids, places, strict=True)), **said)
    return Item((row.number,), judgement.idempotency_key, (task,), (judgement,), merged(ids))


def openai_item(row: Row, reading: Reading) -> Item:
    """The task and the judgement of a row of OpenAI's preference files."""
    columns = reading.columns
    before = _input(columns.value(row.values, "input"), columns.name("input"))
    fields = ("preferred_output", "non_preferred_output")
    answers = [Answer(_output(columns, row.values, field)) for field in fields]
    return _placed(row, reading, task_from(before, answers), (0, 1))


def _input(value: object, column: str) -> tuple[Message, ...]:
    messages = value.get("messages") if isinstance(value, Mapping) else None
    if not isinstance(messages, list | tuple):
        fault("has no list of messages; write {“messages”: [{“role”, “content”}, …]}", column)
    return turns(list(messages), column)


def _output(columns: Columns, values: Values, field: str) -> str:
    value, column = columns.value(values, field), columns.name(field)
    if listed_in(value) is None:
        fault("is not a list of messages; write [{“role”: “assistant”, “content”: …}]", column)
    return spoken(turns(value, column), column)


def nemo_item(row: Row, reading: Reading) -> Item:
    """The task and the judgement of a row of NeMo RL: completions with ranks, the lowest the best."""
    columns = reading.columns
    before = turns(columns.value(row.values, "context"), columns.name("context"))
    name, found = columns.name("completions"), listed_in(columns.value(row.values, "completions"))
    if found is None or not all(isinstance(one, Mapping) for one in found):
        fault("is not a list of {rank, completion}; mend the row", name)
    places = [_rank(one.get("rank"), f"{name} {n}") for n, one in enumerate(found, 1)]
    answers = [Answer(answer_after(one.get("completion"), before, f"{name} {n}")) for n, one in enumerate(found, 1)]
    return _placed(row, reading, task_from(before, answers), places)


def _rank(value: object, column: str) -> float:
    found = number(value, column)
    if found is None:
        fault("has no rank; give each response its rank, the best the lowest", column)
    return found


def ranked_item(row: Row, reading: Reading) -> Item:
    """The task and the judgement of a row with a list of responses and a list of their ranks."""
    columns = reading.columns
    answers = answers_in(row.values, columns)
    name, ranks = columns.name("ranks"), listed_in(columns.value(row.values, "ranks"))
    if ranks is None or len(ranks) != len(answers):
        told = {"n": 0 if ranks is None else len(ranks), "of": len(answers)}
        fault("has {n} for {of} responses; give each response its rank, the best the lowest", name, **told)
    group = columns.value(row.values, "group")
    made = task_from(asked(row.values, columns), answers, None if is_missing(group) else str(group)[:200])
    return _placed(row, reading, made, [_rank(rank, name) for rank in ranks])


OPENAI = Format(
    "one row a pair: input, preferred_output, non_preferred_output (OpenAI)",
    {
        "input": Field("{messages: a list of {role, content}}", ("input",), required=True),
        "preferred_output": Field(
            "the better response, a list of {role, content}", ("preferred_output",), required=True
        ),
        "non_preferred_output": Field("the worse response", ("non_preferred_output",), required=True),
        **JUDGES,
    },
    by_row(openai_item),
    tells=has("input", "preferred_output", "non_preferred_output"),
)
NEMO = Format(
    "one row a conversation, with completions and their ranks, the best the lowest (NeMo RL)",
    {
        "context": Field("the conversation: a list of {role, content}", ("context",), required=True),
        "completions": Field("a list of {rank, completion}", ("completions",), required=True),
        **JUDGES,
    },
    by_row(nemo_item),
    tells=lambda rows: any("context" in values and _has_ranks(values.get("completions")) for values in rows),
)
RANKED = Format(
    "one row a task, with a list of responses and a list of their ranks, the best the lowest",
    {
        "prompt": PROMPT,
        "input": INPUT,
        "responses": RESPONSES,
        "sources": LISTED_SOURCES,
        "ranks": Field("the ranks of the responses, in the same order", ("ranks", "ranking"), required=True),
        **JUDGES,
        "group": GROUP,
    },
    by_row(ranked_item),
    spread=spread_input,
)


def _has_ranks(value: object) -> bool:
    found = listed_in(value)
    return bool(found) and all(isinstance(one, Mapping) and "rank" in one for one in found or ())
