"""`python -m tests.bench_load`: a hundred annotators on one process, each submitting every thirty seconds.

Each holds a Streamlit session of the Rank page open, keeps five drafts between two submissions and submits by the
board's own route; one submission in ten is sent twice. In the end the database is compared with what the server
acknowledged. What the server uses is read from /proc.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import numpy as np

from data.schemas import Project
from tests.annotators import Annotator, Tally, faults, page_open, seat, shared_secret
from tests.bench_ui import load_average, say
from tests.browser import ServedApp, serving
from tests.real_tasks import SOURCE, real_tasks

BAR = 400
"""Milliseconds within which 95 of 100 submissions must be answered."""
DRAFTS = 5


async def work(annotator: Annotator, until: float, think: float) -> None:
    """Begin at some moment of the first interval; then keep drafts and submit, one interval after the other."""
    begin = time.monotonic() + random.Random(annotator.name).uniform(0, think)
    while begin < until:
        for ranked in range(1, DRAFTS + 1):
            await sleep_until(begin + think * ranked / (DRAFTS + 1))
            await annotator.keep_draft(min(ranked, 4))
        begin += think
        await sleep_until(begin)
        await annotator.submit()


async def sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))


async def sit_down(app: ServedApp, annotators: Sequence[Annotator], project: Project, pages: AsyncExitStack) -> None:
    for annotator in annotators:
        await pages.enter_async_context(page_open(app))
        seat(app, project, annotator)


async def run(app: ServedApp, project: Project, people: int, seconds: float, think: float) -> tuple[Tally, float]:
    """What happened, and the server's processor time meanwhile as a share of one core."""
    tally, limits = Tally(), httpx.Limits(max_connections=2 * people, max_keepalive_connections=2 * people)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=app.url, timeout=60, limits=limits))
        annotators = [Annotator(f"ann-{n}", project, client, tally) for n in range(1, people + 1)]
        began = time.monotonic()
        await sit_down(app, annotators, project, stack)
        say(f"{people} pages of the Rank screen opened one after another in {time.monotonic() - began:.1f} s")
        began, used = time.monotonic(), processor_seconds(app.pid)
        await asyncio.gather(*[work(a, began + seconds, think) for a in annotators])
        return tally, (processor_seconds(app.pid) - used) / (time.monotonic() - began)


def processor_seconds(pid: int) -> float:
    """What all threads of a process have used since it began."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def line(name: str, seconds: Sequence[float]) -> str:
    p50, p95, p99 = np.percentile(np.array(seconds) * 1000, (50, 95, 99))
    return f"{name:<8} {len(seconds):>6,}  {p50:6.0f} {p95:6.0f} {p99:6.0f} {max(seconds) * 1000:6.0f}"


def report(app: ServedApp, project: Project, tally: Tally, cores: float) -> bool:
    """Print all figures; whether the bar is met and every count is right."""
    memory = resident_megabytes(app.pid)
    say(f"{'':<8} {'count':>6}  {'p50':>6} {'p95':>6} {'p99':>6} {'max':>6}  milliseconds")
    say(line("submit", tally.submits))
    say(line("draft", tally.drafts))
    say(f"server: {memory:.0f} MB resident, {cores:.2f} cores; {os.cpu_count()} cores, {load_average()}")
    wrong = faults(app, project, tally)
    say(
        f"{len(tally.acknowledged):,} judgements acknowledged; "
        + ("; ".join(wrong) or "exactly these are stored, each once")
    )
    p95 = float(np.percentile(tally.submits, 95)) * 1000
    say(f"submit p95 {p95:.0f} ms, bar {BAR} ms: {'met' if p95 <= BAR else 'missed'}")
    return p95 <= BAR and not wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--think", type=float, default=30, help="seconds between two submissions of one person")
    parser.add_argument("--tasks", type=int, default=2_500)
    options = parser.parse_args()
    say(f"Texts: {SOURCE}. {options.tasks:,} tasks, {options.people} annotators who submit every {options.think:g} s")
    with tempfile.TemporaryDirectory() as folder, shared_secret(), serving(Path(folder)) as app:
        project = app.fill(*real_tasks(options.tasks))
        tally, cores = asyncio.run(run(app, project, options.people, options.seconds, options.think))
        is_good = report(app, project, tally, cores)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
