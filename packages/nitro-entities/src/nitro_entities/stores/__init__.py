"""Where entities are kept: one module per kind of store."""
