"""What stands around the screens: the address check, tickets, headers, who is here."""

import asyncio
from collections.abc import Mapping
from itertools import chain
from typing import Any, NamedTuple

import pytest
import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.testing.v1 import AppTest

from app import address, paths, server, session, tickets
from app.session import Person
from data.errors import InputError
from data.schemas import Project
from data.store import Store
from tests.conftest import MAIN


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_a_local_address_needs_no_sign_in(name: str) -> None:
    address.check_address(name, is_guarded=False)
    assert address.is_loopback(name)


@pytest.mark.parametrize("name", ["0.0.0.0", "::", "192.168.1.5", "rankdesk.example", "", None])
def test_any_other_address_is_refused_until_sign_in_is_configured(name: str | None) -> None:
    with pytest.raises(InputError, match="without sign-in"):
        address.check_address(name, is_guarded=False)
    address.check_address(name, is_guarded=True)


@pytest.mark.parametrize(
    ("client", "host", "status"),
    [
        ("127.0.0.1", "localhost:8501", 200),
        ("::1", "[::1]:8501", 200),
        ("127.0.0.1", "127.0.0.1", 200),
        ("192.168.1.5", "localhost:8501", 403),
        ("127.0.0.1", "evil.example:8501", 403),
    ],
)
def test_strangers_are_refused_however_the_server_was_started(client: str, host: str, status: int) -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "client": (client, 5), "headers": [(b"host", host.encode())]}
    assert sent_by(address.LocalOnly(PlainTextResponse("hello")), scope)[0]["status"] == status


def test_a_strangers_websocket_is_closed() -> None:
    scope = {"type": "websocket", "client": ("10.0.0.1", 5), "headers": []}
    assert sent_by(address.LocalOnly(PlainTextResponse("hello")), scope)[0]["type"] == "websocket.close"


def test_with_sign_in_anyone_may_come_to_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "signs_in", lambda: True)
    scope = {"type": "http", "method": "GET", "path": "/", "client": ("10.0.0.1", 5), "headers": []}
    assert sent_by(address.LocalOnly(PlainTextResponse("hello")), scope)[0]["status"] == 200


def request_with(ticket: str) -> Request:
    return Request({"type": "http", "method": "GET", "headers": [], "query_string": f"ticket={ticket}".encode()})


def test_a_ticket_opens_what_it_was_made_for_and_nothing_else() -> None:
    made = tickets.ticket("export", {"file": "a"})
    assert tickets.ticket_values("export", request_with(made)) == {"file": "a"}
    for purpose, ticket in [("upload", made), ("export", made[:-2]), ("export", "")]:
        with pytest.raises(InputError, match="no longer valid"):
            tickets.ticket_values(purpose, request_with(ticket))


def test_an_old_ticket_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "TICKET_SECONDS", -1)
    with pytest.raises(InputError, match="no longer valid"):
        tickets.ticket_values("export", request_with(tickets.ticket("export", {})))


def sent_by(app: ASGIApp, scope: Mapping[str, Any]) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def call() -> None:
        await app(dict(scope), receive, send)

    asyncio.run(call())
    return sent


def test_every_response_carries_a_strict_content_security_policy() -> None:
    sent = sent_by(server.SecurityHeaders(PlainTextResponse("hello")), {"type": "http", "method": "GET", "path": "/"})
    policy = dict(sent[0]["headers"])[b"content-security-policy"].decode()
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["img-src"] == "'self' data: blob:"
    assert rules["object-src"] == "'none'"
    assert "'unsafe-inline'" not in rules["script-src"]
    assert not any("http" in rule or "*" in rule for rule in rules.values())


def test_the_health_route_answers() -> None:
    answer = asyncio.run(server.health(request_with("")))
    assert (answer.status_code, answer.body) == (200, b'{"status":"ok"}')


@pytest.mark.parametrize(
    ("base", "called", "path"),
    [
        ("", "/api/health", "/api/health"),
        ("desk", "/desk/api/health", "/api/health"),
        ("/desk/", "/desk/api/board/1/vendor/x.js", "/api/board/1/vendor/x.js"),
        ("desk", "/api/health", "/api/health"),
        ("desk", "/desk/rank", "/desk/rank"),
        ("desk", "/other/api/health", "/other/api/health"),
    ],
)
def test_our_routes_are_found_below_the_path_that_the_server_was_given(base: str, called: str, path: str) -> None:
    found: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.append(scope["path"])

    st.config.set_option("server.baseUrlPath", base)
    try:
        sent_by(paths.BelowBase(app), {"type": "http", "method": "GET", "path": called})
        assert paths.address("health") == f"{'/desk' if base else ''}/api/health"
    finally:
        st.config.set_option("server.baseUrlPath", "")
    assert found == [path]


