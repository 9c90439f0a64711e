"""Compare our HTML with f-strings and with other ways to write it, in one run.

    python benchmarks/markup.py [--rounds 15] [--alone]

All ways write the same two documents: a table of 1,000 rows and 6 columns, and a small patch of
ten elements. The measure is an f-string that escapes with the C function of markupsafe, which is
the least that escaped HTML can cost. The rows of `Table` are measured beside f-strings of their
own, since they say more (labels for narrow screens, breaks in long words).

Everything runs in one process, in an environment that uv makes with the others in it; the ways
take turns within each round and CPU time is what counts. The smallest of all rounds is shown.
`--alone` measures only ourselves, in the environment that runs this.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent / "markup"
SOURCE = HERE.parents[1] / "packages" / "nitro-templates" / "src"
PEERS = [
    "htpy==26.5.1",
    "jinja2==3.1.6",
    "minijinja==3.0.5",
    "python-fasthtml==0.14.14",
    "rusty-tags==0.7.0",
    "simple-html==3.1.1",
]
OURS = ["markupsafe>=3,<4", "pydantic>=2.14,<3"]


def main() -> None:
    """Run the measurement where the peers are, and end as it ends."""
    parser = argparse.ArgumentParser(description="Our HTML beside f-strings and others.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--alone", action="store_true")
    arguments = parser.parse_args()
    python = [sys.executable]
    if not arguments.alone:
        packages = [part for package in [*OURS, *PEERS] for part in ("--with", package)]
        python = [sys.executable, "-m", "uv", "run", "--quiet", "--no-project", "--isolated"]
        python += ["--python", sys.executable, *packages, "python"]
    run = [*python, str(HERE / "measure.py"), str(arguments.rounds)]
    raise SystemExit(subprocess.run(run, env={**os.environ, "PYTHONPATH": str(SOURCE)}).returncode)


if __name__ == "__main__":
    main()
