"""The formats: which one a file has, and what its rows become."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import intake
from data.errors import InputError
from data.intake.content import Answer, task_from
from data.intake.formats import FORMATS
from data.intake.preferences import read_preferences
from data.intake.votes import SIDES
from data.schemas import Judgement, Message, PreferencePair, Project, Rejection, Task
from data.store import Store

HUMAN, BOT = "\n\nHuman: ", "\n\nAssistant: "


def jsonl(folder: Path, *rows: Any, name: str = "rows.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


class Brought:
    """What a file brought into an empty project."""

    def __init__(self, folder: Path, plan: intake.Plan) -> None:
        store = Store(f"sqlite:///{folder / 'brought.db'}")
        project = store.create_project(Project(name=f"P{len(store.projects())}"))
        self.load = intake.load(plan, store, project, "me")
        self.tasks = list(store.tasks(project.id))
        self.judgements = store.judgements(project.id)
        self.reasons = [r.reason for r in self.load.rejections]
        store.close()

    @property
    def task(self) -> Task:
        (task,) = self.tasks
        return task

    @property
    def judgement(self) -> Judgement:
        (judgement,) = self.judgements
        return judgement

    def ranked(self, judgement: Judgement | None = None) -> list[set[str]]:
        """The texts of the tiers, best first."""
        said = judgement or self.judgement
        task = next(t for t in self.tasks if t.id == said.task_id)
        return [{task.response(i).text for i in tier} for tier in said.ranking]


def brought(folder: Path, *rows: Any, format_name: str | None = None, **mapping: list[str]) -> Brought:
    plan = intake.plan(jsonl(folder, *rows), format_name)
    return Brought(folder, intake.mapped(plan, mapping))


def test_every_format_says_what_a_row_and_a_field_are_and_no_name_stands_for_a_required_field_twice() -> None:
    for about in FORMATS.values():
        assert about.means
        assert all(field.says for field in about.fields.values())
        assert all(field.names or name in ("input", "annotator_name") for name, field in about.fields.items())


@pytest.mark.parametrize(
    ("format_name", "row"),
    [
        ("tasks", {"prompt": "p", "responses": ["a", "b"]}),
        ("tasks", {"Instruction": "p", "Response A": "a", "Response B": "b"}),
        ("responses", {"question": "p", "answer": "a", "model": "m"}),
        ("preferences", {"prompt": "p", "chosen": "a", "rejected": "b"}),
        ("preferences", {"chosen": f"{HUMAN}p{BOT}a", "rejected": f"{HUMAN}p{BOT}b"}),
        ("oasst", {"message_tree_id": "1", "prompt": {"text": "p", "role": "prompter", "replies": []}}),
        ("oasst", {"text": "p", "role": "prompter", "replies": []}),
        ("votes", {"id": 1, "prompt": 3, "model_x": 1, "model_y": 2, "worker": 4, "winner": "left", "left": "m"}),
        ("votes", {"prompt": "[]", "model_a": "m", "model_b": "n", "winner_model_a": 1, "winner_model_b": 0}),
    ],
)  # fmt: skip
def test_a_format_is_recognised_from_its_columns(tmp_path: Path, format_name: str, row: dict[str, Any]) -> None:
    assert intake.plan(jsonl(tmp_path, row)).format == format_name


def test_an_unknown_format_gets_a_sentence_and_can_be_said(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"frage": "p", "eins": "a", "zwei": "b"})
    with pytest.raises(
        InputError, match="not recognised from the columns “frage”, “eins”, “zwei”; choose one of responses"
    ):
        intake.plan(path)
    with pytest.raises(InputError, match="There is no format “orders”"):
        intake.plan(path, "orders")
    plan = intake.plan(path, "tasks")
    with pytest.raises(InputError, match="needs a column for prompt, responses; the columns of the file are “frage”"):
        intake.check_plan(plan)
    made = Brought(tmp_path, intake.mapped(plan, {"prompt": ["frage"], "responses": ["eins", "zwei"]}))
    assert {r.text for r in made.task.responses} == {"a", "b"}


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"prompt": ["nowhere"]}, "no column “nowhere”"),
        ({"winner": ["prompt"]}, "no field “winner”"),
        ({"prompt": ["prompt", "responses"]}, "read from one column, not from 2"),
    ],
)
def test_a_wrong_mapping_gets_a_sentence(tmp_path: Path, mapping: dict[str, list[str]], said: str) -> None:
    plan = intake.plan(jsonl(tmp_path, {"prompt": "p", "responses": ["a", "b"]}))
    with pytest.raises(InputError, match=said):
        intake.mapped(plan, mapping)


def test_a_column_is_guessed_for_one_field_only() -> None:
    columns = FORMATS["votes"].columns(["left", "right", "winner", "prompt"])
    assert columns.of["source_a"] == ("left",)
    assert "name_a" not in columns.of


@given(st.permutations([("a", "m"), ("b", None), ("a", "n"), ("", "m")]))
def test_response_ids_follow_from_the_content(answers: list[tuple[str, str | None]]) -> None:
    prompt = (Message(role="user", content="p"),)
    task, ids = task_from(prompt, [Answer(*answer) for answer in answers])
    assert [(task.response(i).text, task.response(i).source) for i in ids] == answers
    assert task == task_from(prompt, sorted((Answer(*a) for a in answers), key=str))[0]


def test_tasks_come_with_sources_in_every_shape(tmp_path: Path) -> None:
    rows = [
        {"prompt": "1", "responses": ["a", "b"], "models": ["m", "n"]},
        {"prompt": "2", "responses": [{"text": "a", "source": "m"}, {"content": "b", "model": "n"}]},
        {"prompt": "3", "responses": '["a", "b"]', "models": '["m", "n"]'},
    ]
    made = brought(tmp_path, *rows)
    assert [{(r.text, r.source) for r in task.responses} for task in made.tasks] == [{("a", "m"), ("b", "n")}] * 3
    wide = brought(tmp_path, {"prompt": "p", "response_a": "a", "response_b": "b", "model_a": "m", "model_b": "n"})
    assert {(r.text, r.source) for r in wide.task.responses} == {("a", "m"), ("b", "n")}


def test_a_prompt_may_be_a_conversation_and_its_group_is_the_opening(tmp_path: Path) -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"from": "human", "value": "Hi"},
        {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
        {"role": "user", "content": "More"},
    ]
    made = brought(tmp_path, {"prompt": turns, "responses": ["a", "b"]}, {"prompt": "hi!", "responses": ["a", "b"]})
    assert [m.role for m in made.tasks[0].prompt] == ["system", "user", "assistant", "user"]
    assert made.tasks[0].prompt[2].content == "Hello"
    assert made.tasks[0].group == made.tasks[1].group
    (named,) = brought(tmp_path, {"prompt": "p", "responses": ["a", "b"], "topic": "birds"}).tasks
    assert named.group == "birds"


def test_numbers_and_booleans_are_text_and_null_is_missing(tmp_path: Path) -> None:
    made = brought(tmp_path, {"prompt": 7, "responses": [True, 1.50]}, {"prompt": None, "responses": ["a", "b"]})
    assert made.task.prompt[0].content == "7"
    assert {r.text for r in made.task.responses} == {"true", "1.5"}
    assert made.reasons == ["Row 2: column “prompt” is missing; fill it in or remove the row."]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"responses": ["a", "b"]}, "column “prompt” is missing"),
        ({"prompt": " ", "responses": ["a", "b"]}, "column “prompt” is empty"),
        ({"prompt": {"a": 1}, "responses": ["a", "b"]}, "column “prompt” is an object where text belongs"),
        ({"prompt": [1], "responses": ["a", "b"]}, "column “prompt” is a list where text belongs"),
        ({"prompt": [{"role": "x", "content": "y"}], "responses": ["a", "b"]}, "has a message by “x”"),
        ({"prompt": [{"role": "user", "content": ""}], "responses": ["a", "b"]}, "conversation without any text"),
        ({"prompt": [{"role": "user", "content": [{"type": "image"}]}], "responses": ["a", "b"]}, "parts that are not"),
        ({"prompt": [{"role": "user", "content": "x"}] * 201, "responses": ["a", "b"]}, "has 201 messages"),
        ({"prompt": [], "responses": ["a", "b"]}, "empty conversation"),
        ({"prompt": "p"}, "column “responses” is missing"),
        ({"prompt": "p", "responses": "a"}, "is not a list of responses"),
        ({"prompt": "p", "responses": "[a"}, "is not a list of responses"),
        ({"prompt": "p", "responses": []}, "has no response and needs 2 to 9"),
        ({"prompt": "p", "responses": ["a"]}, "has one response and needs 2 to 9"),
        ({"prompt": "p", "responses": [str(n) for n in range(10)]}, "has 10 responses and 9 is the most"),
        ({"prompt": "p", "responses": ["a", ""]}, "column “responses 2” is empty"),
        ({"prompt": "p", "responses": ["a", "a"]}, "all responses are the same (“a”); a task needs two"),
        ({"prompt": "p", "responses": ["a\x00", "b"]}, "column “responses 1” contains a NUL"),
        ({"prompt": "p", "responses": ["a\ud800", "b"]}, "half of a surrogate pair"),
        ({"prompt": "x" * 200_001, "responses": ["a", "b"]}, "has 200,001 characters, and 200,000 is the most"),
        ({"prompt": "p", "responses": ["a", "b"], "models": ["m"]}, "column “models” names 1 for 2 responses"),
        ({"prompt": "p", "responses": ["a", "b"], "models": "m"}, "column “models” is not a list for 2 responses"),
        ({"prompt": "p", "responses": ["a", {"text": "b", "source": "n" * 201}]}, "a name has at most 200"),
    ],
)  # fmt: skip
def test_a_bad_task_is_rejected_with_a_sentence(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    good = {"prompt": "p", "responses": ["a", "b"], "models": None}
    made = brought(tmp_path, good, row, format_name="tasks")
    assert made.load.rows == 2
    assert len(made.tasks) == made.load.rows_used == 1
    assert made.reasons[0].startswith("Row 2: ")
    assert said in made.reasons[0]


def test_a_repeated_task_is_rejected_with_the_first_row(tmp_path: Path) -> None:
    rows = [{"prompt": "p", "responses": ["a", "b"]}, {"prompt": "q", "responses": ["a", "b"]}]
    made = brought(tmp_path, *rows, {"prompt": "q", "responses": ["b", "a"]})
    assert made.reasons == ["Row 3: repeats row 2; remove one."]


def test_responses_are_grouped_by_prompt_wherever_they_stand(tmp_path: Path) -> None:
    rows = [
        {"prompt": p, "response": r, "model": m}
        for p, r, m in map(tuple, ["1am", "2am", "1bn", "2bn", "1cm", "3am", "1am"])
    ]
    made = brought(tmp_path, *rows)
    assert [{r.text for r in task.responses} for task in made.tasks] == [{"a", "b", "c"}, {"a", "b"}]
    assert sorted(made.reasons) == [
        "Row 6: is the only response to its prompt, and a task needs two; add another or remove it.",
    ]
    assert (made.load.rows, made.load.rows_used, made.load.rows_rejected, made.load.merged) == (7, 6, 1, 1)


def test_responses_are_grouped_by_an_id_where_there_is_one(tmp_path: Path) -> None:
    rows = [{"task_id": t, "prompt": p, "response": r} for t, p, r in map(tuple, ["x1a", "x1b", "y1c", "y1d", "y2e"])]
    made = brought(tmp_path, *rows)
    assert [{r.text for r in task.responses} for task in made.tasks] == [{"a", "b"}, {"c", "d"}]
    assert made.reasons == ["Row 5: has another prompt than earlier rows of task “y”; give it its own id."]


def test_a_tenth_response_is_rejected_and_the_nine_stay(tmp_path: Path) -> None:
    made = brought(tmp_path, *({"prompt": "p", "response": str(n)} for n in range(11)))
    assert len(made.task.responses) == 9
    assert made.load.rows_rejected == 2
    assert "which has 9 already" in made.reasons[0]


def test_two_ids_with_the_same_content_are_one_task(tmp_path: Path) -> None:
    made = brought(
        tmp_path, *({"task_id": t, "prompt": "p", "response": r} for t, r in map(tuple, ["xa", "xb", "ya", "yb"]))
    )
    assert len(made.tasks) == 1
    assert made.reasons == ["Row 3: repeats row 1; remove one.", "Row 4: repeats row 1; remove one."]


TURNS = [{"role": "user", "content": "p"}]


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "p", "chosen": "a", "rejected": "b"},
        {"prompt": TURNS, "chosen": said("a"), "rejected": said("b")},
        {"prompt": "p", "chosen": TURNS + said("a"), "rejected": TURNS + said("b")},
        {"chosen": TURNS + said("a"), "rejected": TURNS + said("b")},
        {"prompt": json.dumps(TURNS), "chosen": json.dumps(said("a")), "rejected": json.dumps(said("b"))},
        {"chosen": f"{HUMAN}p{BOT}a", "rejected": f"{HUMAN}p{BOT}b"},
        {"chosen": "p\na", "rejected": "p\nb"},
    ],
)
def test_every_shape_of_a_preference_gives_the_same_pair(tmp_path: Path, row: dict[str, Any]) -> None:
    made = brought(tmp_path, row)
    assert made.task.prompt == (Message(role="user", content="p"),)
    assert made.ranked() == [{"a"}, {"b"}]
    assert made.judgement.annotator == "imported"
    (pair,) = read_preferences(jsonl(tmp_path, row))
    assert isinstance(pair, PreferencePair)
    assert (pair.task_id, pair.chosen, pair.rejected, pair.tie, pair.weight) == (made.task.id, "a", "b", False, 1.0)
    assert PreferencePair.model_validate(pair.model_dump()) == pair


def test_a_preference_keeps_margin_weight_group_and_sources(tmp_path: Path) -> None:
    row: dict[str, Any] = {"prompt": "p", "chosen": "a", "rejected": "b", "chosen_model": "m", "rejected_model": "n"}
    row |= {"margin": 1.5, "weight": 0.25, "group": "g", "annotator": 4}
    made = brought(tmp_path, row)
    assert (made.judgement.margin, made.judgement.annotator, made.task.group) == (1.5, "imported-4", "g")
    (pair,) = read_preferences(jsonl(tmp_path, row))
    assert isinstance(pair, PreferencePair)
    assert (pair.margin, pair.weight, pair.group, pair.annotator) == (1.5, 0.25, "g", "imported-4")
    assert (pair.chosen_source, pair.rejected_source) == ("m", "n")


def test_a_name_or_an_address_becomes_a_pseudonym_unless_a_person_maps_it_to_be_kept(tmp_path: Path) -> None:
    row = {"prompt": "p", "chosen": "a", "rejected": "b", "annotator": "ann@example.org"}
    who = [brought(tmp_path, row).judgement.annotator for _ in range(2)]
    assert all(re.fullmatch("imported-[0-9a-f]{10}", name) for name in who)
    assert who[0] != who[1], "two projects do not name a person alike"
    kept = brought(tmp_path, row, annotator_name=["annotator"])
    assert kept.judgement.annotator == "ann@example.org"


def test_two_scores_become_a_margin_and_an_instruction_takes_its_input(tmp_path: Path) -> None:
    row = {"prompt": "p", "chosen": "a", "rejected": "b", "score_chosen": 7.5, "score_rejected": 6.0}
    assert brought(tmp_path, row).judgement.margin == 1.5
    llama = {"instruction": "Add.", "input": "1 + 1", "chosen": "2", "rejected": "3"}
    assert brought(tmp_path, llama).task.prompt[0].content == "Add.\n1 + 1"
    assert brought(tmp_path, llama | {"input": ""}).task.prompt[0].content == "Add."


def test_the_same_response_twice_is_one_and_is_counted(tmp_path: Path) -> None:
    made = brought(tmp_path, {"prompt": "p", "responses": ["a", "b", "a"]}, {"prompt": "q", "responses": ["a", "b"]})
    assert [{r.text for r in task.responses} for task in made.tasks] == [{"a", "b"}] * 2
    assert made.load.merged == 1


@pytest.mark.parametrize(
    ("chosen", "rejected", "prompt", "answers"),
    [
        ("Why? The answer is A", "Why? The answer is B", "Why?", [{"The answer is A"}, {"The answer is B"}]),
        ("Why?\nOh. One", "Why?\nOh. Two", "Why?", [{"Oh. One"}, {"Oh. Two"}]),
        ("为什么？因为甲", "为什么？因为乙", "为什么？", [{"因为甲"}, {"因为乙"}]),
        ("why yes", "why no", "why", [{"yes"}, {"no"}]),
    ],
)
def test_a_prompt_inside_both_texts_ends_at_a_line_a_sentence_or_a_word(
    tmp_path: Path, chosen: str, rejected: str, prompt: str, answers: list[set[str]]
) -> None:
    made = brought(tmp_path, {"chosen": chosen, "rejected": rejected})
    assert [m.content for m in made.task.prompt] == [prompt]
    assert made.ranked() == answers


def test_transcripts_that_part_early_keep_all_that_follows(tmp_path: Path) -> None:
    chosen = f"{HUMAN}p{BOT}a{HUMAN}more{BOT}b"
    made = brought(tmp_path, {"chosen": chosen, "rejected": f"{HUMAN}p{BOT}c"})
    assert [m.content for m in made.task.prompt] == ["p"]
    assert made.ranked() == [{"a\n\nHuman: more\n\nAssistant: b"}, {"c"}]


def test_an_empty_response_that_was_judged_is_kept(tmp_path: Path) -> None:
    made = brought(tmp_path, {"chosen": f"{HUMAN}p{BOT}a", "rejected": f"{HUMAN}p{BOT}"})
    assert made.ranked() == [{"a"}, {""}]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"prompt": "p", "chosen": "a", "rejected": "a"}, "all responses are the same"),
        ({"prompt": "p", "chosen": "a"}, "column “rejected” is missing"),
        ({"prompt": "p", "chosen": "a", "rejected": "b", "margin": "much"}, "column “margin” is not a number"),
        ({"prompt": "p", "chosen": "a", "rejected": "b", "margin": -1}, "column “margin” is -1, and 0 is the least"),
        ({"prompt": "p", "chosen": "a", "rejected": "b", "weight": 0}, "column “weight” is 0, and"),
        ({"prompt": "p", "chosen": "a", "rejected": "b", "weight": True}, "column “weight” is not a number"),
        ({"prompt": "p", "chosen": TURNS, "rejected": "b"}, "does not end with a message of the assistant"),
        ({"chosen": "a", "rejected": "b"}, "share no beginning"),
        ({"chosen": f"{BOT}a", "rejected": f"{BOT}b"}, "share no first message"),
        ({"chosen": TURNS, "rejected": TURNS}, "share no first message"),
    ],
)
def test_a_bad_preference_is_rejected_alike_by_both_readers(tmp_path: Path, row: dict[str, Any], words: str) -> None:
    good = {"prompt": "p", "chosen": "yes", "rejected": "no", "margin": None, "weight": None}
    made = brought(tmp_path, good, row)
    assert words in made.reasons[0]
    _, refused = read_preferences(jsonl(tmp_path, good, row))
    assert isinstance(refused, Rejection)
    assert refused.reason == made.reasons[0]


def test_one_annotator_judges_a_pair_once_and_two_may_differ(tmp_path: Path) -> None:
    row = {"prompt": "p", "chosen": "a", "rejected": "b"}
    other = {"prompt": "p", "chosen": "b", "rejected": "a"}
    made = brought(tmp_path, *({**r, "annotator": n} for r, n in [(row, 1), (other, 2), (other, 1), (row, 2)]))
    assert len(made.tasks) == 1
    assert {j.annotator: made.ranked(j) for j in made.judgements} == {
        "imported-1": [{"a"}, {"b"}],
        "imported-2": [{"b"}, {"a"}],
    }
    assert "a second judgement by “imported-1” on the responses of row 1" in made.reasons[0]


def test_repeated_pairs_of_a_preference_file_are_all_read(tmp_path: Path) -> None:
    row = {"prompt": "p", "chosen": "a", "rejected": "b"}
    assert len(list(read_preferences(jsonl(tmp_path, row, row)))) == 2


def test_a_file_without_preferences_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a column for chosen, rejected"):
        list(read_preferences(jsonl(tmp_path, {"prompt": "p"})))


def test_bad_rows_of_a_preference_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{\n{"prompt": "p", "chosen": "a", "rejected": "b"}\n')
    refused, pair = read_preferences(path)
    assert isinstance(refused, Rejection)
    assert isinstance(pair, PreferencePair)


@pytest.mark.parametrize("ending", ["csv", "parquet", "json"])
def test_preferences_read_alike_from_every_kind_of_file(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame({"prompt": ["p", "q"], "chosen": ["a", "c"], "rejected": ["b", "d"], "margin": [0.5, 2.0]})
    path = tmp_path / f"rows.{ending}"
    if ending == "csv":
        frame.to_csv(path, index=False)
    elif ending == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_json(path, orient="records")
    found = [p for p in read_preferences(path) if isinstance(p, PreferencePair)]
    assert [(p.prompt[0].content, p.chosen, p.rejected, p.margin) for p in found] == [
        ("p", "a", "b", 0.5),
        ("q", "c", "d", 2),
    ]


def node(text: str, role: str, *replies: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"text": text, "role": role, "replies": list(replies)} | more


def test_a_tree_gives_a_task_for_every_prompt_with_several_replies(tmp_path: Path) -> None:
    later = node("more?", "prompter", node("x", "assistant", rank=1), node("y", "assistant", rank=0))
    first = node("a", "assistant", later, rank=1, model_name="m")
    gone = node("z", "assistant", deleted=True, rank=0)
    tree = {"prompt": node("hi", "prompter", first, node("b", "assistant", rank=0), node("c", "assistant"), gone)}
    made = brought(tmp_path, tree)
    assert [[m.content for m in t.prompt] for t in made.tasks] == [["hi"], ["hi", "a", "more?"]]
    assert [m.role for m in made.tasks[1].prompt] == ["user", "assistant", "user"]
    assert [made.ranked(j) for j in made.judgements] == [[{"b"}, {"a"}], [{"y"}, {"x"}]]
    assert {j.annotator for j in made.judgements} == {"oasst"}
    assert {r.source for r in made.tasks[0].responses} == {"m", None}
    assert made.load.rows_used == 1


def test_equal_ranks_tie_and_unranked_replies_wait_for_an_annotator(tmp_path: Path) -> None:
    tie = {"prompt": node("hi", "prompter", node("a", "assistant", rank=0), node("b", "assistant", rank=0))}
    wait = {"prompt": node("ho", "prompter", node("a", "assistant"), node("b", "assistant"))}
    made = brought(tmp_path, tie, wait)
    assert made.ranked() == [{"a", "b"}]
    assert len(made.tasks) == 2


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (node("p", "prompter", node("a", "assistant")), "no prompt with two replies"),
        (node("p", "nobody"), "column “role” is neither prompter nor assistant"),
        (node("p", "prompter", *(node(str(n), "assistant") for n in range(10))), "has 10 responses"),
        ({"text": "p", "role": "prompter", "replies": 3}, "column “replies” is not a list"),
        ("p", "is not the tree's first message"),
        (node("p", "prompter", node("a", "assistant", rank=-1), node("b", "assistant")), "column “rank” is -1"),
    ],
)
def test_a_bad_tree_is_rejected_with_a_sentence(tmp_path: Path, tree: Any, words: str) -> None:
    good = {"prompt": node("p", "prompter", node("a", "assistant"), node("b", "assistant"))}
    made = brought(tmp_path, good, {"prompt": tree})
    assert words in made.reasons[0]


def test_labels_of_replies_are_flags_and_everybody_who_ranked_is_an_annotator(tmp_path: Path) -> None:
    labels = {"spam": {"value": 1.0, "count": 3}, "toxicity": {"value": 0.6, "count": 3}, "quality": {"value": 0.1}}
    replies = [
        node("a", "assistant", message_id="A", rank=0, labels=labels),
        node("b", "assistant", message_id="B", rank=1),
    ]
    events = {
        "ranking": [{"user_id": "u-1", "ranked_message_ids": ["B", "A"]}, {"user_id": "u-2", "not_rankable": True}]
    }
    made = brought(tmp_path, {"prompt": node("hi", "prompter", *replies, events=events)})
    people = {j.annotator: j for j in made.judgements}
    assert len(people) == 3
    assert {(f.kind, made.task.response(f.response_id).text) for f in people.pop("oasst").flags} == {
        ("spam", "a"),
        ("toxic", "a"),
    }
    first, second = people.values()
    assert made.ranked(first) == [{"b"}, {"a"}]
    assert second.unrankable


def test_a_tree_may_not_go_endlessly_deep(tmp_path: Path) -> None:
    tree = node("end", "prompter")
    for n in range(210):
        tree = node(str(n), "assistant" if n % 2 == 0 else "prompter", tree)
    good = {"prompt": node("p", "prompter", node("a", "assistant"), node("b", "assistant"))}
    assert "goes 201 messages deep" in brought(tmp_path, good, {"prompt": node("x", "prompter", tree)}).reasons[0]


def vote(winner: Any, **more: Any) -> dict[str, Any]:
    return {
        "model_a": "m",
        "model_b": "n",
        "prompt": "p",
        "response_a": "a",
        "response_b": "b",
        "winner": winner,
    } | more


@pytest.mark.parametrize("word", [*SIDES, "m", "n"])
def test_every_word_for_an_outcome_is_understood(tmp_path: Path, word: str) -> None:
    made = brought(tmp_path, vote(word))
    side = {"m": "a", "n": "b"}.get(word) or SIDES[word]
    expected = {"a": [{"a"}, {"b"}], "b": [{"b"}, {"a"}], "tie": [{"a", "b"}], "none": []}[side]
    assert made.ranked() == expected
    assert made.judgement.none_acceptable == (side == "none")


def test_a_vote_follows_the_source_and_not_the_side(tmp_path: Path) -> None:
    texts = jsonl(
        tmp_path, {"id": 1, "text": "p", "model_x": 7, "result_x": "a", "model_y": 8, "result_y": "b"}, name="t.jsonl"
    )
    common = {"id": 1, "prompt": 3}
    votes = jsonl(
        tmp_path,
        common | {"model_x": 7, "model_y": 8, "left": "M", "right": "N", "worker": 1, "winner": "left"},
        common | {"model_x": 8, "model_y": 7, "left": "N", "right": "M", "worker": 2, "winner": "right"},
        common | {"model_x": 7, "model_y": 9, "left": "M", "right": "O", "worker": 3, "winner": "left"},
        common | {"id": 2, "model_x": 7, "model_y": 8, "left": "M", "right": "N", "worker": 4, "winner": "left"},
    )
    made = Brought(tmp_path, intake.plan(votes, texts=texts))
    assert {j.annotator: made.ranked(j) for j in made.judgements} == {
        w: [{"a"}, {"b"}] for w in ("llmfao-1", "llmfao-2")
    }
    assert {r.source for r in made.task.responses} == {"M", "N"}
    assert "differ from “7”, “8”" in made.reasons[0]
    assert "column “id” is “2”, which the file of texts does not have" in made.reasons[1]


def test_arena_rows_are_votes(tmp_path: Path) -> None:
    parts = [{"role": "user", "content": [{"type": "text", "text": "p", "image": None, "mimeType": None}]}]
    row = {"id": "1", "model_a": "m", "model_b": "n", "winner": "model_b", "evaluation_session_id": "s-1",
           "evaluation_order": 2, "conversation_a": parts + said("a"), "conversation_b": parts + said("b")}  # fmt: skip
    made = brought(tmp_path, row, row | {"id": "2", "evaluation_session_id": "s-2", "winner": "both_bad"})
    assert [j.ranking for j in made.judgements][1:] == [()]
    assert made.judgements[1].none_acceptable
    assert made.ranked(made.judgements[0]) == [{"b"}, {"a"}]
    assert all(re.fullmatch("arena-[0-9a-f]{10}", j.annotator) for j in made.judgements)
    hot = {"model_a": "m", "model_b": "n", "prompt": '["p"]', "response_a": '["a"]', "response_b": '["b"]',
           "winner_model_a": 0, "winner_model_b": 0, "winner_tie": 1}  # fmt: skip
    assert brought(tmp_path, hot).ranked() == [{"a", "b"}]


def test_an_arena_battle_of_several_turns_parts_where_the_answers_do(tmp_path: Path) -> None:
    long = {"model_a": "m", "model_b": "n", "prompt": '["p", "more"]', "response_a": '["a", "b"]',
            "response_b": '["a", null]', "winner_model_a": 1, "winner_model_b": 0, "winner_tie": 0}  # fmt: skip
    made = brought(tmp_path, long, long | {"response_b": '["x", "y"]'})
    assert [[m.content for m in task.prompt] for task in made.tasks] == [["p", "a", "more"], ["p"]]
    assert made.ranked(made.judgements[0]) == [{"b"}, {""}]
    assert made.ranked(made.judgements[1])[1] == {"x\n\nHuman: more\n\nAssistant: y"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (vote("nobody"), "column “winner” says “nobody”"),
        (vote(None), "column “winner” is missing"),
        (vote("m", model_b="m"), "column “winner” says “m”"),
        (vote("tie", model_a=None), "column “model_a” is missing"),
        (vote("tie", response_a=TURNS), "does not end with a message of the assistant"),
        (vote("tie", response_a='["a", "b"]'), "has 2 turns, and the prompt 1"),
        (vote("tie", prompt=None), "column “prompt” is missing"),
        (vote("tie", response_a=[{"role": "user", "content": "other"}, *said("a")]), "share no first message"),
    ],
)
def test_a_bad_vote_is_rejected_with_a_sentence(tmp_path: Path, row: dict[str, Any], words: str) -> None:
    assert words in brought(tmp_path, vote("tie"), row).reasons[0]


def test_a_vote_may_be_about_two_answers_of_one_source_where_it_has_their_texts(tmp_path: Path) -> None:
    made = brought(tmp_path, vote("model_b", model_b="m"))
    assert made.ranked(made.judgements[0]) == [{"b"}, {"a"}]
    assert [one.source for one in made.tasks[0].responses] == ["m", "m"]


def test_a_vote_marked_twice_is_rejected(tmp_path: Path) -> None:
    row = vote(None) | {"winner_model_a": 1, "winner_model_b": 1, "winner_tie": 0}
    del row["winner"]
    assert "mark 2 outcomes" in brought(tmp_path, row | {"winner_model_b": 0, "prompt": "q"}, row).reasons[0]


def test_votes_need_their_texts(tmp_path: Path) -> None:
    votes = jsonl(tmp_path, {"id": 1, "model_x": 7, "model_y": 8, "winner": "left"})
    with pytest.raises(InputError, match="without the texts"):
        intake.check_plan(intake.plan(votes))
    anonymous = jsonl(tmp_path, {"model_x": 7, "model_y": 8, "winner": "left"}, name="a.jsonl")
    with pytest.raises(InputError, match="need a column id"):
        intake.check_plan(intake.plan(anonymous, texts=votes))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"id": 1}, "no column for prompt, response_a"),
        ([], "file of texts: Row 1: is not a JSON object"),
        (
            {"id": 1, "text": "", "model_x": 7, "result_x": "a", "model_y": 8, "result_y": "b"},
            "Row 1: column “text” is empty",
        ),
    ],
)
def test_a_bad_file_of_texts_gets_a_sentence(tmp_path: Path, row: Any, words: str) -> None:
    votes = jsonl(tmp_path, {"id": 1, "model_x": 7, "model_y": 8, "winner": "left"})
    with pytest.raises(InputError, match=words):
        intake.preview(intake.plan(votes, texts=jsonl(tmp_path, row, name="t.jsonl")))


def test_an_id_twice_in_the_texts_gets_a_sentence(tmp_path: Path) -> None:
    text = {"id": 1, "text": "p", "model_x": 7, "result_x": "a", "model_y": 8, "result_y": "b"}
    votes = jsonl(tmp_path, {"id": 1, "model_x": 7, "model_y": 8, "winner": "left"})
    with pytest.raises(InputError, match="Row 2: column “id” is “1” again"):
        intake.preview(intake.plan(votes, texts=jsonl(tmp_path, text, text, name="t.jsonl")))


def test_only_votes_have_a_file_of_texts(tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"prompt": "p", "responses": ["a", "b"]})
    with pytest.raises(InputError, match="A file of texts belongs to votes, and this file has “tasks”"):
        intake.preview(intake.plan(path, texts=path))


def test_the_preview_reads_only_the_first_rows(tmp_path: Path) -> None:
    rows = [{"prompt": "p", "responses": ["a"]}, *({"prompt": str(n), "responses": ["a", "b"]} for n in range(9))]
    tasks, rejections = intake.preview(intake.plan(jsonl(tmp_path, *rows)))
    assert [t.prompt[0].content for t in tasks] == ["0", "1", "2"]
    assert [r.row for r in rejections] == [1]
