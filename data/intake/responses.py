"""The format `responses`: one row a response, the rows of one task anywhere in the file."""

from data.intake.columns import GROUP, RESPONSE_NAMES, SOURCE_NAMES, Field
from data.intake.format import Format, Reading
from data.intake.gathered import Member, gathered
from data.intake.preferences import answer_after
from data.intake.prompts import INPUT, PROMPT, asked, spread_input
from data.intake.rows import Row
from data.intake.values import filled_text, label, listed_in

TASK = Field(
    "an id that the rows of one task share (by default: the prompt itself)",
    ("task", "task_id", "prompt_id", "question_id", "conversation_id"),
)


def _member(row: Row, reading: Reading) -> Member:
    columns = reading.columns
    said, column = columns.value(row.values, "response"), columns.name("response")
    text = filled_text(answer_after(said, asked(row.values, columns), column) if listed_in(said) else said, column)
    return Member(text, label(columns.value(row.values, "source"), columns.name("source")))


RESPONSES = Format(
    "one row a response, grouped by prompt",
    {
        "prompt": PROMPT,
        "input": INPUT,
        "response": Field("one response", RESPONSE_NAMES, required=True),
        "source": Field("who wrote it", SOURCE_NAMES),
        "task": TASK,
        "group": GROUP,
    },
    gathered(_member, lambda _task, _members, _reading: []),
    spread=spread_input,
)
