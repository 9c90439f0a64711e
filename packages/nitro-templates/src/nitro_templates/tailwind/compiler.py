"""Find Tailwind's compiler, and run it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

__all__ = ["VARIABLE", "Compiler", "CompilerFailed", "CompilerMissing", "find_compiler"]

VARIABLE = "NITRO_TAILWIND"
"""The environment variable that names the command, before all that is found."""
_MAJOR = 4
_NO_STYLES = "Can't resolve 'tailwindcss'"
"""What it says that npx brought alone, without Tailwind's own stylesheets."""
_PLAIN = {"NO_COLOR": "1"}
"""What keeps it from colours, which it also writes where ``CI`` is set: its words are read."""
_PATIENCE = 120
"""Seconds to say its version: npx may have to fetch it first."""


class CompilerMissing(LookupError):
    """There is no compiler of Tailwind where it is looked for."""


class CompilerFailed(RuntimeError):
    """The compiler ended with an error, which is its own text."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """How to call the compiler, and where it was found."""

    command: tuple[str, ...]
    found: str

    def check(self, folder: Path) -> str:
        """Ask for its version, such as "4.3.5"; CompilerFailed if that is not 4."""
        return self.version_in(self.run(folder, "--help"))

    def version_in(self, said: str) -> str:
        """Answer the version that it names in what it *said*; CompilerFailed if that is not 4."""
        # a line of its own: a mark, the name, the version
        match = re.search(r"tailwindcss v?(\d+)(\.\d+\.\d+\S*)", said)
        if match is None:
            msg = (
                f"{shlex.join(self.command)} does not say that it is Tailwind's compiler:\n{said}"
            )
            raise CompilerFailed(msg)
        version = match[1] + match[2]
        if int(match[1]) != _MAJOR:
            msg = (
                f"{shlex.join(self.command)} ({self.found}) is Tailwind {version}, and Nitro "
                f"needs {_MAJOR}. {_ADVICE}"
            )
            raise CompilerFailed(msg)
        return version

    def run(self, folder: Path, *arguments: str) -> str:
        """Run it in *folder* and answer what it printed; CompilerFailed with that if it fails."""
        try:
            done = subprocess.run(
                [*self.command, *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=os.environ | _PLAIN,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=_PATIENCE,
            )
        except (OSError, subprocess.TimeoutExpired) as exc:
            msg = f"{shlex.join(self.command)} did not run: {exc}"
            raise CompilerFailed(msg) from exc
        if done.returncode != 0:
            said = done.stdout.strip() or f"it ended with {done.returncode}"
            raise CompilerFailed(f"{said}\n{_ADVICE}" if _NO_STYLES in said else said)
        return done.stdout

    def start(self, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
        """Start it in *folder*, with its words on our terminal."""
        return subprocess.Popen([*self.command, *arguments], cwd=folder, stdin=subprocess.DEVNULL)


_ADVICE = (
    "One of these brings it:\n"
    "    npm install tailwindcss @tailwindcss/cli      (into this project; needs Node.js)\n"
    "    pip install 'nitro-templates[tailwind]'       (a wheel with the compiler; no Node.js)\n"
    f"or let {VARIABLE} name the command of one that you have"
)


def find_compiler(folder: Path) -> Compiler:
    """Find the compiler for the project in *folder*.

    First hit wins: the command in ``NITRO_TAILWIND``, ``tailwindcss`` on PATH or beside this
    Python, the one in ``node_modules`` of *folder* or above, npx where ``tailwindcss`` itself is
    there. Raises CompilerMissing with what to install.
    """
    said = os.environ.get(VARIABLE)
    if said:
        words = shlex.split(said)
        program = shutil.which(words[0]) if words else None
        if program is None:
            msg = f"{VARIABLE} is {said!r}, and there is no such command"
            raise CompilerMissing(msg)
        return Compiler((program, *words[1:]), VARIABLE)
    on_path = shutil.which("tailwindcss")
    if on_path is not None:
        return Compiler((on_path,), "on PATH")
    # of the wheel, where nobody has activated the environment
    beside = shutil.which("tailwindcss", path=_scripts())
    if beside is not None:
        return Compiler((beside,), "beside this Python")
    folders = (folder, *folder.resolve().parents)
    for above in folders:
        bins = above / "node_modules" / ".bin"
        found = shutil.which("tailwindcss", path=str(bins))
        if found is not None:
            return Compiler((str(Path(found).absolute()),), f"in {bins}")
    npx = shutil.which("npx")
    # the compiler alone has none of the styles, and finds them here only
    if npx is not None and any((one / "node_modules" / "tailwindcss").is_dir() for one in folders):
        return Compiler((npx, "--yes", f"@tailwindcss/cli@{_MAJOR}"), "through npx")
    msg = f"Tailwind's compiler is neither on PATH nor in node_modules. {_ADVICE}"
    raise CompilerMissing(msg)


def _scripts() -> str:
    return sysconfig.get_path("scripts")
