"""What one URL says about a table. Read from the query (see `reading`), written to links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from nitro_templates.sources import All, Where

from .filtering import Active
from .rules import Group, write_rules

MOST_KEYS = 4
"""How many fields a table is sorted by at most."""
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ViewState:
    """Where somebody stands in a table; equal states show the same rows.

    What is at rest (the first page, the usual columns) is empty, so that one view has one state.
    """

    prefix: str = ""
    search: str = ""
    order: tuple[str, ...] = ()
    filters: tuple[Active, ...] = ()
    rules: Group | None = None
    columns: tuple[str, ...] = ()
    size: int | None = None
    exact: bool = False
    after: str | None = None
    before: str | None = None
    saved: str = ""
    """The saved view that somebody came from."""
    others: tuple[Pair, ...] = ()
    """The parameters of other parts of the page, kept in every link."""
    problems: tuple[str, ...] = ()

    def name(self, parameter: str) -> str:
        """Write the name that *parameter* has in the URL."""
        return f"{self.prefix}{parameter}"

    def pairs(self) -> list[Pair]:
        """List the parameters of the URL, without those that are at rest."""
        own = [
            ("q", self.search),
            *((f"f-{name}", value) for active in self.filters for name, value in active.pairs),
            ("where", self._where()),
            *self._rest(),
            ("after", self.after),
            ("before", self.before),
        ]
        return [*self.others, *((self.name(k), v) for k, v in own if v)]

    def kept(self) -> list[Pair]:
        """List what a browser without scripts must send along with the form above the table."""
        own = [("where", self._where()), *(pair for pair in self._rest() if pair[0] != "cols")]
        return [*self.others, *((self.name(k), v) for k, v in own if v)]

    def _where(self) -> str:
        return write_rules(self.rules) if self.rules else ""

    def _rest(self) -> list[Pair]:
        return [
            ("sort", ",".join(self.order)),
            ("cols", ",".join(self.columns)),
            ("size", str(self.size or "")),
            ("count", "exact" if self.exact else ""),
            ("view", self.saved),
        ]

    def link(self) -> str:
        """Write a link that works on any page that shows the table: only its query."""
        return "?" + urlencode(self.pairs(), safe=",.()~")

    @property
    def where(self) -> Where | None:
        """What filters and rules ask for together."""
        parts = [active.where for active in self.filters]
        if self.rules is not None:
            parts.append(self.rules.where)
        if len(parts) == 1:
            return parts[0]
        return All(tuple(parts)) if parts else None

    @property
    def narrowed(self) -> bool:
        """Whether not everything is asked for."""
        return bool(self.search or self.filters or self.rules)

    def cleared(self) -> ViewState:
        """Ask for everything again, in the same order and columns."""
        return replace(self.at_start(), search="", filters=(), rules=None)

    def without(self, active: Active) -> ViewState:
        """Let one filter go."""
        left = tuple(other for other in self.filters if other != active)
        return replace(self.at_start(), filters=left)

    def without_rule(self, index: int) -> ViewState:
        """Let one of the outermost rules go."""
        assert self.rules is not None
        left = (*self.rules.parts[:index], *self.rules.parts[index + 1 :])
        rules = replace(self.rules, parts=left) if left else None
        return replace(self.at_start(), rules=rules)

    def sorted_by(self, order: Sequence[str]) -> ViewState:
        """Start over in another order."""
        return replace(self.at_start(), order=tuple(order))

    def sized(self, size: int | None) -> ViewState:
        """Start over with pages of another size."""
        return replace(self.at_start(), size=size)

    def moved(self, *, after: str | None = None, before: str | None = None) -> ViewState:
        """Stand on a neighbouring page."""
        return replace(self, after=after, before=before)

    def at_start(self, *problems: str) -> ViewState:
        """Stand on the first page, with something to say."""
        if not (problems or self.after or self.before):
            return self
        return replace(self, after=None, before=None, problems=(*self.problems, *problems))
