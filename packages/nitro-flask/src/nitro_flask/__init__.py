"""Nitro for Flask."""

__all__: list[str] = []
