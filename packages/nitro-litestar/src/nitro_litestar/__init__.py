"""Nitro for Litestar."""

__all__: list[str] = []
