"""Compile the stylesheet: once for production, or again with every change."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .compiler import Compiler, CompilerFailed, find_compiler
from .starting import INPUT, OUTPUT

__all__ = ["Built", "build", "watch"]

_KEPT = 2
"""How many builds with a hash stay: while servers are replaced, pages of both are about."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build wrote."""

    path: Path
    hashed: Path
    """The same file under a name that changes with its content, to be cached for ever."""
    size: int
    seconds: float
    compiler: Compiler
    version: str


def build(folder: Path, *, input: str = INPUT, output: str = OUTPUT) -> Built:
    """Compile *input* of the project in *folder* to *output*, made small.

    What was there stays until the new file is whole. FileNotFoundError if there is no *input*;
    CompilerMissing, CompilerFailed.
    """
    source, target = _checked(folder, input), folder / output
    compiler = find_compiler(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.with_name(f".{target.name}.{os.getpid()}.new")
    begun = time.perf_counter()
    try:
        version = _compiled(compiler, folder, source, made)
        content = made.read_bytes()
        hashed = target.with_name(f"{target.stem}.{_hash(content)}{target.suffix}")
        hashed.write_bytes(content)
        os.replace(made, target)
    finally:
        made.unlink(missing_ok=True)
    _forget(target, hashed)
    seconds = time.perf_counter() - begun
    return Built(target, hashed, len(content), seconds, compiler, version)


def watch(folder: Path, *, input: str = INPUT, output: str = OUTPUT) -> subprocess.Popen[bytes]:
    """Start the compiler, which compiles again whenever a file changes, until it is ended.

    Raises as `build` does.
    """
    source, target = _checked(folder, input), folder / output
    compiler = find_compiler(folder)
    compiler.check(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    # "always": it would end with our input, which it does not get
    return compiler.start(folder, *_paths(source, target), "--watch=always")


def _compiled(compiler: Compiler, folder: Path, source: Path, made: Path) -> str:
    """Compile *source* to *made*; answer the version of what did it."""
    try:
        said = compiler.run(folder, *_paths(source, made), "--minify")
    except CompilerFailed:
        compiler.check(folder)  # another version would say something else that is wrong
        raise
    return compiler.version_in(said)


def _paths(source: Path, target: Path) -> tuple[str, ...]:
    return "--input", str(source.absolute()), "--output", str(target.absolute())


def _checked(folder: Path, input: str) -> Path:
    source = folder / input
    if not source.is_file():
        msg = f"{source} is not there. Begin with: nitro tw init"
        raise FileNotFoundError(msg)
    return source


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _forget(target: Path, newest: Path) -> None:
    """Remove older builds, the newest of them excepted."""
    builds = [
        path
        for path in target.parent.glob(f"{target.stem}.*{target.suffix}")
        if len(path.name) == len(newest.name) and path != newest
    ]
    builds.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for old in builds[_KEPT - 1 :]:
        old.unlink()
