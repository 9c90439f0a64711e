"""Entities that hold files: a content of their own for each, and none left when they are gone."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from nitro_entities import classes
from nitro_entities.fields import specs
from nitro_entities.fields.files import class_in
from nitro_entities.files import places
from nitro_entities.files.rules import FileMissing
from nitro_entities.files.value import StoredFile, folder_of

if TYPE_CHECKING:
    from nitro_entities.repository import Repository
    from nitro_entities.verbs import Verbs


def files_in(value: Any) -> Iterator[StoredFile]:
    """Yield the files that the value of a field is, or has in it as items."""
    if isinstance(value, StoredFile):
        yield value
    elif isinstance(value, dict):
        yield from files_in(list[Any](value.values()))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from files_in(item)


def files_of(entity: "Verbs", fields: tuple[str, ...]) -> Iterator[StoredFile]:
    """Yield the files that *entity* holds."""
    for name in fields:
        yield from files_in(getattr(entity, name))


def settle(
    repo: "Repository[Any]", entity: "Verbs", fields: tuple[str, ...]
) -> Callable[[], None] | None:
    """Give *entity* a content of its own for each file that it did not hold before.

    Answers what is to be done when that is committed, and never if it is not. Raises FileMissing.
    """
    before = _keys(repo.original(entity), fields)
    made: dict[tuple[str, str], str] = {}
    folder = folder_of(classes.slug(type(entity)))

    def own(file: StoredFile, kind: type[StoredFile], name: str) -> StoredFile:
        if type(file) is not kind:  # a picture in a field for any file
            file = kind(**file.model_dump())
        if file.key in before:
            return file
        key = made.get((name, file.key))
        if key is None:  # what is several times in one list is kept once
            key = made[name, file.key] = f"{folder}/{secrets.token_hex(16)}"
            places.copy(file.key, key)
        return file.model_copy(update={"key": key})

    for name in fields:
        value = getattr(entity, name)
        if any(file.key not in before for file in files_in(value)):
            kind = class_in(specs(type(entity))[name].annotation)
            try:
                setattr(entity, name, _mapped(value, partial(own, kind=kind, name=name)))
            except FileMissing as exc:
                raise FileMissing(exc.key, field=name) from None
    arrived = [key for _name, key in made if places.has_arrived(key)]
    gone = before - _keys(entity, fields)
    return None if not (gone or arrived) else lambda: _clear(gone, arrived)


def leave(
    repo: "Repository[Any]", entity: "Verbs", fields: tuple[str, ...]
) -> Callable[[], None] | None:
    """Answer what is to be done when the removal of *entity* is committed."""
    gone = _keys(repo.original(entity), fields)
    return (lambda: _clear(gone, [])) if gone else None


def _clear(gone: set[str], arrived: list[str]) -> None:
    store = places.storage()
    for key in gone:
        with suppress(FileMissing):
            store.move(key, f"{places.REMOVED}/{key}")
    for key in arrived:
        store.delete(key)


def _keys(entity: "Verbs | None", fields: tuple[str, ...]) -> set[str]:
    return set() if entity is None else {file.key for file in files_of(entity, fields)}


def _mapped(value: Any, change: Callable[[StoredFile], StoredFile]) -> Any:
    if isinstance(value, StoredFile):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(item, change) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple | set | frozenset):
        items: Any = [_mapped(item, change) for item in value]  # pyright: ignore[reportUnknownVariableType]
        return type(value)(items)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return value
