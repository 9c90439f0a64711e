"""Nitro for Starlette."""

__all__: list[str] = []
