"""Every page, light and dark: axe-core finds nothing serious, each control has a name, and the focus can be seen.

Nothing is excused: where Streamlit's own shell falls short, `app/frame.css` mends it.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from app.fitting import Fits
from data.schemas import Project
from data.store import Store
from rankers.pairs import PairRules
from tests.browser import ROOT, ServedApp, serving
from tests.conftest import MAIN, a_judgement, a_task
from tests.preferences_made import made_pairs

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
EMPTY, JUDGED, FITTED = "Without tasks", "All judged", "Fitted"


def screens() -> list[str]:
    """The addresses of all screens that the router lists; the first one is the start page."""
    tree = ast.parse(MAIN.read_text(encoding="utf-8"))
    (table,) = (n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "SCREENS")
    scripts = [n.value for n in ast.walk(table) if isinstance(n, ast.Constant) and str(n.value).endswith(".py")]
    first, *others = (Path(str(script)).stem for script in scripts)
    assert first == "rank"
    return ["", *others]


PAGES = [f"/{name}" for name in screens()]
STATES = {
    "flags of an answer": ("x",),
    "a flag with its note": ("a", "x", "1"),
    "reasons to skip": ("s",),
    "comment": ("m",),
    "keys": ("?",),
    "guideline": ("l",),
    "prompt": ("p",),
    "settings of the view": ("v",),
    "an answer being rewritten": ("a", "r"),
    "an answer of one's own": ("t",),
    "two answers compared": ("a", "j", "b", "j"),
    "words of an answer chosen": ("a", "Enter", "Shift+ArrowRight"),
    "as written": ("w",),
    "a corrected answer": ("a", "r", "y", "Escape"),
    "an answer pinned": ("ArrowLeft", "j"),
    "ranked": ("b", "a", "Shift+C"),
}
"""What can stand on the Rank page: name → the keys that lead there."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with serving(tmp_path_factory.mktemp("accessible")) as served:
        environment = os.environ | {"DATABASE_URL": served.database_url}
        subprocess.run([sys.executable, "-m", "data", "sample"], cwd=ROOT, env=environment, check=True)
        served.store.create_project(Project(name=EMPTY))
        done, task = served.store.create_project(Project(name=JUDGED)), a_task("Why?", "So", "Thus")
        served.store.add(done.id, [task], [a_judgement(task, ("r1",), ("r2",), annotator="local")])
        fit_a_model(served.store)
        yield served


def fit_a_model(store: Store) -> None:
    """A project with a few judgements and a reward model fitted to them."""
    project, pairs = store.create_project(Project(name=FITTED)), made_pairs(30, each=1, noise=0.05)
    tasks = [a_task(p.prompt[0].content, p.chosen, p.rejected) for p in pairs]
    judgements = [a_judgement(t, ("r1",), ("r2",), annotator=who) for t in tasks for who in ("ann", "robert")]
    store.add(project.id, tasks, judgements)
    assert Fits().start(store, project, PairRules(), "ann").job.wait(60)


@pytest.fixture(scope="module")
def desk(app: ServedApp, browser: Browser) -> Iterator[Page]:
    """One page for all tests of this module: opening a page anew takes longer than to look at it."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("h1").first).to_be_visible()
    settle(page)


def settle(page: Page) -> None:
    """Wait until Streamlit's script has ended and what it shows has come to rest."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton], [data-testid=stSpinner]')")
    page.wait_for_timeout(300)


