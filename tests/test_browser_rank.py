"""The ranking page in a real browser: by keyboard alone, without losing or doubling a judgement."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.board.submission import board_of
from data.schemas import Project
from tests.browser import ServedApp, serving
from tests.conftest import a_task
from tests.desk import ME, Desk, in_letters, questions


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("rank")) as served:
        yield served


def test_from_the_first_task_to_the_last_by_keyboard_alone(app: ServedApp, page: Page) -> None:
    tasks = questions(3)
    desk = Desk(app, page, app.fill(*tasks))
    assert in_letters(desk.press("b", "a", "d", "c").submit(), tasks, desk.project) == ["B", "A", "D", "C"]
    assert in_letters(desk.press("c", "Shift+a", "d").submit(), tasks, desk.project) == ["CA", "D"]
    expect(page.locator(".progress")).to_have_text("Task 3 of 3 · 2 today")
    last = desk.press("n", "x", "2", "Tab").submit()
    assert (last.none_acceptable, last.ranking, last.flags[0].kind) == (True, (), "unfactual")
    expect(page.get_by_role("heading", name="Nothing left to judge")).to_be_visible()
    assert all(0 < (j.seconds or 0) < 60 and len(j.shown_order) == 4 for j in desk.all())


def test_every_key_does_what_the_sheet_says(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    assert desk.press("a", "b", "c").tiers() == ["A", "B", "C"]
    assert desk.press("Shift+ArrowLeft").tiers() == ["A", "C", "B"]
    assert desk.press("=").tiers() == ["AC", "B"]
    assert desk.press("Shift+ArrowRight").tiers() == ["A", "C", "B"]
    assert desk.press("1").tiers() == ["AC", "B"]
    assert desk.press("9").tiers() == ["A", "B", "C"]
    assert desk.press("ArrowLeft", "Backspace").tiers() == ["A", "C"]
    assert desk.press("u").tiers() == ["A", "B", "C"]
    assert desk.press("Shift+d").tiers() == ["A", "B", "CD"]
    assert desk.press("a", "Shift+ArrowRight", "Shift+ArrowRight").tiers() == ["B", "CD", "A"]
    assert desk.press("u", "u", "u").tiers() == ["A", "B", "C"]


def test_the_keys_of_a_russian_keyboard_are_read_by_their_place(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    for code, cyrillic in (("KeyB", "и"), ("KeyA", "ф"), ("KeyC", "с")):
        page.evaluate(
            "([code, key]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {code, key, bubbles: true}))",
            [code, cyrillic],
        )
    assert desk.tiers() == ["B", "A", "C"]
    for count in (1, 0):
        page.evaluate(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {code: 'Slash', key: ',', shiftKey: true}))"
        )
        expect(page.locator("dialog[open]")).to_have_count(count)


def test_nine_answers_typed_ten_milliseconds_apart_stand_exactly_as_typed(app: ServedApp, page: Page) -> None:
    tasks = questions(5, answers=9)
    desk = Desk(app, page, app.fill(*tasks))
    for order in ("ihgfedcba", "bdfhacegi", "aibhcgdfe", "cbafedihg", "eabcdfghi"):
        page.keyboard.type(order, delay=10)
        assert desk.tiers() == list(order.upper())
        assert in_letters(desk.submit(), tasks, desk.project) == list(order.upper())


def test_submitting_twice_at_once_is_one_judgement(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(4)))
    for count in range(1, 4):
        before = desk.saved()
        desk.press("a", "Control+Enter", "Control+Enter").saved_after(before)
        desk.wait()
        expect(page.locator(".saved")).to_have_attribute("data-count", str(count))
    assert len(desk.all()) == 3


def test_an_untouched_task_is_not_submitted(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    desk.press("Control+Enter")
    expect(page.locator(".saved")).to_have_text("Rank or flag an answer first, or skip the task.")
    assert not desk.all()


def test_flags_stand_on_their_card_with_a_note(app: ServedApp, page: Page) -> None:
    tasks = questions(2)
    desk = Desk(app, page, app.fill(*tasks))
    desk.card("B").get_by_role("button", name="Flag answer B").click()
    toxic = desk.card("B").locator('.choice[data-flag="toxic"]')
    toxic.click()
    expect(desk.card("B").locator(".flag-meaning")).to_contain_text("Insults, threatens, degrades or demeans a person")
    desk.card("B").get_by_label("Note on Toxic").fill("Calls the reader a fool, abc 123 xs")
    desk.press("Escape", "a", "x", "3")
    expect(desk.card("A").locator(".chip-flag")).to_have_text("Sensitive topic")
    desk.press("3")
    expect(desk.card("A").locator(".chip-flag")).to_have_count(0)
    kept = desk.press("Escape").submit()
    ids = board_of(tasks[0], ME, desk.project.seed).ids
    assert [(f.response_id, f.kind, f.note) for f in kept.flags] == [
        (ids["B"], "toxic", "Calls the reader a fool, abc 123 xs")
    ]
    assert in_letters(kept, tasks, desk.project) == ["A"]


def test_digits_go_to_what_was_turned_to_last(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    assert desk.press("a", "b", "c", "a", "x", "1", "c", "1").tiers() == ["AC", "B"]
    expect(desk.card("A").locator(".top .chip-flag")).to_have_text("Toxic")
    assert desk.press("x", "Escape", "ArrowRight", "9", "s", "c", "1").tiers() == ["AC", "B"]
    desk.press("s", "x", "2")
    expect(desk.card("C").locator(".top .chip-flag")).to_have_text("Unfactual")
    assert not app.store.judgements(desk.project.id, status="skipped")


def test_a_draft_outlives_a_reload_and_an_undo_and_ends_with_the_submission(app: ServedApp, page: Page) -> None:
    tasks = questions(3)
    desk = Desk(app, page, app.fill(*tasks))
    desk.press("b").submit()
    desk.press("c", "d", "x", "1", "Escape", "m")
    page.keyboard.type("half done")
    page.reload()
    desk.wait()
    assert desk.tiers() == ["C", "D"]
    desk.press("Shift+U")
    expect(page.locator(".prompt")).to_contain_text("Question 0?")
    desk.wait()
    assert desk.tiers() == ["B"]
    desk.submit()
    expect(page.locator(".prompt")).to_contain_text("Question 1?")
    desk.wait()
    kept = desk.submit()
    assert (in_letters(kept, tasks, desk.project), kept.comment, len(kept.flags)) == (["C", "D"], "half done", 1)
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => /^rankdesk.[0-9]/.test(key))") == []


def test_typing_in_a_field_moves_nothing_and_submit_takes_the_text_along(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    desk.press("a", "m")
    page.keyboard.type("bcd = 123 crux?")
    assert desk.tiers() == ["A"]
    assert desk.submit().comment == "bcd = 123 crux?"


def test_skipping_asks_for_a_reason(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    desk.press("s", "Escape", "s")
    before = desk.saved()
    kept = desk.press("3").saved_after(before)
    assert (kept.status, kept.skip_reason) == ("skipped", "broken")
    expect(page.locator(".saved")).to_contain_text("Skipped")


def test_the_last_submission_can_be_taken_back_and_changed(app: ServedApp, page: Page) -> None:
    tasks = questions(2)
    desk = Desk(app, page, app.fill(*tasks))
    desk.press("d", "Shift+b", "x", "1", "Escape", "m")
    page.keyboard.type("first")
    desk.submit()
    expect(page.locator(".prompt")).to_contain_text("Question 1?")
    desk.wait()
    desk.press("Shift+U")
    expect(page.locator(".prompt")).to_contain_text("Question 0?")
    desk.wait()
    assert desk.tiers() == ["DB"]
    expect(desk.card("B").locator(".chip-flag")).to_have_text("Toxic")
    kept = desk.press("a").submit()
    assert in_letters(kept, tasks, desk.project) == ["DB", "A"]
    assert (kept.revision, kept.comment) == (3, "first")
    assert len(desk.all()) == 1


def test_the_strip_stays_in_sight_and_the_next_task_starts_at_the_top(app: ServedApp, page: Page) -> None:
    tasks = [a_task(f"Long {n}?", *["word " * 2_000] * 4) for n in range(2)]
    desk = Desk(app, page, app.fill(*tasks))
    desk.press("End")
    expect(page.locator(".peek.on button")).to_be_visible()
    expect(page.locator(".strip")).to_be_in_viewport(ratio=1)
    desk.press("p")
    expect(page.locator('dialog[aria-label="Prompt"]')).to_contain_text("Long 0?")
    desk.press("Escape", "a")
    desk.submit()
    expect(page.locator(".prompt")).to_contain_text("Long 1?")
    expect(page.locator(".prompt")).to_be_in_viewport(ratio=1)


def test_as_written_guideline_and_keys_are_one_key_away(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task("**Why?**", "**so**", "$x^2$"), guideline="Be **kind**"))
    expect(page.locator(".prompt strong")).to_have_text("Why?")
    desk.press("a", "w")
    expect(page.locator(".prompt pre")).to_have_text("**Why?**")
    assert {"**so**", "$x^2$"} == {words.inner_text() for words in page.locator(".card .words").all()}
    assert desk.tiers() == ["A"]
    desk.press("w")
    expect(page.locator(".card math")).to_have_count(1)
    for key, name, text in (("l", "Guideline", "kind"), ("?", "Keys", "Submit and go on")):
        desk.press(key)
        expect(page.locator(f'dialog[aria-label="{name}"]')).to_contain_text(text)
        desk.press(key)
        expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_screen_reader_hears_where_an_answer_was_placed(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    live = page.locator('.strip [role="status"]')
    desk.press("c", "a", "Shift+b")
    expect(live).to_have_text("Answer B: rank 2 of 2, tied with A")
    for control in page.locator(".strip button:visible, .page button:visible").all():
        assert control.get_attribute("aria-label") or control.inner_text().strip()


def test_the_focus_stays_where_it_was(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    desk.chip("B").focus()
    desk.press("Enter", "Enter", "Shift+ArrowRight")
    focused = "document.activeElement.shadowRoot?.activeElement?.dataset.focus"
    assert page.evaluate(focused) == "chip-B"


def test_two_tabs_make_one_judgement_and_the_second_is_told(app: ServedApp, page: Page) -> None:
    project = app.fill(*questions(2))
    first, second = Desk(app, page, project), Desk(app, page.context.new_page(), project)
    first.press("a").submit()
    second.press("b", "Control+Enter")
    expect(second.page.locator(".saved")).to_have_text("You had judged this task before; that judgement was kept.")
    expect(second.page.locator(".prompt")).to_contain_text("Question 1?")
    assert len(first.all()) == 1


def test_a_submission_while_the_connection_is_gone_waits_says_so_and_goes_through_once(
    app: ServedApp, page: Page
) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    desk.press("b", "a")
    page.context.set_offline(True)
    desk.press("Control+Enter")
    expect(page.locator(".saved")).to_have_text("No connection. This is kept and will be saved by itself.")
    assert desk.tiers() == ["B", "A"]
    assert not desk.all()
    page.context.set_offline(False)
    expect(page.locator(".prompt")).to_contain_text("Question 1?")
    assert [len(j.ranking) for j in desk.all()] == [2]


def test_while_it_waits_one_can_go_on_judging_instead(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(2)))
    desk.press("b", "a")
    page.context.set_offline(True)
    desk.press("Control+Enter")
    page.get_by_role("button", name="Keep judging").click()
    desk.press("c")
    assert desk.tiers() == ["B", "A", "C"]
    page.context.set_offline(False)
    assert [len(tier) for tier in desk.submit().ranking] == [1, 1, 1]


def test_a_submission_outlives_a_restart_of_the_server(served_app: ServedApp, page: Page) -> None:
    app = served_app
    desk = Desk(app, page, app.fill(*questions(2)))
    desk.press("b", "a")
    app.kill()
    desk.press("Control+Enter")
    expect(page.locator(".saved")).to_contain_text("No connection")
    app.start()
    expect(page.locator(".prompt")).to_contain_text("Question 1?", timeout=60_000)
    assert [len(j.ranking) for j in desk.all()] == [2]


def test_the_chosen_project_stays_open_over_a_reload_and_on_other_pages(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    other = app.store.create_project(Project(name="Второй & другие", guideline="Second rules"))
    app.store.add(other.id, [a_task("Second?", "x", "y"), a_task("Third?", "x", "y")])
    page.reload()
    desk.wait()
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("combobox", name="Project").click()
    page.get_by_role("option", name=other.name).click()
    expect(page.locator(".prompt")).to_contain_text("Second?")
    page.reload()
    expect(page.locator(".prompt")).to_contain_text("Second?")
    desk.press("b", "Control+Enter")
    expect(page.locator(".prompt")).to_contain_text("Third?")
    assert len(app.store.judgements(other.id)) == 1
    page.get_by_text("Work", exact=True).first.click()
    page.locator("a", has_text="Guideline").last.click()
    expect(page.get_by_text("Second rules")).to_be_visible()
    page.goto(f"{app.url}/?project=nonsense")
    expect(page.locator(".prompt")).to_contain_text("Question 0?")


def test_streamlits_own_shortcuts_do_not_answer(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    messages: list[Any] = []
    page.on("websocket", lambda socket: messages.append(socket))
    desk.press("c", "r", "m")
    page.keyboard.type("c r")
    expect(page.locator('[role="dialog"]')).to_have_count(0)
    assert desk.tiers() == ["C"]
    assert not messages


def test_new_tasks_appear_for_somebody_who_had_nothing_left(app: ServedApp, page: Page) -> None:
    page.clock.install()
    desk = Desk(app, page, app.fill(*questions(1)))
    desk.press("b").submit()
    expect(page.get_by_role("heading", name="Nothing left to judge")).to_be_visible()
    app.store.add(desk.project.id, [a_task("Fresh?", "x", "y")])
    page.clock.fast_forward(61_000)
    expect(page.locator(".prompt")).to_contain_text("Fresh?")


def test_after_a_last_task_of_folded_answers_nothing_is_left(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task("Long?", *[f"word{n} " * 2_000 for n in range(4)])))
    desk.press("b").submit()
    expect(page.get_by_role("heading", name="Nothing left to judge")).to_be_visible()
    desk.wait()
    desk.press("Shift+U")
    expect(page.locator(".prompt")).to_contain_text("Long?")


GUIDELINE = """# How to judge

## Toxic answers

Insults are toxic.

## Money

What an answer says of money, loans and taxes must be right.

## Honesty

An honest answer says what it does not know.
"""


def test_the_guideline_opens_at_the_part_that_matters(app: ServedApp, page: Page) -> None:
    project = app.fill(a_task("How do taxes on loans work?", "so", "thus"), guideline=GUIDELINE)
    desk = Desk(app, page, project)
    matters = page.locator('dialog[aria-label="Guideline"] [data-matters]')
    desk.press("l")
    expect(matters).to_contain_text("taxes must be right")
    desk.press("l", "a", "x", "1", "l")
    expect(matters).to_contain_text("Insults are toxic")
