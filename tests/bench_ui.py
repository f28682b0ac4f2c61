"""`python -m tests.bench_ui`: the ranking page as a person at the keyboard feels it, beside the bars set for it.

A headless Chromium at 1280 × 800 judges real tasks on a real server with SQLite, both on this machine. The clock runs
inside the page (`page_clock.js`). Every ranking that the database holds in the end is compared with what was typed.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from playwright.sync_api import Page, expect, sync_playwright

from data.schemas import Judgement, Task
from tests.browser import FLAGS, ServedApp, serving, system_chromium
from tests.conftest import a_judgement
from tests.desk import Desk, in_letters
from tests.real_tasks import SOURCE, different_tasks, joined_tasks, paragraph_tasks, real_tasks, tasks_of_length

CLOCK = Path(__file__).with_name("page_clock.js")
ORDERS = ("badc", "cabd", "dbca", "dcab", "bdac")
PACE = 60
"""Milliseconds between two keys of a fast typist."""
NOT_TIMED = 16.0
"""Milliseconds under which the browser's own Event Timing lists nothing; it counts in steps of eight."""


class Row(NamedTuple):
    """One line of the table: what, our figure, the bar, the aim, and whether each is met."""

    what: str
    figure: str
    bar: str
    aim: str
    met: tuple[bool, bool]
    rivals: str = ""


class Times(NamedTuple):
    """What the clock noted in one run, in milliseconds, and the presses for each whole ranking."""

    moves: Sequence[float]
    by_browser: Sequence[float]
    submits: Sequence[float]
    parts: Sequence[tuple[float, float, float, float]]
    presses: Sequence[int]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def load_average() -> str:
    return "load average " + " ".join(f"{x:.1f}" for x in os.getloadavg())


@contextmanager
def clocked_page() -> Iterator[Page]:
    """A page of 1280 × 800 with the clock in it."""
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        context.add_init_script(path=CLOCK)
        yield context.new_page()
        browser.close()


def fill(app: ServedApp, page: Page, tasks: Sequence[Task], judged: int = 0) -> Desk:
    """A desk before these tasks, of which somebody else has judged the first so many."""
    project = app.fill(*tasks)
    others = [a_judgement(t, *[(r.id,) for r in t.responses], annotator="before") for t in tasks[:judged]]
    for start in range(0, judged, 1000):
        app.store.add(project.id, [], others[start : start + 1000])
    return Desk(app, page, project)


def judge(desk: Desk, count: int, order: str | None = None) -> tuple[Times, dict[str, list[str]]]:
    """Judge so many tasks by keyboard; what the clock noted, and what was typed by the key it was stored under.

    On every fifth task the last answer is moved up once, as people do.
    """
    typed: dict[str, list[str]] = {}
    for n in range(count):
        letters = order or ORDERS[n % len(ORDERS)]
        keys = [*letters, *(["Shift+ArrowLeft"] if n % 5 == 4 else [])]
        for key in keys:
            desk.page.keyboard.press(key)
            desk.page.wait_for_timeout(PACE)
        desk.page.keyboard.press("Control+Enter")
        desk.page.wait_for_function("n => clock.submits.length > n", arg=n, polling=50)
        moved = letters[:-2] + letters[-1] + letters[-2] if len(keys) > len(letters) else letters
        typed[desk.saved()] = list(moved.upper())
    return read(desk.page.evaluate("clock")), typed


def read(noted: dict[str, Any]) -> Times:
    by_browser = {event["startTime"]: event["duration"] for event in noted["events"]}
    plain = [s["presses"] for s in noted["submits"] if not any(key.startswith("Arrow") for key in s["presses"])]
    return Times(
        moves=[m["painted"] - m["pressed"] for m in noted["moves"]],
        by_browser=[by_browser.get(m["pressed"], NOT_TIMED) for m in noted["moves"]],
        submits=[s["painted"] - s["pressed"] for s in noted["submits"]],
        parts=list(parts(noted)),
        presses=[len(keys) for keys in plain],
    )


