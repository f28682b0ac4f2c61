"""Exports of other annotation tools: Argilla, Label Studio, Potato; their people, rankings, ratings and labels."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import intake
from data.intake.annotated import QUIET, Said, slug
from data.schemas import FlagKind
from tests.test_intake_formats import Brought, brought, jsonl

USER_1, USER_2 = "0b2f8f5c-1111-4a4a-9b9b-000000000001", "0b2f8f5c-1111-4a4a-9b9b-000000000002"


def argilla(**more: Any) -> dict[str, Any]:
    def by(*values: Any) -> list[dict[str, Any]]:
        return [{"value": v, "user_id": u} for v, u in zip(values, (USER_1, USER_2), strict=False)]

    return {
        "id": "1", "_server_id": "2", "vectors": {}, "metadata": {"topic": "birds"},
        "fields": {"prompt": "p", "response-1": "a", "response-2": "b", "response-3": "c"},
        "suggestions": {"preference": {"value": ["response-3"], "score": 0.9, "agent": "m"}},
        "responses": {
            "preference": by(["response-2", "response-1", "response-3"], ["response-1", "response-3", "response-2"]),
            "quality-response-1": by(3, 7), "quality-response-2": by(5, 1),
            "labels-response-3": by(["Toxic", "Factual error"], ["none"]),
            "why": by("b is short"),
        },
        **more,
    }  # fmt: skip


def check_argilla(made: Brought) -> None:
    assert len(made.judgements) == 2
    first, second = made.judgements
    assert made.ranked(first) == [{"b"}, {"a"}, {"c"}]
    assert made.ranked(second) == [{"a"}, {"c"}, {"b"}]
    assert {made.task.response(i).text: score for i, score in first.scores.items()} == {"a": 3, "b": 5}
    assert {(flag.kind, made.task.response(flag.response_id).text) for flag in first.flags} == {
        ("toxic", "c"),
        ("unfactual", "c"),
    }
    assert second.flags == ()
    assert first.comment == "why: b is short"
    assert [made.task.response(i).text for tier in first.criteria["quality"] for i in tier] == ["b", "a"]
    assert all(re.fullmatch("argilla-[0-9a-f]{10}", j.annotator) for j in made.judgements)
    assert len({j.annotator for j in made.judgements}) == 2


def test_records_of_argilla_keep_every_person_apart_and_nameless(tmp_path: Path) -> None:
    assert intake.plan(jsonl(tmp_path, argilla())).format == "argilla"
    made = brought(tmp_path, argilla())
    check_argilla(made)
    assert made.task.group == "birds"
    assert USER_1 not in "".join(j.model_dump_json() for j in made.judgements)
    assert made.load.added == ("criterion quality",)


def test_flat_records_of_argilla_say_the_same(tmp_path: Path) -> None:
    nested = argilla()
    flat: dict[str, Any] = {"id": "1", "_server_id": "2", **nested["fields"], "preference.suggestion": None}
    for question, given_ in nested["responses"].items():
        flat[f"{question}.responses"] = [one["value"] for one in given_]
        flat[f"{question}.responses.users"] = [one["user_id"] for one in given_]
        flat[f"{question}.responses.status"] = ["submitted"] * len(given_)
    check_argilla(brought(tmp_path, flat))


def test_records_of_argilla_1_count_what_was_submitted_only(tmp_path: Path) -> None:
    rank = {"rank": [2, 1], "value": ["response-1", "response-2"]}
    given_ = [
        {"user_id": USER_1, "value": rank, "status": "submitted"},
        {"user_id": USER_2, "value": rank, "status": "discarded"},
    ]
    row = {"prompt": "p", "response-1": "a", "response-2": "b", "ranking": given_, "metadata": {}}
    made = brought(tmp_path, row)
    assert made.load.format == "argilla"
    assert made.ranked() == [{"b"}, {"a"}]


def studio(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    annotation = {"id": 1, "completed_by": {"id": 10, "email": "x@example.org"}, "result": list(results),
                  "was_cancelled": False, "ground_truth": False, "lead_time": 4.5,
                  "created_at": "2026-01-02T03:04:05.6Z"}  # fmt: skip
    return {
        "id": 1,
        "data": {"prompt": "p", "text1": "a", "text2": "b"},
        "annotations": [annotation | more],
        "predictions": [],
    }


def result(kind: str, value: Any, name: str = "q", to: str = "text1,text2") -> dict[str, Any]:
    return {
        "from_name": name,
        "to_name": to,
        "type": kind,
        "value": {kind if kind != "pairwise" else "selected": value},
    }


def test_a_pairwise_choice_of_label_studio_with_ratings_and_labels(tmp_path: Path) -> None:
    row = studio(
        result("pairwise", "right"),
        result("rating", 4, "stars", "text1"),
        result("rating", 2, "stars", "text2"),
        result("choices", ["Spam"], "faults", "text2"),
    )
    assert intake.plan(jsonl(tmp_path, row)).format == "label-studio"
    made = brought(tmp_path, row)
    judgement = made.judgement
    assert made.ranked() == [{"b"}, {"a"}]
    assert (judgement.annotator, judgement.seconds) == ("labelstudio-10", 4.5)
    assert judgement.created_at.isoformat() == "2026-01-02T03:04:05.600000+00:00"
    assert {made.task.response(i).text: score for i, score in judgement.scores.items()} == {"a": 4, "b": 2}
    assert [(f.kind, made.task.response(f.response_id).text) for f in judgement.flags] == [("spam", "b")]
    assert not made.task.gold


def test_a_ranker_a_ground_truth_and_a_cancelled_annotation_of_label_studio(tmp_path: Path) -> None:
    items = [{"id": "x1", "title": "A", "body": "a"}, {"id": "x2", "body": "b"}]
    ranked = result("ranker", {"rank": ["x2", "x1"]}, to="items")
    row = studio(ranked, ground_truth=True) | {"data": {"question": "p", "items": items}}
    made = brought(tmp_path, row)
    assert made.ranked() == [{"b"}, {"a"}]
    assert made.task.gold
    skipped = brought(tmp_path, studio(was_cancelled=True))
    assert skipped.judgements == []
    assert skipped.load.judgements == 1, "a skip is kept, and is no judgement that counts"


def test_label_studios_short_json_has_the_answers_beside_the_data(tmp_path: Path) -> None:
    row = {"id": 1, "prompt": "p", "text1": "a", "text2": "b", "pw": "left", "annotator": "x@example.org",
           "annotation_id": 3, "created_at": "2026-01-02T03:04:05Z", "updated_at": "", "lead_time": 2}  # fmt: skip
    assert intake.plan(jsonl(tmp_path, row)).format == "label-studio"
    made = brought(tmp_path, row)
    assert made.ranked() == [{"a"}, {"b"}]
    assert re.fullmatch("labelstudio-[0-9a-f]{10}", made.judgement.annotator)


def potato(labels: dict[str, Any], **more: Any) -> dict[str, Any]:
    shown = "Which?<br>A. one<br>B. two<br>C. three"
    return {
        "user_id": "ann",
        "instance_id": "7",
        "displayed_text": shown,
        "label_annotations": labels,
        "span_annotations": {},
    } | more


def test_best_and_worst_of_potato_leave_the_others_between(tmp_path: Path) -> None:
    row = potato({"bws": {"best": "B", "worst": "A"}})
    assert intake.plan(jsonl(tmp_path, row)).format == "potato"
    made = brought(tmp_path, row)
    assert made.task.prompt[0].content == "Which?"
    assert made.ranked() == [{"two"}, {"three"}, {"one"}]
    assert re.fullmatch("potato-[0-9a-f]{10}", made.judgement.annotator)


@pytest.mark.parametrize(
    ("labels", "ranked", "margin"),
    [
        ({"pw": {"selection": "B"}}, [{"two"}, {"one"}], None),
        ({"pw": {"selection": "tie"}}, [{"one", "two"}], None),
        ({"pw": {"scale_value": "-2"}}, [{"one"}, {"two"}], 2.0),
        ({"quality_A": {"5": "5"}, "quality_B": {"2": "2"}}, [{"one"}, {"two"}], None),
    ],
)
def test_choices_scales_and_likert_ratings_of_potato(
    tmp_path: Path, labels: dict[str, Any], ranked: list[set[str]], margin: float | None
) -> None:
    made = brought(tmp_path, potato(labels, displayed_text="Which?<br>A. one<br>B. two"))
    assert made.ranked() == ranked
    assert made.judgement.margin == margin


def test_a_table_of_potato_with_the_texts_in_a_second_file(tmp_path: Path) -> None:
    table = tmp_path / "annotated_instances.csv"
    table.write_text("user,instance_id,displayed_text,pw:::selection\nann,7,x,A\nbo,7,x,B\n")
    texts = jsonl(tmp_path, {"id": "7", "prompt": "p", "response_a": "a", "response_b": "b"}, name="t.jsonl")
    made = Brought(tmp_path, intake.plan(table, texts=texts))
    assert [made.ranked(j) for j in made.judgements] == [[{"a"}, {"b"}], [{"b"}, {"a"}]]
    alone = Brought(tmp_path, intake.plan(table))
    assert "has no responses to compare; add the file of texts" in alone.reasons[0]


@pytest.mark.parametrize("value", [2, ["none"], "neither", True, {"a": 1}])
def test_what_is_about_no_response_and_chooses_none_is_kept_as_a_comment(value: Any) -> None:
    said = Said({"response-1": "r1", "response-2": "r2"}, ["r1", "r2"])
    said.take("quality", value)
    assert (said.rankings, said.ratings, said.flags) == ({}, {}, {})
    assert said.notes == [f"quality: {value[0] if isinstance(value, list) else value}"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20), ANYTHING)
def test_no_answer_breaks_the_reading_and_none_is_lost(question: str, value: Any) -> None:
    said = Said({"response-1": "r1", "response-2": "r2"}, ["r1", "r2"])
    said.take(question, value)
    kept = said.rankings or said.ratings or said.flags or said.notes or said.none_acceptable
    assert kept or value in (None, "", [], {}) or says_no_fault(value)
    assert FlagKind(kind=slug(question), label="x", definition="")


def says_no_fault(value: Any) -> bool:
    said = value if isinstance(value, list) else [value]
    return all(one is False or str(one).strip().lower() in QUIET for one in said)


@pytest.mark.parametrize(
    ("label", "name"), [("Factual error", "factual-error"), ("18+", "label-18"), ("Токсично", None)]
)
def test_a_label_gets_a_short_name(label: str, name: str | None) -> None:
    assert slug(label) == name if name else re.fullmatch("label-[0-9a-f]{8}", slug(label))
