"""Tickets: signed permissions that a screen makes for someone whom it had checked, and that open a route."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request

from data.errors import InputError

TICKET_SECONDS = 3600


@cache
def _signer() -> URLSafeTimedSerializer:
    """Signs with the server's own secret: random for each process, unless several are given the same one."""
    return URLSafeTimedSerializer(str(st.get_option("server.cookieSecret")))


def ticket(purpose: str, values: Mapping[str, Any]) -> str:
    """A signed permission to use a route for this purpose with these values, good for an hour."""
    return _signer().dumps(dict(values), salt=purpose)


def ticket_values(purpose: str, request: Request) -> dict[str, Any]:
    """What the ticket of a request allows; InputError when it is missing, forged or too old."""
    try:
        shown = request.headers.get("X-Ticket") or request.query_params.get("ticket", "")
        values: dict[str, Any] = _signer().loads(shown, max_age=TICKET_SECONDS, salt=purpose)
    except BadSignature:
        raise InputError("This link is no longer valid; go back to the page and try again.") from None
    return values
