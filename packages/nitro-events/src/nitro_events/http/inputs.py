"""What came with a request: JSON, a form or signals, read carefully."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from nitro_events.http.form_fields import fields_of
from nitro_events.http.multipart import MULTIPART, is_multipart, parts_of
from nitro_events.http.problems import BadRequest, TooLarge, UnsupportedMedia
from nitro_events.http.uploading import parts_as_they_come
from nitro_events.moves import VERBS
from nitro_events.resources import Given, made_dict
from nitro_events.signals import BadSignals, Signals, parse_object, parse_signals
from nitro_events.state import state
from nitro_events.texts import Text

if TYPE_CHECKING:
    from nitro_events.fields import Field
    from nitro_events.http.request import Request

__all__ = [
    "CLEAR",
    "FORM",
    "ONCE",
    "SEAL",
    "SEAL_OF",
    "STEP",
    "TAKE",
    "DataKind",
    "Input",
    "may_be_signals",
    "read_input",
    "read_signals",
    "with_params",
]

DataKind: TypeAlias = Literal["none", "json", "signals"]

SEAL = "_nitro"
"""The field of a form that holds its seal."""
SEAL_OF = "_nitro."
"""Before the name of a field: the seal of the form as it was when its user began to change it."""
ONCE = "_once"
"""The field of a form that tells one sending of it from another: sent again it is done once."""
STEP = "_step"
"""The field of a form that names the step to go to, of those that it has."""
CLEAR = "_clear"
"""The field of a form that names the fields of which nothing is to stay stored."""
TAKE = "_take"
"""The field of a form that names the fields whose other value the user takes."""

_REFUSALS = {400: BadRequest, 413: TooLarge, 415: UnsupportedMedia}
FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True, kw_only=True)
class Input(Given):
    """What the caller gave by name, and how it came.

    Texts of a form (the last of several), else JSON values. The content of a file is bytes, and
    in `values` alone.
    """

    data: DataKind = "none"
    """What it is if it is no form."""
    seal: str | None = None
    seals: Mapping[str, str] = field(default_factory=made_dict)
    once: str | None = None

    @property
    def kind(self) -> Literal["none", "json", "form", "signals"]:
        """How it came."""
        return "form" if self.form else self.data


async def read_input(
    request: Request, *, files: bool = False, stored: Mapping[str, Field] | None = None
) -> Input:
    """Read what came with *request*; *files*: a form may bring some, for *stored* to be put away.

    Raises BadRequest, TooLarge, UnsupportedMedia or BadSignals; never anything else, whatever
    was sent.
    """
    if request.method in ("GET", "HEAD"):
        return query_input(request)
    if request.read_input is not None:
        return request.read_input
    if stored and is_multipart(request):
        parts = await parts_as_they_come(request, stored)
        request.read_input = form_input(parts.texts, parts.files)
        return request.read_input
    body = await request.body()
    if not body:
        # Datastar sends those of DELETE in the query
        return query_input(request) if request.method == "DELETE" else Input()
    if request.content_type == FORM:
        return form_input(fields_of(body, request.charset))
    if files and is_multipart(request):
        parts = parts_of(body, request)
        return form_input(parts.texts, parts.files)
    if request.content_type == "application/json" or request.content_type.endswith("+json"):
        return json_input(body, signals=request.is_datastar, charset=request.charset)
    form = f"{FORM}, {MULTIPART}" if files else FORM
    msg = f"Send application/json or {form.replace(', ', ' or ')}"
    raise UnsupportedMedia(msg, headers=[("accept-post", f"application/json, {form}")])


def with_params(given: Input, params: Mapping[str, str]) -> Input:
    """Return *given* with the arguments that the path names, which come before all others."""
    lists = {**given.lists, **{name: [text] for name, text in params.items()}}
    return replace(given, values={**given.values, **params}, lists=lists)


def query_input(request: Request) -> Input:
    """Read the query: signals where Datastar sent them, else fields."""
    fields = dict(request.query)
    sent = fields.pop("datastar", None)
    if sent is not None and request.is_datastar:
        if len(sent) > 1:
            msg = Text("The query may have signals once")
            raise BadRequest(msg)
        signals = parse_object(sent[-1])
        # what the URL says itself was written by the page, and comes before a signal of that name
        values = {**signals, **{name: texts[-1] for name, texts in fields.items()}}
        return Input(values, data="signals")
    return form_input(fields) if fields else Input()


def form_input(fields: dict[str, list[str]], files: Mapping[str, bytes] | None = None) -> Input:
    """Return the *fields* of a form; line ends of long texts become plain newlines.

    Of a file that is to go, and for which no other was chosen, None is the value.
    """
    seal = fields.pop(SEAL, [None])[-1]
    take = tuple(fields.pop(TAKE, ()))
    once = fields.pop(ONCE, [None])[-1]
    step = fields.pop(STEP, [None])[-1]
    cleared = fields.pop(CLEAR, ())
    sealed = [name for name in fields if name.startswith(SEAL_OF)]
    seals = {name.removeprefix(SEAL_OF): fields.pop(name)[-1] for name in sealed}
    moves = tuple((verb, path) for verb in VERBS for path in fields.pop(verb, ()))
    lists = {name: [_plain(text) for text in texts] for name, texts in fields.items()}
    last = {name: texts[-1] for name, texts in lists.items()}
    _drop_items(lists, last, cleared)
    values = {**last, **dict.fromkeys(cleared), **(files or {})}
    given = Input(values, lists, take, form=True, moves=moves)
    given.seal, given.seals, given.once = seal, seals, once or None
    given.step = step
    return given


def _drop_items(lists: dict[str, list[str]], last: dict[str, str], cleared: Sequence[str]) -> None:
    """Take the texts out of *lists* that are cleared by their number: ``photos:2``."""
    by_field: dict[str, set[int]] = {}
    for path in cleared:
        name, found, number = path.rpartition(":")
        if found and number.isascii() and number.isdigit() and len(number) < 6:
            by_field.setdefault(name, set()).add(int(number))
    for name, numbers in by_field.items():
        texts = lists.get(name, [])
        lists[name] = [text for place, text in enumerate(texts) if place not in numbers]
        if lists[name]:
            last[name] = lists[name][-1]
        else:
            last.pop(name, None)


def sent_signals(request: Request, body: bytes) -> Signals:
    """Return the signals alone that Datastar sent: of the query, or of a JSON *body*.

    For hand-written routes, whose forms and other JSON are theirs. Raises BadSignals.
    """
    if may_be_signals(request):
        return parse_signals(body, charset=request.charset)
    in_query = request.method in ("GET", "DELETE", "HEAD")
    return parse_signals(request.query.get("datastar", [""])[-1]) if in_query else Signals()


def may_be_signals(request: Request) -> bool:
    """Tell whether the body of *request* may be what `sent_signals` reads."""
    if request.method in ("GET", "DELETE", "HEAD"):
        return False
    return request.content_type in ("", "application/json")


async def read_signals(request: Request) -> Signals:
    """Return what *request* brings by name, wherever it is: query, JSON or form.

    Raises as `read_input` does.
    """
    return Signals(dict((await read_input(request)).values))


def json_input(body: bytes, *, signals: bool, charset: str | None = None) -> Input:
    """Return the members of a JSON object."""
    limits = state.settings.limits
    if signals:
        values = parse_object(body, charset=charset)
    else:
        try:
            values = parse_object(
                body,
                max_bytes=limits.body,
                max_depth=limits.depth,
                max_keys=limits.fields,
                charset=charset,
            )
        except BadSignals as exc:
            text = str(exc).replace("Signals", "The JSON body", 1)
            raise _REFUSALS[exc.status](text) from None
    seal = values.pop(SEAL, None)
    take = values.pop(TAKE, None)
    names: tuple[str, ...] = ()
    if take:
        names = tuple(map(str, take)) if isinstance(take, list) else (str(take),)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    known = seal if isinstance(seal, str) else None
    return Input(values, take=names, seal=known, data="signals" if signals else "json")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
