"""A reply as JSON text, to be given again for the same idempotency key."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from nitro_events.http.response import Response
from nitro_events.http.results import patches_of
from nitro_events.outcomes import Deleted, Saved
from nitro_events.patches import Patch
from nitro_events.state import state
from nitro_events.wire import NotPortable, from_wire, to_wire

if TYPE_CHECKING:
    from nitro_events.middleware.work import Job, Work

__all__ = ["packed", "unpacked"]


class KeptMarkup(str):
    """Markup that was rendered when the call was made."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return it as it is."""
        return self


def packed(result: object, work: Work) -> str:
    """Return *result* as text. Raises NotPortable for what cannot be kept."""
    try:
        return json.dumps(_packed(result))
    except NotPortable as exc:
        msg = (
            f"{work.name} returned what cannot be kept for its idempotency key: {exc}. Return "
            f"what JSON can carry, an entity, a model, patches or markup"
        )
        raise NotPortable(msg) from None


def unpacked(text: str, job: Job) -> object:
    """Return the result that `packed` was given; entities as they are now, if they still are."""
    kind, value = json.loads(text)
    if kind == "value":
        return from_wire(value)[1]["reply"]
    if kind == "entity":
        return _entity(value)
    if kind == "saved":
        target = cast("Any", state.targets.named(value["slug"]))
        return Saved(target, target.load(value["id"]), value["created"], repeated=True)
    if kind == "deleted":
        return Deleted(cast("Any", state.targets.named(value["slug"])), None)
    if kind == "model":
        return _model(value, job)
    if kind == "markup":
        return KeptMarkup(value)
    if kind == "response":
        headers = [(name, said) for name, said in value["headers"]]
        return Response(value["status"], headers, base64.b64decode(value["body"]))
    patches = [Patch(event, tuple(lines)) for event, lines in value]
    return patches[0] if kind == "patch" else patches


def _packed(result: object) -> tuple[str, object]:
    if isinstance(result, Saved):
        id = result.target.id_of(result.entity)
        return "saved", {"slug": result.target.slug, "id": id, "created": result.created}
    if isinstance(result, Deleted):
        return "deleted", {"slug": result.target.slug}
    if isinstance(result, Response):
        return "response", _response(result)
    if isinstance(result, Patch):
        return "patch", [(result.event, result.lines)]
    patches = patches_of(result)
    if patches is not None:
        return "patches", [(patch.event, patch.lines) for patch in patches]
    write = getattr(type(result), "__html__", None)
    if write is not None:
        return "markup", str(write(result))
    target = state.targets.of(type(result))
    if target is not None:
        id = target.id_of(result)
        return "entity", {"slug": target.slug, "id": id, "json": dict(target.json(result))}
    if isinstance(result, BaseModel):
        return "model", result.model_dump(mode="json")
    return "value", to_wire(None, {"reply": result})


def _response(response: Response) -> dict[str, object]:
    if response.stream is not None or response.chunks is not None:
        msg = "a stream"
        raise NotPortable(msg)
    body = base64.b64encode(response.body).decode()
    return {"status": response.status, "headers": list(response.headers), "body": body}


def _entity(value: dict[str, Any]) -> object:
    target = state.targets.named(value["slug"])
    found = None if target is None else target.find(value["id"])
    return value["json"] if found is None else found


def _model(value: object, job: Job) -> object:
    hint: Any = job.returns
    if hint is None:
        return value
    try:
        return TypeAdapter(hint).validate_python(value)
    except ValidationError:  # an older release answered it
        return value
