"""What a table may be told, in code and in words."""

from __future__ import annotations

from nitro_templates.expecting import Taken, is_a, takes

__all__ = ["TAKEN"]

_ON = "True or False"

TAKEN: Taken = {
    "choosing": ("with_column_choice()", is_a(bool), _ON),
    "saving": ("with_saved_views()", is_a(bool), _ON),
    "undo": ("with_undo()", is_a(bool), _ON),
    "live": ("reactive()", is_a(bool), f"{_ON}; every='5s' also looks again by itself"),
    "href": ("rows_link()", takes(1), "a function of the thing of a row that answers an address"),
    "row_class": ("row_class()", takes(1), "a function of the thing of a row, not a class"),
    "empty": ("when_empty()", is_a(str), "a text"),
}
"""By the name in `Definition`."""
