"""What flag models propose, at the board: hidden until the submission, or chips that a lead has turned on."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.board.carrying_out import carry_out
from app.board.submission import board_of
from app.board.view import Seat, view_of
from data.schemas import Project, Task
from data.store import Store
from data.toxicity import comments
from reward_model.flag_features import SETTINGS, counts
from reward_model.flag_model import FORMAT, fit, weights_bytes
from tests.browser import ServedApp, serving
from tests.conftest import a_task
from tests.desk import ME, Desk

RUDE = "You are a stupid idiot, shut the fuck up."
TASKS = [a_task(f"Question {n}?", RUDE, "Water boils at one hundred degrees.") for n in range(2)]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("suggestions")) as served:
        yield served


def suggesting(store: Store, project: Project, mode: str) -> Project:
    made = list(comments("surge"))
    card = {"format": FORMAT, "features": SETTINGS}
    model = fit(counts([one.text for one in made]), np.array([one.toxic for one in made]), 1.0).model(card)
    store.save_flag_model(project.id, "toxic", card, weights_bytes(model), "ann")
    changed = project.model_copy(update={"suggestions": mode})
    store.update_project(changed)
    return changed


def rude(task: Task, project: Project, annotator: str = ME) -> str:
    return board_of(task, annotator, project.seed).names["r1"]


def judged(seat: Seat, task: str, revision: int = 0) -> None:
    draft = {"ranking": [["B"], ["A"]]}
    carry_out({"kind": "judge", "number": "n", "task": task, "revision": revision, "draft": draft}, seat)


@pytest.mark.parametrize("mode", ["off", "after"])
def test_nothing_is_proposed_before_the_submission(store: Store, project: Project, mode: str) -> None:
    store.add(project.id, TASKS)
    seat = Seat(store, suggesting(store, project, mode), "ann")
    view = view_of(seat)
    assert view["suggested"] == []
    judged(seat, view["task"])
    assert store.judgements(project.id)[0].suggested == ()
    letter = rude(next(t for t in TASKS if t.id == view["task"]), project, "ann")
    missed = view_of(seat)["last"].get("missed", [])
    assert missed == ([{"answer": letter, "kind": "toxic"}] if mode == "after" else [])
    carry_out({"kind": "undo", "number": "u", "task": view["task"], "revision": 1}, seat)
    assert bool(view_of(seat)["suggested"]) == (mode == "after")


def test_a_task_that_was_skipped_and_taken_back_still_hides_what_is_proposed(store: Store, project: Project) -> None:
    store.add(project.id, TASKS)
    seat = Seat(store, suggesting(store, project, "after"), "ann")
    task = view_of(seat)["task"]
    carry_out({"kind": "skip", "number": "s", "task": task, "revision": 0, "reason": "other"}, seat)
    carry_out({"kind": "undo", "number": "u", "task": task, "revision": 1}, seat)
    view = view_of(seat)
    assert (view["task"], view["suggested"]) == (task, [])


def test_what_was_shown_is_stored_whatever_the_browser_says(store: Store, project: Project) -> None:
    store.add(project.id, TASKS)
    seat = Seat(store, suggesting(store, project, "before"), "ann")
    judged(seat, view_of(seat)["task"])
    (shown,) = store.judgements(project.id)[0].suggested
    assert (shown.response_id, shown.kind) == ("r1", "toxic")
    assert shown.probability >= 0.5


def test_after_a_submission_the_model_may_be_looked_at_again(app: ServedApp, page: Page) -> None:
    project = suggesting(app.store, app.fill(*TASKS), "after")
    desk = Desk(app, page, project)
    expect(page.locator(".hindsight, .suggestion").filter(has_text="toxic")).to_have_count(0)
    assert page.locator(".suggestion").count() == 0
    desk.press("a", "b").submit()
    expect(page.locator(".hindsight")).to_contain_text("the flag model would have marked answer")
    page.locator('[data-focus="look-again"]').click()
    expect(page.locator(".suggestion")).to_have_text("Suggested: Toxic")
    page.locator(".suggestion").click()
    again = desk.submit()
    assert [flag.kind for flag in again.flags] == ["toxic"]
    assert [one.kind for one in again.suggested] == ["toxic"]
    expect(page.locator(".hindsight")).to_be_empty()


def test_a_suggestion_that_the_lead_shows_is_set_by_a_key_or_left(app: ServedApp, page: Page) -> None:
    project = suggesting(app.store, app.fill(*TASKS), "before")
    desk = Desk(app, page, project)
    expect(page.locator(".suggestion")).to_have_count(1)
    left = desk.press("a", "b").submit()
    assert (left.flags, [one.kind for one in left.suggested]) == ((), ["toxic"])
    task = next(t for t in TASKS if t.id != left.task_id)
    letter = rude(task, project)
    desk.press(*("ab" if letter == "B" else "ba"), "Shift+X")
    expect(desk.card(letter).locator(".chip-flag")).to_have_text("Toxic")
    expect(page.locator(".suggestion")).to_have_count(0)
    assert [flag.kind for flag in desk.submit().flags] == ["toxic"]
