"""What stands above the rows: messages, how many there are, and what is left out of sight."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from nitro_templates.escape import escape_exact
from nitro_templates.sources import RowSource

from .rules import Rule
from .state import ViewState

COUNT_CAP = 10_000


def write_problems(problems: Sequence[str]) -> str:
    """Write what the address says that makes no sense."""
    return "".join(
        f'<p class="nitro-notice" role="alert">{escape_exact(problem)}</p>'
        for problem in dict.fromkeys(problems)
    )


def write_count(
    table: str,
    source: RowSource,
    state: ViewState,
    total: int | None,
    *,
    shown: int,
    exact: bool,
) -> str:
    """Write how many there are, *total* being None where nobody counted."""
    more = ""
    if total is None:
        said = f"{shown:,} {noun(source, shown)} on this page"
    elif total > COUNT_CAP and not exact:
        said = f"{COUNT_CAP:,}+ {noun(source, total)}"
        more = _exactly(table, state)
    else:
        said = f"{total:,} {noun(source, total)}"
    found = f" found for “{escape_exact(state.search)}”" if state.search else ""
    return (
        f'<div id="{escape_exact(table)}-status" class="nitro-status">'
        f'<p class="nitro-count">{escape_exact(said)}{found}</p>{more}</div>'
    )


def noun(source: RowSource, number: int) -> str:
    """Answer what so many are called."""
    return (source.label if number == 1 else source.plural).lower()


def _exactly(table: str, state: ViewState) -> str:
    pairs = [*state.pairs(), (state.name("count"), "exact")]
    asked = f"count:{table}"
    return (
        f' <a class="nitro-exactly" id="{escape_exact(table)}-exactly" '
        f'href="{escape_exact("?" + urlencode(pairs))}" '
        f'data-nitro-ask="{escape_exact(asked)}">Count exactly</a>'
    )


def write_chips(table: str, state: ViewState) -> str:
    """Write what narrows the list, each with a link that lets it go."""
    chips = [(active.text, state.without(active)) for active in state.filters]
    if state.rules is not None:
        between = " or " if state.rules.any else ""
        for index, part in enumerate(state.rules.parts):
            text = part.text if isinstance(part, Rule) else f"({part.text})"
            chips.append((f"{between if index else ''}{text}".strip(), state.without_rule(index)))
    if not chips:
        return ""
    id = escape_exact(table)
    items = "".join(
        f'<li><span>{escape_exact(text)}</span><a id="{id}-chip-{index}" data-nitro-view '
        f'data-nitro-chip href="{escape_exact(after.link())}" '
        f'aria-label="Remove filter {escape_exact(text)}">\u00d7</a></li>'
        for index, (text, after) in enumerate(chips)
    )
    clear = escape_exact(state.cleared().link())
    return (
        f'<ul class="nitro-chips" aria-label="Filters that are on">{items}'
        f'<li class="nitro-clear-all"><a id="{id}-clear" data-nitro-view data-nitro-chip '
        f'href="{clear}">Clear all</a></li></ul>'
    )


def write_nothing(source: RowSource, state: ViewState, empty: str) -> str:
    """Write what stands in place of no rows; *empty* is HTML for a list without filters."""
    if not state.narrowed:
        return empty
    plural = source.plural.lower()
    text = f"No {plural} match “{state.search}”." if state.search else f"No {plural} match."
    again = escape_exact(state.cleared().link())
    said = "Clear filters" if state.filters or state.rules else "Show all"
    link = f'<a href="{again}" data-nitro-view>{said}</a>'
    return f'<p class="nitro-empty">{escape_exact(text)} {link}</p>'


def write_failed(source: RowSource, state: ViewState) -> str:
    """Write what stands in place of rows that cannot be read; it looks again by itself."""
    text = escape_exact(f"The {source.plural.lower()} cannot be read at the moment.")
    again = escape_exact(state.link())
    return (
        f'<div class="nitro-empty" role="alert" data-on-interval__duration.3s="nitro.again()">'
        f'<p>{text} <a href="{again}" data-nitro-view>Try again</a></p></div>'
    )
