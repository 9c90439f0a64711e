"""Entities in SQL databases. Importing this package loads nothing; its modules load SQLAlchemy."""
