"""A place to drop a file: it goes to the server's disk with visible progress, past Streamlit's own memory."""

from pathlib import Path
from typing import Any

import streamlit as st

from app.language import N_, _, catalogue, language, significant
from app.tickets import ticket
from app.upload import shelf
from app.upload.shelf import Upload

_HERE = Path(__file__).parent
_BOX = st.components.v2.component(
    "rankdesk_upload",
    html=(_HERE / "upload.html").read_text(encoding="utf-8"),
    css=(_HERE / "upload.css").read_text(encoding="utf-8"),
    js=(_HERE / "upload.js").read_text(encoding="utf-8"),
)


def upload_box(label: str, hint: str, owner: str, key: str) -> Upload | None:
    """Show the box and return what was dropped into it, once it has arrived whole.

    The browser only names an upload; whose it is and where it lies is looked up here.
    """
    sent: Any = (st.session_state.get(key) or {}).get("uploaded")
    if isinstance(sent, dict) and shelf.upload_of(owner, sent.get("id")):
        st.session_state[_kept(key)] = sent["id"]
    found = kept_upload(owner, key)
    _BOX(
        key=key,
        data={
            "label": label,
            "hint": hint,
            "limit": shelf.MAX_BYTES,
            "url": f"api/upload?ticket={_ticket(owner)}",
            "current": f"{found.name}, {amount(found.size)}" if found else "",
            "language": language(),
            "words": catalogue(language(), "upload"),
        },
        on_uploaded_change=lambda: None,
    )
    return found


def kept_upload(owner: str, key: str) -> Upload | None:
    """What was last dropped into the box with this key, also after the box was off the screen."""
    return shelf.upload_of(owner, st.session_state.get(_kept(key)))


def _kept(key: str) -> str:
    return f"{key}_kept"


def _ticket(owner: str) -> str:
    return ticket("upload", {"owner": owner, "language": language()})


def amount(size: int) -> str:
    """A number of bytes for people: “52 kB”, “1.4 GB”."""
    for said, least in ((N_("{n} GB"), 1e9), (N_("{n} MB"), 1e6), (N_("{n} kB"), 1e3)):
        if size >= least:
            return _(said, n=significant(size / least))
    return _("{n} bytes", n=size)
