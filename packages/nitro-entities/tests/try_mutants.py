"""Ask the contract of each mutant that is named, up to the first test that fails.

    python try_mutants.py SliceSkipsEqual StaleSwapped

Prints a JSON object: for each mutant the test that caught it, or null.
"""

import contextlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from nitro_entities import configure, testing

SELF = Path(__file__)


def load(name: str) -> Any:
    """Load a module that lies beside this one."""
    spec = importlib.util.spec_from_file_location(name, SELF.parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Patient(  # pytest collects the last first: here what is quick
    testing.MachineContract,
    testing.CrashContract,
    testing.ConcurrencyContract,
    testing.RoundTripContract,
    testing.LifecycleContract,
    testing.ColourContract,
    testing.QueryContract,
    testing.SliceContract,
    testing.OutboxContract,
    testing.BulkContract,
    testing.UniqueContract,
    testing.FeedContract,
    testing.UnitContract,
    testing.StalenessContract,
    testing.IdentityContract,
    testing.AbilityContract,
):
    """The whole contract, for stores that may forget to let the next one write."""

    @pytest.fixture
    def store(self) -> None:
        configure(busy_timeout=0.5)


class FirstFailures:
    """Remember the first failure of each class, and leave out the rest of its tests."""

    def __init__(self) -> None:
        self.found: dict[str, str | None] = {}

    def pytest_pycollect_makemodule(self, module_path: Path, parent: Any) -> Any:
        module = pytest.Module.from_parent(parent, path=module_path)
        if module_path == SELF:
            module._obj = sys.modules["__main__"]
        return module

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self.found[self._mutant(item.nodeid)] is not None:
            pytest.skip("caught")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        mutant = self._mutant(report.nodeid)
        if report.failed and self.found[mutant] is None:
            self.found[mutant] = report.nodeid.rpartition("::")[2]

    def _mutant(self, nodeid: str) -> str:
        return nodeid.split("::")[1].removeprefix("Test")


def main(names: list[str]) -> dict[str, str | None]:
    """Answer what caught each mutant."""
    mutants = load("mutants").MUTANTS
    catcher = FirstFailures()
    for name in names:
        catcher.found[name] = None
        backend = {"backend": mutants[name], "__module__": "__main__"}
        setattr(sys.modules["__main__"], f"Test{name}", type(f"Test{name}", (Patient,), backend))
    # the kit is loaded already, before pytest could rewrite its assertions; nobody reads them
    options = ["--tb=no", "-p", "no:cacheprovider", "-q", "-W", "ignore"]
    with contextlib.redirect_stdout(sys.stderr):
        pytest.main([*options, str(SELF)], plugins=[catcher])
    return catcher.found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:])))
