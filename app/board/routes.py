"""The routes that the board calls: judge, draft, settings; and its own JavaScript and styles."""

import json
from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app import session
from app.board.carrying_out import carry_out, keep_draft
from app.board.settings import Settings
from app.board.view import Seat, view_of
from app.language import N_, best_language, translate
from app.render import RENDER_CSS
from app.tickets import ticket_values
from data.errors import InputError, checked

HERE = Path(__file__).parent
MAX_BODY = 4_000_000
"""Bytes of one message."""
UNREADABLE = N_("This could not be read, or is longer than 4 MB; shorten the texts, or reload the page.")
NO_PROJECT = N_("This project is no longer there; reload the page.")
KINDS = {".js": "text/javascript", ".css": "text/css"}
FILES = {str(p.relative_to(HERE)): p.read_bytes() for p in sorted(HERE.rglob("*")) if p.suffix in KINDS} | {
    "render.css": RENDER_CSS.encode()
}
"""What the browser loads, by its path below /api/board/<version>/."""
Act = Callable[[dict[str, Any], Seat], dict[str, Any]]
"""What a route does with a message, and what it answers."""
VERSION = blake2b(b"\0".join(part for n, b in FILES.items() for part in (n.encode(), b)), digest_size=8).hexdigest()


async def file(request: Request) -> Response:
    """One of the board's own files; its address changes with its content, so a browser may keep it."""
    name = request.path_params["name"]
    if name not in FILES or request.path_params["version"] != VERSION:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(FILES[name], media_type=KINDS[Path(name).suffix], headers=headers)


def judge(payload: dict[str, Any], seat: Seat) -> dict[str, Any]:
    """Store a judgement, and give what to judge next."""
    return {"note": carry_out(payload, seat), "view": view_of(seat)}


def draft(payload: dict[str, Any], seat: Seat) -> dict[str, Any]:
    """Keep a draft."""
    return {"kept": keep_draft(payload, seat)}


def settings(payload: dict[str, Any], seat: Seat) -> dict[str, Any]:
    """Keep how the annotator has set up the board."""
    kept = checked(Settings, payload)
    seat.store.keep_settings(seat.annotator, kept.model_dump(mode="json"))
    return {}


async def _answer(request: Request, act: Act) -> Response:
    try:
        allowed = ticket_values("rank", request)
    except InputError as error:
        code = best_language(request.headers.get("accept-language"))
        return _said({"error": translate(code, str(error))}, 403)
    try:
        payload = json.loads(await _body(request))
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        return _said({"error": translate(allowed["language"], UNREADABLE)}, 400)
    return await run_in_threadpool(_done, act, payload, allowed)


def _done(act: Act, payload: dict[str, Any], allowed: dict[str, Any]) -> Response:
    try:
        answer = act(payload, _seat(allowed))
    except InputError as error:
        return _said({"error": translate(allowed["language"], str(error))}, 400)
    if answer.get("note"):
        answer["note"] = translate(allowed["language"], answer["note"])
    return _said(answer)


def _said(answer: dict[str, Any], status: int = 200) -> Response:
    """What concerns one person at one moment: nobody on the way may keep it."""
    return JSONResponse(answer, status, {"Cache-Control": "no-store"})


def _seat(allowed: dict[str, Any]) -> Seat:
    store = session.store()
    here = next((project for project in store.projects() if project.id == allowed["project"]), None)
    if here is None:
        raise InputError(NO_PROJECT)
    return Seat(store, here, allowed["annotator"], allowed.get("offset", 0))


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise ValueError("too long")
    return bytes(body)


ROUTES = [
    Route("/api/judge", partial(_answer, act=judge), methods=["POST"]),
    Route("/api/draft", partial(_answer, act=draft), methods=["PUT"]),
    Route("/api/settings", partial(_answer, act=settings), methods=["PUT"]),
    Route("/api/board/{version}/{name:path}", file),
]
