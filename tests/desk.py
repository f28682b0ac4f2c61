"""The ranking page in a browser as a person sees it, for the tests that sit at it."""

from playwright.sync_api import Locator, Page, expect

from app.board.submission import board_of
from data.schemas import Judgement, Project, Task
from tests.browser import ServedApp
from tests.conftest import a_task

ME = "local"


def questions(count: int, answers: int = 4) -> list[Task]:
    return [a_task(f"Question {n}?", *[f"Answer {k} of {n}" for k in range(answers)]) for n in range(count)]


class Desk:
    """The ranking page as a person sees it, and what the database holds."""

    def __init__(self, app: ServedApp, page: Page, project: Project) -> None:
        self.app, self.page, self.project = app, page, project
        page.goto(app.url)
        self.wait()

    def wait(self) -> None:
        # The cards show the next task a moment before the strip takes keys for it.
        expect(self.page.locator(":is(.strip:has(.submit), .strip.over)[aria-busy=false]")).to_be_visible()

    def press(self, *keys: str) -> "Desk":
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def tiers(self) -> list[str]:
        # The drop of a drag is drawn in the next turn of the browser's loop.
        self.page.evaluate("new Promise((done) => setTimeout(done, 20))")
        read = "tiers => tiers.map(t => [...t.querySelectorAll('.chip')].map(c => c.dataset.letter).join(''))"
        found: list[str] = self.page.locator(".tier").evaluate_all(read)
        return found

    def card(self, letter: str) -> Locator:
        return self.page.locator(f'.card[data-letter="{letter}"]')

    def chip(self, letter: str) -> Locator:
        return self.page.locator(f'.strip .chip[data-letter="{letter}"]')

    def submit(self) -> Judgement:
        before = self.saved()
        self.press("Control+Enter")
        return self.saved_after(before)

    def saved(self) -> str:
        return self.page.locator(".saved").get_attribute("data-saved") or ""

    def saved_after(self, before: str) -> Judgement:
        expect(self.page.locator(".saved")).not_to_have_attribute("data-saved", before)
        found = self.app.store.last_standing(self.project.id, ME)
        assert found
        assert found.idempotency_key == self.saved()
        return found

    def all(self) -> list[Judgement]:
        return self.app.store.judgements(self.project.id)


def in_letters(judgement: Judgement, tasks: list[Task], project: Project) -> list[str]:
    task = next(t for t in tasks if t.id == judgement.task_id)
    names = board_of(task, ME, project.seed).names
    return ["".join(names[i] for i in tier) for tier in judgement.ranking]


def middle(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
