"""The ranking page as each person sets it up, in a real browser: text, contrast, keys, language."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import ServedApp, serving
from tests.conftest import a_task
from tests.desk import ME, Desk, questions
from tests.test_browser_accessible import violations


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("settings")) as served:
        yield served


def open_view(desk: Desk) -> Locator:
    desk.press("v")
    dialog = desk.page.locator('dialog[aria-label="View"]')
    expect(dialog).to_be_visible()
    return dialog


def kept(app: ServedApp, page: Page) -> dict[str, object]:
    page.wait_for_timeout(300)
    return app.store.settings_of(ME)


def test_the_size_of_the_text_and_its_width_hold_at_once_and_are_kept(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    words = desk.card("A").locator(".rd-text:visible")
    before = float(words.evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))
    dialog = open_view(desk)
    dialog.get_by_role("slider", name="Text size").fill("150")
    expect(dialog.locator("output")).to_have_text("150%")
    assert float(words.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) == pytest.approx(1.5 * before)
    dialog.get_by_label("Narrow").check()
    page.reload()
    desk.wait()
    assert float(words.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) == pytest.approx(1.5 * before)
    assert kept(app, page) == app.store.settings_of(ME) | {"text_size": 150, "width": "narrow"}


CONTRAST = """element => {
  const channel = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.fillStyle = colour, canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => channel(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let ground = element;
  while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
  const [a, b] = [light(getComputedStyle(element).color), light(getComputedStyle(ground).backgroundColor)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_high_contrast_is_seven_to_one(app: ServedApp, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    desk = Desk(app, page, app.fill(*questions(1)))
    desk.press("b")
    open_view(desk).get_by_label("High").check()
    desk.press("Escape")
    for part in (
        ".words",
        ".progress",
        ".place",
        ".label",
        ".tool:not(:disabled)",
        ".quiet",
        ".chip",
        ".submit",
        ".letter",
    ):
        for element in page.locator(f".room {part}:visible").all():
            assert element.evaluate(CONTRAST) >= 7, part


def test_whoever_asks_the_system_for_more_contrast_has_it(app: ServedApp, browser: Browser) -> None:
    context = browser.new_context(contrast="more")
    there = Desk(app, context.new_page(), app.fill(*questions(1))).page
    expect(there.locator(".room")).to_have_attribute("data-contrast", "high")
    context.close()


def test_without_single_keys_letters_do_nothing_and_no_hint_promises_them(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    open_view(desk).get_by_label("Keys without Ctrl").uncheck()
    desk.press("Escape", "a", "x", "1", "u", "?")
    assert desk.tiers() == []
    expect(page.locator("dialog[open], .flagging:visible")).to_have_count(0)
    expect(page.locator(".room kbd.single:visible")).to_have_count(0)
    assert "W" not in (page.get_by_role("button", name="As written").get_attribute("title") or "")
    desk.chip("B").click()
    assert desk.tiers() == ["B"]
    page.get_by_role("button", name="View").click()
    page.get_by_label("Keys without Ctrl").check()
    assert desk.press("Escape", "a").tiers() == ["B", "A"]


def rebind(desk: Desk, action: str, press: str) -> str:
    desk.page.locator(f'.bindings [data-action="{action}"]').click()
    desk.press(press)
    return desk.page.locator(".bindings .said").inner_text()


def test_an_action_takes_another_key_and_every_hint_follows(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    open_view(desk)
    assert rebind(desk, "flag", ";") == ""
    assert rebind(desk, "skip", "Shift+M") == ""
    desk.press("Escape")
    assert desk.card("A").get_by_role("button", name="Flag answer A").get_attribute("aria-keyshortcuts") == ";"
    expect(page.locator('.strip [data-focus="skip"] kbd')).to_have_text("⇧M")
    desk.press("a", "x")
    expect(page.locator(".flagging:visible")).to_have_count(0)
    desk.press(";", "1")
    expect(desk.card("A").locator(".top .chip-flag")).to_have_text("Toxic")
    assert kept(app, page)["keys"] == {"flag": ";", "skip": "Shift+M"}
    page.reload()
    desk.wait()
    desk.press("Shift+M")
    expect(page.locator(".strip .panel")).to_contain_text("Why skip this task?")


def test_a_key_that_has_a_meaning_is_refused_with_its_name(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    open_view(desk)
    assert (
        rebind(desk, "flag", "u") == "U is taken by “Undo the last step”; press another key, or change that one first."
    )
    assert rebind(desk, "flag", "c") == "The letters A to I are answers; press another key."
    assert rebind(desk, "flag", "4") == "Digits are ranks and choices; press another key."
    assert rebind(desk, "flag", "ArrowUp") == "↑ has a meaning of its own; press another key."
    assert rebind(desk, "flag", "Escape") == ""
    expect(page.locator('dialog[aria-label="View"]')).to_be_visible()
    assert kept(app, page).get("keys", {}) == {}
    assert desk.press("Escape").tiers() == []


def test_one_key_or_all_keys_go_back(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    dialog = open_view(desk)
    for action, press in (("flag", ";"), ("undo", "'"), ("skip", "[")):
        rebind(desk, action, press)
    dialog.get_by_role("button", name="Undo the last step: back to U").click()
    assert kept(app, page)["keys"] == {"flag": ";", "skip": "["}
    dialog.get_by_role("button", name="Set all keys back").click()
    assert kept(app, page)["keys"] == {}


def test_another_language_is_spoken_by_the_whole_page_and_kept(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    desk.press("b", "a")
    open_view(desk).get_by_label("Language").select_option("ru")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator(".submit .text")).not_to_have_text("Submit")
    assert desk.tiers() == ["B", "A"]
    assert kept(app, page)["language"] == "ru"
    page.reload()
    desk.wait()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator(".submit .text")).not_to_have_text("Submit")


def test_settings_made_under_a_ticket_that_has_run_out_are_kept_all_the_same(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    refused: list[str] = []

    def refuse_once(route: object) -> None:
        refused.append("")
        route.fulfill(status=403, body=json.dumps({"error": ""})) if len(refused) == 1 else route.continue_()  # type: ignore[attr-defined]

    page.route("**/api/settings", refuse_once)
    desk.press("o")
    expect(page.locator(".room")).to_have_attribute("data-layout", "stacked")
    page.wait_for_timeout(1_500)
    expect(page.locator(".room")).to_have_attribute("data-layout", "stacked")
    assert kept(app, page)["layout"] == "stacked"


@pytest.mark.parametrize(
    "chosen",
    [
        {"layout": "one", "text_size": 150},
        {"layout": "stacked", "contrast": "high"},
        {"letters": False, "width": "wide"},
    ],
)
def test_axe_finds_nothing_serious_however_the_page_is_set_up(
    app: ServedApp, page: Page, chosen: dict[str, object]
) -> None:
    project = app.fill(a_task("Why?", *[f"{n} {'because ' * 150}" for n in range(4)]))
    app.store.keep_settings(ME, chosen)
    desk = Desk(app, page, project)
    desk.chip("B").click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.wait_for_timeout(300)
        assert not violations(page)
