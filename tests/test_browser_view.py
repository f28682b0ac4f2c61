"""The ranking page as it is laid out, and as each person sets it up, in a real browser."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

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


def box(found: Locator) -> dict[str, float]:
    drawn = found.bounding_box()
    assert drawn
    return dict(drawn)


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


# Settings


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
    expect(room(there)).to_have_attribute("data-contrast", "high")
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
    expect(room(page)).to_have_attribute("data-layout", "stacked")
    page.wait_for_timeout(1_500)
    expect(room(page)).to_have_attribute("data-layout", "stacked")
    assert kept(app, page)["layout"] == "stacked"


# Pace

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
    open_view(desk).get_by_label("Suggest a break").fill("0")
    desk.press("Tab", "Escape")
    expect(page.locator(".saved")).not_to_contain_text("A short break helps.")


def test_how_far_one_is_can_be_heard(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(*questions(4)))
    desk.press("a").submit()
    far = page.get_by_role("progressbar", name="Tasks done")
    expect(far).to_have_attribute("aria-valuenow", "1")
    expect(far).to_have_attribute("aria-valuemax", "4")


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
