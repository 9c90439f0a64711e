"""Whether a view or a middleware is async: asked in one place."""

from asgiref.sync import iscoroutinefunction

__all__ = ["is_async"]


def is_async(function: object) -> bool:
    """Tell whether calling *function* gives something to await."""
    # not that of inspect: before Python 3.12 it does not know what asgiref marked
    return bool(iscoroutinefunction(function))  # pyright: ignore[reportDeprecated, reportArgumentType]
