"""Requests and responses without a framework; adapters translate."""
