"""Cards: one thing and its values."""

from .card import Card as Card
