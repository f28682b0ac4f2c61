"""A version handed over to the Hub: private unless it is said otherwise, in one commit, and the token is nobody's.

The Hub is a stub on this computer that answers the client library's requests; files go up in the commit itself.
"""

import base64
import http.server
import json
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi
from streamlit.testing.v1 import AppTest

from data.__main__ import main
from data.errors import InputError
from data.export.hub import Withdrawn, push
from data.schemas import Project
from data.store import Store
from tests.conftest import MAIN
from tests.test_export_versions import exported, kept, prefer_first, tasks

SECRET = "hf_" + "x" * 34
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Pushed:
    """What the stub was asked, and what it holds: name → whether it is private, and its files."""

    address: str = ""
    private: dict[str, bool] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    refuses: int = 0


class _Handler(http.server.BaseHTTPRequestHandler):
    hub: Pushed
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(body)

    def do_GET(self) -> None:
        self._answer(b"")

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, body: bytes) -> None:
        path = self.path.split("?")[0]
        self.hub.asked.append(path)
        self.hub.tokens.add(self.headers.get("Authorization", ""))
        if self.hub.refuses:
            self._send(self.hub.refuses, {"error": "no"})
        elif path == "/api/repos/create":
            self._create(json.loads(body))
        elif path == "/api/validate-yaml":
            self._send(200, {"errors": [], "warnings": []})
        else:
            name, rest = "/".join(path.split("/")[3:5]), path.split("/")[5:]
            self._of(name, rest, body)

    def _create(self, wanted: dict[str, Any]) -> None:
        name = f"{wanted['organization']}/{wanted['name']}"
        address = {"url": f"{self.hub.address}/datasets/{name}"}
        if name in self.hub.private:
            self._send(409, {"error": "You already created this dataset repo"} | address)
            return
        self.hub.private[name] = bool(wanted.get("private")) or wanted.get("visibility") == "private"
        self._send(200, address)

    def _of(self, name: str, rest: list[str], body: bytes) -> None:
        if not rest:
            self._send(200, {"id": name, "private": self.hub.private[name], "siblings": []})
        elif rest[0] == "preupload":
            paths = [one["path"] for one in json.loads(body)["files"]]
            regular = {"uploadMode": "regular", "shouldIgnore": False}
            self._send(200, {"files": [{"path": path} | regular for path in paths]})
        elif rest[0] == "commit":
            lines = [json.loads(line) for line in body.splitlines()]
            values = [line["value"] for line in lines if line["key"] == "file"]
            self.hub.files[name] = {one["path"]: base64.b64decode(one["content"]) for one in values}
            url = f"{self.hub.address}/datasets/{name}/commit/{COMMIT}"
            self._send(200, {"commitUrl": url, "commitOid": COMMIT, "success": True})

    def _send(self, status: int, said: Any) -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pushed]:
    made = Pushed()
    handler = type("Handler", (_Handler,), {"hub": made})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr("data.export.hub.HfApi", partial(HfApi, endpoint=made.address))
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def files(tmp_path: Path) -> tuple[dict[str, Path], Path]:
    rows, card = tmp_path / "rows.jsonl", tmp_path / "rows.card.md"
    rows.write_text('{"prompt": "p"}\n')
    card.write_text("---\npretty_name: P\n---\n")
    return {"rows.jsonl": rows}, card


def test_a_new_dataset_is_private_and_holds_exactly_the_files(hub: Pushed, files: tuple[dict[str, Path], Path]) -> None:
    assert push(*files, "o/name", SECRET) == f"{hub.address}/datasets/o/name/commit/{COMMIT}"
    assert hub.private == {"o/name": True}
    assert hub.files["o/name"] == {"rows.jsonl": b'{"prompt": "p"}\n', "README.md": files[1].read_bytes()}
    assert hub.tokens == {f"Bearer {SECRET}"}
    push(*files, "o/open", SECRET, private=False)
    assert hub.private["o/open"] is False


def test_nothing_private_goes_into_a_dataset_that_all_can_read(
    hub: Pushed, files: tuple[dict[str, Path], Path]
) -> None:
    hub.private["o/open"] = False
    with pytest.raises(InputError, match="is public on the Hub"):
        push(*files, "o/open", SECRET)
    assert hub.files == {}
    push(*files, "o/open", SECRET, private=False)
    assert set(hub.files["o/open"]) == {"rows.jsonl", "README.md"}


