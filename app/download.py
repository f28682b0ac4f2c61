"""`GET /api/export?ticket=…`: a waiting export, streamed from disk."""

import tempfile
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from app.language import N_, best_language, translate
from app.tickets import ticket_values
from data.errors import InputError

GONE = N_("This export is no longer on the server; go back to the Export page, reload it and download again.")
_SHELF = tempfile.TemporaryDirectory(prefix="rankdesk-exports-")


def shelf() -> Path:
    """The folder of this process in which exports wait; it goes when the process ends."""
    return Path(_SHELF.name)


async def download(request: Request) -> Response:
    """The file that the ticket names, as an attachment; or one sentence why not."""
    code = best_language(request.headers.get("accept-language"))
    try:
        path = (shelf() / str(ticket_values("export", request)["file"])).resolve()
    except InputError as error:
        return PlainTextResponse(translate(code, str(error)), status_code=403)
    if not (path.is_relative_to(shelf().resolve()) and path.is_file()):
        return PlainTextResponse(translate(code, GONE), status_code=410)
    headers = {"Cache-Control": "no-store"}
    return FileResponse(path, media_type="application/octet-stream", filename=path.name, headers=headers)
