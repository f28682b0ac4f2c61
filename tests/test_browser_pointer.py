"""The ranking page by mouse and by finger."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import ServedApp, serving
from tests.desk import Desk, in_letters, middle, questions


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("rank")) as served:
        yield served


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def test_dragging_ties_ranks_and_takes_out(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    desk.press("a", "b")
    drag(page, middle(desk.chip("C")), middle(page.locator(".gap").nth(1)))
    assert desk.tiers() == ["A", "C", "B"]
    drag(page, middle(desk.chip("D")), middle(desk.chip("C")))
    assert desk.tiers() == ["A", "CD", "B"]
    drag(page, middle(desk.chip("B")), middle(page.locator(".gap").first))
    assert desk.tiers() == ["B", "A", "CD"]
    drag(page, middle(desk.chip("A")), middle(page.locator(".tray")))
    assert desk.tiers() == ["B", "CD"]


def test_clicking_places_and_the_tools_move(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    desk.chip("C").click()
    desk.card("A").get_by_role("button", name="Answer A").first.click()
    desk.chip("B").click()
    assert desk.tiers() == ["C", "A", "B"]
    desk.chip("A").click()
    page.get_by_role("button", name="Move answer A up").click()
    page.get_by_role("button", name="Tie answer A with the rank above").click()
    assert desk.tiers() == ["A", "C", "B"]
    page.get_by_role("button", name="Take answer A out").click()
    page.get_by_role("button", name="Undo the last step").click()
    assert desk.tiers() == ["A", "C", "B"]


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def drag_by_finger(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    client = page.context.new_cdp_session(page)
    between = [(start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])) for part in (0.3, 0.6, 1)]
    for kind, point in [("touchStart", start), *[("touchMove", point) for point in between], ("touchEnd", None)]:
        points = [{"x": point[0], "y": point[1]}] if point else []
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_finger_taps_and_drags_on_a_phone(app: ServedApp, phone: Page) -> None:
    tasks = questions(2, answers=9)
    desk = Desk(app, phone, app.fill(*tasks))
    for letter in "CA":
        desk.chip(letter).tap()
    drag_by_finger(phone, middle(desk.chip("B")), middle(desk.chip("A")))
    expect(phone.locator(".tier")).to_have_count(2)
    assert desk.tiers() == ["C", "AB"]
    before = desk.saved()
    phone.get_by_role("button", name="Submit").tap()
    assert in_letters(desk.saved_after(before), tasks, desk.project) == ["C", "AB"]


def test_on_a_phone_nothing_scrolls_sideways_and_the_strip_stays_low(app: ServedApp, phone: Page) -> None:
    desk = Desk(app, phone, app.fill(*questions(1, answers=9)))
    for letter in "ABCDEFGHI":
        desk.chip(letter).tap()
    box = phone.locator(".strip").bounding_box()
    assert box
    assert box["height"] <= 190
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
