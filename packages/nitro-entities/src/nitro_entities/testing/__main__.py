"""``python -m nitro_entities.testing results.json …``: print the capability matrix of runs."""

import json
import sys
from pathlib import Path

from nitro_entities.testing.matrix import Result, matrix


def main(arguments: list[str]) -> None:
    """Print the table of what the files hold; ``--details`` has a row for each test."""
    files = [argument for argument in arguments if not argument.startswith("--")]
    results = [Result(*one) for file in files for one in json.loads(Path(file).read_text("utf-8"))]
    sys.stdout.write(matrix(results, details="--details" in arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
