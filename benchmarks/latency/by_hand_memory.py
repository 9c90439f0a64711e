"""As by_hand, with the number in memory."""

import os

os.environ["NO_DATABASE"] = "1"

from by_hand import app

__all__ = ["app"]
