"""A Hugging Face Hub for tests: what the Hub's HTTP API says of a few datasets, from a server on this computer."""

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

SHA = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Repo:
    """A dataset's files, its card as the API gives it, and who may read it."""

    files: Mapping[str, bytes]
    card: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""
    breaks_off_at: int | None = None


@dataclass
class Hub:
    """The address of the stub and the paths it was asked for."""

    address: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def hub(repos: Mapping[str, Repo]) -> Iterator[Hub]:
    """Serve these datasets until the block ends."""
    found = Hub("")

    class Handler(_Handler):
        datasets, asked = repos, found.asked

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    datasets: Mapping[str, Repo]
    asked: list[str]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer()

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.asked.append(f"{self.command} {path}")
        is_api = path.startswith("/api/datasets/")
        parts = path.removeprefix("/api/datasets/" if is_api else "/datasets/").split("/")
        name, rest = "/".join(parts[:2]), parts[2:]
        repo = self.datasets.get(name)
        if repo is None or repo.fault == "RepoNotFound":
            self._refuse(401, "RepoNotFound")
        elif rest[1:2] and rest[1] not in ("main", SHA) and rest[0] in ("revision", "resolve", "tree", "paths-info"):
            self._refuse(404, "RevisionNotFound")
        elif is_api:
            self._api(name, repo, rest)
        elif repo.fault == "GatedRepo":
            self._refuse(403, "GatedRepo")
        else:
            self._file(repo, "/".join(rest[2:]))

    def _refuse(self, status: int, code: str) -> None:
        self._send(status, b"{}", {"X-Error-Code": code, "X-Error-Message": code})

    def _api(self, name: str, repo: Repo, rest: list[str]) -> None:
        if rest and rest[0] == "tree":
            said: Any = list(_listed(repo, "".join(f"{part}/" for part in rest[2:])))
        elif rest and rest[0] == "paths-info":
            wanted = self._wanted()
            said = [_entry(path, len(content)) for path, content in repo.files.items() if path in wanted]
        else:
            siblings = [{"rfilename": path, "size": len(content)} for path, content in repo.files.items()]
            said = {"id": name, "sha": SHA, "siblings": siblings, "cardData": dict(repo.card), "private": False}
        self._send(200, json.dumps(said).encode(), {"Content-Type": "application/json"})

    def _wanted(self) -> list[str]:
        try:
            return list(json.loads(self.body)["paths"])
        except ValueError:
            return [unquote(p.split("=", 1)[1]) for p in self.body.decode().split("&") if p.startswith("paths=")]

    def _file(self, repo: Repo, path: str) -> None:
        content = repo.files.get(path)
        if content is None:
            self._refuse(404, "EntryNotFound")
            return
        headers = {"X-Repo-Commit": SHA, "ETag": f'"{len(content)}{path}"', "Accept-Ranges": "bytes"}
        if span := self.headers.get("Range"):
            start, _, end = span.removeprefix("bytes=").partition("-")
            last = min(int(end or len(content) - 1), len(content) - 1)
            headers["Content-Range"] = f"bytes {start}-{last}/{len(content)}"
            self._send(206, content[int(start) : last + 1], headers, 0 if repo.breaks_off_at else None)
        else:
            self._send(200, content, headers, repo.breaks_off_at)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str], breaks_off_at: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:breaks_off_at])
        if breaks_off_at is not None:
            self.close_connection = True


def _listed(repo: Repo, folder: str) -> Iterator[dict[str, Any]]:
    """What lies in a folder itself."""
    below = {path.removeprefix(folder): len(content) for path, content in repo.files.items() if path.startswith(folder)}
    for name in sorted({path.split("/")[0] for path in below if "/" in path}):
        yield {"type": "directory", "path": folder + name, "oid": "0" * 40}
    yield from (_entry(folder + path, size) for path, size in below.items() if "/" not in path)


def _entry(path: str, size: int) -> dict[str, Any]:
    return {"type": "file", "path": path, "size": size, "oid": "0" * 40}
