"""Flags in a real browser: the words they mean, how bad, which topic, what is right and where it says so."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from app.board.submission import board_of
from data.schemas import Flag, FlagKind, Judgement, SourceLink, Task
from tests.browser import ServedApp, serving
from tests.conftest import a_task
from tests.desk import ME, Desk, middle, questions

HELLO = "Hello 😀 world, the **Great Wall** can be seen from the Moon. Water boils at 50 degrees."
CHINESE = "我们今天去**北京大学**学习,然后回家。代码也很重要!"
TABLE = "| Planet | Moons |\n|---|---|\n| Mars | 5 |\n| Earth | 1 |\n\nSo $x^2 + y^2 = 1$ holds."
ARABIC = "هذا نص عربي طويل نسبيا. القمر مصنوع من الجبن."
TEXTS = (HELLO, CHINESE, TABLE, ARABIC)
ALL_MODES = """(kind) => {
  const found = CSS.highlights.get(kind);
  return found ? [...found].filter((range) => range.startContainer.isConnected).map(String).join("|") : "";
}"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("flags")) as served:
        yield served


class FlagDesk(Desk):
    """The page with one task whose answers are TEXTS, found by their text."""

    def __init__(self, app: ServedApp, page: Page, *more: Task, **settings: Any) -> None:
        project = app.fill(a_task("What is true?", *TEXTS), *more).model_copy(update=settings)
        app.store.update_project(project)
        self.task = next(t for t in app.store.tasks(project.id) if t.responses[0].text == HELLO)
        super().__init__(app, page, project)

    def letter(self, text: str) -> str:
        board = board_of(self.task, ME, self.project.seed)
        return next(letter for letter in board.ids if board.text(letter) == text)

    def enter(self, text: str, *keys: str) -> "FlagDesk":
        """Place the answer with this text, go into it, and press keys there."""
        self.press(self.letter(text).lower(), "Enter", *keys)
        return self

    def flag_of(self, judgement: Judgement, text: str, kind: str = "unfactual") -> Flag:
        response = next(r.id for r in self.task.responses if r.text == text)
        return next(f for f in judgement.flags if (f.response_id, f.kind) == (response, kind))

    def panel(self, text: str) -> Locator:
        return self.card(self.letter(text)).locator(".flagging")

    def spoken(self) -> Locator:
        return self.page.locator('.strip [role="status"]')

    def painted(self, name: str = "flag-unfactual") -> str:
        found: str = self.page.evaluate(ALL_MODES, name)
        return found


def marked(flag: Flag, text: str) -> list[str]:
    """The words of each span, by code points."""
    return [text[span.start : span.end] for span in flag.spans]


def place(page: Page, letter: str, word: str) -> tuple[float, float, float]:
    """Left, right and middle height of a word of an answer."""
    script = """([letter, word]) => {
      const host = [...document.querySelectorAll("*")].find((e) => e.shadowRoot?.querySelector(".room"));
      const words = host.shadowRoot.querySelector(`.card[data-letter="${letter}"] .words`);
      words.scrollIntoView({ block: "center" });
      const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const at = walker.currentNode.data.indexOf(word);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(walker.currentNode, at);
        range.setEnd(walker.currentNode, at + word.length);
        const box = range.getBoundingClientRect();
        return [box.left, box.right, (box.top + box.bottom) / 2];
      }
    }"""
    left, right, height = page.evaluate(script, [letter, word])
    return left, right, height


def select(page: Page, letter: str, first: str, last: str) -> None:
    left, _, height = place(page, letter, first)
    _, right, low = place(page, letter, last)
    page.mouse.move(left + 1, height)
    page.mouse.down()
    page.mouse.move((left + right) / 2, low, steps=3)
    page.mouse.move(right - 1, low, steps=3)
    page.mouse.up()


def test_words_are_marked_and_flagged_by_keys_alone(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page)
    desk.enter(HELLO)
    expect(desk.spoken()).to_have_text(f"In the text of answer {desk.letter(HELLO)}: Hello")
    desk.press(*["ArrowRight"] * 4, "Shift+ArrowRight")
    expect(desk.spoken()).to_have_text("Marked: Great Wall")
    desk.press("x")
    expect(desk.panel(HELLO).locator(".pending")).to_contain_text("Great Wall")
    desk.press("2")
    expect(desk.spoken()).to_contain_text("flagged Unfactual: Great Wall")
    desk.press("Escape", "End", "Shift+ArrowLeft", "x", "2", "Escape", "Escape")
    expect(desk.spoken()).to_contain_text("Left the text")
    kept = desk.submit()
    assert marked(desk.flag_of(kept, HELLO), HELLO) == ["Great Wall", "50 degrees"]
    assert [len(tier) for tier in kept.ranking] == [1]


