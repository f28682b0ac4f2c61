"""The pace of work in a real browser with a clock of its own: what counts as work, and when a break is suggested."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import ServedApp, serving
from tests.desk import ME, Desk, questions


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("pace")) as served:
        yield served


START = 1_790_000_000


def clocked(app: ServedApp, page: Page, minutes: int = 50, tasks: int = 2) -> Desk:
    """A desk in whose browser time goes on only when it is told to."""
    project = app.fill(*questions(tasks))
    app.store.keep_settings(ME, {"pause_minutes": minutes})
    page.clock.install(time=START)
    return Desk(app, page, project)


def work(desk: Desk, seconds: float) -> None:
    """Time goes on, with a sign of life every half a minute."""
    whole, rest = divmod(seconds, 30)
    for step in [30] * int(whole) + [rest]:
        desk.page.clock.run_for(round(step * 1000))
        desk.page.evaluate("window.dispatchEvent(new Event('wheel'))")


def test_a_silence_of_more_than_a_minute_counts_nothing(app: ServedApp, page: Page) -> None:
    desk = clocked(app, page)
    desk.press("Shift")
    work(desk, 90)
    page.clock.run_for(240_000)
    desk.press("Shift")
    work(desk, 20)
    assert 105 <= (desk.press("b").submit().seconds or 0) <= 125


def test_time_in_which_the_page_is_hidden_counts_nothing(app: ServedApp, page: Page) -> None:
    desk = clocked(app, page)
    desk.press("Shift")
    hide = """is => {
      Object.defineProperty(document, "hidden", { value: is, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, True)
    page.clock.run_for(50_000)
    page.evaluate(hide, False)
    work(desk, 5)
    assert (desk.press("b").submit().seconds or 99) <= 20


def test_a_break_is_suggested_quietly_and_can_wait(app: ServedApp, page: Page) -> None:
    desk = clocked(app, page, minutes=10)
    saved = page.locator(".saved")
    work(desk, 6 * 60)
    desk.press("a").submit()
    work(desk, 5 * 60)
    expect(saved).to_have_text(re.compile(r"You have worked for 1[01] minutes\. A short break helps\."))
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.get_by_role("button", name="Later").click()
    expect(saved).not_to_contain_text("A short break helps.")
    work(desk, 5 * 60)
    expect(saved).not_to_contain_text("A short break helps.")
    work(desk, 6 * 60)
    expect(saved).to_contain_text("A short break helps.")
    page.clock.run_for(5 * 60_000 + 1)
    desk.press("Shift")
    expect(saved).not_to_contain_text("A short break helps.")


def test_no_break_is_suggested_while_somebody_writes_nor_to_who_wants_none(app: ServedApp, page: Page) -> None:
    desk = clocked(app, page, minutes=10)
    desk.press("m")
    page.keyboard.type("x")
    work(desk, 12 * 60)
    expect(page.locator(".saved")).not_to_contain_text("A short break helps.")
    desk.press("Escape", "Shift")
    expect(page.locator(".saved")).to_contain_text("A short break helps.")
    desk.press("v")
    page.get_by_label("Suggest a break").fill("0")
    desk.press("Tab", "Escape")
    expect(page.locator(".saved")).not_to_contain_text("A short break helps.")


def test_how_far_one_is_can_be_heard(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(4)))
    desk.press("a").submit()
    far = page.get_by_role("progressbar", name="Tasks done")
    expect(far).to_have_attribute("aria-valuenow", "1")
    expect(far).to_have_attribute("aria-valuemax", "4")
