"""What came out of a run, store by store, as a table to show."""

from collections.abc import Iterable
from typing import NamedTuple

PASSED, FAILED, ABSENT = "passed", "failed", "not offered"


class Result(NamedTuple):
    """How one test ended; *case* tells the runs of one test apart."""

    store: str
    part: str
    test: str
    case: str
    outcome: str


def matrix(results: Iterable[Result], *, details: bool = False) -> str:
    """Write *results* as a Markdown table: a column for each store, a row for each part.

    "yes" means that every test passed, "no" that some failed, a dash that the store does not
    offer it. With *details* there is a row for each test.
    """
    every = list(results)
    stores = list(dict.fromkeys(result.store for result in every))
    lines = [_line(["", *stores]), _line(["---", *[":-:"] * len(stores)])]
    for part in dict.fromkeys(result.part for result in every):
        of_part = [result for result in every if result.part == part]
        by_case = part == "Abilities"
        if not by_case:
            lines.append(_row(f"**{part}**" if details else part, stores, of_part))
        if details or by_case:
            rows: dict[str, list[Result]] = {}
            for result in of_part:
                shown = result.case if by_case and result.case else _sentence(result.test)
                rows.setdefault(shown, []).append(result)
            lines += [_row(shown, stores, some) for shown, some in rows.items()]
    return "\n".join(lines) + "\n"


def _row(title: str, stores: list[str], results: list[Result]) -> str:
    return _line([title, *(_cell([r for r in results if r.store == s]) for s in stores)])


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _cell(results: list[Result]) -> str:
    failed = sum(result.outcome == FAILED for result in results)
    if failed:
        return f"no ({failed} of {len(results)} fail)"
    if any(result.outcome == PASSED for result in results):
        return "yes"
    return "\u2013"


def _sentence(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")
