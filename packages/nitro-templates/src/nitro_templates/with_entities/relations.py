"""What a field can be asked about the entities it refers to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from nitro_entities import QuerySet, classes, col
from nitro_entities.conditions import any_of
from nitro_entities.errors import InvalidQuery
from nitro_entities.fields import specs
from nitro_templates.fields.relation import Reference
from nitro_templates.relations.related import Option, Options

from .source import EntitySource

CHUNK = 500
LONGEST = 200
"""How much of what was typed is looked for."""


@dataclass(frozen=True, slots=True)
class RelatedEntities:
    """The entities of one class, or those that *among* finds, as a field refers to them."""

    source: EntitySource
    key: str
    among: QuerySet[Any] | None = None

    @property
    def model(self) -> type[Any]:
        """Their class."""
        return self.source.model

    @property
    def slug(self) -> str | None:
        """Their name in URLs."""
        return self.source.slug

    @property
    def label(self) -> str:
        """What one is called."""
        return self.source.label

    @property
    def plural(self) -> str:
        """What several are called."""
        return self.source.plural

    @property
    def topics(self) -> frozenset[str]:
        """The live topics that tell of changes."""
        return self.source.topics

    def titles(self, keys: Iterable[object], /) -> dict[str, Option]:
        """Answer what is there of *keys*, by key; also what may not be chosen any more."""
        return {option.key: option for option in self._options(self._with_keys(keys))}

    def allowed(self, key: str, /) -> Option | None:
        """Answer the one with this key, None if it is not there or may not be chosen."""
        found = self._known([key])
        rows = (
            self._all().where(col(self.model, self.key) == found[0]).limit(1).list()
            if found
            else []
        )
        return next(self._options(rows), None)

    def few(self, size: int, /) -> tuple[Option, ...] | None:
        """Answer all that may be chosen, by title; None if there are more than *size*."""
        found = self._all().limit(size + 1).list()
        if len(found) > size:
            return None
        return tuple(sorted(self._options(found), key=lambda one: one.title.casefold()))

    def options(self, text: str, size: int, /) -> Options:
        """Answer what has *text* in its title: first what begins with it, then the others.

        What has no title to look in is found by its whole key.
        """
        text, name = text.strip()[:LONGEST], self._title_field
        if text and name is None:
            found = self.allowed(text)
            return Options(() if found is None else (found,))
        if not text:
            rows = self._sorted(self._all()).limit(size + 1).list()
        else:
            rows = self._matching(text, cast("str", name), size + 1)
        return Options(tuple(islice(self._options(rows), size)), more=len(rows) > size)

    def called(self, title: str, /) -> tuple[Option, ...]:
        """Answer what has just this title; case aside where none has it letter by letter."""
        name = self._title_field
        if name is None or not title or len(title) > LONGEST:
            return ()
        exactly = self._all().where(col(self.model, name) == title).limit(2).list()
        if exactly:
            return tuple(self._options(exactly))
        wanted = title.casefold()
        near = self.options(title, 20).items
        return tuple(option for option in near if option.title.casefold() == wanted)

    def _matching(self, text: str, name: str, size: int) -> list[Any]:
        begins = any_of([col(self.model, name).startswith(way) for way in _ways(text)])
        found: list[Any] = self._sorted(self._all().where(begins)).limit(size).list()
        if len(found) < size:
            ids = {one.id for one in found}
            others = self._sorted(self._all().search(text, name)).limit(size + len(found)).list()
            found += [one for one in others if one.id not in ids]
        return found[:size]

    def _all(self) -> QuerySet[Any]:
        return cast("Any", self.model).where() if self.among is None else self.among

    def _sorted(self, query: QuerySet[Any]) -> QuerySet[Any]:
        name = self._title_field
        return query if name is None else query.order_by(name)

    @property
    def _title_field(self) -> str | None:
        """The field that titles come from, which `title_of` takes too."""
        searched = cast("QuerySet[Any]", self.model.where()).text_fields
        fields = (field.name for field in self.source.fields if field.searchable)
        return next((name for name in fields if name in searched), None)

    def _with_keys(self, keys: Iterable[object]) -> Iterator[Any]:
        known = self._known(keys)
        if self.key == "id":
            yield from self.model.get_many(known)
            return
        for start in range(0, len(known), CHUNK):
            yield from self.model.where(
                col(self.model, self.key).in_(known[start : start + CHUNK])
            )

    def _known(self, keys: Iterable[object]) -> Sequence[Any]:
        """Answer *keys* as the field would hold them, each once, without what it could not."""
        coerce = specs(self.model)[self.key].coerce
        known: dict[Any, None] = {}
        for key in dict.fromkeys(keys):
            try:
                known[coerce(key)] = None
            except InvalidQuery:
                continue
        return [key for key in known if key is not None]

    def _options(self, entities: Iterable[Any]) -> Iterator[Option]:
        title_of, name = self.source.title_of, self.key
        for entity in entities:
            yield Option(str(getattr(entity, name)), title_of(entity), str(entity.id))


def related_to(reference: Reference) -> RelatedEntities:
    """Answer what *reference* leads to; TypeError if those are no entities."""
    among = cast("QuerySet[Any] | None", reference.among)
    model = reference.target() if among is None else among.entity
    if not hasattr(model, "get_many"):
        msg = f"ui(relation={model!r}): a relation leads to an entity class"
        raise TypeError(msg)
    return RelatedEntities(EntitySource(model), reference.key, among)


def class_named(name: str) -> type[Any]:
    """Answer the entity class called *name*; LookupError if there is none, or several."""
    found = [cls for cls in classes.all() if cls.__name__ == name]
    if len(found) == 1:
        return found[0]
    known = ", ".join(sorted({cls.__name__ for cls in classes.all()})) or "none"
    what = "There is no" if not found else "There are several"
    msg = f"ui(relation={name!r}): {what} entity class of that name. Known classes: {known}"
    raise LookupError(msg)


def _ways(text: str) -> list[str]:
    """List how a title may be written that begins with *text*: stores find beginnings by case."""
    return list(dict.fromkeys([text, text.capitalize(), text.title(), text.lower(), text.upper()]))
