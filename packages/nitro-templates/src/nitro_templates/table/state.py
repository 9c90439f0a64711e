"""What one URL says about a table: search, order, place. Read from the query, written to links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

_OWN = ("q", "sort", "after", "before")
_LONGEST_SEARCH = 200
# parameters that transport the request and say nothing about the view
_TRANSPORT = frozenset({"datastar"})


@dataclass(frozen=True, slots=True)
class ViewState:
    """Where somebody stands in a table; equal states show the same rows."""

    prefix: str = ""
    search: str = ""
    sort: str | None = None
    after: str | None = None
    before: str | None = None
    others: tuple[tuple[str, str], ...] = ()
    """The parameters of other parts of the page, kept in every link."""
    problem: str | None = None

    def name(self, parameter: str) -> str:
        """Write the name that *parameter* has in the URL."""
        return f"{self.prefix}{parameter}"

    def pairs(self) -> list[tuple[str, str]]:
        """List the parameters of the URL, without those that are at rest."""
        own = (
            ("q", self.search),
            ("sort", self.sort),
            ("after", self.after),
            ("before", self.before),
        )
        return [*self.others, *((self.name(k), v) for k, v in own if v)]

    def link(self) -> str:
        """Write a link that works on any page that shows the table: only its query."""
        return "?" + urlencode(self.pairs())

    def searching(self, text: str) -> ViewState:
        """Start over with another search."""
        return replace(self, search=text, after=None, before=None)

    def sorted_by(self, sort: str | None) -> ViewState:
        """Start over in another order."""
        return replace(self, sort=sort, after=None, before=None)

    def moved(self, *, after: str | None = None, before: str | None = None) -> ViewState:
        """Stand on a neighbouring page."""
        return replace(self, after=after, before=before)

    def at_start(self, problem: str | None = None) -> ViewState:
        """Stand on the first page, with something to say."""
        return replace(self, after=None, before=None, problem=problem)


def read_state(
    query: Mapping[str, Sequence[str]], *, name: str | None, sortable: Iterable[str], search: bool
) -> ViewState:
    """Read the state of the table called *name*; an order that is not offered is a problem."""
    prefix = f"{name}-" if name else ""
    own = {f"{prefix}{parameter}" for parameter in _OWN}
    others = tuple(
        (key, value)
        for key, values in query.items()
        if key not in own and key not in _TRANSPORT
        for value in values
    )
    state = ViewState(
        prefix=prefix,
        search=_one(query, f"{prefix}q").strip()[:_LONGEST_SEARCH] if search else "",
        sort=_one(query, f"{prefix}sort") or None,
        after=_one(query, f"{prefix}after") or None,
        before=_one(query, f"{prefix}before") or None,
        others=others,
    )
    if state.after and state.before:
        state = replace(state, before=None)
    if state.sort is not None and state.sort.removeprefix("-") not in set(sortable):
        return replace(state.at_start("This list cannot be sorted that way."), sort=None)
    return state


def _one(query: Mapping[str, Sequence[str]], name: str) -> str:
    values = query.get(name)
    return values[-1] if values else ""
