"""Twenty annotators who submit as fast as the server answers: every count is exact."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from data.schemas import Project
from tests.annotators import Annotator, Tally, faults, page_open, seat, shared_secret
from tests.browser import ServedApp, serving
from tests.real_tasks import real_tasks

PEOPLE, ROUNDS = 20, 5


async def judge(app: ServedApp, project: Project, tally: Tally) -> None:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=app.url, timeout=60))
        annotators = [Annotator(f"ann-{n}", project, client, tally) for n in range(PEOPLE)]
        for annotator in annotators:
            await stack.enter_async_context(page_open(app))
            seat(app, project, annotator)
        await asyncio.gather(*[rounds(annotator) for annotator in annotators])


async def rounds(annotator: Annotator) -> None:
    for _ in range(ROUNDS):
        await annotator.keep_draft(ranked=2)
        await annotator.submit()


def test_what_twenty_annotators_are_told_is_what_is_stored(tmp_path: Path) -> None:
    tally = Tally()
    with shared_secret(), serving(tmp_path) as app:
        project = app.fill(*real_tasks(2 * PEOPLE * ROUNDS))
        asyncio.run(judge(app, project, tally))
        assert faults(app, project, tally) == []
        assert len(tally.acknowledged) == PEOPLE * ROUNDS
        assert len(tally.submits) > PEOPLE * ROUNDS, "some are sent twice"