def parts(noted: dict[str, Any]) -> Iterator[tuple[float, float, float, float]]:
    """Each submission in four parts: until the request leaves, its answer is here, the page stands, it is painted."""
    for s in noted["submits"]:
        for r in noted["requests"]:
            if s["pressed"] <= r["startTime"] <= s["ready"]:
                left, here = r["startTime"], r["responseEnd"]
                yield left - s["pressed"], here - left, s["ready"] - here, s["painted"] - s["ready"]
                break


def check(desk: Desk, tasks: Sequence[Task], typed: dict[str, list[str]]) -> None:
    """Stop unless the database holds exactly what was typed."""
    mine = [j for j in desk.all() if j.annotator == "local"]
    stored = {j.idempotency_key: in_letters(j, list(tasks), desk.project) for j in mine}
    if stored != typed:
        raise SystemExit(f"{len(typed)} rankings were typed, and the database holds {len(stored)} or others")


def middle_and_p95(times: Sequence[float]) -> tuple[float, float]:
    return float(np.median(times)), float(np.percentile(times, 95))


def pair(name: str, times: Sequence[float], bar: float, aims: tuple[float, float] | None, rivals: str = "") -> Row:
    """The row of a wait, median and 95th percentile."""
    middle, p95 = middle_and_p95(times)
    aim = f"{aims[0]:.0f} / {aims[1]:.0f} ms" if aims else "–"
    met = (p95 <= bar, not aims or (middle <= aims[0] and p95 <= aims[1]))
    return Row(f"{name}, median / p95", f"{middle:.0f} / {p95:.0f} ms", f"– / {bar:.0f} ms", aim, met, rivals)


def keyboard_rows(app: ServedApp, page: Page, count: int) -> Iterator[Row]:
    tasks = real_tasks(max(200, count + 1))
    desk = fill(app, page, tasks)
    times, typed = judge(desk, count)
    check(desk, tasks, typed)
    presses, p95, own = (
        float(np.mean(times.presses)),
        middle_and_p95(times.moves)[1],
        middle_and_p95(times.by_browser)[1],
    )
    rivals = ("18.4; 21.5", "60 ms; 17 ms", "432 / 523; 140 / 170 ms")
    yield Row("presses to rank four and submit", f"{presses:.1f}", "6", "5", (presses <= 6, presses <= 5), rivals[0])
    yield Row("rank move, key to paint, p95", f"{p95:.1f} ms", "16 ms", "8 ms", (p95 <= 16, p95 <= 8), rivals[1])
    yield Row("  by the browser's Event Timing", f"{'≤ ' * (own <= NOT_TIMED)}{own:.0f} ms", "", "", (True, True))
    yield pair("submit to next task painted", times.submits, 250, (110, 160), rivals[2])
    yield breakdown(times)


def breakdown(times: Times) -> Row:
    text = " + ".join(f"{np.median(part):.0f}" for part in zip(*times.parts, strict=True)) or "not known"
    return Row("  until sent + answered + drawn + painted, medians", f"{text} ms", "", "", (True, True))


