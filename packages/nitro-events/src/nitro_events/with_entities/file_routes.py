"""Where stored files are uploaded by scripts, and where they are seen.

``POST /people/-/files/photo`` takes one file and answers what stands for it in a form or in JSON;
``GET /people/7/files/<hash>`` answers a file that this entity holds, to who may ``"read"`` it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from nitro_entities.files.holding import files_of
from nitro_entities.files.places import has_arrived
from nitro_entities.traits import traits
from nitro_events.allowances import uploads_of
from nitro_events.http.file_response import file_response
from nitro_events.http.generated import homes, target_at
from nitro_events.http.problems import Forbidden, NotFound
from nitro_events.http.response import json
from nitro_events.http.routes import Matched
from nitro_events.http.uploading import PIECE, write_body
from nitro_events.outcomes import Invalid
from nitro_events.policy import can
from nitro_events.texts import Text
from nitro_events.threads import in_thread
from nitro_events.uploads import RefusedFile, keeper, opened, signed, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nitro_entities import StoredFile
    from nitro_events.fields import Field
    from nitro_events.http.request import Request
    from nitro_events.http.response import Response
    from nitro_events.resources import Target

__all__ = ["FileRoutes"]

FILES, NOBODY = "files", "-"


class FileRoutes:
    """The routes of the classes that hold files."""

    def find(self, path: str, /) -> Mapping[str, Matched]:
        """Return who answers at *path*."""
        if f"/{FILES}/" not in path:
            return {}
        found = target_at(path)
        if found is None or len(found[1]) != 3 or found[1][1] != FILES:
            return {}
        target, (id, _, last) = found
        if not _is_holder(target) or not id or not last:
            return {}
        if id != NOBODY:
            return {"GET": _matched(target, "file", partial(_shown, target, id, last))}
        field = target.fields().get(last)
        if field is not None and field.stored:
            return {"POST": _matched(target, "upload", partial(_taken, target, field))}
        return {"GET": _matched(target, "upload", partial(_preview, last))}

    def ways(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, pattern and method of each."""
        for home, target in homes().items():
            if _is_holder(target):
                yield f"{target.slug}.file", f"{home}/{{id}}/{FILES}/{{hash}}", "GET"
                yield f"{target.slug}.upload", f"{home}/{NOBODY}/{FILES}/{{field}}", "POST"


async def _taken(target: Target, field: Field, request: Request) -> Response:
    """Put one file away that is the whole body; its name stands in the header ``Nitro-Name``."""
    if not await in_thread(_may_upload, target, request):
        msg = Text("You may not do this")
        raise Forbidden(msg)
    files = keeper()
    name = unquote(request.headers.get("nitro-name", "file"))
    sink = files.begin(field.annotation, name, uploads_of(request.caller))
    most = files.most(field.annotation)
    try:
        await write_body(request, sink.write, most + PIECE)  # what is larger is told at the field
        values = await in_thread(sink.end)
    except BaseException as exc:
        await in_thread(sink.discard)  # nobody is told what stands for it
        if isinstance(exc, RefusedFile):
            raise Invalid({field.name: exc.text}) from None
        raise
    token = signed(values, request.caller.id)
    return json({"token": token, **told(values)}, status=201)


def _may_upload(target: Target, request: Request) -> bool:
    return any(can(request.caller, operation, target.kind) for operation in ("create", "update"))


def _shown(target: Target, id: str, hash: str, request: Request) -> Response:
    entity: Any = target.find(id)
    # who may not is not told whether there is one
    if entity is None or not can(request.caller, "read", entity):
        raise NotFound
    held = files_of(entity, traits(target.kind).files)
    file = next((file for file in held if file.hash == hash), None)
    if file is None:
        raise NotFound
    return _response(file, request)


def _preview(token: str, request: Request) -> Response:
    """Show a file to who has uploaded it, before anything holds it."""
    from nitro_entities import StoredFile

    try:
        file = StoredFile.model_validate(opened(token))
    except ValueError:
        raise NotFound from None
    if not has_arrived(file.key):  # held by now: shown by who holds it, to who may read that
        raise NotFound
    return _response(file, request)


def _response(file: StoredFile, request: Request) -> Response:
    return file_response(
        request,
        file.chunks,
        size=file.size,
        type=file.type,
        name=file.name,
        tag=file.hash,
        inline=file.is_safe_to_show,
    )


def _is_holder(target: Target) -> bool:
    return bool(traits(target.kind).files)


def _matched(target: Target, name: str, handler: Callable[..., Any]) -> Matched:
    return Matched(handler, {}, f"{target.slug}.{name}")
