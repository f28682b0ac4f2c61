"""Tickets: signed permissions that a screen makes for someone whom it had checked, and that open a route."""

import secrets
from collections.abc import Mapping
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request

from data.errors import InputError

TICKET_SECONDS = 3600
_SIGNER = URLSafeTimedSerializer(secrets.token_hex(32))


def ticket(purpose: str, values: Mapping[str, Any]) -> str:
    """A signed permission to use a route for this purpose with these values, good for an hour."""
    return _SIGNER.dumps(dict(values), salt=purpose)


def ticket_values(purpose: str, request: Request) -> dict[str, Any]:
    """What the ticket of a request allows; InputError when it is missing, forged or too old."""
    try:
        values: dict[str, Any] = _SIGNER.loads(
            request.query_params.get("ticket", ""), max_age=TICKET_SECONDS, salt=purpose
        )
    except BadSignature:
        raise InputError("This link is no longer valid; go back to the page and try again.") from None
    return values
