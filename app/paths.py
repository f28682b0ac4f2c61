"""Where our routes are: below the path that the server has been given, beside Streamlit's own."""

import streamlit as st
from starlette.types import ASGIApp, Receive, Scope, Send

API = "/api/"


def address(path: str) -> str:
    """The address of one of our routes as the browser calls it."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{f'/{base}' if base else ''}{API}{path}"


class BelowBase:
    """ASGI middleware that finds our routes below the server's path, where Streamlit would answer with its page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        ours = address("")
        if scope["type"] == "http" and scope["path"].startswith(ours):
            scope = {**scope, "path": API + scope["path"].removeprefix(ours)}
        await self._app(scope, receive, send)
