"""What can go wrong with entities.

EntityError
    EntityNotFound (LookupError)      no entity of this class has this id
    EntityExists (ValueError)         a new entity has an id that is taken
    StaleEntity                       somebody else saved or deleted it meanwhile
    ConstraintFailed (ValueError)     the store refused the row
        NotUnique                     another entity has the value of a unique field
    NotSupported (TypeError)          the store of a class cannot do what was asked
    RelationNotLoaded (LookupError)   a relation that has to be asked for with include=
    BlockingCall (RuntimeError)       a call that waits, on a running event loop (strict mode)
    NotStorable (ValueError)          a value that no store can keep, such as nan
    InvalidQuery (ValueError)         a condition or order that the class cannot answer
    InvalidCursor (ValueError)        a slice position that we did not make
    SettingsError (ValueError)        a setting that cannot be
    DefinitionError (TypeError)       a class that cannot be an entity
    UnknownClass (LookupError)        no entity class has this name
    AmbiguousClass (LookupError)      several entity classes have this name
    MixedUnit                         two durable stores in one unit of work
    UnitClosed                        a unit of work used after its end
    ReadOnlyUnit (RuntimeError)       something written in a unit of work that only reads
    SchemaMismatch                    the table in the database lacks what the class needs
    UnreadableRow                     a stored row does not fit the class
    StoreBusy (TimeoutError)          somebody else kept the store too long
    StoreUnusable (OSError)           the store cannot be opened, or was taken away
"""

from collections.abc import Mapping, Sequence


class EntityError(Exception):
    """Be the parent of everything that this package raises by itself."""


class EntityNotFound(EntityError, LookupError):
    """No entity of this class has this id."""

    def __init__(self, entity: type, id: object) -> None:
        super().__init__(f"No {entity.__name__} with id {id!r}")
        self.entity = entity
        self.id = id


class EntityExists(EntityError, ValueError):
    """A new entity carries an id that another one has already."""

    def __init__(self, entity: type, id: object) -> None:
        super().__init__(
            f"There is already a {entity.__name__} with id {id!r}. "
            f"To change it, get it, assign and save"
        )
        self.entity = entity
        self.id = id


class StaleEntity(EntityError):
    """Somebody else saved or deleted the entity after it was loaded.

    *mine* and *theirs* hold the fields in question: what this save would have written, and
    what is stored now. *gone* says that nothing is stored any more.
    """

    def __init__(
        self,
        entity: type,
        id: object,
        *,
        mine: Mapping[str, object] | None = None,
        theirs: Mapping[str, object] | None = None,
        gone: bool = False,
    ) -> None:
        what = "deleted" if gone else "changed"
        super().__init__(
            f"{entity.__name__} {id!r} was {what} by somebody else after it was loaded. "
            f"Call refresh(), apply the change again and save"
        )
        self.entity = entity
        self.id = id
        self.mine = dict(mine or {})
        self.theirs = dict(theirs or {})
        self.gone = gone


class ConstraintFailed(EntityError, ValueError):
    """The store refused a row, for example because a unique value is taken."""

    def __init__(self, entity: type, id: object, reason: str) -> None:
        super().__init__(f"The store refused {entity.__name__} {id!r}: {reason}")
        self.entity = entity
        self.id = id
        self.reason = reason


class NotUnique(ConstraintFailed):
    """Another entity has the same value in a unique field, or in unique fields together."""

    def __init__(self, entity: type, id: object, fields: Sequence[str]) -> None:
        names = " and ".join(fields)
        super().__init__(entity, id, f"another one has the same {names}")
        self.fields = tuple(fields)


class NotSupported(EntityError, TypeError):
    """The store that keeps a class cannot do what was asked of it."""


class RelationNotLoaded(EntityError, LookupError):
    """A relation was used that would have to be loaded unseen; ask for it with ``include=``."""


class BlockingCall(EntityError, RuntimeError):
    """A call that waits for a disk or a network would have stopped the event loop."""


class BlockingCallWarning(RuntimeWarning):
    """A call that waits for a disk or a network stopped the event loop."""


class NotStorable(EntityError, ValueError):
    """A value passed the validation of its field, but a store cannot keep it."""

    def __init__(self, entity: type, field: str, reason: str, *, id: object = None) -> None:
        whose = "" if id is None else f" of {id!r}"
        super().__init__(f"{entity.__name__}.{field}{whose}: {reason}")
        self.entity = entity
        self.field = field
        self.reason = reason
        self.id = id


class InvalidQuery(EntityError, ValueError):
    """A condition or an order names what the class has not, or compares what cannot be."""


class InvalidCursor(EntityError, ValueError):
    """A slice position that was not made by this query."""


class SettingsError(EntityError, ValueError):
    """A setting cannot be what it was set to."""


class DefinitionError(EntityError, TypeError):
    """A class that cannot be an entity the way it is written."""


class UnknownClass(EntityError, LookupError):
    """No entity class has this name."""


class AmbiguousClass(EntityError, LookupError):
    """Several entity classes have the name that should decide."""


class MixedUnit(EntityError):
    """One unit of work would have to commit to two durable stores."""


class UnitClosed(EntityError):
    """A unit of work was used after it had ended."""


class ReadOnlyUnit(EntityError, RuntimeError):
    """Something was to be saved, deleted or sent in a unit of work that only reads."""


class SchemaMismatch(EntityError):
    """A table exists in the database but lacks something that the class needs."""


class UnreadableRow(EntityError):
    """What is stored cannot be an entity of the class; somebody else wrote it, or it is older."""

    def __init__(self, entity: type, id: object, problems: str) -> None:
        super().__init__(
            f"The stored {entity.__name__} {id!r} does not fit its class: {problems}. "
            f"Correct the row, or let the class accept it"
        )
        self.entity = entity
        self.id = id


class StoreUnusable(EntityError, OSError):
    """The store cannot be opened, or was removed while it was in use."""


class StoreBusy(EntityError, TimeoutError):
    """The store was kept by somebody else for longer than we are willing to wait."""
