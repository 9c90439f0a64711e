"""The rows that a table finds, for somebody who stands at another URL now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from nitro_events.http.problems import BadRequest, NotFound
from nitro_events.http.request import Request
from nitro_events.texts import Text
from nitro_events.threads import in_thread
from nitro_templates.asking import find_answerer
from nitro_templates.context import RenderContext, rendering
from nitro_templates.sources import Asked, RowSource
from nitro_templates.table import Table, TableView

from .context import context_of
from .rerun import page_again
from .sent import Sent


async def view_again(request: Request, sent: Sent) -> TableView:
    """Ask the page that a form came from again; answer its table as it is at that URL.

    So what the page allows this caller, its query, search and filters go for what is done.
    Raises NotFound where that page has no such table any more.
    """
    context = context_of(request, url=sent.page)
    with rendering(context):
        value = await page_again(request, sent.page)
        return await in_thread(_view_on, value, sent.key, context)


def count_of(view: TableView) -> int:
    """Count all that *view* finds, whatever page it shows."""
    return view.source.count(replace(view.asked, order=()), cap=None)


def _view_on(value: object, key: str, context: RenderContext) -> TableView:
    table = find_answerer(value, key, context)
    if not isinstance(table, Table):
        msg = Text("The list is not there any more. Reload the page")
        raise NotFound(msg)
    return table.view(context)


def read_ids(view: TableView, most: int) -> list[str]:
    """Read the ids of all that *view* finds, whatever page it shows; BadRequest beyond *most*.

    In no order of the view's: what is done may change the field that it sorts by.
    """
    ids = list(islice(_ids(view.source, replace(view.asked, order=())), most + 1))
    if len(ids) > most:
        msg = Text("More than {most} match. Narrow the search", most=most)
        raise BadRequest(msg)
    return ids


def _ids(source: RowSource, asked: Asked) -> Iterator[str]:
    for batch in source.stream(asked, batch=1000):
        for thing in batch:
            id = source.id_of(thing)
            if id is not None:
                yield id
