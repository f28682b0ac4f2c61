"""No row, whatever it holds, breaks the reading of any format: it becomes tasks or a sentence."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.export.whole import whole
from data.intake.content import Answer, Item, task_from
from data.intake.format import Reading
from data.intake.formats import FORMATS
from data.intake.rows import Row
from data.intake.spill import Spill
from data.schemas import Edit, Flag, Judgement, Message, Rejection, Span
from tests.test_intake_exports import argilla, potato, result, studio
from tests.test_intake_formats import node, said, vote
from tests.test_intake_judged import ASKED, kto, panda, steer, ultra

TASK, IDS = task_from((Message(role="user", content="p"),), [Answer("a"), Answer("b")])
OURS = Judgement(
    task_id=TASK.id,
    annotator="ann",
    ranking=((IDS[0],), (IDS[1],)),
    criteria={"tone": ((IDS[0],),)},
    scores={IDS[0]: 3},
    flags=(Flag(response_id=IDS[0], kind="toxic", spans=(Span(start=0, end=1),)),),
    edits=(Edit(response_id=IDS[1], text="c"),),
    shown_order=tuple(IDS),
    idempotency_key="k",
)
EVENTS = {"ranking": [{"user_id": "u", "ranked_message_ids": ["B", "A"]}]}
REPLIES = [node(one, "assistant", message_id=one.upper(), rank=0, labels={"spam": {"value": 1}}) for one in "ab"]
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "responses": [{"prompt": "p", "response": "a", "source": "m"}, {"prompt": "p", "response": "b"}],
    "tasks": [{"prompt": "p", "responses": ["a", {"text": "b", "source": "m"}], "sources": ["m", "n"]}],
    "preferences": [{"prompt": ASKED, "chosen": said("a"), "rejected": said("b"), "score_chosen": 1, "annotator": 1}],
    "ranked": [{"prompt": "p", "responses": ["a", "b"], "ranks": [1, 2], "models": ["m", "n"]}],
    "unpaired": [kto("a", True), kto(said("b"), False)],
    "votes": [vote("tie", response_a=ASKED + said("a"), response_b='["b"]')],
    "oasst": [{"prompt": node("p", "prompter", *REPLIES, events=EVENTS)}],
    "ultrafeedback": [{"instruction": "p", "completions": [ultra("a", 1, "2"), ultra("b", "N/A", 3)]}],
    "helpsteer": [steer("a", 1, 2), steer("b", 2, 1)],
    "helpsteer-pairs": [
        {"context": ASKED, "response1": "a", "response2": "b", "overall_preference": 1,
         "individual_preference": [{"score": 1, "reasoning": "x"}]}
    ],
    "openai": [{"input": {"messages": ASKED}, "preferred_output": said("a"), "non_preferred_output": said("b")}],
    "nemo": [{"context": ASKED, "completions": [{"rank": n, "completion": said(str(n))} for n in range(2)]}],
    "pandalm": [panda()],
    "ukp": [{"#id": "x_y", "label": "a1", "a1": "a", "a2": "b"}],
    "ukp-votes": [{"topic": "t", "pair": "x_y", "arg1": "x", "arg2": "y", "worker": 1, "vote": "equal"}],
    "argilla": [argilla()],
    "label-studio": [studio(result("pairwise", "left"), result("rating", 3, "stars", "text1"))],
    "potato": [potato({"bws": {"best": "A", "worst": "B"}, "pw": {"scale_value": "1"}})],
    "rankings": [whole(OURS, TASK, "ann")],
}  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
ANYTHING = st.recursive(
    LEAVES | st.sampled_from(["", "A", "1", "tie", "[{}]", "x" * 300, "\ud800", "\x00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, inner in inside:
        yield (*here, key)
        yield from paths(inner, (*here, key))


def lists(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, dict):
        return {key: lists(inner) for key, inner in value.items()}
    return [lists(inner) for inner in value] if isinstance(value, list | tuple) else value


def outcomes(name: str, rows: list[dict[str, Any]]) -> list[Item | Rejection]:
    columns = FORMATS[name].columns(FORMATS[name].names(ROWS[name]))
    with closing(Spill()) as spill:
        spill.put("argument x", "a")
        spill.put("argument y", "b")
        numbered = [Row(number, row) for number, row in enumerate(rows, 1)]
        return list(FORMATS[name].read(iter(numbered), Reading(columns, spill, "topic_a.csv", "salt")))


def test_there_is_a_good_row_of_every_format() -> None:
    assert set(ROWS) == set(FORMATS)
    for name, rows in ROWS.items():
        assert all(isinstance(one, Item) for one in outcomes(name, lists(rows))), name
        assert FORMATS[name].recognises(lists(rows)), name


NASTY: tuple[Any, ...] = (
    "\ud800",
    "\x00",
    "",
    "x" * 300,
    None,
    True,
    1e308,
    -1,
    [],
    {},
    [[]],
    ["\ud800"],
    {"": None},
    [{"\ud800": 1}],
)


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_nasty_in_any_place_breaks_the_reading(name: str) -> None:
    good = lists(ROWS[name])
    for path in [path for path in paths(good) if len(path) > 1]:
        for nasty in NASTY:
            check(name, replaced(good, path, nasty))


def replaced(rows: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The rows with another value in one place."""
    made = copy.deepcopy(rows)
    place = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return made


def check(name: str, rows: Any) -> None:
    """Everything that reads these rows comes to an end, and each row is told of once."""
    FORMATS[name].recognises(rows)
    FORMATS[name].names(rows)
    found = outcomes(name, rows)
    told = [number for one in found for number in (one.rows if isinstance(one, Item) else [one.row])]
    assert sorted(told) == list(range(1, len(rows) + 1))
    assert all(one.reason for one in found if isinstance(one, Rejection))


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_row_with_anything_in_any_place_becomes_tasks_or_a_sentence(name: str, data: st.DataObject) -> None:
    rows = lists(ROWS[name])
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from([path for path in paths(rows) if len(path) > 1]))
        rows = replaced(rows, path, data.draw(ANYTHING))
    check(name, rows)
