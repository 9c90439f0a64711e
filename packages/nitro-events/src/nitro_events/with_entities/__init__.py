"""The joint with nitro-entities: entities over HTTP, in units, with live changes."""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from nitro_entities import (
    Change,
    ConstraintFailed,
    EntityExists,
    EntityNotFound,
    FileMissing,
    InvalidCursor,
    InvalidQuery,
    NotStorable,
    NotUnique,
    ReadOnlyUnit,
    SchemaMismatch,
    StaleEntity,
    StoreBusy,
    changes,
    classes,
    loop,
)
from nitro_entities.backends import repository_of
from nitro_entities.fields import Kind, specs, unique_groups
from nitro_entities.units.ambient import current_unit
from nitro_events.actions import action_of
from nitro_events.fields import Field, annotation_of
from nitro_events.http.kept import Keepers, Visit, current_visit
from nitro_events.http.problems import Problem, register, translate, unforeseen
from nitro_events.keeping import Keeping
from nitro_events.kinds import metadata_in
from nitro_events.resources import TargetAction
from nitro_events.seal import secret_keys
from nitro_events.state import state
from nitro_events.texts import Text
from nitro_events.undoing import Undoing
from nitro_events.units import Units
from nitro_events.uploads import Keepers as FileKeepers
from nitro_events.with_entities.file_routes import FileRoutes
from nitro_events.with_entities.files import database_files
from nitro_events.with_entities.keeping import EntityKeeper
from nitro_events.with_entities.keeping_files import EntityFiles, check_files
from nitro_events.with_entities.kinds import is_internal
from nitro_events.with_entities.nested import open_reading, open_unit
from nitro_events.with_entities.replies import EntityReplies
from nitro_events.with_entities.undoing import EntityMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from pydantic.fields import FieldInfo

    from nitro_entities.stores.browser import BrowserSession
    from nitro_events.durable.queue import Queue

__all__ = ["EntityTarget", "EntityTargets", "connect", "touched"]

MANY = 500
"""A commit that changes more entities of one class than this counts as a change of them all."""


