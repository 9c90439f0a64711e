"""Compile the classes of 50 Python files: our build beside a bare call of the compiler.

Run it: hatch run bench:tailwind. Our build writes the result aside first, and keeps it a second
time under a name with a hash.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from nitro_templates import tailwind

FILES, VIEWS, ROUNDS = 50, 40, 11
CLASSES = [
    *(f"{side}-{size}" for side in ("p", "px", "m", "mt", "gap") for size in range(13)),
    *(
        f"{what}-{colour}-{depth}00"
        for what in ("bg", "text", "border")
        for colour in ("red", "green", "blue", "amber", "slate", "violet")
        for depth in range(1, 10)
    ),
    *("flex", "grid", "block", "hidden", "rounded-lg", "font-bold", "italic", "w-full"),
    *(f"{when}:bg-accent" for when in ("hover", "focus", "dark", "md")),
]


def write_project(folder: Path) -> int:
    """Write the files; answer how many bytes they have."""
    chance = random.Random(7)
    for number in range(FILES):
        views = [
            f"def view_{number}_{view}(thing):\n"
            f"    return Div(\n"
            f"        H2(thing.title, cls={' '.join(chance.sample(CLASSES, 4))!r}),\n"
            f"        P(thing.text, cls={' '.join(chance.sample(CLASSES, 4))!r}),\n"
            f"        cls={' '.join(chance.sample(CLASSES, 6))!r},\n"
            f"    )\n"
            for view in range(VIEWS)
        ]
        (folder / f"views_{number}.py").write_text("\n\n".join(views))
    return sum(path.stat().st_size for path in folder.glob("*.py"))


def seconds(work: Callable[[], object]) -> float:
    """Answer how long *work* took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    """Print both, round by round in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = write_project(folder)
        tailwind.start(folder)
        compiler = tailwind.find_compiler(folder)
        bare = [*compiler.command, "-i", "styles/app.css", "-o", "bare.css", "--minify"]

        def compile_bare() -> None:
            subprocess.run(bare, cwd=folder, check=True, capture_output=True)

        built = tailwind.build(folder)
        both = [
            (seconds(compile_bare), seconds(lambda: tailwind.build(folder))) for _ in range(ROUNDS)
        ]
    alone, ours = (statistics.median(times) for times in zip(*both, strict=True))
    ratio = statistics.median(mine / theirs for theirs, mine in both)
    print(f"Tailwind {built.version}, {compiler.found}")
    print(f"{FILES} files, {FILES * VIEWS} views, {size / 1000:.0f} KB")
    print(f"{built.size / 1000:.0f} KB of CSS")
    print(f"the compiler alone  {alone:.2f} s")
    print(f"nitro tw build      {ours:.2f} s   {ratio:.2f} x")


if __name__ == "__main__":
    main()
