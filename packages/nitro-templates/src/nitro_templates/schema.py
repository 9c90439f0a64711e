"""What pydantic is told about our classes: an instance in, a string of HTML out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import CoreSchema

__all__ = ["html_schema"]


def html_schema(cls: type, write: Callable[[Any], str] = str) -> CoreSchema:
    """Answer the schema of *cls*, whose instances *write* turns into text.

    pydantic is loaded by then, or nobody would ask.
    """
    from pydantic_core import core_schema

    as_text = core_schema.plain_serializer_function_ser_schema(
        write, return_schema=core_schema.str_schema()
    )
    return core_schema.is_instance_schema(cls, serialization=as_text)
