"""What annotators say beyond a ranking, and what a project asks them: accepted as it is, or refused with a sentence."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError, checked
from data.schemas import (
    STANDARD_FLAGS,
    STANDARD_TOPICS,
    STRENGTHS,
    Flag,
    Judgement,
    Project,
    SourceLink,
    check_asked,
    check_fits,
)
from tests.conftest import a_judgement, a_task

PAGE = {"url": "https://example.org", "kind": "primary"}


def fault(schema: type, **values: object) -> str:
    with pytest.raises(InputError) as caught:
        checked(schema, values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("flag", "sentence"),
    [
        ({"kind": "toxic", "spans": [{"start": 3, "end": 3}]}, "The marked words end before they begin"),
        ({"kind": "toxic", "spans": [{"start": -1, "end": 3}]}, "spans.0.start"),
        ({"kind": "toxic", "spans": [{"start": 0, "end": 3}] * 51}, "can have at most 50"),
        ({"kind": "toxic", "severity": 4}, "severity: must be one of 1, 2 or 3"),
        ({"kind": "toxic", "topic": "health"}, "A topic belongs to a flag for a sensitive topic only"),
        ({"kind": "spam", "verdict": "false"}, "belongs to an unfactual answer only"),
        ({"kind": "spam", "correction": "No."}, "belongs to an unfactual answer only"),
        ({"kind": "spam", "sources": [PAGE]}, "belongs to an unfactual answer only"),
        ({"kind": "unfactual", "verdict": "doubtful"}, "verdict: must be one of"),
        ({"kind": "unfactual", "sources": [PAGE | {"kind": "tertiary"}]}, "sources.0.kind"),
        ({"kind": "unfactual", "sources": [PAGE] * 11}, "can have at most 10"),
        ({"kind": "A b"}, "kind: is not a short name"),
        ({"kind": "a" * 41}, "longer than 40"),
    ],
)
def test_a_faulty_flag_is_refused_with_one_sentence(flag: dict[str, object], sentence: str) -> None:
    said = fault(Flag, response_id="r1", **flag)
    assert sentence in said
    assert said.endswith(".")


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "ftp://a.org/x", "//a.org", "a.org", "https://", "http:///x", ""),
        *("https://a.org/x y", "https://a.org/\nx", "http://[", "https://a.org/" + "x" * 2000, "https://a.org/\u202ex"),
    ],
)
def test_a_source_is_a_web_address_and_nothing_else(url: str) -> None:
    assert fault(SourceLink, url=url, kind="primary").startswith("url: ")


@pytest.mark.parametrize("url", ["https://a.org", "http://localhost:8/x?y=1#z", "https://ru.wikipedia.org/wiki/Россия"])
def test_a_web_address_stays_as_it_is(url: str) -> None:
    assert SourceLink(url=url, kind="secondary").url == url


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"unrankable": True}, "Answers that cannot be ranked have a ranking"),
        ({"ranking": [], "unrankable": True, "criteria": {"honest": [["r1"]]}}, "cannot be ranked have a ranking"),
        ({"criteria": {"honest": [["r1"], ["r1"]]}}, "stands in the ranking twice"),
        ({"criteria": {"honest": [[]]}}, "empty tier"),
        ({"criteria": {"Honest!": [["r1"]]}}, "criteria.Honest!"),
        ({"criteria": {f"c{n}": [["r1"]] for n in range(7)}}, "can have at most 6"),
        ({"scores": {"r1": 8}}, "scores.r1"),
        ({"scores": {"r1": 0}}, "scores.r1"),
        ({"edits": [{"response_id": "r1", "text": " "}]}, "is empty"),
        ({"edits": [{"response_id": "r1", "text": "x"}] * 2}, "One response is rewritten twice"),
        ({"ranking": [], "reference": " "}, "Nothing is ranked or flagged"),
        ({"ranking": [], "scores": {"r1": 3}}, "Nothing is ranked or flagged"),
    ],
)
def test_what_a_judgement_says_beyond_its_ranking_is_checked_too(change: dict[str, object], sentence: str) -> None:
    values = {"task_id": "t", "annotator": "a", "ranking": [["r1"], ["r2"]], "idempotency_key": "k"}
    assert sentence in fault(Judgement, **(values | change))


@pytest.mark.parametrize(
    "said",
    [
        {"unrankable": True},
        {"none_acceptable": True},
        {"edits": [{"response_id": "r1", "text": "better"}]},
        {"reference": "An answer."},
    ],
)
def test_each_of_these_alone_is_a_judgement(said: dict[str, Any]) -> None:
    assert a_judgement(a_task("Why?", "a", "b"), **said).status == "submitted"


TEXT = "Ja 👍🏽 نعم"


@given(st.integers(1, len(TEXT) + 3), st.data())
def test_a_span_fits_when_it_ends_within_the_text_counted_in_code_points(end: int, data: st.DataObject) -> None:
    span = {"start": data.draw(st.integers(0, end - 1)), "end": end}
    task = a_task("Why?", TEXT, "b" * 99)
    judgement = a_judgement(task, flags=[{"response_id": "r1", "kind": "toxic", "spans": [span]}])
    if end <= len(TEXT):
        check_fits(judgement, task)
    else:
        with pytest.raises(InputError, match="words beyond the end"):
            check_fits(judgement, task)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"criteria": {"honest": [["r9"]]}}, "an answer that the task does not have"),
        ({"scores": {"r9": 3}}, "an answer that the task does not have"),
        ({"edits": [{"response_id": "r9", "text": "x"}]}, "an answer that the task does not have"),
        ({"flags": [{"response_id": "r9", "kind": "spam"}]}, "an answer that the task does not have"),
        ({"edits": [{"response_id": "r1", "text": "a"}]}, "the same as the answer"),
        ({"margin": 1.0}, "two answers only"),
    ],
)
def test_what_does_not_fit_the_task_is_refused(said: dict[str, Any], sentence: str) -> None:
    task = a_task("Why?", "a", "b", "c")
    with pytest.raises(InputError, match=sentence):
        check_fits(a_judgement(task, ("r1",), **said), task)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"flags": [{"response_id": "r1", "kind": "boring"}]}, "no flag “boring”"),
        ({"flags": [{"response_id": "r1", "kind": "sensitive-topic", "topic": "war"}]}, "no topic “war”"),
        ({"criteria": {"honest": [["r1"]]}}, "no criterion “honest”"),
        ({"scores": {"r1": 3}}, "asks for no scores"),
    ],
)
def test_what_the_project_does_not_ask_for_is_refused(said: dict[str, Any], sentence: str) -> None:
    judgement = a_judgement(a_task("Why?", "a", "b"), ("r1",), **said)
    with pytest.raises(InputError, match=sentence):
        check_asked(judgement, Project(name="Plain"))
    wide = {
        "flags": [*STANDARD_FLAGS, {"kind": "boring", "label": "Boring", "definition": ""}],
        "topics": [{"topic": "war", "label": "War"}],
        "criteria": [{"criterion": "honest", "label": "Honest"}],
        "scores": True,
    }
    check_asked(judgement, Project.model_validate({"name": "Wide"} | wide))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"flags": []}, "flags: has 0, and needs at least 1"),
        ({"flags": [*STANDARD_FLAGS, STANDARD_FLAGS[0]]}, "Two of the flags have the same short name"),
        ({"topics": [STANDARD_TOPICS[0]] * 2}, "Two of the topics have the same short name"),
        ({"criteria": [{"criterion": "a", "label": "A"}] * 2}, "Two of the criteria have the same short name"),
        ({"criteria": [{"criterion": f"c{n}", "label": "A"} for n in range(7)]}, "can have at most 6"),
        ({"flags": [{"kind": "a", "label": " ", "definition": ""}]}, "label: is empty"),
        ({"flags": [{"kind": "a", "label": "A", "definition": "x" * 1001}]}, "longer than 1,000"),
    ],
)
def test_faulty_settings_are_refused_with_one_sentence(change: dict[str, object], sentence: str) -> None:
    assert sentence in fault(Project, name="P", **change)


def test_every_standard_flag_is_defined_with_an_example() -> None:
    first = ["toxic", "unfactual", "sensitive-topic", "off-task", "spam", "personal-data"]
    assert [flag.kind for flag in STANDARD_FLAGS] == [*first, "wrong-language", "refusal"]
    assert all(flag.definition and flag.example for flag in STANDARD_FLAGS)
    assert list(STRENGTHS.values()) == sorted(STRENGTHS.values(), reverse=True)
