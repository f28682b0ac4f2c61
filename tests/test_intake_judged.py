"""The formats of public sets of judgements: KTO, OpenAI, NeMo, UltraFeedback, HelpSteer, PandaLM, UKPConvArg, N-way."""

from pathlib import Path
from typing import Any

import pytest

from data import intake
from data.errors import InputError
from tests.test_intake_formats import Brought, brought, jsonl, said

ASKED = [{"role": "user", "content": "p"}]


def recognised(folder: Path, row: dict[str, Any]) -> str:
    return intake.plan(jsonl(folder, row)).format


def kto(completion: Any, label: Any, **more: Any) -> dict[str, Any]:
    return {"prompt": "p", "completion": completion, "label": label, **more}


def test_good_and_bad_completions_of_a_prompt_are_two_tiers(tmp_path: Path) -> None:
    rows = [kto("a", True), kto("b", False), kto(said("c"), "true"), kto("b", False)]
    assert recognised(tmp_path, rows[0]) == "unpaired"
    made = brought(tmp_path, *rows)
    assert made.ranked() == [{"a", "c"}, {"b"}]
    assert (made.load.rows_used, made.load.merged) == (4, 1)


def test_only_good_completions_tie_and_only_bad_ones_are_unacceptable(tmp_path: Path) -> None:
    good, bad = [kto("a", 1), kto("b", 1)], [kto("a", 0, prompt="q"), kto("b", 0, prompt="q")]
    made = brought(tmp_path, *good, *bad)
    assert [(len(j.ranking), j.none_acceptable) for j in made.judgements] == [(1, False), (0, True)]


def test_a_lone_completion_a_contradiction_and_a_strange_label_are_rejected(tmp_path: Path) -> None:
    rows = [kto("a", True), kto("b", False), kto("a", False), kto("c", "maybe"), kto("d", True, prompt="alone")]
    reasons = brought(tmp_path, *rows).reasons
    assert all(words in r for words, r in zip(["contradicts", "says “maybe”", "only response"], reasons, strict=True))


def test_steps_of_one_answer_are_not_taken_for_answers(tmp_path: Path) -> None:
    row = {"prompt": "p", "completions": ["one", "two"], "labels": [True, False]}
    with pytest.raises(InputError, match="steps of single answers"):
        intake.plan(jsonl(tmp_path, row))


def test_openai_pairs(tmp_path: Path) -> None:
    row = {"input": {"messages": ASKED, "tools": [], "parallel_tool_calls": True},
           "preferred_output": said("a"), "non_preferred_output": said("b")}  # fmt: skip
    assert recognised(tmp_path, row) == "openai"
    made = brought(tmp_path, row, row | {"input": "p"}, row | {"preferred_output": "a"})
    assert made.ranked() == [{"a"}, {"b"}]
    assert "has no list of messages" in made.reasons[0]
    assert "is not a list of messages" in made.reasons[1]


def test_nemo_rankings_put_the_lowest_rank_first(tmp_path: Path) -> None:
    ranked = [
        {"rank": 1, "completion": said("b")},
        {"rank": 0, "completion": said("a")},
        {"rank": 1, "completion": said("c")},
    ]
    row = {"context": ASKED, "completions": ranked, "task_name": "x"}
    assert recognised(tmp_path, row) == "nemo"
    assert brought(tmp_path, row).ranked() == [{"a"}, {"b", "c"}]


def test_a_list_of_responses_with_ranks(tmp_path: Path) -> None:
    row = {"prompt": "p", "candidates_completions": ["a", "b", "a"], "candidate_policies": ["m", "n", "m"],
           "ranks": [3, 1, 2], "rank_str": "b > a", "chosen": said("b"), "rejected": said("a")}  # fmt: skip
    plan = intake.plan(jsonl(tmp_path, row))
    assert plan.format == "ranked"
    made = Brought(tmp_path, plan)
    assert made.ranked() == [{"b"}, {"a"}]
    assert made.load.merged == 1
    assert {r.source for r in made.task.responses} == {"m", "n"}
    assert "has 2 for 3 responses" in brought(tmp_path, row, row | {"ranks": [1, 2]}, format_name="ranked").reasons[0]


def ultra(response: str, score: Any, honesty: Any) -> dict[str, Any]:
    about = {"honesty": {"Rating": honesty, "Rationale": "…"}, "helpfulness": {"Rating": "N/A"}}
    return {"model": f"m-{response}", "response": response, "annotations": about, "overall_score": score}


def test_ultrafeedback_is_ranked_by_overall_score_and_by_aspect(tmp_path: Path) -> None:
    row = {
        "source": "s",
        "instruction": "p",
        "completions": [ultra("a", 7.5, "3"), ultra("b", "8", "5"), ultra("c", 7.5, "N/A")],
    }
    assert recognised(tmp_path, row) == "ultrafeedback"
    made = brought(tmp_path, row)
    assert made.ranked() == [{"b"}, {"a", "c"}]
    assert list(made.judgement.criteria) == ["honesty"]
    best = made.judgement.criteria["honesty"][0][0]
    assert (made.task.response(best).text, made.task.response(best).source) == ("b", "m-b")
    assert made.load.added == ("criterion honesty",)


def steer(response: str, helpfulness: int, verbosity: int) -> dict[str, Any]:
    same = {"correctness": 2, "coherence": 4, "complexity": 1}
    return {"prompt": "p", "response": response, "helpfulness": helpfulness, "verbosity": verbosity, **same}


