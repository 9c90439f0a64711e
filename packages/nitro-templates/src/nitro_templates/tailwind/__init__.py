"""Tailwind CSS for pages written in Python: ``nitro tw init``, ``dev`` and ``build``.

The compiler is Tailwind's own, version 4, from wherever it is installed already.
"""

from .building import Built, build, watch
from .compiler import Compiler, CompilerFailed, CompilerMissing, find_compiler
from .starting import Started, start

__all__ = [
    "Built",
    "Compiler",
    "CompilerFailed",
    "CompilerMissing",
    "Started",
    "build",
    "find_compiler",
    "start",
    "watch",
]
