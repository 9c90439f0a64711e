"""The ``nitro`` command."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from nitro.cli import program
from nitro.cli.application import load
from nitro.cli.mistakes import Mistake

Nitro = Callable[..., list[Any]]

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


def test_events_and_surface_are_printed(folder: Path, nitro: Nitro) -> None:
    events, surface, events_json, surface_json = nitro(
        "events shop", "surface shop:Note", "events shop --json", "surface --json shop"
    )

    assert (events.code, surface.code) == (0, 0), events.err + surface.err
    assert "note.made" in events.out
    assert "greet" in surface.out
    assert "note.made" in {one["target"] for one in json.loads(events_json.out)["listeners"]}
    assert any("greet" in way["path"] for way in json.loads(surface_json.out)["ways"])


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
    with pytest.raises(Mistake) as caught:
        load(application)

    assert text in str(caught.value)
    assert caught.value.code == 2


def test_an_error_inside_the_application_is_shown_without_frames_of_ours(
    folder: Path, nitro: Nitro
) -> None:
    (folder / "inner.py").write_text("import broken")
    (folder / "wrong.py").write_text("import nitro\n\n\nnitro.install(None)\n")
    (folder / "syntax.py").write_text("x = = 1")
    (folder / "ends.py").write_text("raise SystemExit")

    inner, wrong, syntax, ends = nitro(
        "events inner", "doctor wrong", "config syntax", "surface ends"
    )

    assert inner.err == (
        "Error: inner cannot be imported:\n\n"
        '  File "inner.py", line 1, in <module>\n    import broken\n'
        '  File "broken.py", line 1, in <module>\n    import nobody_has_this\n'
        "ModuleNotFoundError: No module named 'nobody_has_this'\n"
    )
    assert wrong.err.count("File ") == 1
    assert 'File "wrong.py", line 4' in wrong.err
    assert "TypeError: nitro.install() was given None" in wrong.err
    assert 'File "syntax.py", line 1' in syntax.err
    assert "Traceback" not in syntax.err
    assert "ends the process" in ends.err
    assert [one.code for one in (inner, wrong, syntax, ends)] == [1, 1, 1, 1]


def test_the_application_is_found_by_the_project_or_the_environment(
    folder: Path, nitro: Nitro
) -> None:
    (nobody,) = nitro("events")
    (folder / "pyproject.toml").write_text('[tool.nitro]\napp = "shop"\n')
    by_project, bare = nitro("events", [])
    (by_environment,) = nitro("events", NITRO_APP="empty")

    assert nobody.code == 2
    assert "which application?" in nobody.err
    assert "note.made" in by_project.out
    assert "Usage:" in bare.out
    assert "Here is shop" in bare.out
    assert "note.made" not in by_environment.out


def test_other_distributions_add_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        EntryPoint("version", "platform:python_version", "nitro.cli"),
        EntryPoint("gone", "nobody_has_this:app", "nitro.cli"),
    ]
    monkeypatch.setattr(
        program, "entry_points", lambda group: found if group == "nitro.cli" else ()
    )
    monkeypatch.setattr(program, "app", typer.Typer(no_args_is_help=True))
    monkeypatch.setattr(sys, "argv", ["nitro", "version"])

    program.app.command("other")(lambda: None)
    with pytest.raises(SystemExit) as ended:
        program.main()

    assert ended.value.code == 0
    assert "nitro gone is left out" in capsys.readouterr().err


def test_those_of_others_are_not_loaded_for_one_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def nobody(group: str) -> list[EntryPoint]:
        asked.append(group)
        return []

    monkeypatch.setattr(program, "entry_points", nobody)

    program.add_others(["db", "--help"])
    assert asked == []

    program.add_others(["--help"])
    assert asked == ["nitro.cli"]


def test_help_names_the_commands_and_loads_nothing_for_it() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from nitro.cli import app; "
        "print(CliRunner().invoke(app, ['--help']).output); "
        "heavy = ('nitro_entities', 'nitro_events', 'nitro_templates', 'pydantic', 'alembic'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout

    assert all(f" {command.name} " in said for command in program.COMMANDS if command.name != "tw")
    assert said.splitlines()[-1] == "[]"


def test_the_version_is_told() -> None:
    said = CliRunner().invoke(program.app, ["--version"])

    assert said.exit_code == 0
    assert said.output.startswith("nitro 0.")


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
