"""What the page acknowledged survives a server that is killed at any moment, and nothing is stored twice."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from data.schemas import Project
from tests.browser import ServedApp, serving
from tests.conftest import a_task

SUBMISSIONS, KILLS = 200, 10


class Killer:
    """Kills the server a random moment after it is armed, and starts it again."""

    def __init__(self, app: ServedApp, dice: random.Random) -> None:
        self.app, self.dice, self.kills = app, dice, 0
        self.thread: threading.Thread | None = None

    def arm(self) -> None:
        self.thread = threading.Timer(self.dice.uniform(0, 0.25), self._strike)
        self.thread.start()

    def _strike(self) -> None:
        self.app.kill()
        self.kills += 1
        self.app.start()

    def wait(self) -> None:
        if self.thread:
            self.thread.join()


@contextmanager
def a_long_day(folder: Path) -> Iterator[tuple[ServedApp, Project]]:
    with serving(folder) as app:
        project = app.store.create_project(Project(name="Long day"))
        app.store.add(project.id, [a_task(f"Question {n}?", f"Yes {n}.", f"No {n}.") for n in range(SUBMISSIONS + 20)])
        yield app, project


def acknowledged_key(page: Page) -> str:
    """The key of the last judgement that the page says is saved; empty before the first."""
    return page.locator("[data-saved]").get_attribute("data-saved") or ""


def submit_one(page: Page, seen: list[str]) -> None:
    """Rank and submit until the page acknowledges something new, as a patient person would."""
    before = acknowledged_key(page)
    while acknowledged_key(page) == before:
        for key in ("a", "b", "Control+Enter"):
            page.keyboard.press(key)
        try:
            page.locator(f"[data-saved]:not([data-saved='{before}'])").wait_for(timeout=8_000, state="attached")
        except PlaywrightTimeout:
            continue
    seen.append(acknowledged_key(page))


def test_a_killed_server_loses_no_acknowledged_judgement_and_doubles_none(tmp_path: Path, page: Page) -> None:
    dice, seen = random.Random(20261122), list[str]()
    with a_long_day(tmp_path) as (app, project):
        killer = Killer(app, dice)
        kill_at = set(dice.sample(range(5, SUBMISSIONS - 5), KILLS))
        page.goto(app.url)
        page.locator("[data-saved]").wait_for(state="attached")
        for n in range(SUBMISSIONS):
            if n in kill_at:
                killer.wait()
                killer.arm()
            submit_one(page, seen)
        killer.wait()
        stored = app.store.judgements(project.id)
    assert killer.kills == KILLS
    assert len(seen) == len(set(seen)) == SUBMISSIONS
    assert set(seen) <= {judgement.idempotency_key for judgement in stored}
    assert len(stored) == len({judgement.task_id for judgement in stored})
    assert SUBMISSIONS <= len(stored) <= SUBMISSIONS + KILLS
