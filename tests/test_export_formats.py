"""The nested formats say what was judged, in the shape their owners publish; filters and merging are counted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.export.files import KINDS
from data.export.formats import FORMATS
from data.export.of_tasks import won_share
from data.export.rows import Choice, Judged
from data.export.scope import Scope, judged_in, narrowed, scope_in_words
from data.export.write import rows_of, settled, write_export
from data.schemas import Judgement, Message, PreferencePair, Task
from tests.conftest import a_judgement, a_task
from tests.test_export import ABOUT, ALL, judged, read

ASKED = (Message(role="user", content="Which?"),)
TASK = a_task("Which?", "one", "two", "three", sources=("m-1", "m-2", "m-3"))


def rows(data: Judged, name: str, **choice: Any) -> list[dict[str, Any]]:
    return [row for _, row in rows_of(data, Choice(name, messages=True, **choice)).each()]


def spoken(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def test_openai_gets_messages_on_both_sides() -> None:
    data = judged([TASK], [a_judgement(TASK, ("r2",), ("r1",))])
    assert rows(data, "openai") == [
        {
            "input": {
                "messages": [{"role": "user", "content": "Which?"}],
                "tools": [],
                "parallel_tool_calls": True,
            },
            "preferred_output": spoken("two"),
            "non_preferred_output": spoken("one"),
        }
    ]


def test_nemo_ranks_from_zero_and_answers_in_a_tie_share_a_rank() -> None:
    data = judged([TASK], [a_judgement(TASK, ("r2",), ("r1", "r3")), a_judgement(TASK, ("r1",), annotator="bob")])
    (row,) = rows(data, "nemo")
    assert [(one["rank"], one["completion"]) for one in row["completions"]] == [
        (0, spoken("two")),
        (1, spoken("one")),
        (1, spoken("three")),
    ]
    assert rows_of(data, Choice("nemo")).left_out == {"fewer than two answers ranked": 1}


def test_the_rankings_of_two_people_stay_apart_for_nemo() -> None:
    data = judged([TASK], [a_judgement(TASK, ("r2",), ("r1",)), a_judgement(TASK, ("r1",), ("r2",), annotator="bob")])
    assert [row["annotator"] for row in rows(data, "nemo")] == ["annotator 1", "annotator 2"]
    assert [row["annotator"] for row in rows(data, "nemo", names=True)] == ["ann", "bob"]


def test_the_arena_hears_who_was_first_on_the_screen_and_that_both_bad_is_no_tie() -> None:
    two = a_task("Which?", "yes", "no", sources=("m-1", "m-2"))
    said = [
        a_judgement(two, ("r1",), ("r2",), shown_order=("r2", "r1")),
        a_judgement(two, ("r1", "r2"), annotator="bob"),
        a_judgement(two, annotator="cyd", none_acceptable=True),
    ]
    votes = rows(judged([two], said), "arena")
    assert [(v["model_a"], v["model_b"], v["winner"], v["judge"]) for v in votes] == [
        ("m-2", "m-1", "model_b", "annotator 1"),
        ("m-1", "m-2", "tie", "annotator 2"),
        ("m-1", "m-2", "both_bad", "annotator 3"),
    ]
    assert votes[0]["conversation_a"] == [{"role": "user", "content": "Which?"}, *spoken("no")]


def test_helpsteer_has_each_annotators_preference_and_their_mean() -> None:
    two = a_task("Which?", "yes", "no")
    said = [
        a_judgement(two, ("r2",), ("r1",), margin=1.0, comment="Clearly."),
        a_judgement(two, ("r2",), ("r1",), annotator="bob"),
        a_judgement(two, ("r1", "r2"), annotator="cyd"),
        a_judgement(two, ("r1",), ("r2",), annotator="dan", margin=0.0),
    ]
    (row,) = rows(judged([two], said), "helpsteer")
    assert [one["score"] for one in row["individual_preference"]] == [3, 2, 0, -1]
    assert row["overall_preference"] == 1
    assert (row["response1"], row["individual_preference"][0]["reasoning"]) == ("yes", "Clearly.")


def test_ultrafeedback_scores_by_the_share_of_answers_it_beats() -> None:
    said = [
        a_judgement(TASK, ("r2",), ("r1",), ("r3",), criteria={"clear": [["r1"], ["r2"]]}),
        a_judgement(TASK, ("r2",), ("r1", "r3"), annotator="bob"),
    ]
    (row,) = rows(judged([TASK], said), "ultrafeedback")
    by_model = {one["model"]: one for one in row["completions"]}
    assert [by_model[m]["overall_score"] for m in ("m-1", "m-2", "m-3")] == pytest.approx([1 + 9 * 0.375, 10, 2.125])
    assert by_model["m-1"]["annotations"] == {"clear": {"Rating": "5"}}
    assert by_model["m-3"]["annotations"] == {"clear": {"Rating": "N/A"}}


def test_a_tree_of_open_assistant_ends_in_ranked_answers_and_keeps_every_ranking() -> None:
    turns = [("user", "Hi"), ("assistant", "Hello"), ("user", "Which?")]
    prompt = tuple(Message.model_validate({"role": role, "content": text}) for role, text in turns)
    task = TASK.model_copy(update={"prompt": prompt, "language": "en"})
    said = [a_judgement(task, ("r2",), ("r1", "r3")), a_judgement(task, ("r2",), ("r3",), annotator="bob")]
    (row,) = rows(judged([task], said), "oasst")
    node, path = row["prompt"], []
    while len(node["replies"]) == 1:
        path.append((node["role"], node["text"]))
        node = node["replies"][0]
    assert [*path, (node["role"], node["text"])] == [("prompter", "Hi"), ("assistant", "Hello"), ("prompter", "Which?")]
    assert {one["text"]: one["rank"] for one in node["replies"]} == {"two": 0, "one": 1, "three": 2}
    assert [one["ranking"] for one in node["events"]["ranking"]] == [[1, 0, 2], [1, 2]]
    assert [one["places"] for one in node["events"]["ranking"]] == [[0, 1, 1], [0, 1]]
    system = task.model_copy(update={"prompt": (Message(role="system", content="Be brief."), *prompt)})
    made = rows_of(judged([system], [a_judgement(system, ("r1",), ("r2",))]), Choice("oasst"))
    assert (made.n, made.left_out) == (0, {"the prompt has a message of the system": 1})


@given(st.permutations(["a", "b", "c", "d"]), st.lists(st.booleans(), min_size=3, max_size=3))
def test_the_shares_of_a_ranking_add_up(order: list[str], joined: list[bool]) -> None:
    tiers = [[order[0]]]
    for name, with_last in zip(order[1:], joined, strict=True):
        tiers[-1].append(name) if with_last else tiers.append([name])
    shares = won_share(tuple(map(tuple, tiers)))
    assert sum(shares.values()) == pytest.approx(2)
    assert all(0 <= share <= 1 for share in shares.values())


@pytest.mark.parametrize("name", [name for name, made in FORMATS.items() if made.nested])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "csv"])
def test_every_nested_format_reads_back_as_it_was_written(tmp_path: Path, name: str, kind: str) -> None:
    said = [
        a_judgement(TASK, ("r2",), ("r1",), ("r3",), criteria={"clear": [["r1"], ["r2"]]}),
        a_judgement(TASK, ("r1",), ("r2",), annotator="bob", comment="=1+1"),
    ]
    data = judged([TASK], said)
    made = write_export(data, ALL._replace(format=name), ABOUT, tmp_path / f"out.{kind}")
    assert made.rows + sum(made.left_out.values()) == made.possible
    written = [row for _, row in rows_of(data, settled(data, ALL._replace(format=name), kind)).each()]
    assert [_filled(row) for row in read(made)] == [_filled(row) for row in written]


def _filled(value: Any) -> Any:
    """A value without what is empty: readers tell an absent field from an empty one differently."""
    if isinstance(value, dict):
        return {k: found for k, v in value.items() if (found := _filled(v)) not in (None, [], {})}
    return [_filled(v) for v in value] if isinstance(value, list) else value


def test_csv_holds_no_nested_rows() -> None:
    with pytest.raises(InputError, match="CSV cannot hold rows of nemo"):
        settled(judged([TASK], [a_judgement(TASK, ("r1",), ("r2",))]), Choice("nemo"), "csv")


# Filters.


def _task(n: int, **more: object) -> Task:
    return a_task(f"Which {n}?", "one", "two").model_copy(update=more)


TASKS = [_task(0, topics=("health",), language="en"), _task(1, language="ru"), _task(2, gold=True, language="en")]
DAYS = [datetime(2026, 5, day, 23, tzinfo=UTC) for day in (1, 2, 3)]
SAID = [
    a_judgement(task, ("r1",), ("r2",), annotator=who, created_at=day)
    for task, day in zip(TASKS, DAYS, strict=True)
    for who in ("ann", "bob")
]


@pytest.mark.parametrize(
    ("scope", "kept", "reasons"),
    [
        (Scope(), 6, []),
        (Scope(topics=("health", "finance")), 2, ["another topic"]),
        (Scope(languages=("en",)), 4, ["another language"]),
        (Scope(annotators=("bob",)), 3, ["another annotator"]),
        (Scope(since=date(2026, 5, 2)), 4, ["another day"]),
        (Scope(since=date(2026, 5, 2), until=date(2026, 5, 2)), 2, ["another day"]),
        (Scope(gold=False), 4, ["check with a known answer"]),
        (Scope(agreement=0.7), 2, ["too little agreement"]),
        (Scope(gold=False, annotators=("ann",)), 2, ["check with a known answer", "another annotator"]),
    ],
)
def test_a_filter_keeps_what_it_says_and_names_why_the_rest_goes(scope: Scope, kept: int, reasons: list[str]) -> None:
    agreement = {TASKS[0].id: 0.5, TASKS[1].id: 0.8}
    steps = narrowed({task.id: task for task in TASKS}, SAID, scope, agreement)
    assert [reason for reason, _ in steps] == [*reasons, ""]
    assert len(steps[-1][1]) == kept


@pytest.mark.parametrize("name", FORMATS)
def test_what_filters_leave_out_is_counted_in_every_format(name: str) -> None:
    scope = Scope(gold=False, annotators=("ann",), languages=("en",))
    tasks = {task.id: task for task in TASKS}
    steps = narrowed(tasks, SAID, scope, {})
    data = judged_in(tasks, steps, lambda kept: _pairs(judged(TASKS, kept)), "never chosen")
    made = rows_of(data, Choice(name))
    assert made.possible == rows_of(judged(TASKS, SAID), Choice(name)).possible
    assert made.left_out["check with a known answer"] > 0


def _pairs(data: Judged) -> tuple[Sequence[PreferencePair], Mapping[str, int]]:
    return data.pairs, data.left_out


@pytest.mark.parametrize(
    ("scope", "says"),
    [
        (Scope(since=date(2026, 5, 2), until=date(2026, 5, 1)), "end before they begin"),
        (Scope(agreement=1.5), "between 0 and 1"),
    ],
)
def test_a_filter_that_nothing_passes_is_said(scope: Scope, says: str) -> None:
    with pytest.raises(InputError, match=says):
        narrowed({}, [], scope, {})


def test_the_filter_is_told_in_words() -> None:
    assert scope_in_words(Scope()) == "everything"
    said = scope_in_words(Scope(topics=("health",), since=date(2026, 5, 1), agreement=0.7, gold=False))
    assert said == "topics: health; from 2026-05-01; agreement of at least 0.7; without checks that have a known answer"


@pytest.mark.parametrize(
    ("roles", "goes"),
    [
        (("user",), True),
        (("system", "user"), True),
        (("user", "assistant", "user"), True),
        (("user", "assistant"), False),
        (("assistant", "user"), False),
        (("user", "user"), False),
        (("user", "system", "user"), False),
        (("system",), False),
    ],
)
@pytest.mark.parametrize("name", ["trl-explicit", "arena", "oasst", "rankings"])
def test_a_prompt_whose_turns_are_out_of_order_is_left_out_and_counted(
    name: str, roles: tuple[str, ...], goes: bool
) -> None:
    turns = tuple(Message.model_validate({"role": role, "content": f"{n}"}) for n, role in enumerate(roles))
    task = a_task("Other", "one", "two").model_copy(update={"id": "other", "prompt": turns})
    said = [a_judgement(TASK, ("r2",), ("r1",)), a_judgement(task, ("r1",), ("r2",))]
    tasks = {one.id: one for one in (TASK, task)}
    steps = narrowed(tasks, said, Scope(), {})

    def pairs_of(some: Sequence[Judgement]) -> tuple[Sequence[PreferencePair], Mapping[str, int]]:
        found = judged([TASK, task], some)
        return found.pairs, found.left_out

    made = rows_of(judged_in(tasks, steps, pairs_of, "ignored"), Choice(name))
    every = rows_of(judged([TASK, task], said), Choice(name))
    assert made.possible == every.possible
    assert made.left_out.get("the turns of its prompt are in the wrong order", 0) == (0 if goes else 1)
