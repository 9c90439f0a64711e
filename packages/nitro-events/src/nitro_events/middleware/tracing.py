"""A span for each call, where OpenTelemetry is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from nitro_events.http.problems import HttpError, status_of
from nitro_events.middleware.work import Steps, Work
from nitro_events.outcomes import Refused
from nitro_events.state import state

__all__ = ["is_traced", "tracing"]


class Tracer:
    """Where to get OpenTelemetry's tracer, if its API is installed."""

    def __init__(self) -> None:
        self.trace: Any = None
        if find_spec("opentelemetry") is not None and find_spec("opentelemetry.trace") is not None:
            from opentelemetry import trace

            self.trace = trace

    def get(self) -> Any:
        """Return the tracer of who collects spans, None if nobody does."""
        if self.trace is None:
            return None
        provider = self.trace.get_tracer_provider()
        if isinstance(provider, self.trace.ProxyTracerProvider):
            return None  # no SDK was set up, so a span would cost and go nowhere
        return provider.get_tracer("nitro_events")


def is_traced() -> bool:
    """Tell whether somebody collects spans."""
    return state.part(Tracer).get() is not None


def tracing(work: Work) -> Steps:
    """Tell what was called, for how long and what came of it; no arguments and no texts."""
    home = state.part(Tracer)
    tracer = home.get()
    if tracer is None:
        return (yield)
    with tracer.start_as_current_span(
        f"{work.kind} {work.name}", record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            return (yield from _told(work))
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            if work.outcome == "failed":
                span.set_status(home.trace.StatusCode.ERROR, type(error).__name__)
            raise
        finally:
            if span.is_recording():
                span.set_attributes(_attributes(work))


def _told(work: Work) -> Steps:
    try:
        result = yield
    except Exception as error:
        if _is_refusal(work, error):
            work.outcome = "refused"
        raise
    if work.outcome == "failed":
        work.outcome = "done"
    return result


def _is_refusal(work: Work, error: Exception) -> bool:
    if isinstance(error, HttpError | Refused):
        return error.status < 500
    # to tell the status of an error may log it, which only an answer to a request should
    status = None if work.request is None else status_of(error)
    return status is not None and status < 500


def _attributes(work: Work) -> dict[str, str | int]:
    found: dict[str, str | int] = {
        "nitro.name": work.name,
        "nitro.kind": work.kind,
        "nitro.outcome": work.outcome,
        "nitro.attempts": work.attempt,
    }
    if work.job.near is not None:
        found["nitro.target"] = work.job.near.__name__
    return found
