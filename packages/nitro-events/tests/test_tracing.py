import asyncio
from typing import Any

import pytest

pytest.importorskip("opentelemetry.sdk")

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import (
    InMemorySpanExporter,
)

from nitro_events import Command, action, adispatch, command, dispatch, query
from nitro_events.http.dispatch import answer
from nitro_events.http.request import Request


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    return exporter


def told(spans: InMemorySpanExporter) -> list[tuple[str, dict[str, Any], str]]:
    return [
        (span.name, dict(span.attributes or {}), span.status.status_code.name)
        for span in spans.get_finished_spans()
    ]


@action
def restock(quantity: int) -> int:
    if quantity == 13:
        raise ValueError("a secret")
    return quantity


def test_each_call_is_a_span_with_its_outcome(spans: InMemorySpanExporter) -> None:
    class Place(Command):
        customer: str

    @command
    async def place(order: Place) -> int:
        inner: int = await adispatch(restock, quantity=1)
        return inner

    asyncio.run(adispatch(Place(customer="secret")))
    with pytest.raises(ValueError, match="secret"):
        dispatch(restock, quantity=13)
    with pytest.raises(ValueError, match="quantity"):
        dispatch(restock, quantity="secret")

    common = {"nitro.kind": "action", "nitro.name": "restock", "nitro.attempts": 1}
    inner, outer, failed, refused = told(spans)
    assert inner == ("action restock", {**common, "nitro.outcome": "done"}, "UNSET")
    assert outer[0] == "command Place"
    assert failed[1:] == (
        {**common, "nitro.outcome": "failed", "error.type": "ValueError"},
        "ERROR",
    )
    assert refused[1:] == (
        {**common, "nitro.outcome": "refused", "error.type": "Invalid"},
        "UNSET",
    )
    first, second, *_ = spans.get_finished_spans()
    assert first.parent is not None
    assert second.context is not None
    assert first.parent.span_id == second.context.span_id
    assert "secret" not in str([span.to_json() for span in spans.get_finished_spans()])


def test_a_request_is_a_span_that_names_the_class(spans: InMemorySpanExporter, shelf: Any) -> None:
    def ask(path: str) -> None:
        asyncio.run(answer(Request("POST", path, client="127.0.0.1")))

    ask("/books/b1/lend")
    ask("/books/b1/burn")
    ask("/books/none/lend")

    names = [(name, found["nitro.outcome"], code) for name, found, code in told(spans)]
    assert names == [
        ("action lend", "done", "UNSET"),
        ("action burn", "failed", "ERROR"),
        ("action lend", "refused", "UNSET"),
    ]
    assert told(spans)[0][1]["nitro.target"] == "Book"


def test_without_somebody_who_collects_there_is_no_span() -> None:
    @query
    def find() -> object:
        return trace.get_current_span()

    assert dispatch(find) is trace.INVALID_SPAN
