"""The stores: are they there, do they answer, are they as the classes say?"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from nitro.doctor.finding import Finding, Patient, error, note, ok, warning
from nitro.doctor.servers import ask_postgres, ask_redis, ask_sqlite, file_of
from nitro.sources import without_password

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_database", "check_memory", "check_migrations", "check_redis"]

MEMORY = "MemoryRepo"
DEFAULT = "sqlite:///.nitro/data.db"


def check_memory(patient: Patient) -> Iterator[Finding]:
    """Is something kept in memory that several processes would each have for themselves?"""
    from nitro_events.state import state

    names = patient.stores().get(MEMORY, [])
    said = os.environ.get("WEB_CONCURRENCY", "1")
    workers = int(said) if said.isdigit() else 1
    if not names:
        yield ok("no entity is kept there")
        return
    listed, remedy = ", ".join(names), "_persistence_backend_class = SQLModelBackend in the class"
    if workers > 1:
        text = f"WEB_CONCURRENCY says {workers} processes, and each would have its own {listed}"
        yield error(text, remedy)
    elif state.settings.production:
        text = f"{listed} would be gone at a restart, and differ in each process if there are more"
        yield warning(text, remedy)
    else:
        yield note(f"{listed}: gone when the process ends", remedy)


def check_database(patient: Patient) -> Iterator[Finding]:
    """Does the database answer, and has it the same time?"""
    from nitro_events.state import state

    said = _said("database_url", "NITRO_DATABASE_URL")
    if not said and "SQLModelBackend" not in patient.stores():
        yield ok("none is in use") if patient.name else note("no application was named")
        return
    if not said and state.settings.production:
        remedy = "export NITRO_DATABASE_URL=postgresql://user:password@host/name"
        yield warning("the one of development is used, in the folder of the start", remedy)
    url = said or DEFAULT
    if url.startswith("postgres"):
        yield from ask_postgres(url, "NITRO_DATABASE_URL")
    elif url.startswith("sqlite"):
        yield from ask_sqlite(url)
    else:
        remedy = "Set it to sqlite:///file.db or postgresql://user:password@host/name"
        yield error(f"{without_password(url)!r} is no database that Nitro knows", remedy)


def check_migrations(patient: Patient) -> Iterator[Finding]:
    """Is the database as the classes say?"""
    from nitro_events.state import state

    folder = Path("migrations", "env.py").exists()
    if "SQLModelBackend" not in patient.stores():
        yield ok("no entity is kept in SQL") if patient.name else note("no application was named")
        return
    if find_spec("alembic") is None:
        if state.settings.production or folder:
            yield warning("Alembic is not installed", "pip install 'nitro[migrations]'")
        else:
            yield note("tables appear by themselves, and never change", "docs/migrations.md")
        return
    file = file_of(_said("database_url", "NITRO_DATABASE_URL") or DEFAULT)
    if file is not None and not file.exists():
        yield note("there is no database yet", "nitro db upgrade" if folder else "")
        return
    yield from _differences(folder, state.settings.production)


def check_redis(patient: Patient) -> Iterator[Finding]:
    """Do the servers for entities and for messages answer?"""
    from nitro_events.state import state

    urls = {
        "NITRO_REDIS_URL": _said("redis_url", "NITRO_REDIS_URL"),
        "NITRO_EVENTS_URL": state.settings.events_url or "",
    }
    if "RedisRepo" in patient.stores():
        urls["NITRO_REDIS_URL"] = urls["NITRO_REDIS_URL"] or "redis://127.0.0.1:6379/0"
    asked = 0
    for variable, url in urls.items():
        if url.startswith("redis"):
            asked += 1
            yield from ask_redis(url, variable)
        elif url.startswith("postgres"):
            asked += 1
            yield from ask_postgres(url, variable)
    if not asked:
        yield ok("none is in use")


def _said(name: str, variable: str) -> str:
    from nitro_entities.config import settings

    return str(getattr(settings(), name) or os.environ.get(variable) or "")


def _differences(folder: bool, production: bool) -> Iterator[Finding]:
    from nitro_entities import migrations

    found = list(migrations.check())
    if not folder:
        # a table that is missing appears by itself
        found = [line for line in found if not (line.startswith("table ") and "missing" in line)]
    waiting = [line for line in found if "has not run" in line]
    if waiting:
        yield error("; ".join(waiting), "nitro db upgrade")
    elif found:
        first = "" if folder else "nitro db init && "
        remedy = f'{first}nitro db migrate "what has changed" && nitro db upgrade'
        yield error(f"the database is not as the classes say: {'; '.join(found)}", remedy)
    elif folder:
        yield ok("the database is as the classes say")
    elif production:
        remedy = 'nitro db init && nitro db migrate "first tables" && nitro db upgrade'
        yield warning("there are none: tables appear by themselves, and never change", remedy)
    else:
        yield ok("none yet: while developing, tables appear by themselves")
