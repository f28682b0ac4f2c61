"""My work and Settings in a browser: taking a task up again, and writing the lists of the project."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from data.schemas import STANDARD_FLAGS, Project
from tests.browser import ServedApp, serving
from tests.desk import Desk, questions


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    folder: Path = tmp_path_factory.mktemp("work")
    with serving(folder) as served:
        yield served


@pytest.fixture
def project(app: ServedApp) -> Project:
    return app.fill(*questions(3))


def my_work(app: ServedApp, page: Page) -> Locator:
    page.goto(f"{app.url}/my_work")
    rows = page.locator(".piece .row")
    expect(rows.first).to_be_visible()
    return rows


def test_a_task_is_opened_again_from_the_list_and_what_is_changed_becomes_a_revision(
    app: ServedApp, page: Page, project: Project
) -> None:
    desk = Desk(app, page, project)
    first = desk.press("b", "a").submit()
    desk.press("x", "1", "a").submit()
    my_work(app, page).filter(has_text="Question 0?").click()
    expect(page.locator(".full .answer h2").first).to_have_text("B")
    page.get_by_role("button", name="Open on the Rank page").click()
    desk.wait()
    expect(page.locator(".prompt")).to_contain_text("Question 0?")
    assert desk.tiers() == ["B", "A"]
    again = desk.press("c").submit()
    assert (again.task_id, again.revision, len(again.ranking)) == (first.task_id, 2, 3)
    expect(my_work(app, page).first).to_contain_text("B > A > C")
    expect(page.locator(".piece").first).to_contain_text("Revision 2")


def test_a_skipped_task_can_be_taken_up_again(app: ServedApp, page: Page, project: Project) -> None:
    desk = Desk(app, page, project)
    before = desk.saved()
    desk.press("s", "1")
    desk.saved_after(before)
    rows = my_work(app, page)
    expect(rows.first).to_contain_text("Skipped")
    rows.first.click()
    page.get_by_role("button", name="Open on the Rank page").click()
    desk.wait()
    again = desk.press("a").submit()
    assert (again.status, again.revision) == ("submitted", 2)


def test_the_list_is_walked_through_by_keys_and_keeps_the_focus(app: ServedApp, page: Page, project: Project) -> None:
    desk = Desk(app, page, project)
    desk.press("a").submit()
    desk.press("b").submit()
    rows = my_work(app, page)
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows.nth(1)).to_have_attribute("aria-expanded", "true")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".whole")).to_have_count(0)


def test_a_lead_writes_orders_and_takes_out_flags_and_they_reach_the_ranking_page(
    app: ServedApp, page: Page, project: Project
) -> None:
    page.goto(f"{app.url}/settings")
    flags = page.locator(".list").first
    expect(flags.locator(".thing")).to_have_count(len(STANDARD_FLAGS))
    flags.locator(".add").click()
    page.keyboard.type("Скучно")
    page.keyboard.press("Tab")
    page.keyboard.type("Усыпляет")
    flags.get_by_role("button", name="Move up").nth(len(STANDARD_FLAGS)).click()
    flags.get_by_role("button", name="Remove").first.click()
    expect(page.locator(".rd-chip").first).to_have_text("Unfactual")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Settings saved.")).to_be_visible()
    kinds = [flag.kind for flag in app.store.projects()[0].flags]
    assert kinds == [*(flag.kind for flag in STANDARD_FLAGS[1:-1]), "skuchno", "refusal"]
    desk = Desk(app, page, project)
    desk.press("x")
    choice = desk.card("A").locator(".choice", has_text="Скучно")
    choice.click()
    assert [flag.kind for flag in desk.submit().flags] == ["skuchno"]
    page.goto(f"{app.url}/guideline")
    expect(page.get_by_text("Усыпляет")).to_be_visible()
