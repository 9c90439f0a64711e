"""A ValueError of the application, told to the caller; any other stays what it is."""

from __future__ import annotations

import opcode
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nitro_events.http.problems import status_of
from nitro_events.outcomes import Invalid

if TYPE_CHECKING:
    from nitro_events.http.inputs import Input
    from nitro_events.http.operations import Operation

__all__ = ["told_as_refusal"]

_RAISE = opcode.opmap["RAISE_VARARGS"]


@contextmanager
def told_as_refusal(operation: Operation, given: Input) -> Generator[None]:
    """Show the text of a ValueError that the application itself raised, and keep what was typed.

    One from deeper down, of a library or of Python, stays what it is: its text is not meant for
    the caller.
    """
    try:
        yield
    except ValueError as error:
        refusal = as_refusal(error, operation, given)
        if refusal is None:
            raise
        raise refusal from error


def as_refusal(error: ValueError, operation: Operation, given: Input) -> Invalid | None:
    """Return what tells the caller of *error*, None if it is not meant for them."""
    if isinstance(error, UnicodeError) or status_of(error) is not None:
        return None
    if not _raised_in(operation.written_in, error):
        return None
    return Invalid({"": str(error)}, values_as_text(given))


def _raised_in(module: str | None, error: Exception) -> bool:
    """Tell whether a ``raise`` in the package of *module* made *error*."""
    if module is None:
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    raised_in = str(trace.tb_frame.f_globals.get("__name__", ""))
    if raised_in.partition(".")[0] != module.partition(".")[0]:
        return False
    # int("x") fails in the same frame, but by no raise of the application
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == _RAISE


def values_as_text(given: Input) -> dict[str, str]:
    """Return what a form sent, as it was typed."""
    return {name: value for name, value in given.values.items() if isinstance(value, str)}
