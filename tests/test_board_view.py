"""What the board is told beside the task: how long the answers are, and how far the annotator's own day has come."""

from datetime import UTC, datetime, timedelta

import pytest

from app.board.settings import Settings, settings_from
from app.board.view import Seat, midnight, view_of, words_in
from data.schemas import Project
from data.store import Store
from tests.conftest import a_judgement, a_task


@pytest.mark.parametrize(
    ("now", "offset", "began"),
    [
        ("2026-03-10T23:30", 0, "2026-03-10T00:00"),
        ("2026-03-10T23:30", -180, "2026-03-10T21:00"),
        ("2026-03-10T20:30", -180, "2026-03-09T21:00"),
        ("2026-03-10T03:30", 480, "2026-03-09T08:00"),
        ("2026-03-10T12:00", -10_000, "2026-03-10T10:00"),
    ],
)
def test_the_day_begins_at_midnight_where_the_annotator_is(now: str, offset: int, began: str) -> None:
    moment, expected = (datetime.fromisoformat(said).replace(tzinfo=UTC) for said in (now, began))
    assert midnight(moment, offset) == expected


@pytest.mark.parametrize(("hour", "today"), [(1, 0), (12, 1)])
def test_today_counts_what_was_judged_since_the_annotators_own_midnight(
    store: Store, project: Project, hour: int, today: int
) -> None:
    now, task = datetime.now(UTC), a_task("Why?", "So", "Thus")
    judged = a_judgement(task, ("r1",), ("r2",), annotator="ann", created_at=now - timedelta(hours=3))
    store.add(project.id, [task, a_task("How?", "So", "Thus")], [judged])
    offset = ((now.hour - hour) * 60 + 720) % 1440 - 720
    assert view_of(Seat(store, project, "ann", offset))["today"] == today


def test_words_are_counted_in_scripts_that_write_none_apart() -> None:
    assert words_in("Two words,\n\nthen “three” more.") == 5
    assert words_in("我喜欢 Python 和读书") == 7


def test_what_cannot_be_read_of_the_settings_does_not_stop_the_board() -> None:
    assert settings_from({"text_size": 400}) == Settings()
    assert settings_from({"text_size": 120, "keys": {"flag": "Shift+M"}}).keys == {"flag": "Shift+M"}


@pytest.mark.parametrize("taken", ["A", "Shift+I", "1", "Shift+9", "Escape", " ", "ArrowUp", "MM", ""])
def test_no_action_takes_the_key_of_an_answer_or_of_a_rank(taken: str) -> None:
    assert settings_from({"keys": {"flag": taken}}) == Settings()
