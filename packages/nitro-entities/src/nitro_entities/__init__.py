"""Entities: business objects that validate, know where they are kept and tell who changed them.

Nothing heavy is imported until a name is used: ``from nitro_entities import Entity`` loads
pydantic, ``SQLEntity`` and ``SQLModelBackend`` load SQLModel and SQLAlchemy.
"""

from typing import TYPE_CHECKING

__all__ = [
    "Ability",
    "AmbiguousClass",
    "BlockingCall",
    "BlockingCallWarning",
    "Change",
    "Condition",
    "ConstraintFailed",
    "CreatedAt",
    "DatastarRepo",
    "DefinitionError",
    "DeletedAt",
    "DiskStorage",
    "Entity",
    "EntityError",
    "EntityExists",
    "EntityNotFound",
    "ExpiresAt",
    "FileMissing",
    "FileRefused",
    "FileRules",
    "ImageFile",
    "Indexed",
    "InvalidCursor",
    "InvalidQuery",
    "MemoryRepo",
    "MixedUnit",
    "NotStorable",
    "NotSupported",
    "NotUnique",
    "QuerySet",
    "ReadOnlyUnit",
    "RedisRepo",
    "RelationNotLoaded",
    "S3Storage",
    "SQLEntity",
    "SQLModelBackend",
    "SchemaMismatch",
    "Secret",
    "SettingsError",
    "Slice",
    "StaleEntity",
    "StoreBusy",
    "StoreUnusable",
    "StoredFile",
    "Unique",
    "Unit",
    "UnitClosed",
    "UnitOfWork",
    "UnknownClass",
    "UnreadableRow",
    "UpdatedAt",
    "after_commit",
    "after_delete",
    "after_save",
    "before_delete",
    "before_save",
    "changes",
    "classes",
    "col",
    "configure",
    "files",
    "migrations",
    "state",
]

if TYPE_CHECKING:  # what editors and type checkers read
    from nitro_entities import changes as changes
    from nitro_entities import classes as classes
    from nitro_entities import files as files
    from nitro_entities import migrations as migrations
    from nitro_entities import state as state
    from nitro_entities.changes import Change as Change
    from nitro_entities.conditions import Condition as Condition
    from nitro_entities.conditions import col as col
    from nitro_entities.config import configure as configure
    from nitro_entities.entity import Entity as Entity
    from nitro_entities.errors import AmbiguousClass as AmbiguousClass
    from nitro_entities.errors import BlockingCall as BlockingCall
    from nitro_entities.errors import BlockingCallWarning as BlockingCallWarning
    from nitro_entities.errors import ConstraintFailed as ConstraintFailed
    from nitro_entities.errors import DefinitionError as DefinitionError
    from nitro_entities.errors import EntityError as EntityError
    from nitro_entities.errors import EntityExists as EntityExists
    from nitro_entities.errors import EntityNotFound as EntityNotFound
    from nitro_entities.errors import InvalidCursor as InvalidCursor
    from nitro_entities.errors import InvalidQuery as InvalidQuery
    from nitro_entities.errors import MixedUnit as MixedUnit
    from nitro_entities.errors import NotStorable as NotStorable
    from nitro_entities.errors import NotSupported as NotSupported
    from nitro_entities.errors import NotUnique as NotUnique
    from nitro_entities.errors import ReadOnlyUnit as ReadOnlyUnit
    from nitro_entities.errors import RelationNotLoaded as RelationNotLoaded
    from nitro_entities.errors import SchemaMismatch as SchemaMismatch
    from nitro_entities.errors import SettingsError as SettingsError
    from nitro_entities.errors import StaleEntity as StaleEntity
    from nitro_entities.errors import StoreBusy as StoreBusy
    from nitro_entities.errors import StoreUnusable as StoreUnusable
    from nitro_entities.errors import UnitClosed as UnitClosed
    from nitro_entities.errors import UnknownClass as UnknownClass
    from nitro_entities.errors import UnreadableRow as UnreadableRow
    from nitro_entities.fields import CreatedAt as CreatedAt
    from nitro_entities.fields import DeletedAt as DeletedAt
    from nitro_entities.fields import ExpiresAt as ExpiresAt
    from nitro_entities.fields import Indexed as Indexed
    from nitro_entities.fields import Secret as Secret
    from nitro_entities.fields import Unique as Unique
    from nitro_entities.fields import UpdatedAt as UpdatedAt
    from nitro_entities.files import DiskStorage as DiskStorage
    from nitro_entities.files import FileMissing as FileMissing
    from nitro_entities.files import FileRefused as FileRefused
    from nitro_entities.files import FileRules as FileRules
    from nitro_entities.files import ImageFile as ImageFile
    from nitro_entities.files import S3Storage as S3Storage
    from nitro_entities.files import StoredFile as StoredFile
    from nitro_entities.hooks import after_commit as after_commit
    from nitro_entities.hooks import after_delete as after_delete
    from nitro_entities.hooks import after_save as after_save
    from nitro_entities.hooks import before_delete as before_delete
    from nitro_entities.hooks import before_save as before_save
    from nitro_entities.query import QuerySet as QuerySet
    from nitro_entities.repository import Ability as Ability
    from nitro_entities.slices import Slice as Slice
    from nitro_entities.stores.browser import DatastarRepo as DatastarRepo
    from nitro_entities.stores.memory import MemoryRepo as MemoryRepo
    from nitro_entities.stores.redis.backend import RedisRepo as RedisRepo
    from nitro_entities.stores.sql.backend import SQLModelBackend as SQLModelBackend
    from nitro_entities.stores.sql.entity import SQLEntity as SQLEntity
    from nitro_entities.units.unit import Unit as Unit
    from nitro_entities.units.unit_of_work import UnitOfWork as UnitOfWork
