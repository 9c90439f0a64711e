"""The generated routes in the application's own OpenAPI description."""

from typing import Any

from fastapi import FastAPI

from nitro_events.http.openapi import describe, merge

__all__ = ["describe_all"]


def describe_all(app: FastAPI) -> None:
    """Let ``app.openapi()`` tell of Nitro's routes too; what the application says itself stays."""
    own = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = merge(own(), describe())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
