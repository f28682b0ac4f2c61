"""Who may reach a server that asks nobody who they are: this machine, and nobody else."""

import ipaddress
from collections.abc import Mapping

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.session import signs_in
from data.errors import InputError, Sentence

REFUSAL = (
    "Rankdesk answers only this machine until sign-in is configured: add an [auth] section to .streamlit/secrets.toml."
)


def check_address(address: str | None, is_guarded: bool) -> None:
    """Raise InputError when others could reach an unguarded server; `address` is what it is told to listen on."""
    if not (is_guarded or is_loopback(address)):
        raise InputError(
            "Rankdesk will not listen on {address} without sign-in: anyone who reaches it would be a lead. Add an "
            "[auth] section to .streamlit/secrets.toml, or start it on localhost.",
            address=address or Sentence("every address"),
        )


def is_loopback(address: str | None) -> bool:
    """Whether an address or a host name means this machine."""
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return address == "localhost"


class LocalOnly:
    """ASGI middleware that refuses strangers where nobody signs in, however the server was started.

    A stranger is a connection from another machine, or one that calls this machine by another name: a web page whose
    own name was made to point here (DNS rebinding).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or refuse it."""
        if scope["type"] == "lifespan" or _is_welcome(scope) or signs_in():
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": REFUSAL[:120]})
        else:
            await PlainTextResponse(REFUSAL, status_code=403)(scope, receive, send)


def _is_welcome(scope: Scope) -> bool:
    client, names = scope.get("client"), _called_names(dict(scope["headers"]))
    return (client is None or is_loopback(client[0])) and all(is_loopback(name) for name in names)


def _called_names(headers: Mapping[bytes, bytes]) -> list[str]:
    host = headers.get(b"host", b"").decode("latin-1")
    if not host:
        return []
    return [host[1 : host.find("]")] if host.startswith("[") else host.rsplit(":", 1)[0]]
