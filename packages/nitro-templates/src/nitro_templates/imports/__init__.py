"""Files as rows: CSV, XLSX and JSON, read strictly and within limits."""

from .kinds import accepted, read
from .sheet import Limits, Sheet, Unreadable, Way

__all__ = ["Limits", "Sheet", "Unreadable", "Way", "accepted", "read"]
