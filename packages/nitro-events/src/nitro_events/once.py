"""A property that is worked out once for each object."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property as once
else:

    class once:  # noqa: N801
        """`functools.cached_property` without the lock that it takes before Python 3.12.

        Of two threads that come at once each may work it out; every one after them finds it.
        """

        def __init__(self, find: Any) -> None:
            self._find = find
            self._name = find.__name__
            self.__doc__ = find.__doc__

        def __get__(self, owner: Any, kind: Any = None) -> Any:
            if owner is None:
                return self
            found = owner.__dict__[self._name] = self._find(owner)
            return found


__all__ = ["once"]
