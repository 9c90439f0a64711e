"""Nitro for FastHTML."""

__all__: list[str] = []