class EntityTarget:
    """What can be done over HTTP with the entities of one class."""

    retry_on: tuple[type[Exception], ...] = (StaleEntity, EntityExists)

    def __init__(self, kind: type[Any]) -> None:
        self.kind = kind
        self.slug = classes.slug(kind)

    def __repr__(self) -> str:
        return f"<EntityTarget {self.slug}>"

    @property
    def may_wait(self) -> bool:
        """Whether to load one may mean to wait for a disk, a network or another unit."""
        return loop.may_wait(repository_of(self.kind))

    def fields(self) -> Mapping[str, Field]:
        """Return the declared fields but the id and what the verbs fill in.

        A secret is among them if its class lets forms set it: ``ui(widget="secret")``.
        """
        return self._fields

    def actions(self) -> Mapping[str, TargetAction]:
        """Return the declared actions of the class and its parents."""
        return self._actions

    def id_of(self, entity: object) -> str:
        """Return the id as text."""
        return str(cast("Any", entity).id)

    def find(self, id: str) -> object | None:
        """Return the entity, or None; also for a text that cannot be an id."""
        known: object = id  # which `get_or_none` reads, if it is to be a number or the like
        try:
            if self._has_text_of_its_own:
                known = self._id(id)
        except ValueError:
            return None
        try:
            return cast("object", self.kind.get_or_none(known))
        except NotStorable:  # such as a number that no store could keep
            return None

    def load(self, id: str) -> object:
        """Return the entity. Raises EntityNotFound."""
        entity = self.find(id)
        if entity is None:
            raise EntityNotFound(self.kind, id)
        return entity

    def current(self, entity: object) -> Mapping[str, object]:
        """Return the values of `fields` as JSON knows them."""
        return {name: item.dump(getattr(entity, name)) for name, item in self._fields.items()}

    def json(self, entity: object) -> Mapping[str, object]:
        """Return the signals of the entity, which hold no secrets."""
        return cast("Mapping[str, object]", cast("Any", entity).signals)

    def draft(self, values: Mapping[str, object], id: str | None = None) -> object:
        """Return a new entity, not stored."""
        check_files(self.kind, None, values)
        given = dict(values) if id is None else {**values, "id": id}
        return cast("object", self.kind(**given))

    def insert(self, entity: object) -> None:
        """Store a draft."""
        cast("Any", entity).save()

    def update(self, entity: object, values: Mapping[str, object]) -> None:
        """Set *values* together and store."""
        check_files(self.kind, entity, values)
        cast("Any", entity).update(**values)
        cast("Any", entity).save()

    def check(self, entity: object, values: Mapping[str, object]) -> None:
        """Set *values* together without storing them."""
        cast("Any", entity).update(**values)

    def unique_groups(self) -> Sequence[tuple[str, ...]]:
        """Return the fields that are unique, alone or together."""
        return unique_groups(self.kind)

    def taken(self, values: Mapping[str, object], id: str | None) -> Mapping[str, str]:
        """Return messages for unique values that another entity has; None is never taken."""
        errors: dict[str, str] = {}
        for group in unique_groups(self.kind):
            asked = {name: values.get(name) for name in group}
            if None in asked.values():
                continue
            found = self.kind.where(**asked).first()
            if found is not None and str(found.id) != id:
                errors.update(_taken_already(group))
        return errors

    def delete(self, entity: object) -> None:
        """Delete it."""
        cast("Any", entity).delete()

    def last_writer(self, id: str, field: str) -> tuple[str | None, datetime] | None:
        """Return who wrote *field* last, as far as this process remembers."""
        if _is_kept_in_browser(self.kind):
            return None  # the same id in another browser is another entity
        return changes.last_writer(self.kind, self._id(id), field=field)

    @cached_property
    def _fields(self) -> dict[str, Field]:
        found = {
            name: (spec, spec.info, is_settable_secret(spec.info))
            for name, spec in specs(self.kind).items()
            if name != "id" and spec.role is None and spec.info is not None
        }
        return {
            name: Field(name, annotation_of(info), info.is_required(), settable)
            for name, (spec, info, settable) in found.items()
            if settable or not (spec.secret or info.exclude)
        }

    @cached_property
    def _actions(self) -> dict[str, TargetAction]:
        return dict(declared_actions(self.kind))

    @cached_property
    def _has_text_of_its_own(self) -> bool:
        """Whether the id is a text, and not any text."""
        spec = specs(self.kind)["id"]
        return spec.kind is Kind.TEXT and spec.annotation is not str

    def _id(self, text: str) -> object:
        spec = specs(self.kind)["id"]
        return text if spec.annotation is str else spec.coerce(text)


def is_settable_secret(info: FieldInfo) -> bool:
    """Say whether the field asks for an input of its own that never shows the value."""
    # by its attribute: what pages say of a field is no business of this package
    said = [*info.metadata, *metadata_in(info.annotation)]
    return any(getattr(item, "widget", None) == "secret" for item in said)


def declared_actions(kind: type) -> Iterator[tuple[str, TargetAction]]:
    """Yield the actions of *kind*; a method that hides one without being one ends it."""
    seen: set[str] = set()
    for parent in kind.__mro__:
        for name, attribute in vars(parent).items():
            if name in seen:
                continue
            seen.add(name)
            # a class method made of an action does not carry its mark
            action = action_of(getattr(attribute, "__func__", attribute))
            if action is not None and action.name == name and not name.startswith("_"):
                on_class = isinstance(attribute, classmethod | staticmethod)
                yield name, TargetAction(action, getattr(kind, name), on_class)


def kinds() -> list[type[Any]]:
    """Return the entity classes of the application, without those for our own use."""
    return [kind for kind in classes.all() if not is_internal(kind)]