@pytest.mark.parametrize(
    ("text", "keys", "words"),
    [
        (CHINESE, ["ArrowRight", "Shift+ArrowRight"], "今天去"),
        (TABLE, ["ArrowDown", "ArrowRight"], "5"),
        (TABLE, ["End", "ArrowLeft", "Shift+ArrowLeft"], "So $x^2 + y^2 = 1$"),
        (ARABIC, ["ArrowLeft", "Shift+ArrowLeft"], "نص عربي"),
        (HELLO, ["ArrowDown", "Home", "ArrowRight"], "😀"),
        (HELLO, ["End", "Enter"], "Water boils at 50 degrees"),
        (ARABIC, ["Enter", "Enter"], ARABIC.removesuffix(".")),
    ],
)
def test_marks_are_counted_in_code_points_of_the_source(
    app: ServedApp, page: Page, text: str, keys: list[str], words: str
) -> None:
    desk = FlagDesk(app, page)
    desk.enter(text, *keys, "x", "2", "Escape", "Escape")
    assert marked(desk.flag_of(desk.submit(), text), text) == [words]


def test_words_selected_with_the_mouse_are_offered_to_be_flagged(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page)
    letter = desk.letter(HELLO)
    select(page, letter, "Great", "Moon")
    expect(desk.spoken()).to_have_text("Marked: Great Wall can be seen from the Moon")
    page.locator(".offer").click()
    desk.panel(HELLO).get_by_role("button", name="Unfactual").click()
    desk.press("Escape")
    select(page, letter, "degrees", "degrees")
    expect(page.locator(".offer")).to_be_visible()
    desk.press("Escape")
    expect(page.locator(".offer")).to_be_hidden()
    select(page, letter, "degrees", "degrees")
    expect(page.locator(".offer")).to_be_visible()
    desk.press("x", "2", "Escape")
    expect(page.locator(".offer")).to_be_hidden()
    expect(desk.card(letter).locator(".chip-flag")).to_have_attribute("aria-label", "Unfactual, 2 marked passages")
    assert marked(desk.flag_of(desk.submit(), HELLO), HELLO) == ["Great Wall** can be seen from the Moon", "degrees"]


def test_marks_stand_after_a_reload_and_as_written_until_they_are_removed(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page)
    desk.enter(HELLO, *["ArrowRight"] * 4, "Shift+ArrowRight", "Shift+ArrowRight", "x", "2")
    desk.press("Escape", "Escape")
    assert desk.painted() == "Great Wall| can"
    page.reload()
    desk.wait()
    assert desk.painted() == "Great Wall| can"
    desk.press("w")
    assert desk.painted() == "Great Wall** can"
    page.locator(".chip-flag").click()
    desk.panel(HELLO).get_by_role("button", name="Remove the mark on").click()
    assert desk.painted() == ""
    desk.press("u")
    assert desk.painted() == "Great Wall** can"


def test_an_unfactual_answer_gets_its_severity_verdict_correction_and_sources(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page)
    desk.press(desk.letter(HELLO).lower(), "x", "2")
    panel = desk.panel(HELLO)
    panel.get_by_role("button", name="3 severe").click()
    panel.get_by_role("button", name="Outdated").click()
    panel.get_by_label("What is right instead").fill(" Water boils at 100 degrees, 在海平面. ")
    panel.get_by_label("Note on Unfactual").fill("boiling point")
    for n, url in enumerate(("https://例え.jp/水?q=1#a", "http://b.org/x"), 1):
        panel.get_by_role("button", name="Add a link").click()
        page.keyboard.type(url)
        expect(panel.get_by_role("textbox", name=f"Link {n}")).to_have_value(url)
    panel.get_by_role("group", name="Link 2").get_by_role("button", name="Speaks of it").click()
    panel.get_by_role("button", name="Add a link").click()
    flag = desk.flag_of(desk.submit(), HELLO)
    assert (flag.severity, flag.verdict, flag.note) == (3, "outdated", "boiling point")
    assert flag.correction == "Water boils at 100 degrees, 在海平面."
    assert flag.sources == (
        SourceLink(url="https://例え.jp/水?q=1#a", kind="primary"),
        SourceLink(url="http://b.org/x", kind="secondary"),
    )


