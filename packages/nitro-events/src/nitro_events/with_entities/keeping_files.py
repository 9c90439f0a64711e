"""Stored files of entities, as forms bring them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from nitro_entities.errors import EntityError
from nitro_entities.files import (
    Allowance,
    FileMissing,
    FileRefused,
    UploadsFull,
    begin,
    rules_of,
)
from nitro_entities.files.holding import files_in, files_of
from nitro_entities.files.places import has_arrived
from nitro_entities.files.rules import said
from nitro_entities.traits import traits
from nitro_events.http.problems import TooManyRequests
from nitro_events.texts import Text
from nitro_events.uploads import RefusedFile

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from nitro_entities.files import Arriving, FileRules, StoredFile
    from nitro_events.allowances import Allowance as Allowed

__all__ = ["EntityFiles", "check_files"]

_AGAIN = Text("This file is not there any more. Choose it again")


class EntityFiles:
    """Keeps files in the storage of nitro_entities, see `nitro_events.uploads.Keeper`."""

    def most(self, annotation: Any, /) -> int:
        """Return how many bytes a file may have."""
        return _rules(annotation)[1].size

    def begin(self, annotation: Any, name: str, allowed: Allowed, /) -> ArrivingFile:
        """Begin to take a file."""
        kind, rules = _rules(annotation)
        allowance = Allowance(allowed.holder, allowed.most)
        return ArrivingFile(begin(kind, rules, name, allowance=allowance))

    def check(
        self, annotation: Any, values: Mapping[str, object], /, *, fresh: bool = False
    ) -> StoredFile:
        """Return the file; raise RefusedFile for a field that takes other ones."""
        kind, rules = _rules(annotation)
        width, height = values.get("width"), values.get("height")
        with _told():
            rules.check_type(str(values.get("type")))
            rules.check_size(int(str(values.get("size"))))
            if isinstance(width, int) and isinstance(height, int):
                rules.check_pixels(width, height)
        try:
            file = kind.model_validate(values)
        except ValidationError:
            raise RefusedFile(_AGAIN) from None
        if fresh and not has_arrived(file.key):
            raise RefusedFile(_AGAIN)
        return file


class ArrivingFile:
    """One file on its way, see `nitro_events.uploads.Sink`."""

    def __init__(self, inner: Arriving) -> None:
        self._inner = inner

    def write(self, piece: bytes, /) -> None:
        """Add *piece*."""
        with _told():
            self._inner.write(piece)

    def end(self) -> Mapping[str, object]:
        """Keep it."""
        with _told():
            return self._inner.end().model_dump(mode="json")

    def cancel(self) -> None:
        """Forget it."""
        self._inner.cancel()

    def discard(self) -> None:
        """Forget it, also after `end`."""
        self._inner.discard()


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except FileRefused as exc:
        raise RefusedFile(Text(exc.template, **exc.values)) from None
    except UploadsFull as exc:
        msg = Text(
            "You have uploaded {size} that no form was sent with, which is all that is kept for "
            "you. Send those forms first, or try again in some days",
            size=said(exc.most),
        )
        raise TooManyRequests(msg, retry_after=3600) from None


def check_files(kind: type[Any], entity: Any, values: Mapping[str, object]) -> None:
    """Raise FileMissing for a file in *values* that something else holds than *entity*.

    The form of something tells what it holds to who may change it, who may not always read it:
    in another entity its content would be theirs.
    """
    fields = traits(kind).files
    if not fields:
        return
    known = set[str]() if entity is None else {file.key for file in files_of(entity, fields)}
    for name in fields:
        for file in files_in(values.get(name)):
            if file.key not in known and not has_arrived(file.key):
                raise FileMissing(file.key, field=name)


def _rules(annotation: Any) -> tuple[type[StoredFile], FileRules]:
    found = rules_of(annotation)
    if found is None:
        msg = f"{annotation!r} holds no stored files"
        raise EntityError(msg)
    return found
