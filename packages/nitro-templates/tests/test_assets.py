from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from nitro_templates import assets, configure, datastar_client
from nitro_templates.bundles import BUNDLES, needed_for, read

PROJECT = Path(__file__).parents[1]


def test_every_file_has_a_type_and_a_url_of_its_own() -> None:
    urls = {assets.asset(name).url for name in ("nitro.css", "nitro.js", "icon.svg")}

    assert len(urls) == 3
    assert assets.asset("nitro.js").content_type == "text/javascript; charset=utf-8"


def test_an_unknown_asset_names_the_known_ones() -> None:
    with pytest.raises(LookupError, match=r"Known assets: nitro.css"):
        assets.asset("../pyproject.toml")


def test_the_packaged_client_is_the_pinned_one() -> None:
    try:
        client = assets.asset("datastar.js")
    except LookupError:
        pytest.skip("the build hook has not run")

    assert hashlib.sha256(client.body).hexdigest() == datastar_client.SHA256
    assert b"v1.0.1" in client.body[:60]


def test_the_client_can_be_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.js"
    other.write_text("// other")

    configure(datastar=str(other))
    assert assets.asset("datastar.js").body == b"// other"

    monkeypatch.setenv("NITRO_DATASTAR", "unused: an argument wins")
    assert assets.datastar_script().url.endswith("/datastar.js")


def test_the_client_can_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITRO_DATASTAR", datastar_client.UPSTREAM_URL)
    monkeypatch.setenv("NITRO_DATASTAR_INTEGRITY", datastar_client.UPSTREAM_INTEGRITY)

    script = assets.datastar_script()

    assert script.url == datastar_client.UPSTREAM_URL
    assert script.integrity == datastar_client.UPSTREAM_INTEGRITY


def test_our_files_find_each_other_under_one_hash() -> None:
    urls = [assets.asset(name).url for name in BUNDLES]

    assert len({url.rpartition("/")[0] for url in urls}) == 1
    assert 'from "./nitro.js"' in assets.asset("forms.js").body.decode()


def test_a_page_links_what_it_needs_and_nothing_else() -> None:
    assert needed_for('<p class="nitro-status"><table class="nitro-table">') == []
    assert needed_for('<form method="post" class="nitro-form">') == ["forms.js"]
    assert needed_for("<a data-nitro-cell='x'>") == ["forms.js", "cells.js"]
    for bundle in BUNDLES.values():
        assert all(re.search(r"[.\[](data-)?nitro-[\w-]+\]?$", s) for s in bundle.needed_by), (
            bundle
        )


def test_scripts_import_what_they_use_of_each_other() -> None:
    exported = {}
    for name in BUNDLES:
        if name.endswith(".js"):
            found = re.findall(r"^export \{ (.*) \};", read(name), re.MULTILINE)
            exported[name] = {word for line in found for word in line.split(", ")}
    for name in exported:
        for names, used in re.findall(
            r'^import \{ (.*) \} from "./(.*)";', read(name), re.MULTILINE
        ):
            assert set(names.split(", ")) <= exported[used], (name, used)


def test_the_first_load_of_a_table_is_small(hook: Any, tmp_path: Path) -> None:
    if not hook.write_bundles(PROJECT / "src/nitro_templates", tmp_path):
        pytest.skip("no minifier: there is no package index")
    try:
        client = assets.asset("datastar.js").body
    except LookupError:
        pytest.skip("the build hook has not run")
    ours = sum((tmp_path / name).stat().st_size for name in ("nitro.css", "nitro.js"))

    page = 25_000  # the atlas, see benchmarks/first_load.py
    assert ours + len(client) + page < 150_000
    if shutil.which("node"):
        for path in tmp_path.glob("*.js"):
            module = path.rename(path.with_suffix(".mjs"))
            subprocess.run(["node", "--check", module], check=True)


def test_no_file_asks_another_host() -> None:
    for name in ("nitro.css", "nitro.js"):
        assert b"//cdn" not in assets.asset(name).body
        assert b"@import" not in assets.asset(name).body
        assert b"eval" not in assets.asset(name).body
        assert b"innerHTML" not in assets.asset(name).body


@pytest.fixture
def hook() -> Any:
    pytest.importorskip("hatchling")
    source = PROJECT / "hatch_build.py"
    if not source.is_file():
        pytest.skip("not in a source tree")
    spec = importlib.util.spec_from_file_location("nitro_templates_hatch_build", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package with a client of a few bytes pinned."""
    made = tmp_path / "package"
    made.mkdir()
    pinned = (PROJECT / "src/nitro_templates/datastar_client.py").read_text()
    wanted = hashlib.sha256(b"// client").hexdigest()
    (made / "datastar_client.py").write_text(pinned.replace(datastar_client.SHA256, wanted))
    (made / "static").mkdir()
    return made


def test_the_hook_takes_a_named_file(
    hook: Any, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "local.js").write_bytes(b"// client")
    monkeypatch.setenv("NITRO_DATASTAR_JS", str(tmp_path / "local.js"))

    target = hook.provide(package)

    assert target.read_bytes() == b"// client"
    notice = (package / "static/datastar.LICENSE.txt").read_text()
    assert "Copyright \u00a9 Star Federation" in notice


def test_the_hook_refuses_a_file_with_another_hash(
    hook: Any, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "local.js").write_bytes(b"// something else")
    monkeypatch.setenv("NITRO_DATASTAR_JS", str(tmp_path / "local.js"))

    with pytest.raises(RuntimeError, match="Nothing was written"):
        hook.provide(package)
    assert not (package / "static/datastar.js").exists()


def test_the_hook_reads_the_client_from_a_wheel(
    hook: Any, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(requirement: str, folder: str) -> None:
        with zipfile.ZipFile(Path(folder) / "x-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr(datastar_client.MEMBER, "// client")
            wheel.writestr("x-1.dist-info/licenses/LICENSE", "Apache")
            wheel.writestr("x-1.dist-info/licenses/NOTICE", "their notice")

    monkeypatch.delenv("NITRO_DATASTAR_JS", raising=False)
    monkeypatch.setattr(hook, "_download", download)

    assert hook.provide(package).read_bytes() == b"// client"
    assert (package / "static/starhtml.LICENSE.txt").read_text() == "their notice\n\nApache"

    monkeypatch.setattr(hook, "_download", None)  # present now: nothing is fetched
    hook.provide(package)


@pytest.mark.parametrize(("version", "fails"), [("editable", False), ("standard", True)])
def test_only_an_editable_install_goes_on_without_the_client(
    hook: Any, package: Path, monkeypatch: pytest.MonkeyPatch, version: str, fails: bool
) -> None:
    def offline(requirement: str, folder: str) -> None:
        raise RuntimeError("no network")

    class App:
        def __init__(self) -> None:
            self.warnings: list[str] = []

        def display_warning(self, text: str) -> None:
            self.warnings.append(text)

    monkeypatch.delenv("NITRO_DATASTAR_JS", raising=False)
    monkeypatch.setattr(hook, "_download", offline)
    monkeypatch.setattr(hook, "PACKAGE", package)
    app = App()
    made = hook.StaticFilesHook(str(package), {}, None, None, "", "", app)
    data: dict[str, Any] = {"artifacts": []}

    if fails:
        with pytest.raises(RuntimeError, match="no network"):
            made.initialize(version, data)
    else:
        made.initialize(version, data)
        assert "NITRO_DATASTAR" in app.warnings[0]
    assert data == {"artifacts": []}
