"""The ranking page as it is laid out, and as each person sets it up, in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from app.board.submission import board_of
from data.schemas import Flag, Span, Task
from tests.browser import ServedApp, serving
from tests.conftest import a_judgement, a_task
from tests.desk import ME, Desk, questions

SENTENCE = "People who read every day judge a text by its facts, its order and its tone, and they do it well. "


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("view")) as served:
        yield served


def texts(answers: int, characters: int) -> Task:
    """A task of different answers of three paragraphs with about so many characters."""
    count = round(characters / len(SENTENCE) / 3)
    return a_task(
        "Which one is best?", *[f"{n}. {SENTENCE * count}\n\n" + f"{SENTENCE * count}\n\n" * 2 for n in range(answers)]
    )


def scrolls(page: Page) -> bool:
    main = page.locator('[data-testid="stMain"]')
    return bool(
        main.evaluate("main => main.scrollHeight > main.clientHeight + 1 || main.scrollWidth > main.clientWidth")
    )


def box(found: Locator) -> FloatRect:
    drawn = found.bounding_box()
    assert drawn
    return drawn


def room(page: Page) -> Locator:
    return page.locator(".room")


# Layouts


def test_four_answers_of_900_characters_and_the_ranking_stand_on_one_screen(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(texts(4, 900)))
    assert not scrolls(page)
    strip = page.locator(".strip")
    expect(strip).to_be_in_viewport(ratio=1)
    assert box(strip)["height"] <= 97
    for letter in "ABCD":
        words = box(desk.card(letter).locator(".words"))
        assert words["height"] > 300
        assert words["y"] + words["height"] < box(strip)["y"]


def test_short_answers_keep_their_air_and_long_ones_too(app: ServedApp, page: Page) -> None:
    Desk(app, page, app.fill(*questions(1)))
    expect(room(page)).to_have_attribute("data-density", "")
    assert not scrolls(page)
    Desk(app, page, app.fill(texts(4, 6_000)))
    expect(room(page)).to_have_attribute("data-density", "")
    assert scrolls(page)


def test_a_line_of_a_long_answer_keeps_the_reading_measure(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(texts(2, 3_000)))
    for keys in ((), ("o",), ("o",)):
        desk.press(*keys)
        line = (
            desk.card("A")
            .locator(".rd-text p")
            .last.evaluate(
                """p => {
              const range = document.createRange(), text = p.firstChild, tops = new Map();
              for (let n = 0; n < text.length; n += 1) {
                range.setStart(text, n), range.setEnd(text, n + 1);
                const top = Math.round(range.getBoundingClientRect().top);
                tops.set(top, (tops.get(top) ?? 0) + 1);
              }
              return Math.max(...tops.values());
            }"""
            )
        )
        assert 60 <= line <= 82


def test_one_at_a_time_turns_leaves_and_goes_on_to_what_has_no_rank(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    desk.press("o", "o")
    here = page.locator(".card:visible")
    for press, leaf in (
        ("", "A"),
        ("ArrowRight", "B"),
        ("ArrowRight", "C"),
        ("ArrowLeft", "B"),
        ("b", "C"),
        ("c", "D"),
    ):
        desk.press(*[press] if press else [])
        expect(here).to_have_count(1)
        expect(here).to_have_attribute("data-letter", leaf)
        expect(page.locator('.leaf[aria-current="true"]')).to_contain_text(leaf)
    desk.press("d")
    expect(here).to_have_attribute("data-letter", "A")
    assert desk.press("1").tiers() == ["BA", "C", "D"]
    page.get_by_role("navigation", name="Answers").get_by_role("button", name="Answer D").click()
    expect(here).to_have_attribute("data-letter", "D")
    desk.press("x", "1")
    expect(desk.card("D").locator(".top .chip-flag")).to_have_text("Toxic")


def test_the_layout_comes_back_on_another_device(app: ServedApp, page: Page, browser: Browser) -> None:
    desk = Desk(app, page, app.fill(*questions(1)))
    with page.expect_response("**/api/settings"):
        desk.press("o")
    other = browser.new_context()
    there = Desk(app, other.new_page(), desk.project).page
    expect(room(there)).to_have_attribute("data-layout", "stacked")
    left = [round(box(card)["x"]) for card in there.locator(".card").all()]
    assert len(set(left)) == 1
    other.close()


@pytest.mark.parametrize("presses", [0, 1, 2])
def test_scripts_of_the_world_stand_right_in_every_layout(app: ServedApp, page: Page, presses: int) -> None:
    answers = (
        "السلام عليكم يا Anna، هذا نص.",
        "שלום עולם, this is mixed.",
        "回答需要人工排序。",
        "これは日本語の文章です。",
    )
    desk = Desk(app, page, app.fill(a_task("اكتب تحية", *answers)))
    desk.press(*["o"] * presses)
    for letter in "ABCD":
        if presses == 2:
            desk.press(*["ArrowRight"] * ("ABCD".index(letter) > 0))
        text = desk.card(letter).locator(".rd-text p")
        is_right = text.evaluate(
            """p => {
              const range = document.createRange(), block = p.getBoundingClientRect();
              range.selectNodeContents(p);
              const drawn = range.getBoundingClientRect();
              return block.right - drawn.right < drawn.left - block.left;
            }"""
        )
        assert is_right == bool(re.match("[\u0590-\u06ff]", text.inner_text()))
        assert not text.evaluate("p => p.scrollWidth > p.clientWidth + 1")


# Long texts


def test_a_long_answer_shows_its_beginning_and_all_of_it_at_a_press(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(texts(3, 12_000)))
    folded = page.locator(".card .folded")
    expect(folded).to_have_count(3)
    assert box(folded.first)["height"] <= 0.62 * 800
    desk.card("B").get_by_role("button", name=re.compile(r"Show all 2,\d\d\d words")).click()
    expect(folded).to_have_count(2)
    desk.press("z")
    expect(folded).to_have_count(0)
    desk.press("z")
    expect(folded).to_have_count(3)


def test_a_short_answer_beside_long_ones_does_not_fold(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task("Why?", "Because.", SENTENCE * 100, SENTENCE * 90)))
    expect(page.locator(".card .folded")).to_have_count(2)
    short = next(letter for letter in "ABC" if "Because" in desk.card(letter).inner_text())
    expect(desk.card(short).get_by_role("button", name="Show all")).to_have_count(0)


def test_flagged_words_are_never_folded_away(app: ServedApp, page: Page) -> None:
    task = a_task("Why?", SENTENCE * 100 + "The end.", SENTENCE * 90)
    project = app.fill(task)
    ids = board_of(task, ME, project.seed).ids
    letter = next(name for name, one in ids.items() if one == "r1")
    start = len(SENTENCE) * 100
    said = Flag(response_id="r1", kind="spam", spans=(Span(start=start, end=start + 7),))
    app.store.add(
        project.id, [], [a_judgement(task, ("r1",), ("r2",), annotator=ME).model_copy(update={"flags": (said,)})]
    )
    last = app.store.last_standing(project.id, ME)
    assert last
    app.store.withdraw(project.id, last)
    desk = Desk(app, page, project)
    expect(desk.card(letter).locator(".top .chip-flag")).to_contain_text("Spam")
    expect(desk.card(letter).locator(".folded")).to_have_count(0)
    expect(page.locator(".card .folded")).to_have_count(1)


def test_a_long_prompt_leaves_room_for_the_answers(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task(SENTENCE * 60, "So", "Thus")))
    assert box(page.locator(".prompt"))["height"] <= 0.37 * 800
    expect(desk.card("A")).to_be_in_viewport(ratio=1)
    page.locator(".prompt").get_by_role("button", name="Show the whole prompt").click()
    assert box(page.locator(".prompt"))["height"] > 800


# A phone


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def test_on_a_phone_nothing_goes_sideways_and_everything_can_be_tapped(app: ServedApp, phone: Page) -> None:
    desk = Desk(app, phone, app.fill(texts(4, 900)))
    for letter in "BA":
        desk.chip(letter).tap()
    main = phone.locator('[data-testid="stMain"]')
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    assert box(phone.locator(".strip"))["height"] <= 165
    for control in phone.locator(".room button:visible").all():
        size = box(control)
        assert min(size["width"], size["height"]) >= 24, control.get_attribute("class")
    desk.card("A").get_by_role("button", name="Flag answer A").tap()
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
