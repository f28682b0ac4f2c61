"""Correcting an answer and writing an ideal one, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from app.board.submission import board_of
from data.schemas import Judgement, Project, Task
from tests.browser import ServedApp, serving
from tests.conftest import a_task
from tests.desk import ME, Desk

TEXT = "The river is 6,400 km long. It flows **east**."


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("writing")) as served:
        yield served


def tasks(count: int = 2) -> list[Task]:
    return [a_task(f"Question {n}?", TEXT, f"Second answer {n}", f"Third answer {n}") for n in range(count)]


def letter_of(text: str, task: Task, project: Project) -> str:
    """The letter under which this annotator sees the answer with this text."""
    board = board_of(task, ME, project.seed)
    return next(letter for letter in board.ids if board.text(letter) == text)


def edits_by_text(judgement: Judgement, task: Task) -> dict[str, str]:
    return {task.response(edit.response_id).text: edit.text for edit in judgement.edits}


def field_of(card: Locator) -> Locator:
    return card.locator(".writing textarea")


def test_an_answer_is_corrected_by_keys_and_the_correction_is_stored(app: ServedApp, page: Page) -> None:
    made = tasks()
    desk = Desk(app, page, app.fill(*made))
    letter = letter_of(TEXT, made[0], desk.project)
    card = desk.card(letter)
    desk.press(letter.lower(), "r")
    expect(field_of(card)).to_be_focused()
    expect(field_of(card)).to_have_value(TEXT)
    expect(card.locator(".meaning").last).to_have_text("Your version will count as better than the original.")
    desk.press("Control+End")
    page.keyboard.type(" It ends in the sea, bcx 12?")
    expect(card.locator(".changes ins")).to_have_text(" It ends in the sea, bcx 12?")
    expect(card.locator(".writing .count")).to_have_text("16 words, 7 changed")
    desk.press("Escape")
    expect(card.get_by_text("Corrected", exact=True)).to_be_visible()
    expect(card.locator(".version ins")).to_be_visible()
    assert desk.tiers() == [letter]
    kept = desk.submit()
    assert edits_by_text(kept, made[0]) == {TEXT: TEXT + " It ends in the sea, bcx 12?"}


def test_an_answer_is_corrected_with_the_mouse_and_can_be_looked_at_in_three_ways(app: ServedApp, page: Page) -> None:
    made = tasks()
    desk = Desk(app, page, app.fill(*made))
    card = desk.card(letter_of(TEXT, made[0], desk.project))
    card.get_by_role("button", name="Correct answer").click()
    field_of(card).fill(TEXT.replace("6,400", "6,992"))
    card.get_by_role("button", name="Done").click()
    for view, shown in (("Original", ".words strong"), ("Differences", ".version del"), ("Your version", ".plain")):
        card.get_by_role("button", name=view, exact=True).click()
        expect(card.locator(shown)).to_be_visible()
        expect(card.locator(".words, .version").filter(visible=True)).to_have_count(1)
    expect(card.locator(".plain")).to_have_text(TEXT.replace("6,400", "6,992"))
    kept = desk.submit()
    assert (edits_by_text(kept, made[0]), kept.ranking) == ({TEXT: TEXT.replace("6,400", "6,992")}, ())


def test_a_correction_taken_back_blank_or_unchanged_is_none(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*tasks()))
    field, back = field_of(desk.card("A")), desk.card("A").locator('[data-focus="take-back"]')
    desk.press("a", "r")
    expect(back).to_be_disabled()
    original = field.input_value()
    field.fill("   ")
    field.fill(original + " more")
    back.click()
    expect(field).to_have_value(original)
    back.click()
    expect(field).to_have_value(original + " more")
    back.click()
    desk.press("Escape", "b", "r")
    field_of(desk.card("B")).fill(" \n ")
    desk.press("Escape")
    expect(page.locator(".corrected").filter(visible=True)).to_have_count(0)
    assert desk.submit().edits == ()


def test_corrections_and_the_ideal_answer_outlive_a_reload_and_a_step_back(app: ServedApp, page: Page) -> None:
    made = tasks()
    desk = Desk(app, page, app.fill(*made))
    letter = letter_of(TEXT, made[0], desk.project)
    desk.press(letter.lower(), "r")
    field_of(desk.card(letter)).fill("Better")
    desk.press("Escape", "t")
    page.keyboard.type("The best there is")
    desk.press("Escape", "u")
    page.reload()
    desk.wait()
    expect(desk.card(letter).get_by_text("Corrected", exact=True)).to_be_visible()
    expect(desk.card(letter).locator(".words")).to_be_visible()
    desk.submit()
    expect(page.locator(".prompt")).to_contain_text("Question 1?")
    desk.wait()
    desk.press("Shift+U")
    expect(page.locator(".prompt")).to_contain_text("Question 0?")
    desk.wait()
    kept = desk.press(letter.lower()).submit()
    assert (edits_by_text(kept, made[0]), kept.reference) == ({TEXT: "Better"}, "The best there is")


def test_submitting_from_inside_a_field_takes_its_last_word_along(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*tasks()))
    desk.press("a", "r", "Control+End")
    page.keyboard.type(" bcd")
    kept = desk.submit()
    assert kept.edits[0].text.endswith(" bcd")
    expect(page.locator(".prompt")).to_contain_text("Question 1?")
    desk.wait()
    desk.press("t")
    page.keyboard.type("abc = 1")
    assert desk.tiers() == []
    assert desk.submit().reference == "abc = 1"


def test_one_answer_is_written_into_at_a_time(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*tasks()))
    desk.press("a", "r")
    desk.card("B").get_by_role("button", name="Correct answer B").click()
    expect(field_of(desk.card("B"))).to_be_focused()
    expect(page.locator(".writing").filter(visible=True)).to_have_count(1)
    desk.card("B").get_by_role("button", name="Correct answer B").click()
    expect(page.locator(".writing").filter(visible=True)).to_have_count(0)


def test_an_ideal_answer_may_start_from_a_copy_of_one(app: ServedApp, page: Page) -> None:
    made = tasks()
    desk = Desk(app, page, app.fill(*made))
    page.locator('.tool[data-focus="reference"]').click()
    panel = page.locator(".panel")
    expect(panel).to_contain_text("An answer as good as it can be. It is kept for training, apart from the ranking.")
    letter = letter_of(TEXT, made[0], desk.project)
    panel.get_by_role("button", name=f"Start from answer {letter}").click()
    field = panel.get_by_role("textbox", name="An ideal answer")
    expect(field).to_be_focused()
    expect(field).to_have_value(TEXT)
    expect(panel.locator(".count")).to_have_text("9 words")
    expect(panel.locator(".starts")).to_be_hidden()
    desk.press("Control+End")
    page.keyboard.type(" So it is")
    panel.get_by_role("button", name="Done").click()
    expect(page.locator('.tool.filled[data-focus="reference"]')).to_be_visible()
    kept = desk.submit()
    assert (kept.reference, kept.edits, kept.ranking) == (TEXT + " So it is", (), ())


def test_the_fields_follow_the_direction_of_what_is_written_and_check_its_spelling(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task("سؤال؟", "عاصمة مصر هي القاهرة", "جواب آخر")))
    desk.press("a", "r")
    field = field_of(desk.card("A"))
    assert field.evaluate("field => getComputedStyle(field).direction") == "rtl"
    assert field.get_attribute("spellcheck") == "true"
    field.fill("English now")
    assert field.evaluate("field => getComputedStyle(field).direction") == "ltr"
    field.fill("هنا " + field.input_value())
    expect(desk.card("A").locator(".changes ins")).to_be_visible()
    assert desk.card("A").locator(".difference").evaluate("d => getComputedStyle(d).direction") == "rtl"


def test_what_has_changed_and_the_way_out_are_in_sight_while_a_long_answer_is_written(
    app: ServedApp, page: Page
) -> None:
    long = "\n\n".join(" ".join(f"word{n}" for n in range(80)) for _ in range(9))
    desk = Desk(app, page, app.fill(a_task("Long?", long, "b " + long, "A third")))
    desk.press("a", "r", "x")
    expect(desk.card("A").locator(".changes ins")).to_be_in_viewport()
    done = desk.card("A").get_by_role("button", name="Done")
    strip = page.locator(".strip").bounding_box()
    button = done.bounding_box()
    assert strip
    assert button
    assert button["y"] + button["height"] <= strip["y"]


def test_line_ends_of_another_system_are_no_correction(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task("Lines?", "one\r\ntwo", "three\r\nfour")))
    desk.press("a", "r", "Control+End", "x", "Backspace")
    expect(desk.card("A").locator(".writing .count")).to_have_text("2 words")
    desk.press("Escape", "a")
    assert desk.submit().edits == ()


def test_typing_into_a_long_answer_shows_what_changed_and_fits_a_phone(app: ServedApp, page: Page) -> None:
    long = " ".join(f"word{n % 97} of a long answer" for n in range(1_000))
    desk = Desk(app, page, app.fill(a_task("Long?", long, long.replace("word5", "else"))))
    page.set_viewport_size({"width": 390, "height": 844})
    desk.press("a", "r")
    field = field_of(desk.card("A"))
    field.press("Control+Home")
    field.press_sequentially("xxxxx")
    expect(desk.card("A").locator(".changes ins")).to_have_count(1)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    field.fill(" ".join(reversed(long.split(" "))))
    expect(desk.card("A").locator(".changes del").first).to_be_attached()