def test_a_sensitive_answer_gets_a_topic_and_other_kinds_have_none(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page)
    desk.press("a", "x", "1", "3")
    panel = desk.card("A").locator(".flagging")
    panel.get_by_role("button", name="Religion").click()
    panel.get_by_role("button", name="Health").click()
    panel.get_by_role("button", name="1 minor").click()
    expect(panel.get_by_text("What is right instead")).to_have_count(0)
    desk.press("1")
    expect(panel.get_by_role("group", name="Which topic")).to_have_count(0)
    flags = {f.kind: f for f in desk.submit().flags}
    assert (flags["sensitive-topic"].topic, flags["sensitive-topic"].severity) == ("health", 1)
    assert (flags["toxic"].topic, flags["toxic"].severity) == (None, None)


@pytest.mark.parametrize("url", ["foo.bar", "javascript:alert(1)", "https://", "https://a b.c", "ftp://a.b/c"])
def test_a_wrong_link_stops_the_submission_and_says_which(app: ServedApp, page: Page, url: str) -> None:
    desk = FlagDesk(app, page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    desk.press("b", "x", "2", "Escape", "a", "x", "2")
    desk.card("A").get_by_role("button", name="Add a link").click()
    page.keyboard.type(url)
    desk.press("Escape", "b", "Control+Enter")
    expect(page.locator(".saved")).to_have_text("Answer A, Unfactual: link 1 is no web address. Correct or remove it.")
    field = desk.card("A").get_by_role("textbox", name="Link 1")
    expect(field).to_be_focused()
    expect(desk.card("A").locator(".wrong")).to_contain_text("This is no web address")
    assert not desk.all()
    field.fill("https://right.example/page")
    expect(desk.card("A").locator(".wrong")).to_be_hidden()
    assert [s.url for f in desk.submit().flags for s in f.sources] == ["https://right.example/page"]
    assert not [address for address in asked if "right.example" in address]


def test_a_link_that_is_half_written_outlives_a_reload(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page)
    desk.press("a", "x", "2")
    desk.card("A").get_by_role("button", name="Add a link").click()
    with page.expect_response(lambda answer: answer.url.endswith("/api/draft")) as kept:
        page.keyboard.type("https:")
    assert kept.value.json() == {"kept": True}
    page.evaluate("sessionStorage.clear()")
    page.goto(app.url)
    desk.wait()
    page.locator(".chip-flag").click()
    expect(desk.card("A").get_by_role("textbox", name="Link 1")).to_have_value("https:")


def test_every_step_can_be_undone_and_done_again_with_its_texts(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page)
    desk.enter(HELLO, "x", "2", "Escape", "Escape", "x")
    chip = desk.card(desk.letter(HELLO)).locator(".chip-flag")
    desk.press("2")
    panel = desk.panel(HELLO)
    panel.get_by_role("button", name="2 clear").click()
    panel.get_by_label("What is right instead").fill("another text")
    panel.get_by_role("button", name="False").click()
    for said in ("Unfactual, clear, 1 marked passage", "Unfactual, 1 marked passage"):
        page.get_by_role("button", name="Undo the last step").click()
        expect(chip).to_have_attribute("aria-label", said)
    expect(panel.get_by_label("What is right instead")).to_have_value("another text")
    page.get_by_role("button", name="Undo the last step").click()
    expect(chip).to_have_count(0)
    assert desk.painted() == ""
    for _ in range(3):
        page.get_by_role("button", name="Do it again").click()
    flag = desk.flag_of(desk.submit(), HELLO)
    assert (flag.severity, flag.verdict, marked(flag, HELLO)) == (2, "false", ["Hello"])


def test_all_wrong_clears_the_ranking_in_one_step_and_is_stored(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page, *questions(1))
    desk.press("a", "b", "Shift+N")
    button = page.get_by_role("button", name="All are factually wrong")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert desk.tiers() == []
    assert desk.press("u").tiers() == ["A", "B"]
    expect(button).to_have_attribute("aria-pressed", "false")
    desk.press("Shift+N", "c")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert desk.tiers() == ["C"]
    kept = desk.press("Shift+N").submit()
    assert (kept.unrankable, kept.none_acceptable, kept.ranking) == (True, False, ())


KINDS = tuple(
    FlagKind(kind=f"kind-{n}", label=f"Kind {n}", definition=f"Means {n}.", example=f"As in {n}.") for n in range(1, 13)
)


def test_a_projects_own_kinds_say_what_they_mean_and_the_tenth_is_reached_by_arrows(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page, flags=KINDS)
    desk.press("a", "x")
    panel = desk.card("A").locator(".flagging")
    expect(panel.locator(".choice kbd")).to_have_count(9)
    expect(panel.locator(".flag-meaning")).to_have_text("Means 1.Example: As in 1.")
    desk.press("9")
    expect(panel.locator(".flag-meaning")).to_have_text("Means 9.Example: As in 9.")
    desk.press("ArrowRight", "Enter", "ArrowLeft", "ArrowLeft")
    expect(panel.locator(".flag-meaning")).to_have_text("Means 8.Example: As in 8.")
    panel.locator('.choice[data-flag="kind-4"]').hover()
    expect(panel.locator(".flag-meaning")).to_have_text("Means 4.Example: As in 4.")
    described = panel.locator('.choice[data-flag="kind-4"]').get_attribute("aria-description")
    assert described == "Means 4. As in 4."
    assert {f.kind for f in desk.submit().flags} == {"kind-9", "kind-10"}


def test_the_panel_is_used_by_keys_alone_and_gives_the_focus_back(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page)
    flag = desk.card("A").get_by_role("button", name="Flag answer A")
    flag.focus()
    desk.press("Enter", "3", "Tab", "Tab", "Enter", "Tab", "Tab", "Tab", "Enter", "Tab")
    desk.press("Escape")
    expect(desk.card("A").locator(".flagging")).to_be_hidden()
    expect(flag).to_be_focused()
    kept = desk.submit().flags[0]
    assert (kept.severity, kept.topic) == (1, "politics")


def test_a_set_flag_opens_by_its_chip_and_goes_by_choosing_it_again(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page)
    desk.press("a", "x", "1", "2", "Escape")
    chip = desk.card("A").locator('.chip-flag[data-flag="toxic"]')
    title = chip.get_attribute("title") or ""
    assert "Insults" in title
    assert "idiot" in title
    chip.click()
    details = desk.card("A").locator(".details")
    expect(details).to_have_count(1)
    expect(details).to_contain_text("Toxic")
    desk.press("2")
    expect(details).to_contain_text("Unfactual")
    desk.press("2")
    expect(details).to_have_count(0)
    assert [f.kind for f in desk.submit().flags] == ["toxic"]


def test_words_are_marked_with_a_finger(app: ServedApp, page: Page) -> None:
    phone = page.context.browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)  # type: ignore[union-attr]
    try:
        desk = FlagDesk(app, phone.new_page())
        letter = desk.letter(HELLO)
        place(desk.page, letter, "Great")
        # A long press is the system's own; what it leaves is a selection.
        script = """(letter) => {
          const host = [...document.querySelectorAll("*")].find((e) => e.shadowRoot?.querySelector(".room"));
          const node = host.shadowRoot.querySelector(`.card[data-letter="${letter}"] strong`).firstChild;
          document.getSelection().setBaseAndExtent(node, 0, node, node.length);
        }"""
        desk.page.evaluate(script, letter)
        expect(desk.page.locator(".offer")).to_be_visible()
        desk.page.touchscreen.tap(*middle(desk.page.locator(".offer")))
        desk.page.touchscreen.tap(*middle(desk.panel(HELLO).get_by_role("button", name="Unfactual")))
        expect(desk.card(letter).locator(".chip-flag")).to_have_attribute("aria-label", "Unfactual, 1 marked passage")
        wide = desk.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        assert marked(desk.flag_of(desk.submit(), HELLO), HELLO) == ["Great Wall"]
    finally:
        phone.close()


def test_drafts_of_flags_come_back_as_they_were_submitted(app: ServedApp, page: Page) -> None:
    desk = FlagDesk(app, page)
    desk.enter(CHINESE, "ArrowRight", "x", "2")
    desk.panel(CHINESE).get_by_role("button", name="Unsupported").click()
    first = desk.submit()
    expect(page.get_by_role("heading", name="Nothing left to judge")).to_be_visible()
    before = desk.saved()
    desk.press("Shift+U")
    expect(page.locator(".saved")).not_to_have_attribute("data-saved", before)
    desk.wait()
    assert desk.painted() == "今天"
    assert desk.submit().flags == first.flags
