"""What has been drafted is never lost: not by a reload, a restart of the server, or a change of device."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import ServedApp, serving
from tests.desk import ME, Desk, questions


@pytest.fixture
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("drafts")) as served:
        yield served


def half_done(app: ServedApp, page: Page) -> Desk:
    """A ranking with a tie, a flag with a note, a comment and an ideal answer, none of it submitted."""
    desk = Desk(app, page, app.fill(*questions(2)))
    desk.press("c", "a", "Shift+d", "n", "x", "1", "Escape", "m")
    page.keyboard.type("half done")
    desk.press("Escape", "t")
    page.keyboard.type("Это идеальный ответ 🙂")
    desk.press("Escape")
    return desk


def kept(desk: Desk) -> dict[str, Any]:
    held = desk.app.store.assign(desk.project, ME)
    return dict(held.draft or {}) if held else {}


def wait_until_kept(desk: Desk) -> dict[str, Any]:
    for _ in range(400):
        if kept(desk).get("reference"):
            break
        desk.page.wait_for_timeout(100)
    return kept(desk)


def on_screen(page: Page) -> dict[str, Any]:
    """All that the board shows of a draft."""
    read = "tiers => tiers.map(t => [...t.querySelectorAll('.chip')].map(c => c.dataset.letter).join(''))"
    tiers = page.locator(".tier").evaluate_all(read)
    page.keyboard.press("m")
    comment = page.locator(".panel textarea").input_value()
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    reference = page.locator(".panel textarea").input_value()
    page.keyboard.press("Escape")
    none = page.locator('[data-focus="none"]').get_attribute("aria-pressed")
    return {
        "tiers": tiers,
        "comment": comment,
        "reference": reference,
        "none": none,
        "flags": page.locator(".card .chip-flag").all_inner_texts(),
    }


def expected() -> dict[str, Any]:
    return {
        "tiers": ["C", "AD"],
        "comment": "half done",
        "reference": "Это идеальный ответ 🙂",
        "none": "true",
        "flags": ["Toxic"],
    }


def test_a_draft_is_the_same_after_a_reload(app: ServedApp, page: Page) -> None:
    desk = half_done(app, page)
    page.reload()
    desk.wait()
    assert on_screen(page) == expected()


def test_a_draft_is_the_same_on_a_second_device(app: ServedApp, page: Page, browser: Browser) -> None:
    desk = half_done(app, page)
    stored = wait_until_kept(desk)
    assert (stored["ranking"], stored["comment"]) == ([["C"], ["A", "D"]], "half done")
    with browser.new_context(viewport={"width": 1280, "height": 800}) as other:
        second = Desk(app, other.new_page(), desk.project)
        assert on_screen(second.page) == expected()
        second.press("b")
        assert second.tiers() == ["C", "AD", "B"]
        second.submit()
    page.reload()
    expect(page.locator(".prompt")).to_contain_text("Question 1?")
    assert len(desk.all()) == 1


def test_a_draft_is_the_same_after_a_restart_of_the_server(app: ServedApp, page: Page, browser: Browser) -> None:
    desk = half_done(app, page)
    wait_until_kept(desk)
    app.kill()
    app.start()
    with browser.new_context(viewport={"width": 1280, "height": 800}) as other:
        assert on_screen(Desk(app, other.new_page(), desk.project).page) == expected()
    page.reload()
    desk.wait()
    assert on_screen(page) == expected()


def test_what_is_drafted_while_the_server_is_away_reaches_it_later(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    app.kill()
    desk.press("d", "b", "t")
    page.keyboard.type("later")
    desk.press("Escape")
    page.wait_for_timeout(1_000)
    app.start()
    assert wait_until_kept(desk)["ranking"] == [["D"], ["B"]]


def test_the_tab_keeps_no_draft_of_what_was_submitted(app: ServedApp, page: Page) -> None:
    desk = half_done(app, page)
    desk.submit()
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => /^rankdesk.[0-9]/.test(key))") == []
    assert not kept(desk)
