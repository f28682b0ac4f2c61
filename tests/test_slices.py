"""Judgements by topic and by language: shares whose truth is known by construction."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.exports import Asked, waiting
from data.__main__ import main
from data.export.rows import Choice
from data.readings import Reading
from data.schemas import Judgement, Project, Slice, Task, slices_of
from data.store import Store
from rankers.agreement import agreement_with_ties, task_agreement, task_votes
from rankers.pairs import PairRules, preference_pairs
from rankers.slices import SliceReport, slice_reports, slices_in_words
from reward_model.card_slices import accuracies
from tests.conftest import a_judgement, a_task

ONE, TWO = (("r1",), ("r2",)), (("r2",), ("r1",))


def a_read_task(prompt: str, language: str = "", topics: tuple[str, ...] = ()) -> Task:
    return a_task(prompt, "a short answer", "an answer that is longer").model_copy(
        update={"language": language, "topics": topics}
    )


def reports(tasks: Sequence[Task], judgements: Sequence[Judgement]) -> dict[str, SliceReport]:
    by_id = {task.id: task for task in tasks}
    pairs = preference_pairs(by_id, judgements, PairRules(flags="ignored")).pairs
    return {":".join(one.slice): one for one in slice_reports(by_id, judgements, pairs)}


def test_a_topic_on_which_two_people_always_differ_stands_beside_one_on_which_they_never_do() -> None:
    tasks = [a_read_task(f"Politics {n}", "en", ("politics",)) for n in range(20)]
    tasks += [a_read_task(f"Cooking {n}", "ru") for n in range(30)]
    said = [a_judgement(task, *ONE, annotator="ann") for task in tasks]
    said += [a_judgement(t, *(TWO if t.topics else ONE), annotator="bob") for t in tasks]
    found = reports(tasks, said)
    assert set(found) == {"topic:politics", "topic:none", "language:en", "language:ru"}
    for name, agreement, n in (("topic:politics", 0.0, 20), ("language:en", 0.0, 20), ("topic:none", 1.0, 30)):
        told = found[name].agreement
        assert told is not None
        assert (told.agreement, told.low, told.high, told.n_prompts) == (agreement, agreement, agreement, n)
        assert (found[name].tasks, found[name].judgements, found[name].pairs) == (n, 2 * n, 2 * n)


def test_agreement_by_slice_is_that_of_its_pairs_alone() -> None:
    tasks = [a_read_task(f"Prompt {n}", "en", ("health",) if n % 3 else ()) for n in range(40)]
    said = [
        a_judgement(t, *(TWO if n % 5 == k else ONE), annotator=f"a{k}") for n, t in enumerate(tasks) for k in (0, 1)
    ]
    mine = {task.id for task in tasks if task.topics}
    pairs = preference_pairs({t.id: t for t in tasks}, [j for j in said if j.task_id in mine], PairRules()).pairs
    assert reports(tasks, said)["topic:health"].agreement == agreement_with_ties(pairs)


def test_shares_of_ties_flags_length_and_place_are_those_that_were_made() -> None:
    tasks = [a_read_task(f"Prompt {n}", "zh", ("health",)) for n in range(20)]
    flags = [{"response_id": "r1", "kind": "toxic"}, {"response_id": "r1", "kind": "unfactual"}]
    said = [
        a_judgement(
            task,
            *((("r1", "r2"),) if n < 5 else TWO if n < 14 else ONE),
            flags=flags if n < 4 else [],
            shown_order=("r1", "r2") if n < 15 else ("r2", "r1"),
        )
        for n, task in enumerate(tasks)
    ]
    found = reports(tasks, said)["topic:health"]
    assert (found.ties, found.flagged) == (5 / 20, 4 / 40)
    assert found.longer == pytest.approx(9 / 15)  # r2 is longer
    assert found.first == pytest.approx(1 / 15)  # only task 14: r1 is preferred and stood first
    assert found.agreement is None


def test_a_task_counts_in_each_of_its_topics_once_in_its_language_and_unread_ones_apart() -> None:
    assert slices_of("en", ("health", "finance")) == (
        Slice("topic", "health"),
        Slice("topic", "finance"),
        Slice("language", "en"),
    )
    assert slices_of("", ()) == (Slice("topic", "not read"), Slice("language", "not read"))
    assert slices_of("", ("health",)) == (Slice("topic", "health"), Slice("language", "not told"))
    tasks = [a_read_task("Both", "en", ("health", "finance")), a_read_task("Unread")]
    found = reports(tasks, [a_judgement(task, *ONE) for task in tasks])
    assert {name: one.judgements for name, one in found.items()} == {
        "topic:health": 1,
        "topic:finance": 1,
        "language:en": 1,
        "topic:not read": 1,
        "language:not read": 1,
    }


def test_of_few_prompts_no_share_is_said() -> None:
    tasks = [a_read_task(f"Prompt {n}", "en", ("health",) if n < 4 else ()) for n in range(30)]
    said = [a_judgement(task, *ONE, annotator=who) for task in tasks for who in ("ann", "bob")]
    found = reports(tasks, said)
    few, whole = found["topic:health"], found["language:en"]
    assert (few.few, few.few_agree, few.ties, few.flagged, few.longer) == (True, True, None, None, None)
    assert (whole.few, whole.few_agree, whole.ties, whole.longer) == (False, False, 0.0, 0.0)


def test_skipped_judgements_and_tasks_that_nobody_judged_are_in_no_slice() -> None:
    task = a_read_task("Prompt", "en")
    skipped = a_judgement(task, status="skipped", skip_reason="other")
    assert reports([task, a_read_task("Other", "ru")], [skipped]) == {}


def test_very_many_prompts_have_the_interval_of_their_own_number() -> None:
    tasks = [a_read_task(f"{n} Prompt {n}", "en") for n in range(4_100)]
    said = [
        a_judgement(t, *(TWO if n % 4 == 0 and k else ONE), annotator=f"a{k}")
        for n, t in enumerate(tasks)
        for k in (0, 1)
    ]
    told = reports(tasks, said)["language:en"].agreement
    assert told is not None
    assert told.n_prompts == 4_100
    half = 1.96 * (0.75 * 0.25 / 4_100) ** 0.5
    assert (told.high - told.low) / 2 == pytest.approx(half, rel=0.1)


def test_the_votes_of_tasks_add_up_to_what_is_said_of_all() -> None:
    tasks = [a_read_task(f"Prompt {n}") for n in range(6)]
    said = [a_judgement(t, *(TWO if n == k else ONE), annotator=f"a{k}") for n, t in enumerate(tasks) for k in range(3)]
    pairs = preference_pairs({t.id: t for t in tasks}, said, PairRules()).pairs
    votes, found = task_votes(pairs), agreement_with_ties(pairs)
    assert found is not None
    assert sum(one.votes for one in votes.values()) == found.n_votes == 18
    assert sum(one.agreeing for one in votes.values()) / 18 == pytest.approx(found.agreement)
    assert task_agreement(pairs) == {name: one.agreeing / 3 for name, one in votes.items()}


def test_the_store_counts_the_slices_of_tasks_as_their_readings_say(any_store: Store) -> None:
    tasks = [a_read_task(f"Prompt {n}") for n in range(5)]
    project = any_store.create_project(Project(name="Read"))
    any_store.add(project.id, tasks)
    kinds = [("en", ("health", "finance")), ("en", ()), ("", ("health",)), ("ru", ("health",))]
    any_store.keep_readings(project.id, {t.id: Reading(*k) for t, k in zip(tasks, kinds, strict=False)})
    counts = Counter(one for kind in [*kinds, ("", ())] for one in slices_of(*kind))
    assert any_store.slices(project.id) == counts
    assert counts[Slice("topic", "health")] == 3


def test_the_table_of_a_data_card_says_what_is_known_of_each_slice() -> None:
    tasks = [a_read_task(f"Prompt {n}", "en", ("health",) if n < 4 else ()) for n in range(30)]
    said = [a_judgement(task, *ONE, annotator=who) for task in tasks for who in ("ann", "bob")]
    by_id = {task.id: task for task in tasks}
    pairs = preference_pairs(by_id, said, PairRules()).pairs
    card = {"slices": [{"by": "language", "name": "en", "accuracy": 0.6, "ci": [0.5, 0.7]},
                       {"by": "sensitive topic", "name": "health", "accuracy": None, "ci": None}]}  # fmt: skip
    head, *rows = slices_in_words(slice_reports(by_id, said, pairs), accuracies(card))
    assert [len(row) for row in rows] == [len(head)] * 3
    assert rows == [
        ("topic: none", "52", "26", "100.0% (100.0% to 100.0%)", "0.0%", "0.0%", "–"),
        ("topic: health", "8", "4", "too few", "–", "–", "too few"),
        ("language: en", "60", "30", "100.0% (100.0% to 100.0%)", "0.0%", "0.0%", "60.0% (50.0% to 70.0%)"),
    ]
    unread = {task.id: task for task in map(a_read_task, by_id)}
    assert slices_in_words(slice_reports(unread, [a_judgement(t, *ONE) for t in unread.values()], ()), {}) == []


@pytest.mark.usefixtures("shared_store")
def test_the_card_of_an_export_says_it_by_topic_and_language_from_the_page_and_the_command_line(
    store: Store, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [a_task(f"Prompt {n}", "one", f"two {n}") for n in range(20)]
    store.add(project.id, tasks, [a_judgement(t, *ONE, annotator=who) for t in tasks for who in ("ann", "bob")])
    whole = waiting(project, store.size(project.id), Asked(), Choice(), "jsonl").export.card.read_text()
    assert "## By topic and language" not in whole
    store.keep_readings(project.id, {task.id: Reading("ru", ("health",)) for task in tasks})
    by_page = waiting(project, store.size(project.id), Asked(), Choice(), "jsonl").export.card.read_text()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'rankdesk.db'}")
    assert main(["export", "trl-explicit", "--project", "Test", "--out", str(tmp_path / "out.jsonl")]) == 0
    (by_command,) = (path.read_text() for path in tmp_path.glob("*.md"))
    for card in (by_page, by_command):
        assert "| topic: health | 40 | 20 | 100.0% (100.0% to 100.0%) | 0.0% | 0.0% | – |" in card
        assert "| language: ru | 40 |" in card
