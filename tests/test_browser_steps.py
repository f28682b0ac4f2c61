"""Steps taken back and done again, as they are seen and heard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from data.schemas import Criterion, Project
from tests.browser import ServedApp, serving
from tests.desk import Desk, questions


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("steps")) as served:
        yield served


def with_criterion(app: ServedApp) -> Project:
    wanted = (Criterion(criterion="honest", label="Honest"),)
    project = app.fill(*questions(1)).model_copy(update={"criteria": wanted})
    app.store.update_project(project)
    return project


def test_a_step_is_taken_back_in_the_ranking_it_was_made_in(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, with_criterion(app))
    assert desk.press("b", "k", "d", "k").tiers() == ["B"]
    shown = page.locator(".criterion[aria-pressed=true]")
    assert desk.press("u").tiers() == []
    expect(shown).to_have_text("Honest")
    assert desk.press("y").tiers() == ["D"]
    assert desk.press("u", "u").tiers() == []
    expect(shown).to_have_text("Overall")


def test_a_flag_is_taken_back_without_turning_to_another_ranking(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, with_criterion(app))
    desk.press("b", "k", "x", "1", "Escape", "k", "u")
    expect(page.locator(".criterion[aria-pressed=true]")).to_have_text("Overall")
    expect(desk.card("B").locator(".flags .chip-flag")).to_have_count(0)


def test_what_is_taken_back_is_said_step_by_step(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    heard = page.locator(".strip [aria-live]")
    desk.press("b", "a", "u")
    expect(heard).to_have_text("Undone: Answer A: rank 2 of 2")
    desk.press("u")
    expect(heard).to_have_text("Undone: Answer B: rank 1 of 1")
    desk.press("y")
    expect(heard).to_have_text("Done again: Answer B: rank 1 of 1")


def test_digits_of_other_scripts_give_ranks(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    desk.press("a", "b", "c")
    press = "([key, code, shiftKey]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, code, shiftKey, bubbles: true, composed: true, cancelable: true}))"  # noqa: E501
    page.evaluate(press, ["№", "Digit1", True])
    assert desk.tiers() == ["A", "B", "C"]
    page.evaluate(press, ["١", "Digit1", False])
    assert desk.tiers() == ["AC", "B"]


def test_the_next_task_is_announced_and_so_is_the_end(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    heard = page.locator(".strip [aria-live]")
    desk.press("b").submit()
    expect(heard).to_have_text("Task 2 of 2 · 1 today")
    desk.press("b").submit()
    expect(heard).to_have_text("Nothing left to judge")
