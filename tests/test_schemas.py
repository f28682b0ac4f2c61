"""The words of Rankdesk: what they accept, and what they say when they do not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError, checked
from data.schemas import (
    MAX_TEXT,
    Judgement,
    Message,
    Project,
    Response,
    Task,
    compatible,
    fingerprint,
    prompt_group,
    submission_key,
    task_id,
)
from tests.conftest import a_judgement, a_task

TURN = {"role": "user", "content": "Why?"}
ANSWERS = [{"id": "r1", "text": "Because."}, {"id": "r2", "text": "No reason."}]


def fault(schema: type, **values: object) -> str:
    with pytest.raises(InputError) as caught:
        checked(schema, values, where="Row 3")
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"responses": ANSWERS[:1]}, "Row 3: responses: has 1, and needs at least 2; add more."),
        (
            {"responses": [{"id": f"r{n}", "text": "x"} for n in range(10)]},
            "responses: has 10, and can have at most 9; remove some.",
        ),
        ({"responses": [ANSWERS[0], ANSWERS[0]]}, "Row 3: Two responses have the same id; give each its own."),
        (
            {"prompt": [{"role": "robot", "content": "Why?"}]},
            "prompt.0.role: must be one of 'system', 'user' or 'assistant'; choose one",
        ),
        ({"prompt": [{"role": "user", "content": "a\x00b"}]}, "contains a NUL character; remove it"),
        ({"prompt": [{"role": "user", "content": "a\ud800"}]}, "half of a surrogate pair"),
        (
            {"prompt": [{"role": "user", "content": "a" * (MAX_TEXT + 1)}]},
            "is longer than 200,000 characters; shorten it",
        ),
        ({"prompt": []}, "Row 3: prompt: has 0, and needs at least 1"),
        ({"colour": "red"}, "Row 3: colour: is not a field that is known here"),
    ],
)
def test_a_faulty_task_is_refused_with_one_sentence(change: dict[str, object], sentence: str) -> None:
    values = {"id": "t", "prompt": [TURN], "responses": ANSWERS, "group": "g"}
    said = fault(Task, **(values | change))
    assert sentence in said
    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ranking": [["r1"], ["r1"]]}, "A response stands in the ranking twice"),
        ({"ranking": [["r1"], []]}, "empty tier"),
        ({"ranking": []}, "Nothing is ranked or flagged"),
        ({"flags": [{"response_id": "r1", "kind": "toxic"}] * 2}, "same flag is set twice"),
        ({"flags": [{"response_id": "r1", "kind": "Ugly!"}]}, "flags.0.kind: is not a short name"),
        ({"status": "skipped"}, "needs a reason"),
        ({"skip_reason": "other"}, "only a skipped task has one"),
        ({"seconds": float("nan")}, "seconds"),
    ],
)
def test_a_faulty_judgement_is_refused_with_one_sentence(change: dict[str, object], sentence: str) -> None:
    values = {"task_id": "t", "annotator": "a", "ranking": [["r1"], ["r2"]], "idempotency_key": "k"}
    assert sentence in fault(Judgement, **(values | change))


def test_two_faults_are_one_sentence_with_a_count() -> None:
    assert fault(Project, name="", overlap=0).endswith("Further faults: 1.")


def test_nothing_but_flags_or_none_acceptable_is_a_judgement() -> None:
    task = a_task("Why?", "a", "b")
    assert a_judgement(task, none_acceptable=True).none_acceptable
    assert a_judgement(task, flags=[{"response_id": "r1", "kind": "spam"}]).flags[0].kind == "spam"


def test_a_task_finds_its_responses_by_id() -> None:
    assert a_task("Why?", "a", "b").response("r2").text == "b"


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_a_fingerprint_follows_from_the_parts_and_their_borders(a: list[str], b: list[str]) -> None:
    assert (fingerprint(a) == fingerprint(b)) == (a == b)


def test_the_id_of_a_task_does_not_depend_on_the_order_of_its_responses() -> None:
    prompt = (Message(role="user", content="Why?"),)
    a, b = Response(id="r1", text="a", source="m"), Response(id="r2", text="b")
    assert task_id(prompt, [a, b]) == task_id(prompt, [b, a])
    assert task_id(prompt, [a, b]) != task_id(prompt, [a.model_copy(update={"source": "n"}), b])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("What is  love?", "what is love", True),
        ("Что такое любовь?", "ЧТО ТАКОЕ ЛЮБОВЬ", True),
        ("什么是爱？", "什么是爱", True),
        ("What is love?", "What is hate?", False),
        ("?", "!", False),
    ],
)
def test_prompts_that_open_alike_share_a_group(one: str, other: str, same: bool) -> None:
    groups = [prompt_group((Message(role="user", content=text),)) for text in (one, other)]
    assert (groups[0] == groups[1]) is same


def test_a_conversation_and_its_continuation_share_a_group() -> None:
    start = (Message(role="system", content="Be brief."), Message(role="user", content="Hello"))
    more = (*start, Message(role="assistant", content="Hi"), Message(role="user", content="Tell me a joke"))
    assert prompt_group(start) == prompt_group(more)
    only_assistant = (Message(role="assistant", content="Hello"),)
    assert prompt_group(only_assistant) == prompt_group(start)


def test_two_tabs_build_the_same_submission_key() -> None:
    assert submission_key("t", "ann", 0) == submission_key("t", "ann", 0)
    keys = {submission_key("t", "ann", 1), submission_key("u", "ann", 0), submission_key("t", "bob", 0)}
    assert len(keys | {submission_key("t", "ann", 0)}) == 4


def test_the_compatible_form_of_a_long_text_is_that_of_its_pieces() -> None:
    text = "ﬁＡ①" * 1_000
    assert compatible(text) == unicodedata.normalize("NFKC", text)
    assert len(compatible("a" + "\u0301\u0323" * 90_000)) > 100_000
