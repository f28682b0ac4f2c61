"""Uploaded files on the server's disk: where they lie, whose they are, and when they go."""

import re
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

import anyio
from sqlalchemy import make_url

from data.database import LOCAL, database_url
from data.errors import InputError, Sentence

MAX_BYTES = 2_000_000_000
KEPT_SECONDS = 24 * 3600
_SPARE = 500_000_000
"""Bytes that stay free on the disk, for the database."""
_TOO_LARGE = Sentence("The file is larger than {n} GB; split it, or load it with python -m data load.")

_OUR_NAME = re.compile("[0-9a-f]{32}")


class Upload(NamedTuple):
    """One file that arrived whole. `name` is what its owner calls it and is never used as a path."""

    id: str
    owner: str
    name: str
    size: int
    path: Path


_UPLOADS: dict[str, Upload] = {}


def folder() -> Path:
    """Where uploads lie: beside the SQLite database, or in data/local where the database is a server."""
    url = make_url(database_url())
    is_file = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
    made = (Path(url.database).parent if is_file and url.database else LOCAL) / "uploads"
    made.mkdir(parents=True, exist_ok=True)
    return made


def upload_of(owner: str, upload_id: object) -> Upload | None:
    """The upload with this id, if it belongs to this owner and still lies on the disk."""
    found = _UPLOADS.get(upload_id) if isinstance(upload_id, str) else None
    return found if found and found.owner == owner and found.path.exists() else None


def remove(upload: Upload) -> None:
    """Delete an upload."""
    _UPLOADS.pop(upload.id, None)
    upload.path.unlink(missing_ok=True)


async def keep(stream: AsyncIterator[bytes], name: str, owner: str, announced: int = 0) -> Upload:
    """Write a stream to the disk as it arrives; InputError when it is too large or the disk is full."""
    remove_old()
    _check_size(announced)
    made = Upload(token_hex(16), owner, name, 0, folder() / token_hex(16))
    try:
        size = await _write(stream, made.path)
    except BaseException:
        made.path.unlink(missing_ok=True)
        raise
    _UPLOADS[made.id] = made._replace(size=size)
    return _UPLOADS[made.id]


async def _write(stream: AsyncIterator[bytes], path: Path) -> int:
    size = 0
    async with await anyio.open_file(path, "wb") as file:
        async for block in stream:
            size += len(block)
            if size > MAX_BYTES:
                raise InputError(_TOO_LARGE, n=MAX_BYTES // 1_000_000_000)
            # Here too: an upload need not announce its size, and several may come at once.
            _check_room(len(block))
            try:
                await file.write(block)
            except OSError:
                raise InputError("The server's disk is full; free some space and try again.") from None
    return size


def _check_size(announced: int) -> None:
    if announced > MAX_BYTES:
        raise InputError(_TOO_LARGE, n=MAX_BYTES // 1_000_000_000)
    _check_room(announced)


def _check_room(size: int) -> None:
    if size + _SPARE > shutil.disk_usage(folder()).free:
        raise InputError("The server's disk has no room for this file; free some space and try again.")


def remove_old(now: float | None = None) -> None:
    """Delete every upload in the folder that is a day old, of earlier runs of the server too.

    The folder may be somebody's: a file that is not named as `keep` names one is not ours.
    """
    before = (now or time.time()) - KEPT_SECONDS
    for path in folder().iterdir():
        if _OUR_NAME.fullmatch(path.name) and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
    for gone in [upload for upload in _UPLOADS.values() if not upload.path.exists()]:
        _UPLOADS.pop(gone.id, None)
