"""Stored files of entities, as forms bring them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nitro_entities.errors import EntityError
from nitro_entities.files import FileMissing, FileRefused, begin, rules_of
from nitro_entities.files.holding import files_in, files_of
from nitro_entities.files.places import has_arrived
from nitro_entities.traits import traits
from nitro_events.texts import Text
from nitro_events.uploads import RefusedFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nitro_entities.files import Arriving, FileRules

__all__ = ["EntityFiles", "check_files"]


class EntityFiles:
    """Keeps files in the storage of nitro_entities, see `nitro_events.uploads.Keeper`."""

    def most(self, annotation: Any, /) -> int:
        """Return how many bytes a file may have."""
        return _rules(annotation)[1].size

    def begin(self, annotation: Any, name: str, /) -> ArrivingFile:
        """Begin to take a file."""
        kind, rules = _rules(annotation)
        return ArrivingFile(begin(kind, rules, name))

    def check(self, annotation: Any, values: Mapping[str, object], /) -> None:
        """Raise RefusedFile for what was kept for a field that takes other files."""
        _, rules = _rules(annotation)
        width, height = values.get("width"), values.get("height")
        try:
            rules.check_type(str(values.get("type")))
            rules.check_size(int(str(values.get("size"))))
            if isinstance(width, int) and isinstance(height, int):
                rules.check_pixels(width, height)
        except FileRefused as exc:
            raise RefusedFile(Text(exc.template, **exc.values)) from None


class ArrivingFile:
    """One file on its way, see `nitro_events.uploads.Sink`."""

    def __init__(self, inner: Arriving) -> None:
        self._inner = inner

    def write(self, piece: bytes, /) -> None:
        """Add *piece*."""
        try:
            self._inner.write(piece)
        except FileRefused as exc:
            raise RefusedFile(Text(exc.template, **exc.values)) from None

    def end(self) -> Mapping[str, object]:
        """Keep it."""
        try:
            return self._inner.end().model_dump(mode="json")
        except FileRefused as exc:
            raise RefusedFile(Text(exc.template, **exc.values)) from None

    def cancel(self) -> None:
        """Forget it."""
        self._inner.cancel()


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


def _rules(annotation: Any) -> tuple[type[Any], FileRules]:
    found = rules_of(annotation)
    if found is None:
        msg = f"{annotation!r} holds no stored files"
        raise EntityError(msg)
    return found
