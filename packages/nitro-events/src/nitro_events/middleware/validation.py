"""Reads the arguments, once they may be looked at."""

from __future__ import annotations

from nitro_events.middleware.work import Steps, Work

__all__ = ["validation"]


def validation(work: Work) -> Steps:
    """Read what the handler is called with."""
    work.job.read(work)
    return (yield)
