"""`PUT /api/upload?ticket=…`: a file on its way to the server's disk, never held in memory."""

from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from app.language import best_language, translate
from app.tickets import ticket_values
from app.upload import shelf
from data.errors import InputError


async def receive(request: Request) -> Response:
    """Keep the body of the request; answers {id, name, size}, or {error} with one sentence."""
    code = best_language(request.headers.get("accept-language"))
    try:
        allowed = ticket_values("upload", request)
        owner, code = str(allowed["owner"]), str(allowed.get("language", code))
        name = unquote(request.headers.get("x-file-name", ""))[:200] or "file"
        announced = request.headers.get("content-length", "")
        size = int(announced) if announced.isdecimal() else 0
        made = await shelf.keep(request.stream(), name, owner, size)
    except InputError as error:
        return JSONResponse({"error": translate(code, str(error))}, status_code=400)
    except ClientDisconnect:
        return Response(status_code=499)
    return JSONResponse({"id": made.id, "name": made.name, "size": made.size})
