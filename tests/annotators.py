"""Many annotators at one server, without browsers: each holds a Streamlit session open and judges by our routes.

Used by `bench_load.py` and by the small load test. The server must sign its tickets with the secret of this process
(see `shared_secret`), so that tickets can be made here as the Rank page makes them.
"""

import asyncio
import os
import random
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection, connect

from app.board.submission import LETTERS
from app.tickets import ticket
from data import tables
from data.schemas import Project
from tests.browser import ServedApp

SECRET = "STREAMLIT_SERVER_COOKIE_SECRET"
PATIENCE = 60.0
TWICE = 10
"""One submission in so many is sent twice at once, as by a double click or a retry."""


@contextmanager
def shared_secret() -> Iterator[None]:
    """The server that is started inside this block and this process sign tickets with the same secret."""
    os.environ[SECRET] = str(st.get_option("server.cookieSecret"))
    try:
        yield
    finally:
        del os.environ[SECRET]


@dataclass
class Tally:
    """What happened: seconds of each request, what was acknowledged (annotator, task), what went wrong."""

    submits: list[float] = field(default_factory=list)
    drafts: list[float] = field(default_factory=list)
    acknowledged: set[tuple[str, str]] = field(default_factory=set)
    errors: Counter[str] = field(default_factory=Counter)


class Annotator:
    """One person at the board."""

    def __init__(self, name: str, project: Project, client: httpx.AsyncClient, tally: Tally) -> None:
        self.name, self._client, self._tally = name, client, tally
        self._random = random.Random(name)
        allowed = {"project": project.id, "annotator": name, "language": "en"}
        self._headers = {"X-Ticket": ticket("rank", allowed)}
        self.view: dict[str, Any] = {}

    async def submit(self) -> None:
        """Rank the answers of the task at hand in some order, and take the next task."""
        task = self.view["task"]
        message = {"kind": "judge", "number": secrets.token_hex(8), "task": task, "seconds": 30}
        message |= {"revision": self.view["revision"], "draft": self._draft(len(self.view["letters"]))}
        times = 2 if self._random.randrange(TWICE) == 0 else 1
        answers = await asyncio.gather(
            *[self._send("POST", "judge", message, self._tally.submits) for _ in range(times)]
        )
        for answer in answers:
            if "view" in answer and not answer["note"]:
                self._tally.acknowledged.add((self.name, task))
                self.view = answer["view"]

    async def keep_draft(self, ranked: int) -> None:
        """Keep what a person has done when so many answers are ranked."""
        message = {"task": self.view["task"], "revision": self.view["revision"], "draft": self._draft(ranked)}
        answer = await self._send("PUT", "draft", message, self._tally.drafts)
        if answer and not answer.get("kept"):
            self._tally.errors["a draft was not kept"] += 1

    def _draft(self, ranked: int) -> dict[str, Any]:
        letters = self._random.sample(self.view["letters"], min(ranked, len(self.view["letters"])))
        return {"ranking": [[letter] for letter in letters], "changed": int(time.time() * 1000)}

    async def _send(self, method: str, name: str, message: object, times: list[float]) -> dict[str, Any]:
        began = time.perf_counter()
        try:
            answer = await self._client.request(method, f"/api/{name}", headers=self._headers, json=message)
            found: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as problem:
            self._tally.errors[f"{name}: {type(problem).__name__}"] += 1
            return {}
        times.append(time.perf_counter() - began)
        if answer.status_code != 200:
            self._tally.errors[f"{name}: {answer.status_code} {found.get('error')}"] += 1
            return {}
        return found


@asynccontextmanager
async def page_open(app: ServedApp) -> AsyncIterator[None]:
    """The Rank page of somebody, loaded over its websocket and left open."""
    address = app.url.replace("http", "ws", 1) + "/_stcore/stream"
    async with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
        asked = BackMsg()
        asked.rerun_script.query_string = ""
        await socket.send(asked.SerializeToString())
        await asyncio.wait_for(_loaded(socket), PATIENCE)
        listening = asyncio.create_task(_listen(socket))
        yield
        listening.cancel()


async def _loaded(socket: ClientConnection) -> None:
    async for frame in socket:
        message = ForwardMsg()
        message.ParseFromString(frame if isinstance(frame, bytes) else frame.encode())
        if message.WhichOneof("type") == "script_finished":
            return
    raise RuntimeError("the page was closed before it had loaded")


async def _listen(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


def seat(app: ServedApp, project: Project, annotator: Annotator) -> None:
    """Put the first task into an annotator's hands, as the Rank page does when it opens."""
    found = app.store.assign(project, annotator.name)
    assert found
    letters = list(LETTERS[: len(found.task.responses)])
    annotator.view = {"task": found.task.id, "revision": found.base_revision, "letters": letters}


def stored_rows(app: ServedApp, project: Project) -> list[tuple[str, str]]:
    """(annotator, task) of every row of the judgements, all revisions."""
    j = tables.judgement.c
    engine = sa.create_engine(app.database_url)
    with engine.connect() as db:
        rows = db.execute(sa.select(j.annotator, j.task_id).where(j.project_id == project.id)).all()
    engine.dispose()
    return [(row.annotator, row.task_id) for row in rows]


def faults(app: ServedApp, project: Project, tally: Tally) -> list[str]:
    """What the database holds that it should not, or lacks; overlap is one, so no task may be judged by two people."""
    stored = Counter(stored_rows(app, project))
    judged_by = Counter(task for _, task in stored)
    counts = {
        "lost": len(tally.acknowledged - set(stored)),
        "stored though nobody was told so": len(set(stored) - tally.acknowledged),
        "doubled": sum(n > 1 for n in stored.values()),
        "judged by more people than asked for": sum(n > 1 for n in judged_by.values()),
    }
    return [f"{n} {what}" for what, n in counts.items() if n] + [f"{n} × {what}" for what, n in tally.errors.items()]
