"""What a project may ask for beside the order: strength, scores, criteria, a last look; and what is asked only once."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.board.submission import board_of
from data.schemas import Criterion, Project
from tests.browser import ServedApp, serving
from tests.desk import ME, Desk, in_letters, questions


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("asks")) as served:
        yield served


def asking(app: ServedApp, count: int = 2, answers: int = 4, **settings: Any) -> Project:
    project = app.fill(*questions(count, answers)).model_copy(update=settings)
    app.store.update_project(project)
    return project


def test_of_two_answers_one_says_how_much_better(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, asking(app, answers=2))
    expect(page.locator(".strength")).to_have_count(0)
    desk.press("b", "a")
    expect(page.locator(".strength .label")).to_have_text("How much better is B?")
    assert desk.press("3").submit().margin == pytest.approx(1 / 3)
    desk.wait()
    desk.press("a", "b").page.get_by_role("button", name="Much better").click()
    assert desk.submit().margin == 1.0


def test_a_strength_can_be_taken_back_and_goes_with_a_tie(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, asking(app, answers=2))
    assert desk.press("b", "a", "2", "2").submit().margin is None
    desk.wait()
    assert desk.press("b", "a", "2", "q").submit().margin is None


def test_all_equally_good_is_one_key_and_no_rejection(app: ServedApp, page: Page) -> None:
    tasks = questions(2)
    desk = Desk(app, page, app.fill(*tasks))
    kept = desk.press("q").submit()
    assert in_letters(kept, tasks, desk.project) == ["ABCD"]
    assert not kept.none_acceptable


def test_scores_are_given_with_shift_and_a_digit(app: ServedApp, page: Page) -> None:
    project = asking(app, scores=True)
    desk = Desk(app, page, project)
    desk.press("a", "Shift+Digit7", "b", "Shift+Digit2", "Shift+Digit2")
    desk.card("C").get_by_role("button", name="Score 4").click()
    kept = desk.submit()
    ids = board_of(app.store.task(project.id, kept.task_id), ME, project.seed).ids
    assert kept.scores == {ids["A"]: 7, ids["C"]: 4}
    assert desk.tiers() == []


def test_every_criterion_has_its_own_ranking(app: ServedApp, page: Page) -> None:
    wanted = (Criterion(criterion="honest", label="Honest"), Criterion(criterion="kind", label="Kind"))
    tasks = questions(2)
    project = asking(app, criteria=wanted)
    desk = Desk(app, page, project)
    desk.press("b", "a", "k", "c")
    expect(page.locator('.criterion[aria-pressed="true"]')).to_have_text("Honest")
    assert desk.tiers() == ["C"]
    desk.press("Shift+d", "k", "k")
    assert desk.tiers() == ["B", "A"]
    kept = desk.submit()
    assert in_letters(kept, tasks, project) == ["B", "A"]
    ids = board_of(tasks[0], ME, project.seed).ids
    assert kept.criteria == {"honest": ((ids["C"], ids["D"]),)}


def test_a_review_says_what_was_ranked_before_it_goes(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, asking(app, review=True))
    desk.press("b", "a", "c", "Shift+d", "Control+Enter")
    expect(page.locator(".summary")).to_have_text("You say: B over A; A over C, D; C, D tied.")
    assert not desk.all()
    desk.press("Escape", "u", "Control+Enter")
    expect(page.locator(".summary")).to_have_text("You say: B over A; A over C; not ranked: D.")
    assert len(desk.submit().ranking) == 3


def test_a_ranking_in_the_shown_order_is_asked_about_once(app: ServedApp, page: Page) -> None:
    tasks = questions(2)
    desk = Desk(app, page, app.fill(*tasks))
    desk.press("a", "b", "c", "d", "Control+Enter")
    expect(page.locator(".saved")).to_contain_text("in the order in which they stand")
    assert not desk.all()
    assert in_letters(desk.submit(), tasks, desk.project) == ["A", "B", "C", "D"]


def test_undone_steps_can_be_done_again(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    assert desk.press("a", "b", "c", "u", "u").tiers() == ["A"]
    assert desk.press("y").tiers() == ["A", "B"]
    assert desk.press("Control+z").tiers() == ["A"]
    assert desk.press("Control+Shift+Z", "Control+y").tiers() == ["A", "B", "C"]
    assert desk.press("u", "d", "y").tiers() == ["A", "B", "D"]


def test_a_draft_goes_on_without_what_the_project_no_longer_asks_for(app: ServedApp, page: Page) -> None:
    project = asking(app, scores=True)
    desk = Desk(app, page, project)
    desk.press("a", "b", "Shift+Digit7", "x", "1", "Escape")
    left = tuple(flag for flag in project.flags if flag.kind != "toxic")
    app.store.update_project(project.model_copy(update={"scores": False, "flags": left}))
    page.reload()
    desk.wait()
    kept = desk.press("c").submit()
    assert (len(kept.ranking), kept.flags, kept.scores) == (3, (), {})
