"""Python and the packages: their versions, what is missing, what comes with them."""

from __future__ import annotations

import os
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from nitro.adapters import ADAPTERS
from nitro.doctor.finding import Finding, Patient, error, note, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_extras", "check_front", "check_python", "check_versions"]

TESTED = ((3, 11), (3, 13))
OURS = ("nitro", "nitro-entities", "nitro-events", "nitro-templates", *ADAPTERS.values())


def check_python(_patient: Patient) -> Iterator[Finding]:
    """Is it a Python that was tested?"""
    now = sys.version_info[:2]
    text = f"Python {sys.version.partition(' ')[0]}"
    if TESTED[0] <= now <= TESTED[1]:
        yield ok(text)
    else:
        yield warning(f"{text} was not tested with Nitro", "Use Python 3.11, 3.12 or 3.13")


def check_versions(_patient: Patient) -> Iterator[Finding]:
    """Are the packages those that ours were tested with?"""
    if _installed("nitro-boost") is not None:
        remedy = "pip uninstall nitro-boost, then install nitro again"
        yield error("nitro-boost is installed too, and has the same import name, nitro", remedy)
    here = {name: found for name in OURS if (found := _installed(name)) is not None}
    wrong = [finding for name, found in here.items() for finding in _wrong(name, found)]
    yield from wrong
    if not wrong:
        versions = sorted({found.version for found in here.values()})
        yield ok(f"{len(here)} of Nitro, {' and '.join(versions)}")


def check_extras(patient: Patient) -> Iterator[Finding]:
    """Is there what stores, files and languages need that are in use?"""
    from nitro_entities.config import settings
    from nitro_events.state import state

    stores = patient.stores()
    url = settings().database_url or os.environ.get("NITRO_DATABASE_URL", "")
    events = state.settings.events_url or ""
    redis = settings().redis_url or os.environ.get("NITRO_REDIS_URL")
    needs = {
        "psycopg": (
            url.startswith("postgres") or events.startswith("postgres"),
            "PostgreSQL",
            "nitro[postgres]",
        ),
        "redis": (
            bool(redis) or events.startswith("redis") or "RedisRepo" in stores,
            "Redis",
            "nitro[redis]",
        ),
        "sqlmodel": (bool(url) or "SQLModelBackend" in stores, "SQL", "nitro-entities[sql]"),
        "alembic": (Path("migrations").is_dir(), "the folder migrations", "nitro[migrations]"),
        "puremagic": (patient.has_files, "a field of files", "nitro[files,uploads]"),
        "python_multipart": (patient.has_files, "a field of files", "nitro[files,uploads]"),
    }
    missing = [
        error(f"{what} is in use, and {module} is not installed", f"pip install '{extra}'")
        for module, (wanted, what, extra) in needs.items()
        if wanted and find_spec(module) is None
    ]
    yield from missing
    if (tongues := _languages()) and find_spec("babel") is None:
        text = f"numbers and dates are not written as in {', '.join(tongues)}: babel is missing"
        yield warning(text, "pip install 'nitro[i18n]'")
    if not missing:
        used = dict.fromkeys(what for wanted, what, _ in needs.values() if wanted)
        yield ok(f"nothing is missing for {', '.join(used)}" if used else "none is needed")


def check_front(_patient: Patient) -> Iterator[Finding]:
    """Is the Datastar client there, without which no page is live?"""
    from nitro_templates import datastar_client
    from nitro_templates.state import state

    other = state.datastar or os.environ.get("NITRO_DATASTAR")
    if other:
        yield note(f"Datastar comes from {other}")
        return
    spec = find_spec("nitro_templates")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).parent / "static" / datastar_client.FILE
    if file.is_file():
        yield ok(f"Datastar {datastar_client.VERSION}")
        return
    remedy = "pip install --force-reinstall nitro-templates, from a wheel or with a network"
    yield error(f"{file} is not there: no page is live, no dialog opens", remedy)


def _languages() -> list[str]:
    """List the languages of the application, without English as everywhere."""
    from nitro_templates.state import state

    return [one for one in dict.fromkeys([*state.languages, state.default_lang]) if one != "en"]


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _wrong(name: str, found: Distribution) -> Iterator[Finding]:
    for line in found.requires or []:
        need = Requirement(line)
        if (
            need.marker is not None
            and "extra" not in str(need.marker)
            and not need.marker.evaluate()
        ):
            continue
        optional = need.marker is not None and "extra" in str(need.marker)
        remedy = f"pip install '{need.name}{need.specifier}'"
        try:
            now = version(need.name)
        except PackageNotFoundError:
            if not optional:
                yield error(f"{need.name} is not installed, and {name} needs it", remedy)
            continue
        if not need.specifier.contains(now, prereleases=True):
            text = f"{need.name} {now} is not what {name} was tested with ({need.specifier})"
            yield (warning if optional else error)(text, remedy)
