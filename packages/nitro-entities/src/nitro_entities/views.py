"""How an entity shows itself, when something is installed that knows how."""

from importlib.metadata import entry_points
from typing import Any, Protocol, cast

from nitro_entities.state import state

GROUP = "nitro.entity_views"


class View(Protocol):
    """Something that is HTML."""

    def __html__(self) -> str:
        """Answer the HTML."""
        ...


class Views(Protocol):
    """Who makes views of entities: the object of the entry point "views"."""

    def card(self, entity: Any, /) -> View:
        """Show *entity* as a card."""
        ...

    def form(self, entity: Any, /) -> View:
        """Show *entity* as a form."""
        ...

    def row(self, entity: Any, /) -> View:
        """Show *entity* as a table row."""
        ...


class Provider:
    """The provider that was found or registered."""

    def __init__(self) -> None:
        self.views: Views | None = None


def register(views: Views) -> None:
    """Use *views* instead of looking for an entry point."""
    state.part(Provider).views = views


def provider() -> Views:
    """Answer who makes views. Raises ImportError when nothing is installed that does."""
    known = state.part(Provider)
    if known.views is None:
        known.views = _installed()
    return known.views


def _installed() -> Views:
    for entry in entry_points(group=GROUP, name="views"):
        return cast("Views", entry.load())
    msg = "Entities are shown by nitro-templates. Run: pip install nitro-templates"
    raise ImportError(msg, name="nitro_templates")
