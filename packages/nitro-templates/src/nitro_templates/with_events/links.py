"""Links to classes that have chosen their own paths."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from nitro_events.http.commands import COMMANDS
from nitro_events.http.generated import GeneratedRoutes
from nitro_events.http.paths import base, url_of
from nitro_events.http.request import Request
from nitro_events.state import state
from nitro_templates.context import PlainLinks

__all__ = ["RouteLinks", "links"]


def links(request: Request | None = None) -> PlainLinks:
    """Answer the addresses of this application, for *request* or the one being answered."""
    plain = state.part(GeneratedRoutes).table.plain
    return (PlainLinks if plain else RouteLinks)(
        base() if request is None else request.root + state.settings.prefix
    )


@dataclass(frozen=True, slots=True)
class RouteLinks(PlainLinks):
    """Asks the route table where a class and its actions are."""

    def create(self, slug: str) -> str:
        """Answer where a new one is posted to."""
        return self._url(slug) or PlainLinks.create(self, slug)

    def new(self, slug: str) -> str:
        """Answer the page with the form for a new one."""
        return self._url(slug, None, "new") or PlainLinks.new(self, slug)

    def edit(self, slug: str, id: str) -> str:
        """Answer the page with the form for this one."""
        return self._url(slug, id, "edit") or PlainLinks.edit(self, slug, id)

    def update(self, slug: str, id: str) -> str:
        """Answer where the changes of this one are posted to."""
        return self._url(slug, id) or PlainLinks.update(self, slug, id)

    def delete(self, slug: str, id: str) -> str:
        """Answer the page that asks, and the URL that deletes when posted to."""
        return self._url(slug, id, "delete") or PlainLinks.delete(self, slug, id)

    def action(self, slug: str, id: str | None, name: str) -> str:
        """Answer the URL of an action; one whose path names arguments goes by its command."""
        try:
            return self._url(slug, id, name) or PlainLinks.action(self, slug, id, name)
        except LookupError:
            sender = "" if id is None else f"/{quote(id, safe='')}"
            return f"{self.prefix}{COMMANDS}/{slug}.{name}{sender}"

    def _url(self, slug: str, id: str | None = None, tail: str | None = None) -> str | None:
        target = state.targets.named(slug)
        return None if target is None else url_of(target, id, tail, begin=self.prefix)