def many_rows(app: ServedApp, page: Page, count: int, many: int) -> Iterator[Row]:
    tasks = real_tasks(many)
    desk = fill(app, page, tasks, judged=many // 2)
    times, typed = judge(desk, count)
    check(desk, tasks, typed)
    rivals = "342 / 368; 179 / – ms"
    yield pair(f"the same among {many:,} tasks, half of them judged", times.submits, 250, (110, 160), rivals)
    yield breakdown(times)


def long_rows(app: ServedApp, page: Page, count: int) -> Iterator[Row]:
    tasks = joined_tasks(count + 1, 2000)
    desk = fill(app, page, tasks)
    times, typed = judge(desk, count, order="ihgfedcba")
    check(desk, tasks, typed)
    yield pair("nine answers of 2,000 words, submit to painted", times.submits, 400, None)
    yield breakdown(times)


def one_screen_rows(app: ServedApp, page: Page) -> Iterator[Row]:
    bar = "four answers of 150 words and the ranking on one screen"
    fits, seen, over, always = on_one_screen(fill(app, page, paragraph_tasks(150)[:10]))
    yield told(bar, fits == seen, f"{fits} of {seen}" + (f", {over:.0f} px too low" if over > 0 else ""))
    fits, seen, over, always_too = on_one_screen(fill(app, page, tasks_of_length(150, slack=10)))
    text = f"{fits} of {seen}" + (f", up to {over:.0f} px too low" if over > 0 else "")
    yield Row("  the same with lists and code as models wrote them", text, "", "", (True, True))
    yield told("ranking in sight at the end of the page too", always and always_too)


def on_one_screen(desk: Desk) -> tuple[int, int, float, bool]:
    """How many tasks fit, of how many, the worst excess in pixels, and whether the strip is always in sight."""
    seen, always, page = [], True, desk.page
    while True:
        page.wait_for_timeout(200)
        seen.append(page.evaluate("clock.geometry()"))
        page.keyboard.press("End")
        page.wait_for_timeout(150)
        at_end = page.evaluate("clock.geometry()")
        always = always and at_end["top"] >= 0 and at_end["bottom"] <= at_end["screen"]
        if desk.app.store.progress(desk.project, "local").left == 1:
            break
        desk.press("a").submit()
        desk.wait()
    fits = sum(g["cards"] == 4 and g["low"] <= g["top"] and g["bottom"] <= g["screen"] for g in seen)
    return fits, len(seen), max(g["low"] - g["top"] for g in seen), always


def told(what: str, is_so: bool, figure: str = "") -> Row:
    """The row of something that must be so."""
    return Row(what, figure or ("yes" if is_so else "no"), "yes", "yes", (is_so, is_so))


def untouched_row(app: ServedApp, page: Page) -> Row:
    """Submitting an untouched task stores nothing; ranking it as it is shown is asked about once, then stored."""
    desk = fill(app, page, real_tasks(2))
    desk.press("Control+Enter")
    expect(page.locator(".saved")).not_to_be_empty()
    nothing = not desk.all()
    desk.press("a", "b", "c", "d", "Control+Enter")
    expect(page.locator(".saved")).to_contain_text("Submit again")
    kept: Judgement = desk.submit()
    as_shown = [i for (i,) in kept.ranking] == list(kept.shown_order)
    return told("untouched told from ranked as shown", nothing and as_shown)


def rows(app: ServedApp, page: Page, tasks: int, many: int, long: int) -> Iterator[Row]:
    yield from keyboard_rows(app, page, tasks)
    yield from many_rows(app, page, max(tasks // 2, 5), many)
    yield from long_rows(app, page, long)
    yield from one_screen_rows(app, page)
    yield untouched_row(app, page)


def show(row: Row) -> None:
    bar, aim = ("met" if met else "missed" for met in row.met)
    judged = f"{row.bar:>10} {bar:<6} {row.aim:>12} {aim:<6} {row.rivals}" if row.bar else ""
    say(f"{row.what:<56} {row.figure:>22} {judged}".rstrip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=100, help="tasks to judge; half as many in the large project")
    parser.add_argument("--many", type=int, default=20_000, help="tasks in the large project")
    parser.add_argument("--long", type=int, default=20, help="tasks of nine long answers")
    options = parser.parse_args()
    say(f"Texts: {SOURCE}; {len(different_tasks())} different tasks. {os.cpu_count()} cores, {load_average()} before")
    say(f"{'':<56} {'measured':>22} {'bar':>10} {'':<6} {'aim':>12} {'':<6} Label Studio 1.23; Potato 2.12")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as app, clocked_page() as page:
        for row in rows(app, page, options.tasks, options.many, options.long):
            show(row)
    say(f"{load_average()} after")


if __name__ == "__main__":
    main()
