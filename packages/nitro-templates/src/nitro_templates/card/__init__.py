"""Cards: one thing with its values, alone, many of them, or as a whole page."""

from .card import Card
from .cards import Cards
from .detail import Detail

__all__ = ["Card", "Cards", "Detail"]
