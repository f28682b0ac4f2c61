"""What the keyboard reaches, and whether each key is printed where it acts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import ServedApp, serving
from tests.desk import Desk, questions


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("reach")) as served:
        yield served


@pytest.fixture
def desk(app: ServedApp, page: Page) -> Desk:
    return Desk(app, page, app.fill(*questions(2)))


def set_letters(desk: Desk) -> None:
    """Switch the keys without Ctrl off, or on again, in the settings."""
    desk.page.get_by_role("button", name="View", exact=True).click()
    desk.page.get_by_label("Keys without Ctrl").click()
    expect(desk.page.locator(".bindings kbd").first).to_be_visible()


def test_the_keyboard_never_goes_to_a_field_that_is_out_of_sight(desk: Desk) -> None:
    seen = "() => { const { x, y, width, height } = document.activeElement.getBoundingClientRect(); return x + width > 0 && y + height > 0; }"  # noqa: E501
    for _ in range(12):
        desk.press("Tab")
        assert desk.page.evaluate(seen), desk.page.evaluate("document.activeElement.outerHTML")


def test_the_table_of_keys_holds_only_keys_that_act(desk: Desk) -> None:
    page = desk.page
    set_letters(desk)
    desk.press("Escape")
    page.get_by_role("button", name="Keys", exact=True).click()
    keys = page.locator("dialog .keys kbd")
    expect(keys.first).to_be_visible()
    shown = keys.all_inner_texts()
    assert "Ctrl ⏎" in shown
    assert not {"X", "A … I", "1 … 9"} & set(shown)
    assert page.locator("dialog .keys dt").count() == len(shown)


def test_a_key_can_still_be_seen_and_changed_while_it_is_switched_off(desk: Desk) -> None:
    set_letters(desk)
    expect(desk.page.locator('[data-action="flag"] kbd')).to_be_visible()


def test_the_card_at_hand_has_its_keys_on_it_and_the_new_one_after_a_change(desk: Desk) -> None:
    page = desk.page
    desk.press("b")
    keys = desk.card("B").locator(".top kbd:visible")
    expect(keys).to_have_text(["R", "J", "X"])
    desk.press("v")
    page.locator('[data-action="compare"]').click()
    desk.press(";", "Escape")
    expect(keys).to_have_text(["R", ";", "X"])
    desk.press(";", "ArrowRight", ";")
    expect(page.locator(".comparison")).to_be_visible()


def test_two_answers_are_compared_in_the_whole_width_where_answers_stand_one_at_a_time(desk: Desk) -> None:
    page = desk.page
    desk.press("o", "o", "j", "ArrowRight", "j")
    expect(page.locator(".comparison")).to_be_visible()
    expect(page.locator(".leaves")).to_be_hidden()
    widths = page.locator(".card:visible").evaluate_all("cards => cards.map(c => c.clientWidth)")
    assert len(widths) == 2
    assert min(widths) > 500
