"""The routes that the board calls: who may, what they take, and that they keep it."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.board.routes import FILES, MAX_BODY, NO_PROJECT, ROUTES, VERSION
from app.tickets import ticket
from data.schemas import Project
from data.store import Store
from tests.conftest import a_task

pytestmark = pytest.mark.usefixtures("shared_store")
TASKS = [a_task(f"Question {n}?", "one", "two", "three") for n in range(3)]


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=ROUTES)) as client:
        yield client


@pytest.fixture
def allowed(store: Store, project: Project) -> dict[str, str]:
    store.add(project.id, TASKS)
    return permission(project)


def permission(project: Project, language: str = "en", purpose: str = "rank") -> dict[str, str]:
    return {"X-Ticket": ticket(purpose, {"project": project.id, "annotator": "ann", "language": language})}


def judged(task: str, *, revision: int = 0, number: str = "n1", **draft: Any) -> dict[str, Any]:
    said = {"ranking": [["B"], ["A"]]} | draft
    return {"kind": "judge", "number": number, "task": task, "revision": revision, "seconds": 3, "draft": said}


def test_a_judgement_is_stored_before_the_next_task_is_given(
    client: TestClient, allowed: dict[str, str], store: Store, project: Project
) -> None:
    first = store.assign(project, "ann")
    assert first
    answer = client.post("/api/judge", headers=allowed, json=judged(first.task.id)).json()
    assert [j.task_id for j in store.judgements(project.id)] == [first.task.id]
    assert answer["note"] == ""
    assert answer["view"]["task"] not in (None, first.task.id)
    assert answer["view"]["last"]["saved"] == store.judgements(project.id)[0].idempotency_key


def test_the_last_answer_says_that_nothing_is_left(
    client: TestClient, allowed: dict[str, str], store: Store, project: Project
) -> None:
    view: dict[str, Any] = {}
    for n in range(3):
        held = store.assign(project, "ann")
        assert held
        view = client.post("/api/judge", headers=allowed, json=judged(held.task.id, number=f"n{n}")).json()["view"]
    assert (view["task"], view["done"], view["left"]) == (None, 3, 0)


def test_a_draft_and_settings_are_kept(
    client: TestClient, allowed: dict[str, str], store: Store, project: Project
) -> None:
    held = store.assign(project, "ann")
    assert held
    message = {"task": held.task.id, "revision": 0, "draft": {"comment": "half"}}
    assert client.put("/api/draft", headers=allowed, json=message).json() == {"kept": True}
    again = store.assign(project, "ann")
    assert again
    assert again.draft
    assert again.draft["comment"] == "half"
    assert client.put("/api/settings", headers=allowed, json={"text_size": 120, "keys": {"skip": "Z"}}).json() == {}
    assert store.settings_of("ann")["text_size"] == 120


@pytest.mark.parametrize("headers", [{}, {"X-Ticket": "forged"}])
def test_nobody_judges_without_a_ticket(client: TestClient, headers: dict[str, str], store: Store) -> None:
    for method, path in (("POST", "judge"), ("PUT", "draft"), ("PUT", "settings")):
        answer = client.request(method, f"/api/{path}", headers=headers, json=judged(TASKS[0].id))
        assert (answer.status_code, list(answer.json())) == (403, ["error"])


def test_a_ticket_for_something_else_does_not_open_the_routes(
    client: TestClient, allowed: dict[str, str], project: Project
) -> None:
    other = permission(project, purpose="export")
    assert client.post("/api/judge", headers=other, json=judged(TASKS[0].id)).status_code == 403


def test_a_ticket_judges_in_no_other_project_than_its_own(
    client: TestClient, allowed: dict[str, str], store: Store, project: Project
) -> None:
    other = store.create_project(Project(name="Other"))
    foreign = a_task("Foreign?", "x", "y")
    store.add(other.id, [foreign])
    assert client.post("/api/judge", headers=allowed, json=judged(foreign.id)).status_code == 400
    assert not store.judgements(other.id)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff", b'"' + b"x" * (MAX_BODY + 1) + b'"'])
def test_a_body_that_is_no_message_gets_one_sentence(client: TestClient, allowed: dict[str, str], body: bytes) -> None:
    answer = client.put("/api/draft", headers=allowed, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    "settings",
    [{"text_size": 1000}, {"keys": {"skip": "A"}}, {"keys": {"skip": "<script>"}}, {"layout": "x"}, 7, [], None],
)
def test_settings_that_are_none_are_not_kept(
    client: TestClient, allowed: dict[str, str], store: Store, settings: Any
) -> None:
    store.keep_settings("ann", {"text_size": 120})
    answer = client.put("/api/settings", headers=allowed, json=settings)
    assert (answer.status_code, store.settings_of("ann")) == (400, {"text_size": 120})


FAULT = {"answer": "A", "kind": "toxic"}


@pytest.mark.parametrize(
    "draft",
    [
        {"flags": [FAULT | {"spans": [{"start": 0, "end": 1}] * 51}]},
        {"flags": [FAULT] * 201},
        {"ranking": [["A"] * 10]},
        {"ranking": [["A"]] * 10},
        {"criteria": {f"c{n}": [["A"]] for n in range(7)}},
        {"scores": {"Z": 1}},
        {"changed": 10**18},
        {"unknown": 1},
    ],
)
def test_a_draft_beyond_all_measure_is_not_kept(
    client: TestClient, allowed: dict[str, str], draft: dict[str, Any]
) -> None:
    message = {"task": TASKS[0].id, "revision": 0, "draft": draft}
    answer = client.put("/api/draft", headers=allowed, json=message)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


@pytest.mark.parametrize("task", ["a\x00b", "a" * 1_000_000, "", "no such task"])
def test_a_draft_of_no_task_gets_one_sentence(client: TestClient, allowed: dict[str, str], task: str) -> None:
    answer = client.put("/api/draft", headers=allowed, json={"task": task, "revision": 0, "draft": {}})
    assert (answer.status_code, answer.json()["error"][-1]) == (400, ".")


def test_a_ticket_of_a_project_that_is_gone_gets_one_sentence(client: TestClient, allowed: dict[str, str]) -> None:
    gone = permission(Project(name="Gone", id=999))
    answer = client.post("/api/judge", headers=gone, json=judged(TASKS[0].id))
    assert (answer.status_code, answer.json()["error"]) == (400, NO_PROJECT)


def test_nobody_on_the_way_may_keep_an_answer(client: TestClient, allowed: dict[str, str]) -> None:
    for headers in (allowed, {}):
        bodies: list[Any] = [judged(TASKS[0].id), {}, []]
        for body in bodies:
            answer = client.post("/api/judge", headers=headers, json=body)
            assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_wrong_is_said_in_the_language_of_the_person(
    client: TestClient, allowed: dict[str, str], project: Project
) -> None:
    russian = permission(project, "ru")
    sentence = client.put("/api/draft", headers=russian, content=b"{").json()["error"]
    assert any("а" <= letter <= "я" for letter in sentence)


def test_the_boards_files_may_be_kept_by_the_browser_and_nothing_else_is_served(client: TestClient) -> None:
    for name in FILES:
        answer = client.get(f"/api/board/{VERSION}/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"].split(";")[0] in ("text/javascript", "text/css")
    for wrong in (f"{VERSION}/board.py", f"{VERSION}/../board.py", "0/board.js", f"{VERSION}/%2e%2e/tickets.py"):
        assert client.get(f"/api/board/{wrong}").status_code == 404


def test_every_script_imports_only_scripts_that_are_served() -> None:
    named = {
        line.split('"')[1]
        for name, text in FILES.items()
        if name.endswith(".js") and "/" not in name
        for line in text.decode().splitlines()
        if line.startswith("import ")
    }
    assert {f"./{name}" for name in FILES} >= named
