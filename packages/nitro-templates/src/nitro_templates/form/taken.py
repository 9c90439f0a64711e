"""What a form may be told, in code and in words."""

from __future__ import annotations

from nitro_templates.expecting import Taken, is_a

__all__ = ["TAKEN"]

TAKEN: Taken = {
    "undo": ("with_undo()", is_a(bool), "True or False"),
    "name": ("named()", is_a(str), "a text such as 'short'"),
    "fixed_key": ("keyed()", is_a(str), "the element id of a form"),
}
"""By the name in `Definition`."""
