"""The My work page on a real store, and the search, counts and rows behind it."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.session import Person
from app.work import Piece, Sought, daily, day_of, folded, found, summary, time_said, work, zone_of
from app.work_chart import days_chart, finding
from app.work_list.reading import full, reading_of, row
from data.schemas import Criterion, FlagKind, Judgement, Project, Task
from data.store import Store
from rankers.assignment import shown_order
from tests.conftest import MAIN, a_judgement, a_task

pytestmark = pytest.mark.usefixtures("shared_store")
ME = "local"
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
"""A Wednesday."""


def said(task: Task, *tiers: tuple[str, ...], **more: object) -> Judgement:
    return a_judgement(task, *tiers, annotator=ME, **more)


def piece(task: Task, judgement: Judgement | None = None, *, days_ago: int = 0, words: str = "") -> Piece:
    made = judgement or said(task, ("r1",), ("r2",))
    moved = made.model_copy(update={"created_at": NOW - timedelta(days=days_ago)})
    return Piece(moved, task, words or folded(task.prompt[0].content))


def my_work() -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/my_work.py").run()
    assert not at.exception
    return at


def rows(at: AppTest) -> list[dict[str, Any]]:
    (shown,) = [json.loads(element.proto.json) for element in at.get("bidi_component") if "rows" in element.proto.json]
    found_rows: list[dict[str, Any]] = shown["rows"]
    return found_rows


def text_on(at: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*at.markdown, *at.text, *at.caption])


@pytest.fixture
def worked(store: Store, project: Project) -> list[Task]:
    """Thirty judged tasks of mine, the last one skipped; and one of somebody else."""
    tasks = [a_task(f"Question {n}?", "one", "two", "three") for n in range(31)]
    mine = [said(task, ("r1",), ("r2", "r3"), seconds=20.0 + n) for n, task in enumerate(tasks[:29])]
    skipped = said(tasks[29], status="skipped", skip_reason="language")
    other = a_judgement(tasks[30], ("r3",), ("r2",), ("r1",), annotator="eve", comment="theirs")
    store.add(project.id, tasks, [*mine, skipped, other])
    return tasks


def test_before_the_first_judgement_the_page_says_what_will_appear_and_where_to_begin(project: Project) -> None:
    at = my_work()
    assert "Tasks that you judge or skip appear here" in text_on(at)
    assert [link.proto.label for link in at.get("page_link")] == ["Rank answers"]


def test_without_a_project_the_page_stands_too() -> None:
    assert my_work().title[0].value == "My work"


def test_the_page_counts_and_lists_my_own_work_alone(worked: list[Task]) -> None:
    at = my_work()
    metrics = {metric.label: metric.value for metric in at.metric}
    assert metrics == {"Judged": "29", "Skipped": "1", "Usual time for a task": "34 seconds"}
    assert "**30** of 30 tasks" in text_on(at)
    assert "29 today, 29 this week" in text_on(at)
    shown = rows(at)
    assert len(shown) == 20
    assert shown[0]["said"] == "Skipped"
    assert worked[30].id not in {one["key"] for one in shown}


def test_the_work_of_one_person_is_not_shown_to_another(worked: list[Task], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "person", lambda: Person("eve", "annotator"))
    assert [one["key"] for one in rows(my_work())] == [worked[30].id]


def test_a_search_and_filters_narrow_the_list_and_say_when_nothing_is_left(worked: list[Task]) -> None:
    at = my_work()
    at.text_input(key="work_text").set_value("question 12").run()
    assert [one["asked"] for one in rows(at)] == ["Question 12?"]
    assert "**1** of 30 tasks" in text_on(at)
    at.text_input(key="work_text").set_value("").run()
    at.session_state["work_status"] = "Skipped"
    at.run()
    assert [one["key"] for one in rows(at)] == [worked[29].id]
    at.text_input(key="work_text").set_value("no such word").run()
    assert "Take a filter away" in text_on(at)


def test_a_chosen_row_is_shown_in_full_and_no_other(worked: list[Task]) -> None:
    at = my_work()
    at.session_state["work_list"] = {"chosen": worked[28].id}
    shown = rows(at.run())
    assert [one["key"] for one in shown if "full" in one] == [worked[28].id]
    at.session_state["work_list"] = {"chosen": worked[30].id}
    assert not [one for one in rows(at.run()) if "full" in one]


@pytest.mark.parametrize("asked", ["ПЛАНЕТЫ", "вселенной ещё", "中文", "ｗｉｄｅ", "Straße"])
def test_the_search_minds_neither_case_nor_script_nor_width(asked: str) -> None:
    task = a_task("Назови планеты", "Сколько их во вселенной — еще неизвестно", "用中文回答 WIDE STRASSE")
    made = said(task, ("r1",))
    words = folded("\n".join([task.prompt[0].content, *(r.text for r in task.responses)]))
    assert found([Piece(made, task, words)], Sought(asked), UTC)


def test_the_search_reads_notes_corrections_rewritten_answers_and_ideal_answers(store: Store, project: Project) -> None:
    task = a_task("Q", "one", "two")
    flag = {"response_id": "r1", "kind": "unfactual", "note": "Заметка", "correction": "Исправление"}
    edit = {"response_id": "r1", "text": "anew"}
    made = said(task, ("r1",), flags=[flag], edits=[edit], reference="ideal", comment="remark")
    store.add(project.id, [task], [made])
    pieces = work(project.id, ME, store.size(project.id))
    for asked in ("заметка", "ИСПРАВЛЕНИЕ", "anew", "ideal", "remark", "two"):
        assert found(pieces, Sought(asked), UTC)
    assert not found(pieces, Sought("absent"), UTC)


def test_filters_find_flags_by_kind_marks_and_days() -> None:
    task = a_task("Q", "one", "two")
    flagged = said(task, ("r1",), flags=[{"response_id": "r2", "kind": "spam"}], comment="so")
    pieces = [piece(task, flagged, days_ago=1), piece(task, days_ago=3)]
    assert found(pieces, Sought(kinds=("spam", "toxic")), UTC) == pieces[:1]
    assert found(pieces, Sought(kinds=("toxic",)), UTC) == []
    assert found(pieces, Sought(marks=("Flagged", "With a comment")), UTC) == pieces[:1]
    assert found(pieces, Sought(marks=("Corrected",)), UTC) == []
    assert found(pieces, Sought(last=date(2026, 11, 15)), UTC) == pieces[1:]
    assert found(pieces, Sought(first=date(2026, 11, 15), last=date(2026, 11, 17)), UTC) == pieces


def test_days_and_weeks_are_those_of_the_person() -> None:
    task, east = a_task("Q", "one", "two"), timezone(timedelta(hours=13))
    late = said(task, ("r1",)).model_copy(update={"created_at": datetime(2026, 11, 18, 11, 30, tzinfo=UTC)})
    assert (day_of(late, UTC).day, day_of(late, east).day) == (18, 19)
    pieces = [piece(task), piece(task, days_ago=2), piece(task, days_ago=3), piece(task, days_ago=20)]
    assert summary(pieces, UTC, NOW)[:4] == (1, 2, 4, 0)
    assert list(daily(pieces, UTC, NOW)["judged"]) == [*[0] * 10, 1, 1, 0, 1]


def test_an_unknown_time_zone_is_taken_for_utc() -> None:
    assert {NOW.astimezone(zone_of(name)).utcoffset() for name in (None, "", "Mars/Olympus", "../../etc/passwd")} == {
        timedelta(0)
    }
    assert str(zone_of("Europe/Moscow")) == "Europe/Moscow"


def test_the_usual_time_is_the_median_and_said_without_hurry() -> None:
    task = a_task("Q", "one", "two")
    pieces = [piece(task, said(task, ("r1",), seconds=s)) for s in (10.0, 100.0, 5000.0)]
    assert summary(pieces, UTC, NOW).seconds == 100.0
    assert [time_said(s) for s in (0.2, 40, 100, 4000, 7300)] == [
        "1 second",
        "40 seconds",
        "2 minutes",
        "67 minutes",
        "2 hours",
    ]


def test_the_chart_says_its_finding_and_has_a_bar_for_each_day() -> None:
    task = a_task("Q", "one", "two")
    days = daily([piece(task), piece(task, days_ago=1), piece(task, days_ago=1)], UTC, NOW)
    assert finding(days) == "3 tasks judged in the last 14 days, most on 17 Nov: 2"
    assert finding(daily([], UTC, NOW)) == "Nothing judged in the last 14 days"
    (dataset,) = [values for values in days_chart(days, dark=False).to_dict()["datasets"].values() if len(values) > 1]
    assert [one["judged"] for one in dataset] == [*[0] * 12, 2, 1]


def test_a_row_shows_the_ranking_in_the_letters_that_the_person_saw(project: Project) -> None:
    task = a_task("Why?", "one", "two", "three", "four")
    order = shown_order(task, ME, project.seed)
    made = said(task, (order[0],), (order[2], order[3]), shown_order=order, revision=3)
    shown = row(reading_of(Piece(made, task, ""), project, UTC))
    assert shown["ranking"] == "A > C = D"
    assert shown["marks"] == ["Revision 3"]


def test_answers_that_say_the_same_stand_under_one_name(project: Project) -> None:
    task = a_task("Why?", "same", "same", "other")
    order = shown_order(task, ME, project.seed)
    same = tuple(i for i in order if i != "r3")
    reading = reading_of(Piece(said(task, same, ("r3",)), task, ""), project, UTC)
    names = ["ABC"[order.index(i)] for i in same]
    assert row(reading)["ranking"].startswith(" · ".join(names))
    assert full(reading).count("same") == 1


def test_a_flag_of_the_project_goes_by_its_name_and_one_that_is_gone_by_its_short_name() -> None:
    dull = FlagKind(kind="dull", label="Dull", definition="Bores the reader.")
    here = Project(name="Own", flags=(dull,))
    task = a_task("Why?", "one", "two")
    flags = [{"response_id": "r1", "kind": kind} for kind in ("dull", "gone")]
    shown = row(reading_of(Piece(said(task, ("r1",), flags=flags), task, ""), here, UTC))
    assert [flag["label"] for flag in shown["flags"]] == ["Dull", "gone"]
    assert shown["flags"][0]["definition"] == "Bores the reader."
    assert shown["flags"][0]["hue"] != shown["flags"][1]["hue"]


def test_in_full_everything_that_was_said_can_be_read_and_nothing_is_live() -> None:
    here = Project(name="Own", criteria=(Criterion(criterion="kind", label="Kindness"),), scores=True)
    task = a_task("Why <script>?", "one <script>alert(1)</script>", "two")
    flag = {
        "response_id": "r1",
        "kind": "unfactual",
        "note": "<img src=x>",
        "verdict": "outdated",
        "severity": 3,
        "spans": [{"start": 0, "end": 3}],
        "correction": "right",
        "sources": [{"url": "https://example.org/?a=1&b", "kind": "primary"}],
    }
    made = said(
        task,
        ("r2",),
        ("r1",),
        flags=[flag, {"response_id": "r2", "kind": "sensitive-topic", "topic": "health"}],
        criteria={"kind": [["r1"], ["r2"]]},
        scores={"r1": 2},
        edits=[{"response_id": "r1", "text": "one corrected"}],
        reference="An ideal",
        comment="A remark",
        margin=1.0,
        seconds=30.0,
    )
    text = full(reading_of(Piece(made, task, ""), here, UTC))
    for part in (
        "Much better",
        "Kindness:",
        "30 seconds",
        "severe · Outdated",
        "“one”",
        "Correct is: right",
        "Score 2",
        "one corrected",
        "An ideal",
        "A remark",
        "Health",
        'href="https://example.org/?a=1&amp;b"',
        "&lt;img src=x&gt;",
    ):
        assert part in text
    assert text.index("Rank 1") < text.index("Rank 2")
    assert "<script" not in text
    assert "<img" not in text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"status": "skipped", "skip_reason": "broken"}, "Skipped"),
        ({"unrankable": True}, "All are factually wrong"),
        ({"none_acceptable": True}, "None is acceptable"),
        ({"flags": [{"response_id": "r1", "kind": "spam"}]}, "Not ranked"),
    ],
)
def test_a_row_without_a_ranking_says_why(more: dict[str, Any], words: str, project: Project) -> None:
    task = a_task("Why?", "one", "two")
    assert row(reading_of(Piece(said(task, **more), task, ""), project, UTC))["said"] == words


def test_two_thousand_judgements_are_there_and_searched(store: Store, project: Project) -> None:
    tasks = [a_task(f"Вопрос {n}", *[f"Ответ {k} на вопрос {n}. " * 20 for k in range(4)]) for n in range(2000)]
    store.add(project.id, tasks, [said(task, ("r1",), ("r2",)) for task in tasks])
    pieces = work(project.id, ME, store.size(project.id))
    assert len(pieces) == 2000
    assert len(found(pieces, Sought("вопрос 1999"), UTC)) == 1
