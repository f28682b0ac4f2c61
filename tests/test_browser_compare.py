"""Two answers side by side, and answers that say the same on one card, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.board.submission import board_of
from data.schemas import Task
from tests.browser import ServedApp, serving
from tests.conftest import a_task
from tests.desk import ME, Desk, in_letters, middle

ONE = "The river is long and flows **east** for 6,400 km."
OTHER = "The river is long and flows *west* for 7,000 km."
PAINTED = "[...(CSS.highlights.get('difference') ?? [])].map(String).sort()"
SAME = " ".join(f"The {n}th sentence says the same in the same words." for n in range(12))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("compare")) as served:
        yield served


def letters_of(desk: Desk, task: Task, *texts: str) -> list[str]:
    """The letters under which this annotator sees these texts."""
    board = board_of(task, ME, desk.project.seed)
    return [next(letter for letter in board.ids if board.text(letter) == text) for text in texts]


def shown(page: Page) -> list[str]:
    cards = page.locator(".card").filter(visible=True)
    found: list[str] = cards.evaluate_all("cards => cards.map((card) => card.dataset.letter)")
    return found


def focused(page: Page) -> str | None:
    return page.locator(".card.focused").get_attribute("data-letter")


def at_hand(desk: Desk, letter: str) -> None:
    while focused(desk.page) != letter if desk.page.locator(".card.focused").count() else True:
        desk.press("ArrowRight")


def test_two_answers_are_compared_by_keys_while_all_can_be_ranked(app: ServedApp, page: Page) -> None:
    task = a_task("How long?", ONE, OTHER, "Nobody knows", "Ask a map")
    desk = Desk(app, page, app.fill(task))
    one, other = sorted(letters_of(desk, task, ONE, OTHER))
    rest = [letter for letter in "ABCD" if letter not in (one, other)]
    at_hand(desk, one)
    desk.press("j")
    expect(desk.card(one).get_by_text("Pinned")).to_be_visible()
    at_hand(desk, other)
    desk.press("j")
    expect(page.locator(".comparison .title")).to_have_text(f"Comparing {one} and {other}")
    assert shown(page) == [one, other]
    assert page.evaluate(PAINTED) == ["6,400", "7,000", "east", "west"]
    assert desk.press("ArrowLeft", rest[0].lower(), "ArrowRight", other.lower()).tiers() == [rest[0], other]
    assert focused(page) == other
    desk.press("ArrowLeft")
    assert focused(page) == one
    desk.press("Escape")
    assert shown(page) == list("ABCD")
    assert page.evaluate(PAINTED) == []
    assert in_letters(desk.submit(), [task], desk.project) == [rest[0], other]


def test_two_answers_are_compared_with_the_mouse_and_the_marks_can_go(app: ServedApp, page: Page) -> None:
    task = a_task("How long?", ONE, OTHER, "Nobody knows")
    desk = Desk(app, page, app.fill(task))
    one, other = letters_of(desk, task, ONE, OTHER)
    desk.card(one).get_by_role("button", name="Compare answer").click()
    desk.card(other).get_by_role("button", name="Compare answer").click()
    assert page.evaluate(PAINTED) == ["6,400", "7,000", "east", "west"]
    marks = page.get_by_role("button", name="Mark the differences")
    marks.click()
    assert page.evaluate(PAINTED) == []
    marks.click()
    desk.press("w")
    assert any("*" in text for text in page.evaluate(PAINTED))
    page.get_by_role("button", name="End the comparison").click()
    assert len(shown(page)) == 3


def test_the_same_key_ends_a_comparison_and_takes_a_pin_off(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task("How long?", ONE, OTHER, "Nobody knows")))
    desk.press("ArrowRight", "j", "j")
    expect(page.locator(".pin").filter(visible=True)).to_have_count(0)
    desk.press("j", "ArrowRight", "j")
    assert len(shown(page)) == 2
    desk.press("j")
    assert len(shown(page)) == 3
    desk.press("j", "Escape")
    expect(page.locator(".pin").filter(visible=True)).to_have_count(0)


def test_answers_that_have_little_in_common_are_not_painted_all_over(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task("What?", "Nothing like the other", "Quite another text, my friend")))
    desk.press("ArrowRight", "j", "ArrowRight", "j")
    expect(page.get_by_text("These answers differ in nearly every word.")).to_be_visible()
    assert page.evaluate(PAINTED) == []
    page.get_by_role("button", name="Mark the differences").click()
    assert len(page.evaluate(PAINTED)) >= 2


@pytest.mark.parametrize("is_alike", [True, False])
def test_two_thousand_words_are_compared(app: ServedApp, page: Page, is_alike: bool) -> None:
    words = [f"word{n % 311}" for n in range(2_000)]
    changed = [word if n % 40 else f"{word}s" for n, word in enumerate(words)] if is_alike else sorted(words)[::-1]
    texts = ["\n\n".join(" ".join(part[n : n + 80]) for n in range(0, 2_000, 80)) for part in (words, changed)]
    desk = Desk(app, page, app.fill(a_task("Long?", *texts)))
    desk.press("ArrowRight", "j", "ArrowRight", "j")
    expect(page.locator(".comparison .title")).to_have_text("Comparing A and B")
    assert len(page.evaluate(PAINTED)) == (100 if is_alike else 0)


def test_two_answers_stand_one_above_the_other_on_a_phone(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task("How long?", ONE, OTHER, "Nobody knows")))
    boxes = []
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        desk.press("ArrowRight", "ArrowLeft", "ArrowLeft", "j", "ArrowRight", "j")
        cards = [card.bounding_box() for card in page.locator(".card.one-of-two").all()]
        boxes.append([(box["x"], box["y"]) for box in cards if box])
        desk.press("Escape")
    (left, right), (upper, lower) = boxes
    assert left[1] == right[1]
    assert left[0] < right[0]
    assert upper[0] == lower[0]
    assert upper[1] < lower[1]


def test_answers_that_say_the_same_are_ranked_once_and_stored_as_a_tie(app: ServedApp, page: Page) -> None:
    task = a_task("Same?", SAME, "Another", SAME, "A fourth")
    desk = Desk(app, page, app.fill(task))
    board = board_of(task, ME, desk.project.seed)
    first, hidden = board.alike[0]
    card = desk.card(first)
    assert len(shown(page)) == 3
    expect(card.get_by_role("heading")).to_have_text(f"{first} · {hidden}")
    expect(card).to_contain_text("Two answers say the same")
    expect(card.get_by_role("button", name="Show the difference")).to_have_count(0)
    expect(desk.chip(first)).to_have_text(first + hidden)
    [other, *_] = [letter for letter in "ABCD" if letter not in (first, hidden)]
    assert desk.press(other.lower(), hidden.lower()).tiers() == [other, first]
    assert desk.press("Shift+ArrowLeft").tiers() == [first, other]
    kept = desk.submit()
    assert kept.ranking == ((board.ids[first], board.ids[hidden]), (board.ids[other],))


def test_answers_that_say_nearly_the_same_show_in_what_they_differ(app: ServedApp, page: Page) -> None:
    task = a_task("Near?", SAME, "Certainly: " + SAME, "Another")
    desk = Desk(app, page, app.fill(task))
    first, hidden = board_of(task, ME, desk.project.seed).alike[0]
    card = desk.card(first)
    expect(card).to_contain_text("Two answers say nearly the same")
    show = card.get_by_role("button", name="Show the difference")
    show.click()
    expect(card.get_by_role("heading", name=f"From {first} to {hidden}")).to_be_visible()
    expect(card.locator(".pairs :is(ins, del)")).to_have_text("Certainly: ")
    show.click()
    expect(card.locator(".pairs")).to_be_hidden()


def test_answers_on_one_card_come_apart_and_together_again(app: ServedApp, page: Page) -> None:
    task = a_task("Same?", SAME, SAME, "Another")
    desk = Desk(app, page, app.fill(task))
    board = board_of(task, ME, desk.project.seed)
    first, hidden = board.alike[0]
    desk.press(first.lower(), "x", "1", "Escape")
    desk.card(first).get_by_role("button", name="Rank them apart").click()
    assert shown(page) == list("ABC")
    assert desk.tiers() == [first]
    expect(desk.card(first).locator(".top .chip-flag")).to_have_text("Toxic")
    assert desk.press(hidden.lower()).tiers() == [first, hidden]
    desk.press("u", "u")
    assert len(shown(page)) == 2
    assert focused(page) == first
    desk.press("y", hidden.lower())
    page.reload()
    desk.wait()
    assert shown(page) == list("ABC")
    assert desk.tiers() == [first, hidden]
    kept = desk.submit()
    assert kept.ranking == ((board.ids[first],), (board.ids[hidden],))
    assert [flag.response_id for flag in kept.flags] == [board.ids[first]]


@pytest.mark.parametrize("key", ["a", "b", "q", "click"])
def test_two_answers_that_say_the_same_can_only_be_equally_good(app: ServedApp, page: Page, key: str) -> None:
    task = a_task("Same?", SAME, SAME)
    desk = Desk(app, page, app.fill(task, a_task("Next?", "x", "y")))
    assert shown(page) == ["A"]
    expect(desk.card("A")).to_contain_text("No other answer is left: ranking this one says that all are equally good.")
    if key == "click":
        desk.chip("A").click()
    else:
        desk.press(key)
    expect(desk.card("A").locator(".place")).to_have_text("All equally good")
    kept = desk.submit()
    assert [sorted(tier) for tier in kept.ranking] == [["r1", "r2"]]
    assert kept.margin is None


def test_three_answers_that_say_the_same_are_submitted_at_once(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task("Same?", SAME, SAME, SAME)))
    expect(desk.card("A")).to_contain_text("3 answers say the same")
    assert [len(tier) for tier in desk.press("c").submit().ranking] == [3]


def test_strength_is_asked_only_where_it_is_stored(app: ServedApp, page: Page) -> None:
    desk = Desk(app, page, app.fill(a_task("Same?", SAME, SAME, "Another")))
    desk.press("a", "b", "c")
    assert len(desk.tiers()) == 2
    expect(page.locator(".strength")).to_have_count(0)


def test_answers_on_one_card_can_be_dragged_as_one(app: ServedApp, page: Page) -> None:
    task = a_task("Same?", SAME, "Another", SAME, "A fourth")
    desk = Desk(app, page, app.fill(task))
    board = board_of(task, ME, desk.project.seed)
    first, hidden = board.alike[0]
    other = next(letter for letter in "ABCD" if letter not in (first, hidden))
    desk.press(other.lower())
    page.mouse.move(*middle(desk.chip(first)))
    page.mouse.down()
    page.mouse.move(*middle(page.locator(".gap").first), steps=5)
    expect(page.locator(".ghost")).to_have_text(first + hidden)
    page.mouse.up()
    assert desk.tiers() == [first, other]
    assert len(desk.submit().ranking[0]) == 2


def test_a_correction_whose_card_is_gone_is_not_stored_and_comes_back_with_it(app: ServedApp, page: Page) -> None:
    task = a_task("Same?", SAME, SAME, "Another")
    desk = Desk(app, page, app.fill(task, a_task("Next?", "x", "y")))
    first, hidden = board_of(task, ME, desk.project.seed).alike[0]
    desk.card(first).get_by_role("button", name="Rank them apart").click()
    desk.card(hidden).get_by_role("button", name="Correct answer").click()
    page.keyboard.type("Unseen. ")
    desk.press("Escape", "u")
    expect(page.locator(".corrected").filter(visible=True)).to_have_count(0)
    desk.press("y")
    expect(desk.card(hidden).locator(".corrected")).to_be_visible()
    desk.press("u", first.lower())
    kept = desk.submit()
    assert (len(kept.ranking[0]), kept.edits) == (2, ())
