"""The framework underneath, and its adapter."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from nitro.adapters import ADAPTERS, find_adapter, frameworks_of
from nitro.doctor.finding import Finding, Patient, error, note, ok, warning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["check_adapter"]

# what people call their application when they name its module only
USUAL = ("app", "application", "asgi_application", "api")


def check_adapter(patient: Patient) -> Iterator[Finding]:
    """Is there an adapter for the framework of the application, or for one that is installed?"""
    framework = _of(patient.application)
    if framework is not None:
        yield _adapter(framework, error)
        return
    if patient.name is not None:
        remedy = f"Name the application too, such as {patient.name.partition(':')[0]}:app"
        yield note("no application of a framework was found in the module", remedy)
        return
    here = [name for name in ADAPTERS if find_spec(name) is not None]
    if not here:
        yield warning("no web framework is installed", "pip install 'nitro[fastapi]', or another")
    # FastAPI brings Starlette, which then needs no adapter of its own
    others = [name for name in here if name != "starlette" or len(here) == 1]
    yield from (_adapter(name, note) for name in others)


def _of(application: object) -> str | None:
    candidates = [application, *(getattr(application, name, None) for name in USUAL)]
    for one in candidates:
        found = next((name for name in frameworks_of(one) if name in ADAPTERS), None)
        if found is not None:
            return found
    return None


def _adapter(framework: str, report: Callable[..., Finding]) -> Finding:
    name = ADAPTERS[framework]
    if find_adapter(framework) is not None:
        return ok(f"{framework}, with {name}")
    return report(f"{framework} is here, and {name} is not", f"pip install 'nitro[{framework}]'")
