"""A real server and a real browser for tests, and `python -m tests.browser`, which makes sure that there is a browser.

Fixtures: `served_app` (the app on a port of its own with an empty SQLite database of its own) and `page` (a page of a
headless Chromium). `serving` does the same for tests that start and stop the server themselves.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import coverage
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect, sync_playwright

from data import tables
from data.schemas import Project, Task
from data.store import Store

ROOT = Path(__file__).parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PATIENCE = 90
"""Seconds to wait for a server to come up."""


class ServedApp:
    """The app as a process of its own, on one port and one database, that can be stopped, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.database_url = f"sqlite:///{folder / 'served.db'}"
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "server.log"
        self.store = Store(self.database_url)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_python(), "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(self.port)],
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": self.database_url},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + PATIENCE
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server did not come up:\n{self.log.read_text()}")
            time.sleep(0.1)

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process
        return self._process.pid

    def answers(self) -> bool:
        """Whether the server is up."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def fill(self, *tasks: Task, guideline: str = "") -> Project:
        """Empty the database, and make one project with these tasks."""
        engine = sa.create_engine(self.database_url)
        with engine.begin() as db:
            for table in reversed(tables.METADATA.sorted_tables):
                db.execute(sa.delete(table))
        engine.dispose()
        project = self.store.create_project(Project(name="Test", guideline=guideline))
        self.store.add(project.id, tasks)
        return project

    def stop(self) -> None:
        """End the server in an orderly way."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End the server as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()


def _python() -> list[str]:
    """The interpreter; under coverage when these tests are, so that the screens count."""
    measured = coverage.Coverage.current() is not None or "COVERAGE_RUN" in os.environ
    return [sys.executable, "-m", "coverage", "run"] if measured else [sys.executable]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path) -> Iterator[ServedApp]:
    """The app with its database in this folder, running until the end of the block."""
    app = ServedApp(folder)
    try:
        app.start()
        yield app
    finally:
        app.stop()
        app.store.close()


@pytest.fixture
def served_app(tmp_path: Path) -> Iterator[ServedApp]:
    """The app with an empty database."""
    with serving(tmp_path) as app:
        yield app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; one a module, since its event loop keeps `asyncio.run` from running beside it."""
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser profile of its own, 1280 × 800."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def system_chromium() -> str | None:
    """The path of an installed Chromium or Chrome; None where Playwright's own is meant."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def playwrights_own() -> str | None:
    """The path of the Chromium that Playwright has downloaded, if it has."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install a Chromium: from the system's packages where we may, else Playwright's own."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False)
        subprocess.run(["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"], check=False)
    if not system_chromium():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> None:
    """Make sure that there is a browser, and say which."""
    if not (system_chromium() or playwrights_own()):
        install()
    sys.stdout.write(f"Browser for the tests: {system_chromium() or playwrights_own()}\n")


if __name__ == "__main__":
    main()
