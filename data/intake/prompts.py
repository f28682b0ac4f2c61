"""The prompt of a row: in one column, or an instruction and what it is to be applied to in two."""

from collections.abc import Mapping

from data.intake.columns import PROMPT_NAMES, Columns, Field, Found
from data.intake.format import Values
from data.intake.values import is_missing, text, turns
from data.schemas import Message

PROMPT = Field("the prompt: text, or a list of {role, content}", PROMPT_NAMES, required=True)
INPUT = Field("what follows the prompt on a line of its own, where that is an instruction and this its input")


def asked(values: Values, columns: Columns) -> tuple[Message, ...]:
    """The messages of a row's prompt, the input after the last of them; the input alone where there is no prompt."""
    prompt, more = columns.value(values, "prompt"), columns.value(values, "input")
    said = "" if is_missing(more) else text(more, columns.name("input"))
    if not said.strip():
        return turns(prompt, columns.name("prompt"))
    if is_missing(prompt) or (isinstance(prompt, str) and not prompt.strip()):
        return turns(said, columns.name("input"))
    found = turns(prompt, columns.name("prompt"))
    last = found[-1].model_copy(update={"content": f"{found[-1].content}\n{said}"})
    return (*found[:-1], last)


def spread_input(found: Found, known: Mapping[str, str]) -> Found:
    """`found` with the column `input`, where the prompt is in the column `instruction`."""
    is_instruction = "instruction" in known and found.get("prompt") == (known["instruction"],)
    return found | {"input": (known["input"],)} if is_instruction and "input" in known else found
