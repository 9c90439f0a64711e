"""Which repository keeps the entities of a class."""

from typing import TYPE_CHECKING, Any, TypeVar, cast

from nitro_entities.config import settings
from nitro_entities.definition import A_BACKEND, is_backend
from nitro_entities.errors import DefinitionError
from nitro_entities.state import state

if TYPE_CHECKING:
    from nitro_entities.repository import Repository
    from nitro_entities.verbs import Verbs

E = TypeVar("E", bound="Verbs")

BACKEND = "_persistence_backend_class"


class Repositories(dict[type, Any]):
    """The repositories in use, by entity class."""

    def reset(self) -> None:
        """Forget them."""
        self.clear()


_known = state.part(Repositories)  # which stays, see `State`: it is asked many times a call


def repository_of(cls: type[E]) -> "Repository[E]":
    """Answer the repository of *cls*, made at first use."""
    found: Repository[E] | None = _known.get(cls)
    if found is None:
        # setdefault: when two threads come at once, both get the same
        backend = backend_of(cls)
        check(cls, backend)
        made: Repository[E] = _known.setdefault(cls, backend(cls))
        return made
    return found


def check(cls: type[Any], backend: type[Any]) -> None:
    """Let *backend* say whether it can keep *cls*. Raises DefinitionError."""
    if not is_backend(backend):
        msg = f"{cls.__name__}.{BACKEND} takes {A_BACKEND}, got {backend!r}"
        raise DefinitionError(msg)
    own_check = getattr(backend, "check", None)
    if own_check is not None:
        own_check(cls)


def check_named(cls: type[Any]) -> None:
    """Check a class that names its backend itself, when it is defined. Raises DefinitionError."""
    if BACKEND in cls.__dict__ and cls.__pydantic_complete__:
        check(cls, cls.__dict__[BACKEND])


def backend_of(cls: type[Any]) -> type[Any]:
    """Answer the class of the repository that keeps *cls*. Raises DefinitionError."""
    if cls.__nitro_abstract__:
        msg = f"{cls.__name__} is abstract: define a class of your own from it"
        raise DefinitionError(msg)
    configured = settings().backend
    if names_backend(cls) or configured is None or not cls.__nitro_any_backend__:
        return cast("type[Any]", getattr(cls, BACKEND))
    return configured


def names_backend(cls: type[Any]) -> bool:
    """Say whether *cls*, or a class it comes from, names its backend itself."""
    return any(BACKEND in base.__dict__ for base in cls.__mro__ if not _is_root(base))


def _is_root(base: type) -> bool:
    return bool(base.__dict__.get("__nitro_root__"))