def test_helpsteer_rows_of_a_prompt_are_ranked_by_helpfulness(tmp_path: Path) -> None:
    assert recognised(tmp_path, steer("a", 1, 4)) == "helpsteer"
    made = brought(tmp_path, steer("a", 1, 4), steer("b", 4, 0))
    assert made.ranked() == [{"b"}, {"a"}]
    assert {made.task.response(i).text: score for i, score in made.judgement.scores.items()} == {"a": 2, "b": 5}
    assert made.task.response(made.judgement.criteria["verbosity"][0][0]).text == "a"
    assert len(made.judgement.criteria["coherence"]) == 1


def test_helpsteer_preferences_have_a_margin_and_one_judgement_an_annotator(tmp_path: Path) -> None:
    two = {"prompt": "p", "response_1": "a", "response_2": "b", "preference_strength": -2}
    three = {"domain": "General", "language": "english", "context": ASKED, "response1": "a", "response2": "b",
             "overall_preference": 1, "individual_preference": [
                 {"score": 2, "reasoning": "It is shorter."}, {"score": 0}, {"score": None}]}  # fmt: skip
    assert {recognised(tmp_path, two), recognised(tmp_path, three)} == {"helpsteer-pairs"}
    made = brought(tmp_path, two)
    assert (made.ranked(), made.judgement.margin) == ([{"a"}, {"b"}], 2.0)
    people = brought(tmp_path, three)
    assert [(j.annotator, j.margin, j.comment, len(j.ranking)) for j in people.judgements] == [
        ("helpsteer-1", 2.0, "It is shorter.", 2),
        ("helpsteer-2", None, "", 1),
    ]
    assert people.ranked(people.judgements[0]) == [{"b"}, {"a"}]
    assert "3 is the most" in brought(tmp_path, two, two | {"prompt": "q", "preference_strength": 7}).reasons[0]


def panda(**more: Any) -> dict[str, Any]:
    row = {"idx": 0, "motivation_app": "x", "cmp_key": "opt-7b_llama-7b", "instruction": "Is it?", "input": "1 = 1"}
    return row | {"response1": True, "response2": 1.50, "annotator1": 1, "annotator2": 0, "annotator3": "2"} | more


def test_pandalm_has_three_judgements_a_row_and_responses_that_are_text(tmp_path: Path) -> None:
    assert recognised(tmp_path, panda()) == "pandalm"
    made = brought(
        tmp_path, panda(), panda(instruction="", input="Only input.", response1="", response2=None, cmp_key="x")
    )
    first = made.tasks[0]
    assert first.prompt[0].content == "Is it?\n1 = 1"
    assert {(r.text, r.source) for r in first.responses} == {("true", "opt-7b"), ("1.5", "llama-7b")}
    judged = {j.annotator: made.ranked(j) for j in made.judgements if j.task_id == first.id}
    assert judged == {
        "pandalm-1": [{"true"}, {"1.5"}],
        "pandalm-2": [{"true", "1.5"}],
        "pandalm-3": [{"1.5"}, {"true"}],
    }
    assert "all responses are the same" in made.reasons[0]
    assert "says “3”" in brought(tmp_path, panda(), panda(input="x", annotator2=3)).reasons[0]


TOPIC = "tv-is-better-than-books_tv"


@pytest.fixture
def arguments(tmp_path: Path) -> Path:
    folder = tmp_path / "topics"
    folder.mkdir()
    rows = ["#id\tlabel\ta1\ta2", 'arg1_arg2\ta1\tTV "rules"\tBooks…', 'arg1_arg3\ta2\tTV "rules"\tBooks…']
    (folder / f"{TOPIC}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_ukp_pairs_are_about_the_topic_that_their_file_is_named_after(tmp_path: Path, arguments: Path) -> None:
    plan = intake.plan(arguments / f"{TOPIC}.csv")
    assert plan.format == "ukp"
    made = Brought(tmp_path, plan)
    assert {task.group for task in made.tasks} == {TOPIC}
    assert {task.prompt[0].content for task in made.tasks} == {"tv is better than books: tv"}
    assert len(made.tasks) == 2, "an argument that says the same as another is one of its own"
    assert [made.ranked(j) for j in made.judgements] == [[{'TV "rules"'}, {"Books…"}], [{"Books…"}, {'TV "rules"'}]]


def test_ukp_votes_find_their_arguments_and_fall_on_the_same_tasks(tmp_path: Path, arguments: Path) -> None:
    votes = tmp_path / "votes.csv"
    lines = [
        f"{TOPIC},x,arg1,arg2,7,a1",
        f"{TOPIC},x,arg2,arg1,8,a2",
        f"{TOPIC},x,arg1,arg2,9,equal",
        f"{TOPIC},x,arg1,arg9,9,a1",
    ]
    votes.write_text("topic,pair,arg1,arg2,worker,vote\n" + "\n".join(lines))
    made = Brought(tmp_path, intake.plan(votes, texts=arguments))
    assert {j.annotator: made.ranked(j) for j in made.judgements} == {
        "ukp-7": [{'TV "rules"'}, {"Books…"}],
        "ukp-8": [{'TV "rules"'}, {"Books…"}],
        "ukp-9": [{'TV "rules"', "Books…"}],
    }
    assert made.task.id in {task.id for task in Brought(tmp_path, intake.plan(arguments / f"{TOPIC}.csv")).tasks}
    assert "names the argument “arg9”" in made.reasons[0]
    with pytest.raises(InputError, match="without the texts"):
        intake.check_plan(intake.plan(votes))


def test_lists_in_cells_are_read_as_lists(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('prompt,responses,ranks\np,"[""a"", ""b""]","[2, 1]"\n')
    assert Brought(tmp_path, intake.plan(path)).ranked() == [{"b"}, {"a"}]
