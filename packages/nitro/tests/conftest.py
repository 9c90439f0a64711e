"""How tests call the ``nitro`` command: in a process of its own, as people do."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

# several commands in one process, since starting one takes longer than most of them
CALLS = """
import contextlib, io, json, os, sys
from nitro.cli import main

said = []
for words in json.loads(sys.argv[1]):
    out, err, code = io.StringIO(), io.StringIO(), 0
    sys.argv = ["nitro", *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as exc:
            code = exc.code or 0
    said.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(said))
"""


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def nitro(tmp_path: Path) -> Callable[..., list[Said]]:
    """``nitro("db init", "db check", NITRO_ENV="…")``: what each of them answered, in tmp_path."""

    def call(*commands: str | list[str], **env: str) -> list[Said]:
        words = [one.split() if isinstance(one, str) else one for one in commands]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NITRO_")}
        done = subprocess.run(
            [sys.executable, "-c", CALLS, json.dumps(words)],
            cwd=tmp_path, env={**kept, "COLUMNS": "400", **env},
            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [Said(*one) for one in json.loads(done.stdout.splitlines()[-1])]

    return call