WORK = {"Rank", "My work", "Guideline"}
ABOUT_MODELS = {"What next", "Reward model", "Try it", "Flag models", "Filter", "Watch"}


@pytest.mark.parametrize(
    ("role", "titles"),
    [
        ("annotator", WORK),
        ("engineer", {"Guideline", "Preferences", "Export"} | ABOUT_MODELS),
        (
            "lead",
            {"Rank", "My work", "Guideline", "Data", "Cleaning", "Preferences", "Export", "Settings"} | ABOUT_MODELS,
        ),
    ],
)
def test_people_reach_only_the_screens_of_their_role(
    role: session.Role, titles: set[str], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert screens_of(Person("x", role), store, monkeypatch) == titles


def screens_of(who: Person, store: Store, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    seen: list[st.Page] = []
    show = st.navigation

    def note(pages: Any, **more: Any) -> Any:
        seen.extend(chain(*pages.values()) if isinstance(pages, dict) else pages)
        return show(pages, **more)

    monkeypatch.setattr(st, "navigation", note)
    monkeypatch.setattr(session, "person", lambda: who)
    monkeypatch.setattr(session, "store", lambda: store)
    assert not AppTest.from_file(MAIN).run().exception
    return {page.title for page in seen}


def test_who_has_not_signed_in_sees_a_sign_in_button_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "signs_in", lambda: True)
    at = AppTest.from_file(MAIN)
    at.user = {"is_logged_in": False}
    at.run()
    assert not at.exception
    assert [button.label for button in at.button] == ["Sign in"]


def test_who_has_signed_in_can_sign_out(shared_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "signs_in", lambda: True)
    monkeypatch.setattr(session, "person", lambda: Person("ann@example.org", "annotator"))
    at = AppTest.from_file(MAIN)
    at.user = {"is_logged_in": True, "email": "ann@example.org"}
    at.run()
    assert not at.exception
    assert [button.label for button in at.sidebar.button] == ["Sign out"]
    assert [text.value for text in at.sidebar.text] == ["Signed in as ann@example.org"]


class User(NamedTuple):
    claims: Mapping[str, object]

    def to_dict(self) -> Mapping[str, object]:
        return self.claims


def test_without_sign_in_there_is_one_local_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "secrets", {})
    assert session.person() == Person("local", "lead")


@pytest.mark.parametrize(
    ("lists", "role"),
    [
        ({}, "annotator"),
        ({"leads": ["ann@example.org"]}, "lead"),
        ({"leads": "ann@example.org"}, "lead"),
        ({"leads": "joann@example.org"}, "annotator"),
        ({"leads": 7}, "annotator"),
        ({"engineers": ["ann@example.org"]}, "engineer"),
        ({"reviewers": ["bob@example.org", "ann@example.org"], "leads": ["bob@example.org"]}, "reviewer"),
    ],
)
def test_who_signs_in_is_an_annotator_unless_a_list_names_them(
    monkeypatch: pytest.MonkeyPatch, lists: Mapping[str, object], role: session.Role
) -> None:
    monkeypatch.setattr(st, "secrets", {"auth": {}, **lists})
    monkeypatch.setattr(st, "user", User({"sub": "7", "email": "ann@example.org"}))
    assert session.person() == Person("ann@example.org", role)


@pytest.mark.parametrize("claims", [{}, {"email": ""}, {"email": "ann@example.org", "email_verified": False}])
def test_an_address_that_nobody_has_verified_makes_no_lead(
    monkeypatch: pytest.MonkeyPatch, claims: Mapping[str, object]
) -> None:
    monkeypatch.setattr(st, "secrets", {"auth": {}, "leads": ["ann@example.org"]})
    monkeypatch.setattr(st, "user", User({"sub": "7", **claims}))
    assert session.person() == Person("7", "annotator")


def test_the_chosen_project_is_open_or_else_the_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "store", lambda: store)
    assert session.project() is None
    first, second = (store.create_project(Project(name=name)) for name in ("First", "Second"))
    assert session.project() == first
    monkeypatch.setattr(st, "session_state", {"project": "Second"})
    assert session.project() == second
