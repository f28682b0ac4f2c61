"""Formats with one row a preference pair."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from data.export.messages import TEXT, TURNS, transcript, turns
from data.export.rows import Choice, Judged, Rows, answers, prompts, said
from data.schemas import PreferencePair

TIE = "tie"


def explicit(judged: Judged, choice: Choice) -> Rows:
    """TRL's explicit preference: prompt, chosen, rejected; margin where every pair has one."""
    answer, prompt = answers(choice.messages), prompts(judged, choice.messages)
    kind = TURNS if choice.messages else TEXT

    def row(pair: PreferencePair) -> dict[str, Any]:
        return {"prompt": prompt(pair.prompt), "chosen": answer(pair.chosen), "rejected": answer(pair.rejected)}

    return _of_pairs(judged, choice, [("prompt", kind), ("chosen", kind), ("rejected", kind)], row)


def implicit(judged: Judged, choice: Choice) -> Rows:
    """TRL's implicit preference: chosen and rejected, each with the prompt before it."""
    kind = TURNS if choice.messages else TEXT

    def with_prompt(pair: PreferencePair, text: str) -> Any:
        return turns(pair.prompt) + said(text) if choice.messages else transcript(pair.prompt) + text

    def row(pair: PreferencePair) -> dict[str, Any]:
        return {"chosen": with_prompt(pair, pair.chosen), "rejected": with_prompt(pair, pair.rejected)}

    return _of_pairs(judged, choice, [("chosen", kind), ("rejected", kind)], row)


OPENAI_INPUT = pa.struct([("messages", TURNS), ("tools", pa.list_(TEXT)), ("parallel_tool_calls", pa.bool_())])


def openai(judged: Judged, choice: Choice) -> Rows:
    """OpenAI's preference fine-tuning: input, preferred_output, non_preferred_output, all of them messages."""

    def row(pair: PreferencePair) -> dict[str, Any]:
        asked = {"messages": turns(pair.prompt), "tools": [], "parallel_tool_calls": True}
        return {
            "input": asked,
            "preferred_output": said(pair.chosen),
            "non_preferred_output": said(pair.rejected),
        }

    columns = [("input", OPENAI_INPUT), ("preferred_output", TURNS), ("non_preferred_output", TURNS)]
    return _of_pairs(judged, choice, columns, row, ())


MORE = ("margin", "probability")
"""Columns that come where every pair has a value for them."""


def _of_pairs(
    judged: Judged,
    choice: Choice,
    columns: list[tuple[str, Any]],
    row: Callable[[PreferencePair], dict[str, Any]],
    further: tuple[str, ...] = MORE,
) -> Rows:
    """One row a pair; ties have no chosen side, so they are counted and left to the rankings."""
    kept = [pair for pair in judged.pairs if not pair.tie]
    more = [name for name in further if kept and all(getattr(pair, name) is not None for pair in kept)]
    more += ["weight"] if choice.weights else []
    schema = pa.schema(
        [*(pa.field(*c) for c in columns), *(pa.field(name, pa.float64(), nullable=False) for name in more)]
    )

    def each() -> Iterator[tuple[str, dict[str, Any]]]:
        return ((pair.group, row(pair) | {name: getattr(pair, name) for name in more}) for pair in kept)

    ties = {TIE: len(judged.pairs) - len(kept)} if len(kept) < len(judged.pairs) else {}
    return Rows(schema, each, len(kept), {**judged.left_out, **ties})
