"""Run the checks, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro.doctor.finding import Finding, Patient, error
from nitro.doctor.framework import check_adapter
from nitro.doctor.packages import check_extras, check_front, check_python, check_versions
from nitro.doctor.safety import check_env_file, check_origin, check_policy, check_secret
from nitro.doctor.stores import check_database, check_memory, check_migrations, check_redis
from nitro.sources import without_password

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CHECKS", "examine"]

CHECKS: dict[str, Callable[[Patient], Iterator[Finding]]] = {
    "Python": check_python,
    "packages": check_versions,
    "extras": check_extras,
    "framework": check_adapter,
    "client in browsers": check_front,
    "environment": check_env_file,
    "secret": check_secret,
    "policy": check_policy,
    "origin": check_origin,
    "memory": check_memory,
    "database": check_database,
    "migrations": check_migrations,
    "Redis": check_redis,
}


def examine(
    patient: Patient, begun: Callable[[str], None] | None = None
) -> Iterator[tuple[str, Finding]]:
    """Yield each finding with the name of its check; *begun* is told which one begins.

    A check that fails itself is a finding too, so that the others still run.
    """
    for name, check in CHECKS.items():
        if begun is not None:
            begun(name)
        try:
            for finding in check(patient):
                yield name, finding
        except Exception as exc:
            said = without_password(str(exc)) or type(exc).__name__
            yield name, error(f"could not be looked at: {said}")
