"""What stands above the rows: messages, how many there are, and what is left out of sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from nitro_templates.escape import escape_exact
from nitro_templates.i18n import gettext as _
from nitro_templates.i18n import grouped, inside
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
        said = _("{count} {things} on this page", count=grouped(shown), things=noun(source, shown))
    elif total > COUNT_CAP and not exact:
        said = f"{grouped(COUNT_CAP)}+ {noun(source, total)}"
        more = _exactly(table, state)
    else:
        said = f"{grouped(total)} {noun(source, total)}"
    if state.search:
        said = _("{count} found for “{text}”", count=said, text=state.search)
    return (
        f'<div id="{escape_exact(table)}-status" class="nitro-status">'
        f'<p class="nitro-count">{escape_exact(said)}</p>{more}</div>'
    )


def noun(source: RowSource, number: int) -> str:
    """Answer what so many are called."""
    counted: Callable[[int], str] | None = getattr(source, "counted", None)
    if counted is not None:
        return inside(counted(number))
    return inside(source.label if number == 1 else source.plural)


def _exactly(table: str, state: ViewState) -> str:
    pairs = [*state.pairs(), (state.name("count"), "exact")]
    asked, said = f"count:{table}", escape_exact(_("Count exactly"))
    return (
        f' <a class="nitro-exactly" id="{escape_exact(table)}-exactly" '
        f'href="{escape_exact("?" + urlencode(pairs))}" '
        f'data-nitro-ask="{escape_exact(asked)}">{said}</a>'
    )


def _letting_go(text: str) -> str:
    return _("Remove filter {filter}", filter=text)


def write_chips(table: str, state: ViewState) -> str:
    """Write what narrows the list, each with a link that lets it go."""
    chips = [(active.text, state.without(active)) for active in state.filters]
    if state.rules is not None:
        for index, part in enumerate(state.rules.parts):
            text = part.text if isinstance(part, Rule) else f"({part.text})"
            if index and state.rules.any:
                text = _("or {condition}", condition=text)
            chips.append((text.strip(), state.without_rule(index)))
    if not chips:
        return ""
    id = escape_exact(table)
    items = "".join(
        f'<li><span>{escape_exact(text)}</span><a id="{id}-chip-{index}" data-nitro-view '
        f'data-nitro-chip href="{escape_exact(after.link())}" '
        f'aria-label="{escape_exact(_letting_go(text))}">\u00d7</a></li>'
        for index, (text, after) in enumerate(chips)
    )
    clear = escape_exact(state.cleared().link())
    label, said = escape_exact(_("Filters that are on")), escape_exact(_("Clear all"))
    return (
        f'<ul class="nitro-chips" aria-label="{label}">{items}'
        f'<li class="nitro-clear-all"><a id="{id}-clear" data-nitro-view data-nitro-chip '
        f'href="{clear}">{said}</a></li></ul>'
    )


def write_nothing(source: RowSource, state: ViewState, empty: str) -> str:
    """Write what stands in place of no rows; *empty* is HTML for a list without filters."""
    if not state.narrowed:
        return empty
    plural = inside(source.plural)
    text = _("No {things} match.", things=plural)
    if state.search:
        text = _("No {things} match “{text}”.", things=plural, text=state.search)
    again = escape_exact(state.cleared().link())
    said = _("Clear filters") if state.filters or state.rules else _("Show all")
    link = f'<a href="{again}" data-nitro-view>{escape_exact(said)}</a>'
    return f'<p class="nitro-empty">{escape_exact(text)} {link}</p>'


def write_failed(source: RowSource, state: ViewState) -> str:
    """Write what stands in place of rows that cannot be read; it looks again by itself."""
    plural = inside(source.plural)
    text = escape_exact(_("The {things} cannot be read at the moment.", things=plural))
    again, said = escape_exact(state.link()), escape_exact(_("Try again"))
    return (
        f'<div class="nitro-empty" role="alert" data-on-interval__duration.3s="nitro.again()">'
        f'<p>{text} <a href="{again}" data-nitro-view>{said}</a></p></div>'
    )