def violations(page: Page) -> list[str]:
    """All that axe-core calls serious or critical: rule, selector, what is wrong."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    return [f"{rule['id']} at {n['target']}: {n['failureSummary']}" for rule in grave for n in rule["nodes"]]


def faults(page: Page) -> list[str]:
    """What is wrong with what the page shows, in light and in dark."""
    found = [f"{control} has no name" for control in controls_without_name(page)]
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)
        found += [f"{scheme}: {violation}" for violation in violations(page)]
    return found


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing_serious_on_any_page_and_every_control_has_a_name(
    app: ServedApp, desk: Page, address: str
) -> None:
    open_page(desk, app.url + address)
    assert not faults(desk)


@pytest.mark.parametrize("project", [EMPTY, JUDGED])
def test_axe_finds_nothing_serious_where_there_is_nothing_to_rank(app: ServedApp, desk: Page, project: str) -> None:
    open_page(desk, f"{app.url}/?project={project}")
    expect(desk.get_by_text("No tasks yet" if project == EMPTY else "Nothing left to judge")).to_be_visible()
    assert not faults(desk)


@pytest.mark.parametrize("name", ["reward_model", "try_it", "export"])
def test_axe_finds_nothing_serious_on_the_pages_of_a_fitted_model(app: ServedApp, desk: Page, name: str) -> None:
    open_page(desk, f"{app.url}/{name}?project={FITTED}")
    expect(desk.get_by_text("No model has been fitted yet")).to_have_count(0)
    assert not faults(desk)


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_serious_in_what_opens_on_the_rank_page(app: ServedApp, desk: Page, state: str) -> None:
    open_rank(desk, app)
    before = desk.locator("body").aria_snapshot()
    for key in STATES[state]:
        desk.keyboard.press(key)
    desk.wait_for_timeout(200)
    assert state == "as written" or desk.locator("body").aria_snapshot() != before, "the keys open nothing"
    assert not faults(desk)
    desk.keyboard.press("Escape")


def open_rank(page: Page, app: ServedApp) -> None:
    """The Rank page of the sample with nothing open; loaded anew only after another page."""
    if page.url.rstrip("/") != app.url:
        open_page(page, app.url)
    expect(page.locator(".strip[aria-busy=false]")).to_be_visible()


CONTROLS = {
    "button", "link", "textbox", "searchbox", "combobox", "listbox", "option", "checkbox", "radio", "switch", "slider",
    "spinbutton", "tab",
}  # fmt: skip


def controls_without_name(page: Page) -> list[str]:
    """The controls to which the browser's own accessibility tree gives no name, also inside shadow roots."""
    client = page.context.new_cdp_session(page)
    nodes = client.send("Accessibility.getFullAXTree")["nodes"]
    client.detach()
    controls = [n for n in nodes if not n["ignored"] and n["role"]["value"] in CONTROLS]
    assert controls
    return [f"{n['role']['value']} {n.get('properties')}" for n in controls if not n["name"]["value"].strip()]


WATCH_FOCUS = """() => {
  const inside = (e) => (e.shadowRoot ? deep(e.shadowRoot) : []);
  const deep = (root) => [...root.querySelectorAll("*")].flatMap((e) => [e, ...inside(e)]);
  const own = (e) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor } = getComputedStyle(e);
    return [outlineStyle === "none" ? "" : outlineWidth + outlineColor, boxShadow, borderColor].join();
  };
  const looks = (e) => [e, e.parentElement, e.parentElement?.parentElement].filter(Boolean).map(own).join();
  const unfocused = new Map(deep(document).map((e) => [e, looks(e)]));
  const focused = () => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return active === document.body ? null : active;
  };
  window.stop = () => {
    const e = focused();
    const name = e?.getAttribute("aria-label") || e?.textContent.trim().slice(0, 40) || e?.outerHTML.slice(0, 80);
    return e && { name, isMarked: looks(e) !== unfocused.get(e) };
  };
}"""
"""Notes how everything looks without the focus; `stop()` then says where the focus is and whether that can be seen."""


def stops(page: Page, most: int = 100) -> Iterator[dict[str, Any]]:
    """What Tab stops at, until it leaves the page."""
    page.evaluate(WATCH_FOCUS)
    for _ in range(most):
        page.keyboard.press("Tab")
        page.wait_for_timeout(100)
        if not (stop := page.evaluate("stop()")):
            return
        yield stop


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_focus_can_be_seen_wherever_tab_stops_on_the_rank_page(app: ServedApp, desk: Page, scheme: Scheme) -> None:
    desk.emulate_media(color_scheme=scheme)
    open_page(desk, app.url)
    expect(desk.locator(".strip[aria-busy=false]")).to_be_visible()
    desk.keyboard.press("a")
    found = list(stops(desk))
    assert len(found) > 15
    assert any("Submit" in stop["name"] for stop in found)
    assert not [stop["name"] for stop in found if not stop["isMarked"]]
