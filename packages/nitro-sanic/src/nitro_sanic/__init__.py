"""Nitro for Sanic."""

__all__: list[str] = []
