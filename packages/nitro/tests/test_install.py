import inspect
import subprocess
import sys
from importlib.util import find_spec
from types import ModuleType

import pytest

import nitro
from nitro.adapters import adapter_for
from nitro.settings import SETTINGS_OF


def made_by(framework: str) -> object:
    """An object whose class comes from *framework*, which need not be there."""
    return type("App", (), {"__module__": f"{framework}.applications"})()


@pytest.fixture
def other_adapter(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, dict[str, object]]]:
    installed: list[tuple[object, dict[str, object]]] = []

    def install(app: object, **options: object) -> None:
        installed.append((app, options))

    module = ModuleType("nitro_fastapi")
    module.install = install  # type: ignore[attr-defined]
    module.__spec__ = sys.__spec__
    monkeypatch.setitem(sys.modules, "nitro_fastapi", module)
    return installed


def test_an_application_is_recognised_by_the_module_of_its_class(
    other_adapter: list[tuple[object, dict[str, object]]],
) -> None:
    app = made_by("fastapi")

    returned = nitro.install(app, name="/x")

    assert returned is app
    assert other_adapter == [(app, {"name": "/x"})]


def test_an_application_of_a_subclass_is_recognised_too(
    other_adapter: list[tuple[object, dict[str, object]]],
) -> None:
    base = type(made_by("fastapi"))
    app = type("MyApp", (base,), {})()

    nitro.install(app)

    assert other_adapter == [(app, {})]


def test_a_missing_adapter_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nitro.adapters.entry_points", lambda **_: ())
    monkeypatch.setitem(sys.modules, "nitro_fastapi", None)

    with pytest.raises(ImportError, match=r"application of fastapi.*pip install nitro-fastapi"):
        nitro.install(made_by("fastapi"))


def test_what_is_no_application_is_refused_with_the_known_frameworks() -> None:
    with pytest.raises(TypeError, match="Known frameworks: django, fastapi, fasthtml, flask"):
        adapter_for(object())


def test_an_unknown_setting_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TypeError, match=r"Unknown settings: databse_url\. .*database_url"):
        nitro.configure(databse_url="sqlite://")  # type: ignore[call-arg]


def test_a_setting_loads_only_the_module_that_owns_it() -> None:
    code = (
        "import sys, nitro; nitro.configure(database_url='sqlite:///x.db'); "
        "print(sorted({'nitro_events', 'nitro_templates', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("owner", SETTINGS_OF)
def test_every_setting_of_a_module_can_be_set_from_here(owner: str) -> None:
    from importlib import import_module

    accepted = set(inspect.signature(import_module(owner).configure).parameters)

    assert accepted == set(SETTINGS_OF[owner])


@pytest.mark.parametrize("name", nitro.__all__)
def test_every_name_resolves(name: str) -> None:
    assert getattr(nitro, name) is not None


def test_a_star_import_works_without_any_adapter() -> None:
    code = "import sys; sys.modules['nitro_fastapi'] = None; from nitro import *; Entity; on; Page"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_the_adapter_s_names_are_listed_only_where_it_is_installed() -> None:
    assert ("ReadSignals" in dir(nitro)) == bool(find_spec("nitro_fastapi"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Sidebar", "from nitro.components import Sidebar"),
        ("Div", "from nitro_templates import Div"),
        ("Field", "from pydantic import Field"),
    ],
)
def test_a_name_that_is_elsewhere_is_told_where(name: str, said: str) -> None:
    with pytest.raises(ImportError) as told:
        exec(f"from nitro import {name}")

    assert said in str(told.value)


def test_a_name_that_nobody_knows_is_an_attribute_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"Is it Table\?"):
        _ = nitro.Tabel  # type: ignore[attr-defined]  # pyright: ignore
    assert not hasattr(nitro, "Xyzzy")
    assert not hasattr(nitro, "div")
