"""The ``nitro`` command."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from nitro import cli

APP = '''
from nitro_entities import Entity, SQLModelBackend
from nitro_events import command, durable, emit, on

class Note(Entity):
    _persistence_backend_class = SQLModelBackend
    text: str

@command
def greet(name: str) -> None:
    """Nothing."""

@on("note.made", durable=True)
def copied(note) -> None:
    Note(text=f"copy of {note.text}").save()
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with an application called shop, to be in."""
    (tmp_path / "shop.py").write_text(APP)
    (tmp_path / "broken.py").write_text("import nobody_has_this")
    (tmp_path / "empty.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    sys.modules.pop("empty", None)


def nitro(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nitro.cli", *arguments],
        capture_output=True, text=True, env={**os.environ, "COLUMNS": "400", **env}, timeout=60,
    )  # fmt: skip


def test_events_and_surface_are_printed(folder: Path) -> None:
    said = nitro("events", "shop")
    assert said.returncode == 0, said.stderr
    assert "note.made" in said.stdout

    said = nitro("surface", "shop:Note")
    assert said.returncode == 0, said.stderr
    assert "greet" in said.stdout


@pytest.mark.parametrize(
    ("application", "text"),
    [
        ("shap", "there is no module 'shap'"),
        ("empty.main", "there is no module 'empty.main'"),
        ("", "there is no module ''"),
        ("empty:app", "empty has no 'app'. Leave it out"),
    ],
)
def test_a_wrong_name_is_answered_with_what_to_do(
    folder: Path, application: str, text: str
) -> None:
    with pytest.raises(typer.BadParameter) as caught:
        cli.load(application)

    assert text in str(caught.value)


def test_an_error_inside_the_application_is_its_own(folder: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match="nobody_has_this"):
        cli.load("broken")


def test_other_distributions_add_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        EntryPoint("version", "platform:python_version", "nitro.cli"),
        EntryPoint("gone", "nobody_has_this:app", "nitro.cli"),
    ]
    monkeypatch.setattr(cli, "entry_points", lambda group: found if group == "nitro.cli" else ())
    monkeypatch.setattr(cli, "app", typer.Typer(no_args_is_help=True))
    monkeypatch.setattr(sys, "argv", ["nitro", "version"])

    cli.app.command("other")(lambda: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 0
    assert "nitro gone is left out" in capsys.readouterr().err


def test_help_names_the_commands() -> None:
    said = CliRunner().invoke(cli.app, ["--help"])

    assert all(name in said.output for name in ("worker", "events", "surface"))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM")
@pytest.mark.parametrize("processes", [1, 2])
def test_a_worker_runs_durable_handlers_and_ends_at_sigterm(folder: Path, processes: int) -> None:
    database = f"sqlite:///{folder / 'data.db'}"
    env = {**os.environ, "NITRO_DATABASE_URL": database, "NITRO_ENV": "production"}
    env["NITRO_SECRET"] = "k" * 32
    command = [sys.executable, "-m", "nitro.cli", "worker", "shop", f"--processes={processes}"]
    code = "import shop; shop.emit('note.made', shop.Note(text='one').save())"
    subprocess.run([sys.executable, "-c", code], cwd=folder, env=env, check=True, timeout=60)

    log = folder / "worker.log"
    with (
        log.open("wb") as err,
        subprocess.Popen(command, cwd=folder, env=env, stderr=err) as worker,
    ):
        until(lambda: log.read_text().count("runs 1 durable handlers") == processes)
        until(lambda: _notes(folder) == 2)
        begun = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0, log.read_text()
        took = time.monotonic() - begun

    assert _notes(folder) == 2
    assert took < 5


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.05)


def _notes(folder: Path) -> int:
    import sqlite3

    connection = sqlite3.connect(folder / "data.db")
    try:
        (count,) = connection.execute("SELECT count(*) FROM note").fetchone()
        return int(count)
    finally:
        connection.close()
