"""One server process for each framework and server, for all the tests of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from behaviour.hosts import HOSTS, QUICK, WITHOUT, Host, Hosted, first_of
from behaviour.people import browser, datastar, program
from support.proof import PROOF
from support.services import missing

HERE = Path(__file__).parent
# what depends on the server too, and not on the framework alone
OF_SERVERS = {
    "test_live.py", "test_malformed.py", "test_restart.py", "test_stored_files.py", "test_tabs.py",
    "test_units.py",
}  # fmt: skip
TWO_KINDS = {
    "test_a_change_of_one_is_seen_by_the_other",
    "test_after_a_restart_a_page_hears_what_it_missed",
    "test_a_form_from_before_a_restart_is_accepted",
}


# before the one of all tests, which gives those a group that have none
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Let one worker take all tests of a host, so that each server is started once."""
    left_out = [] if PROOF else [item for item in items if is_for_the_proof(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        host = host_of(item)
        if host is not None:
            kind = "browser" if "chromium" in getattr(item, "fixturenames", ()) else "behaviour"
            item.add_marker(pytest.mark.xdist_group(f"{kind}-{host}"))
            if host.framework in WITHOUT.get(getattr(item, "originalname", ""), ()):
                item.add_marker(pytest.mark.skip(reason=f"{host.framework} has no such thing"))
    yield


def is_for_the_proof(item: pytest.Item) -> bool:
    """Tell whether the quick tier asks *item* of another host."""
    host = host_of(item)
    if host is None:
        return False
    if getattr(item, "originalname", "") in TWO_KINDS:
        return str(host) not in {"fastapi-uvicorn", "flask-gunicorn", "sanic-sanic"}
    return item.path.name not in OF_SERVERS and host != first_of(host.framework)


def host_of(item: pytest.Item) -> Host | None:
    """Return the host that *item* is about."""
    if HERE not in item.path.parents:
        return None
    given = getattr(item, "callspec", None)
    found = None if given is None else given.params.get("host")
    return found if isinstance(found, Host) else None


@pytest.fixture(scope="session", params=HOSTS if PROOF else QUICK, ids=str)
def host(request: pytest.FixtureRequest) -> Host:
    """Each framework under its servers."""
    found: Host = request.param
    if not found.app.exists():
        pytest.skip(f"missing: {found.app.name}, see test_hosts.py")
    if found.lacks:
        missing(f"{', '.join(found.lacks)} is not installed")
    return found


@pytest.fixture(scope="session")
def served(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """The application of this host in a process of its own."""
    server = Hosted(host, tmp_path_factory.mktemp(str(host)))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(served: Hosted) -> Hosted:
    """The application of this host, which answers; tests may restart it."""
    if not served.runs:
        served.start()
    return served


@pytest.fixture
def another(host: Host, tmp_path: Path) -> Iterator[Callable[..., Hosted]]:
    """``another(**env)``: one more server of this host, started, in a folder of its own."""
    servers: list[Hosted] = []

    def start(**env: str) -> Hosted:
        folder = tmp_path / f"another-{len(servers)}"
        folder.mkdir()
        servers.append(Hosted(host, folder, env=env))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def http(server: Hosted) -> Iterator[httpx.Client]:
    """A program, which speaks JSON and keeps no cookies yet."""
    with program(server) as client:
        yield client


@pytest.fixture
def plain(server: Hosted) -> Iterator[httpx.Client]:
    """A browser without scripts."""
    with browser(server) as client:
        yield client


@pytest.fixture
def page(server: Hosted) -> Iterator[httpx.Client]:
    """A page with Datastar."""
    with datastar(server) as client:
        yield client
