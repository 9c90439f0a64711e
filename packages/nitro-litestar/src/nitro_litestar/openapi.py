"""The generated routes in the application's own OpenAPI description."""

from __future__ import annotations

from copy import copy
from typing import Any

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import OpenAPI

from nitro_events.http.openapi import describe, merge
from nitro_litestar.schemas import tell_media_types

__all__ = ["described"]


def described(config: OpenAPIConfig) -> OpenAPIConfig:
    """Return *config* such that the document tells of Nitro's routes too.

    What the application says itself stays. A copy, as one configuration may serve several
    applications.
    """
    changed = copy(config)
    own = config.to_openapi_schema

    def to_openapi_schema() -> OpenAPI:
        document = own()
        write = document.to_schema

        def to_schema() -> dict[str, Any]:
            said = write()
            tell_media_types(said)
            return merge(said, describe())

        document.to_schema = to_schema  # type: ignore[method-assign]
        return document

    changed.to_openapi_schema = to_openapi_schema  # type: ignore[method-assign]
    return changed
