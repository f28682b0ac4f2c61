"""A full day of fifty tasks, from the first key to the last, without one event of a mouse."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from app.board.submission import Board, board_of
from data.schemas import Judgement, Task
from tests.browser import ServedApp, serving
from tests.conftest import a_task
from tests.desk import ME, Desk

TASKS = 50
NO_MOUSE = """
window.mouse = [];
for (const name of ["mousedown", "mouseup", "pointerdown", "touchstart", "dblclick", "wheel", "dragstart"])
  window.addEventListener(name, () => window.mouse.push(name), true);
window.addEventListener("click", (event) => event.detail && window.mouse.push("click"), true);
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("day")) as served:
        yield served


class Kept(NamedTuple):
    """What the database holds of one task, in the letters of the screen."""

    judgement: Judgement
    board: Board

    @property
    def tiers(self) -> list[str]:
        return ["".join(self.board.names[i] for i in tier) for tier in self.judgement.ranking]


def submit(desk: Desk) -> None:
    """Submit, look at the review, and submit."""
    desk.press("Control+Enter")
    expect(desk.page.locator(".summary")).to_contain_text("You say")
    desk.submit()


def full_ranking(desk: Desk) -> Callable[[Kept], bool]:
    submit(desk.press("c", "a", "d", "b"))
    return lambda kept: kept.tiers == ["C", "A", "D", "B"]


def ties(desk: Desk) -> Callable[[Kept], bool]:
    submit(desk.press("c", "Shift+a", "d", "Shift+b"))
    return lambda kept: kept.tiers == ["CA", "DB"]


def best_and_worst(desk: Desk) -> Callable[[Kept], bool]:
    submit(desk.press("d", "b"))
    return lambda kept: kept.tiers == ["D", "B"]


def flag_on_words(desk: Desk) -> Callable[[Kept], bool]:
    desk.press("b", "Enter", "Home", "ArrowRight", "Shift+ArrowRight", "x", "2", "Escape", "Escape")
    submit(desk)

    def is_kept(kept: Kept) -> bool:
        (flag,) = kept.judgement.flags
        (span,) = flag.spans
        words = kept.board.text("B")[span.start : span.end]
        return (flag.kind, kept.board.names[flag.response_id], len(words.split())) == ("unfactual", "B", 2)

    return is_kept


def correction(desk: Desk) -> Callable[[Kept], bool]:
    desk.press("a", "r", "End")
    desk.page.keyboard.type(" And this is what was missing.")
    desk.press("Escape")
    submit(desk)
    return lambda kept: (
        [(e.response_id, e.text.endswith("was missing.")) for e in kept.judgement.edits]
        == [(kept.board.ids["A"], True)]
    )


def ideal_answer(desk: Desk) -> Callable[[Kept], bool]:
    desk.press("b", "t")
    desk.page.keyboard.type("An ideal answer: bcd 123")
    submit(desk.press("Escape"))
    return lambda kept: (kept.tiers, kept.judgement.reference) == (["B"], "An ideal answer: bcd 123")


def skip(desk: Desk) -> Callable[[Kept], bool]:
    before = desk.saved()
    desk.press("s", "2").saved_after(before)
    return lambda kept: (kept.judgement.status, kept.judgement.skip_reason) == ("skipped", "expertise")


def undo_and_redo(desk: Desk) -> Callable[[Kept], bool]:
    submit(desk.press("a", "b", "u", "c", "u", "y", "="))
    return lambda kept: kept.tiers == ["AC"]


def none_or_all_equal(desk: Desk) -> Callable[[Kept], bool]:
    submit(desk.press("q", "n"))
    return lambda kept: (kept.tiers, kept.judgement.none_acceptable) == (["ABCD"], True)


def second_thoughts(desk: Desk) -> Callable[[Kept], bool]:
    place = desk.page.locator(".progress").inner_text()
    submit(desk.press("a", "c"))
    desk.press("Shift+U")
    expect(desk.page.locator(".progress")).to_have_text(place)
    desk.wait()
    submit(desk.press("b", "Shift+ArrowLeft"))
    return lambda kept: (kept.tiers, kept.judgement.revision) == (["A", "B", "C"], 3)


WAYS = (
    full_ranking,
    ties,
    best_and_worst,
    flag_on_words,
    correction,
    ideal_answer,
    skip,
    undo_and_redo,
    none_or_all_equal,
    second_thoughts,
)


def day() -> list[Task]:
    say = "The {k} moon of question {n} is made of green cheese."
    return [
        a_task(f"Question {n}?", *[say.format(k=k, n=n) for k in ("first", "old", "new", "far")]) for n in range(TASKS)
    ]


def test_fifty_tasks_without_one_mouse_event(app: ServedApp, page: Page) -> None:
    tasks = day()
    project = app.fill(*tasks).model_copy(update={"review": True})
    app.store.update_project(project)
    page.add_init_script(NO_MOUSE)
    desk = Desk(app, page, project)
    expected: dict[str, Callable[[Kept], bool]] = {}
    for number in range(TASKS):
        expect(page.locator(".prompt")).to_contain_text(f"Question {number}?")
        desk.wait()
        expected[tasks[number].id] = WAYS[number % len(WAYS)](desk)
    expect(page.get_by_role("heading", name="Nothing left to judge")).to_be_visible()
    assert page.evaluate("window.mouse") == []
    for task in tasks:
        newest = app.store.latest(project.id, task.id, ME)
        assert newest
        assert expected[task.id](Kept(newest, board_of(task, ME, project.seed))), task.prompt[0].content
    assert len(desk.all()) == TASKS - TASKS // len(WAYS)