@pytest.mark.parametrize("name", ["", "name", "o/a/b", "../o", "o/..", "https://o/n", "o/n\n", "o/a b"])
def test_nothing_but_a_name_is_pushed_to(hub: Pushed, files: tuple[dict[str, Path], Path], name: str) -> None:
    with pytest.raises(InputError, match="is not a name on the Hub"):
        push(*files, name, SECRET)
    assert not hub.asked


def test_an_upload_that_is_ended_leaves_nothing_in_the_dataset(
    hub: Pushed, files: tuple[dict[str, Path], Path]
) -> None:
    seen: list[tuple[int, int]] = []
    push(*files, "o/name", SECRET, told=lambda *done: not seen.append(done))  # type: ignore[func-returns-value]
    assert seen == [(0, 3), (1, 3), (2, 3)]
    with pytest.raises(Withdrawn):
        push(*files, "o/other", SECRET, told=lambda done, total: done < 2)
    assert set(hub.files) == {"o/name"}


@pytest.mark.parametrize(("status", "said"), [(401, "does not let this token"), (403, "does not let"), (400, "400")])
def test_a_refusal_is_one_sentence_without_the_token(
    hub: Pushed, files: tuple[dict[str, Path], Path], caplog: pytest.LogCaptureFixture, status: int, said: str
) -> None:
    hub.refuses = status
    with caplog.at_level(logging.DEBUG), pytest.raises(InputError, match=said) as error:
        push(*files, "o/name", SECRET)
    assert SECRET not in str(error.value) + caplog.text
    assert error.value.__suppress_context__


def test_without_a_connection_or_a_token_that_is_said(
    files: tuple[dict[str, Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{port.getsockname()[1]}"
        monkeypatch.setenv("NO_PROXY", "*")
        monkeypatch.setattr("data.export.hub.HfApi", partial(HfApi, endpoint=nobody))
        with pytest.raises(InputError, match="The Hub cannot be reached"):
            push(*files, "o/name", SECRET)
    with pytest.raises(InputError, match="set HF_TOKEN"):
        push(*files, "o/name", " ")


def test_the_command_pushes_a_version_as_it_was_kept(
    hub: Pushed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'a.db'}")
    monkeypatch.setenv("HF_TOKEN", SECRET)
    store, given = Store(), tasks()
    project = store.create_project(Project(name="P"))
    export = exported(tmp_path / "out", given, prefer_first(*given))
    kept(store, project, export)
    assert main(["push", "1", "--project", "P", "--to", "o/name"]) == 0
    assert hub.files["o/name"]["out.jsonl"] == export.files[0].path.read_bytes()
    assert hub.files["o/name"]["README.md"] == export.card.read_bytes()
    assert f"version 1 is on the Hub: {hub.address}" in capsys.readouterr().out
    assert SECRET.encode() not in (tmp_path / "a.db").read_bytes()
    monkeypatch.delenv("HF_TOKEN")
    assert main(["push", "1", "--project", "P", "--to", "o/name"]) == 2
    assert "set HF_TOKEN" in capsys.readouterr().err
    store.close()


def test_the_page_offers_it_only_where_the_server_has_a_token(
    hub: Pushed, shared_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, given = shared_store.create_project(Project(name="P")), tasks()
    shared_store.add(project.id, given, prefer_first(*given))
    kept(shared_store, project, exported(tmp_path / "out", given, prefer_first(*given)))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    at = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("screens/export.py").run()
    at.selectbox(key="export_again").set_value(1).run()
    assert not any(one.key == "export_repo" for one in at.text_input)
    monkeypatch.setenv("HF_TOKEN", SECRET)
    at.run()
    at.text_input(key="export_repo").set_value("o/name")
    at.button(key="export_push_button").click().run()
    assert not at.exception
    assert at.success[0].value == "Version 1 is on the Hub, for its owner alone to read:"
    assert hub.private == {"o/name": True}
    hub.private["o/name"] = False
    at.button(key="export_push_button").click().run()
    assert "is public on the Hub" in at.error[0].value
    assert SECRET not in repr(at.main)
