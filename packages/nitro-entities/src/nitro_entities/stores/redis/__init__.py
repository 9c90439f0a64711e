"""Entities in a Redis server, with indexes and unique keys of our own; no module is needed."""
