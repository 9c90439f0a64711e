"""What every application of this folder is about: entities, pages, and what is done to them.

An application of a framework (``apps/``) calls `set_up` once, has the routes below, and does in
them what its framework's users would write. Entities in SQL are read with ``get`` in sync handlers
and with ``aget`` in async ones; `Visits` is in memory, so it may be used anywhere.

| route | does |
|---|---|
| ``GET /`` | ``front()`` |
| ``GET /new`` | ``new()`` |
| ``GET /one/{id}`` | returns ``Parcel.get(id)``: JSON, or 404 |
| ``GET /markup`` | returns ``markup()``: HTML |
| ``GET /made`` | returns ``made()``, with status 201 if the framework can |
| ``POST /add`` | ``patch_signals({"total": signals.a + signals.b})`` |
| ``POST /count``, ``/acount`` | ``{"count": count()}``, in a sync and in an async handler |
| ``POST /fail`` | ``count()``, then raises ``RuntimeError(SECRET)`` |
| ``POST /refuse`` | ``count()``, then the framework's own way to answer 409 |
| ``POST /invalid`` | ``Parcel(name="")`` |
| ``POST /stale`` | ``change_twice()`` |
| ``GET /plain``, ``POST /plain`` | ``{"plain": true}``, and nothing of Nitro |
| ``GET /drip`` | the framework's own streaming answer (text/plain) of the three `DROPS` |
| ``POST /later`` | ``{"later": true}``, and ``count_later()`` in a background task; no such route
  in Flask and Django, which have none |
| ``POST /login`` | logs in who ``user`` names (form or JSON), answers ``{"user": name}``; 401 for
  who is not in `NAMES`. By the framework's own means |
| ``POST /logout`` | ends that, answers ``{"user": null}`` |
| ``GET /whoami`` | ``{"user": (await current_request.get().identify()).id}``, in sync handlers
  ``.caller.id`` |
| ``GET /patches`` | ``patches(signals)``, the signals read from the query in the framework's way |

Settings of the framework: a fixed secret for sessions, cookies ``SameSite=Lax``, no debug mode,
no CSRF check of its own on the routes above. Where the environment says ``PLAIN_ONLY=1``
(`plain_only`) an application does not install Nitro, and only ``/plain`` and ``/drip`` have to
work: what they answer is compared. Its name is ``app`` (Django: ``application`` for WSGI and
``asgi_application``), in ``behaviour.apps.<framework>_app``, with ``tests`` on the path.
"""

import os

from pydantic import NonNegativeInt, PositiveInt
from sqlmodel import Field

import nitro
from nitro import (
    Caller,
    Entity,
    Form,
    Page,
    Patch,
    Signals,
    SQLEntity,
    StoredFile,
    Table,
    UnitOfWork,
    action,
    emit_signals,
    expose,
    on,
    patch_elements,
    patch_signals,
    query,
)
from nitro_events.http.problems import TooManyRequests
from nitro_events.scripts import patch_script
from nitro_templates import B, Div, Element

NAMES = ("ann", "ben", "eve")
SECRET = "secret detail"
DROPS = ("one,", "two,", "three")


class Parcel(SQLEntity):
    name: str = Field(min_length=1, max_length=40)
    weight: NonNegativeInt = 0
    note: str = ""

    @action
    def grow(self, by: PositiveInt) -> None:
        """Put more into it."""
        self.weight += by

    @action
    async def afail(self) -> None:
        self.weight += 1000
        raise RuntimeError(SECRET)

    @action
    @classmethod
    def hurry(cls) -> None:
        raise TooManyRequests("Not so fast")

    @query
    @classmethod
    def heaviest(cls) -> str | None:
        first = cls.where().order_by("-weight").first()
        return None if first is None else first.name


class Visits(Entity):
    count: int = 0


class Scan(Entity):
    name: str = ""
    sheet: StoredFile | None = None


@on("parcel.shout")
def shout(sender: object, signals: Signals) -> None:
    emit_signals({"shouted": f"{sender}: {signals.text}"}, topic="shouts")


def may(caller: Caller, operation: str, target: object) -> bool:
    """Let everybody do everything, but only Ann may delete, or read, what is kept for her."""
    kept = operation == "delete" and isinstance(target, Parcel) and target.note == "for ann"
    hidden = operation == "read" and isinstance(target, Scan) and target.name == "for ann"
    return caller.id == "ann" or not (kept or hidden)


def set_up() -> None:
    """Set what applies to Nitro, and make the counter. Twice is not different from once."""
    nitro.configure(policy=may, protect_all=bool(os.environ.get("PROTECT_ALL")))
    expose("parcel.shout")
    if Visits.get_or_none("all") is None:
        Visits(id="all").save()


def plain_only() -> bool:
    """Whether this application is to be one that does not know Nitro."""
    return bool(os.environ.get("PLAIN_ONLY"))


def front() -> Page:
    """Return the list of parcels, live and with all that can be done."""
    parcels = (
        Table.from_entity(Parcel)
        .with_actions(["create", "edit", "delete", Parcel.grow])
        .with_search()
        .reactive()
    )
    return Page(parcels, title="Parcels", topics=["shouts"])


def new() -> Page:
    """Return the page with the form for a new parcel."""
    return Page(Form.from_entity(Parcel).on_saved(redirect="/"), title="New parcel")


def markup() -> Element:
    """Return an element with a text that must be escaped."""
    return Div(B("bold"), " <b>not bold</b>")


def made() -> Parcel:
    """Return a parcel that nobody has stored."""
    return Parcel(id="made", name="Made", weight=1)


def count() -> int:
    """Change the counter, and leave it to the unit of the request to store that."""
    visits = Visits.get("all")
    visits.count += 1
    return visits.count


def count_later() -> None:
    """Change the counter and store it, where no request is answered any more."""
    visits = Visits.get("all")
    visits.count += 1
    visits.save()


def change_twice() -> None:
    """Change the counter here and, by somebody else, in between: this raises StaleEntity."""
    mine = Visits.get("all")
    with UnitOfWork(independent=True):
        theirs = Visits.get("all")
        theirs.count += 10
        theirs.save()
    mine.count += 100
    with UnitOfWork():
        mine.save()


def patches(signals: Signals) -> list[Patch]:
    """Return what the events of an official case ask for.

    *signals* are the ``input.json`` of the case. Ids and ``retry`` belong to a stream and not to a
    patch, so the answer has none.
    """
    return [_patch(dict(event)) for event in signals.events]


def _patch(event: dict[str, object]) -> Patch:
    kind = event.pop("type")
    if kind == "patchSignals":
        sent = event["signals-raw"] if "signals-raw" in event else event["signals"]
        return patch_signals(sent, bool(event.get("onlyIfMissing")))  # type: ignore[arg-type]
    if kind == "executeScript":
        keep = not event.get("autoRemove", True)
        return patch_script(event["script"], attributes=event.get("attributes"), keep=keep)  # type: ignore[arg-type]
    return patch_elements(
        event.get("elements") or "",  # type: ignore[arg-type]
        selector=event.get("selector"),  # type: ignore[arg-type]
        mode=event.get("mode", "outer"),  # type: ignore[arg-type]
        namespace=event.get("namespace"),  # type: ignore[arg-type]
        view_transition=bool(event.get("useViewTransition")),
    )