else:  # what runs; hidden from checkers, or every misspelt name would pass
    from importlib import import_module

    _ERRORS = [
        "AmbiguousClass", "BlockingCall", "BlockingCallWarning", "ConstraintFailed",
        "DefinitionError", "EntityError", "EntityExists", "EntityNotFound", "InvalidCursor",
        "InvalidQuery", "MixedUnit", "NotStorable", "NotSupported", "NotUnique",
        "ReadOnlyUnit", "RelationNotLoaded", "SchemaMismatch", "SettingsError", "StaleEntity",
        "StoreBusy",
        "StoreUnusable", "UnitClosed", "UnknownClass", "UnreadableRow",
    ]  # fmt: skip
    _FIELDS = ["CreatedAt", "DeletedAt", "ExpiresAt", "Indexed", "Unique", "UpdatedAt"]
    _FILES = [
        "DiskStorage", "FileMissing", "FileRefused", "FileRules", "ImageFile", "S3Storage",
        "StoredFile",
    ]  # fmt: skip
    _HOOKS = ["after_commit", "after_delete", "after_save", "before_delete", "before_save"]
    _MODULES = {"changes", "classes", "files", "migrations", "state"}
    _HOME_OF = {
        "Change": "changes",
        "Condition": "conditions",
        "DatastarRepo": "stores.browser",
        "Entity": "entity",
        "MemoryRepo": "stores.memory",
        "QuerySet": "query",
        "RedisRepo": "stores.redis.backend",
        "SQLEntity": "stores.sql.entity",
        "SQLModelBackend": "stores.sql.backend",
        "Secret": "fields",
        "Slice": "slices",
        "Unit": "units.unit",
        "UnitOfWork": "units.unit_of_work",
        "col": "conditions",
        "configure": "config",
        "Ability": "repository",
        **dict.fromkeys(_ERRORS, "errors"),
        **dict.fromkeys(_FIELDS, "fields"),
        **dict.fromkeys(_FILES, "files"),
        **dict.fromkeys(_HOOKS, "hooks"),
    }

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            return import_module(f"nitro_entities.{name}")
        home = _HOME_OF.get(name)
        if home is None:
            msg = f"module 'nitro_entities' has no attribute {name!r}"
            raise AttributeError(msg)
        try:
            module = import_module(f"nitro_entities.{home}")
        except ModuleNotFoundError:
            from nitro_entities.extras import needed_for

            with needed_for(name):
                raise
        value = globals()[name] = getattr(module, name)
        return value

    def __dir__() -> list[str]:
        return sorted(__all__)