class EntityTargets:
    """The targets of the entity classes there are, by slug and by class."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slugs: dict[str, list[type]] | None = None
        self._targets: dict[type, EntityTarget] = {}

    def forget(self, _kind: type) -> None:
        """Look again: a class was defined."""
        self._slugs = None
        state.targets.version += 1

    def by_slug(self, slug: str) -> EntityTarget | None:
        """Return the target called *slug*. Raises AmbiguousClass if several are."""
        slugs = self._slugs
        if slugs is None:
            slugs = self._slugs = self._read()
        found = slugs.get(slug, ())
        if not found:
            return None
        kind = found[0] if len(found) == 1 else classes.named(slug)
        return self._target(kind)

    def by_kind(self, kind: type) -> EntityTarget | None:
        """Return the target of an entity class; None for other classes."""
        found = self._targets.get(kind)
        if found is None and hasattr(kind, "__nitro_abstract__") and kind in kinds():
            return self._target(kind)
        return found

    def _target(self, kind: type) -> EntityTarget:
        with self._lock:
            if kind not in self._targets:
                self._targets[kind] = EntityTarget(kind)
            return self._targets[kind]

    def _read(self) -> dict[str, list[type]]:
        slugs: dict[str, list[type]] = defaultdict(list)
        for kind in kinds():
            slugs[classes.slug(kind)].append(kind)
        return dict(slugs)


def touched(batch: Sequence[Change]) -> Iterator[set[str]]:
    """Yield the sets of topics that a commit touches, each for one call of the hub."""
    if len(batch) == 1 and batch[0].id is not None:
        name = batch[0].entity.__name__
        yield {name, f"{name}:{batch[0].id}"}
        return
    ids: dict[str, set[str] | None] = {}
    for change in batch:
        name = change.entity.__name__
        known = ids.setdefault(name, set())
        if change.id is None or known is None or len(known) >= MANY:
            ids[name] = None
        else:
            known.add(f"{name}:{change.id}")
    single = {topic for name, topics in ids.items() if topics for topic in (name, *topics)}
    if single:
        yield single
    # alone, the name of a class means every one of them
    for name, topics in ids.items():
        if topics is None:
            yield {name}


class BrowserKeeper:
    """Takes entities out of the browser of who asks, and sends back what became of them."""

    def is_wanted(self) -> bool:
        """Say whether the store of browsers was loaded: then some class may be kept there."""
        if "nitro_entities.stores.browser" not in sys.modules:
            return False
        from nitro_entities.stores import browser

        if browser.sessions().source is None:
            browser.sessions().source = self.session
            browser.sealing().secrets = secret_keys
            state.on_reset(_disconnect_browser)
        return True

    def session(self) -> BrowserSession | None:
        """Return the session of the request that is being answered, made at its first use."""
        from nitro_entities.stores.browser import BrowserSession

        visit = current_visit.get()
        if visit is None:
            return None
        with visit.lock:
            if visit.session is None:
                visit.session = BrowserSession(lambda: visit.signals, caller=lambda: visit.owner)
        return cast("BrowserSession", visit.session)

    def reply(self, visit: Visit) -> Mapping[str, object]:
        """Return what was saved and deleted, as signals."""
        return cast("BrowserSession", visit.session).reply()


def _disconnect_browser() -> None:
    from nitro_entities.stores import browser

    browser.sessions().source = None
    browser.sealing().secrets = None


def _is_for_all(kind: type[Any]) -> bool:
    return not (is_internal(kind) or _is_kept_in_browser(kind))


def _is_kept_in_browser(kind: type[Any]) -> bool:
    if "nitro_entities.stores.browser" not in sys.modules:
        return False
    from nitro_entities.stores.browser import BrowserStore

    return isinstance(kind.repository().store, BrowserStore)


def connect() -> None:
    """Connect entities to routes, units, problems, the live hub and browsers."""
    targets = state.part(EntityTargets)
    state.targets.by_slug = targets.by_slug
    state.targets.by_kind = targets.by_kind
    state.targets.kinds = kinds
    state.on_reset(classes.on_defined(targets.forget, replay=False))
    state.on_reset(changes.subscribe(_tell_hub, may_wait=False))
    state.stream_openers.append(changes.watch)
    units = state.part(Units)
    units.opener = open_unit
    units.reader = open_reading
    units.around = current_unit
    units.is_stale = _is_stale
    units.replies = state.part(EntityReplies)
    units.acting = changes.acting
    units.after_commit = _after_commit
    units.outbox = _keep_message
    units.queues = _queues
    units.files = database_files
    units.alone = _alone
    state.part(Keepers).keeper = BrowserKeeper()
    state.part(FileKeepers).keeper = EntityFiles()
    state.routes.provide(FileRoutes())
    state.part(Keeping).keeper = state.part(EntityKeeper)
    state.part(Undoing).memory = EntityMemory()
    _register_problems()


def _is_stale(error: BaseException) -> bool:
    return isinstance(error, StaleEntity)


def _after_commit(callback: Callable[[], object]) -> bool:
    unit = current_unit()
    if unit is None:
        return False
    unit.after_commit(callback)
    return True


def _keep_message(topic: str, payload: object) -> None:
    from nitro_events.with_entities.deliveries import keep_message

    keep_message(topic, payload)


def _queues() -> Iterable[Queue]:
    from nitro_events.with_entities.deliveries import deliveries_of_stores

    return deliveries_of_stores()


def _alone() -> Iterable[type]:
    from nitro_entities.repository import Ability

    for kind in kinds():
        repository = kind.repository()
        if Ability.SHARED not in repository.abilities and not _is_kept_in_browser(kind):
            yield kind


def _tell_hub(batch: Sequence[Change]) -> None:
    # what one browser keeps is nothing to the others
    common = [change for change in batch if _is_for_all(change.entity)]
    for topics in touched(common):
        state.hub.touch(topics)


def _register_problems() -> None:
    busy = Text("The store is busy. Try again in a moment.")
    faster = Text("Somebody else changed this meanwhile. Look at it again and repeat your change.")
    taken = Text("A value is taken already, or something else refers to this.")
    register(EntityNotFound, 404, "Not found", detail=Text("This does not exist, or no longer."))
    register(StaleEntity, 409, "Changed by somebody else", detail=faster)
    register(EntityExists, 409, Text("Exists already"), detail=Text("This exists already."))
    register(ConstraintFailed, 422, Text("Not stored"), detail=taken)
    register(NotUnique, 422, "Not valid", errors=_not_unique)
    register(NotStorable, 422, Text("Not stored"), errors=_not_storable)
    translate(SchemaMismatch, _schema_mismatch)
    translate(ReadOnlyUnit, _read_only)
    translate(FileMissing, _file_missing)
    register(StoreBusy, 503, Text("Busy"), detail=busy)
    register(InvalidQuery, 400, "Bad request", detail=Text("This cannot be asked."))
    register(InvalidCursor, 400, "Bad request", detail=Text("This position is not one of ours."))


def _schema_mismatch(exc: SchemaMismatch) -> Problem:
    """Tell the developer what to do, and nobody else."""
    problem = unforeseen(exc)
    if state.settings.production:
        return problem
    return replace(problem, title="The table does not fit the class", detail=str(exc))


def _read_only(exc: ReadOnlyUnit) -> Problem:
    """Tell the developer which query writes, and nobody else."""
    problem = unforeseen(exc)
    if state.settings.production:
        return problem
    return replace(problem, title="A query may not write", detail=str(exc))


def _file_missing(exc: FileMissing) -> Problem:
    if exc.field is None:
        return Problem(404, "Not found", Text("This file is not there any more."))
    text = Text("This file is not there any more. Choose it again")
    return Problem(422, Text("Not valid"), errors={exc.field: text})


def _not_unique(exc: NotUnique) -> dict[str, str]:
    return _taken_already(exc.fields)


def _taken_already(fields: tuple[str, ...]) -> dict[str, str]:
    alone = len(fields) == 1
    text = Text("This is taken already") if alone else Text("These are taken already, together")
    return dict.fromkeys(fields, text)


def _not_storable(exc: NotStorable) -> dict[str, str]:
    return {exc.field: Text("This cannot be stored: it is too large, or not a number")}
