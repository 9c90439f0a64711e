"""Writes the capability matrix of a run: ``pytest -p nitro_entities.testing.plugin``.

``--nitro-matrix=matrix.md`` writes the table, ``--nitro-matrix=results.json`` what
``python -m nitro_entities.testing results.json …`` makes one of, also from several runs.
"""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from nitro_entities.testing.contract import NOT_OFFERED, Contract
from nitro_entities.testing.matrix import ABSENT, FAILED, PASSED, Result, matrix

OPTION = "--nitro-matrix"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our option."""
    parser.addoption(
        OPTION, metavar="FILE", help="write what the stores can do, as Markdown or JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Listen, if somebody wants to know."""
    path = config.getoption(OPTION)
    if path:
        config.pluginmanager.register(Recorder(Path(path)))


class Recorder:
    """Collect how the tests of the contract end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._results: list[Result] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note the end of a test of the contract."""
        report = yield
        cls = getattr(item, "cls", None)
        if cls is None or not issubclass(cls, Contract):
            return report
        outcome = outcome_of(report)
        if outcome is not None:
            self._results.append(result_of(item, cls, outcome))
        return report

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.suffix == ".json":
            text = json.dumps(self._results, indent=1)
        else:
            text = matrix(self._results)
        self._path.write_text(text, encoding="utf-8")


def outcome_of(report: pytest.TestReport) -> str | None:
    """Answer how the test ended, None if this report does not tell."""
    if report.failed:
        return FAILED
    if report.when == "call" and report.passed:
        return PASSED
    if report.skipped and NOT_OFFERED in str(report.longrepr):
        return ABSENT
    return None


def result_of(item: Any, cls: type[Contract], outcome: str) -> Result:
    """Answer the result of a test of the contract class *cls*."""
    name: str = item.originalname
    part = next(base for base in reversed(cls.__mro__) if name in vars(base))
    title = (part.__doc__ or part.__name__).strip().splitlines()[0]
    callspec = getattr(item, "callspec", None)
    return Result(
        cls.label or cls.__name__.removeprefix("Test"),
        title,
        name,
        callspec.id if callspec else "",
        outcome,
    )
