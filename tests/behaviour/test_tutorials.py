"""An application of the shape that a framework's tutorial teaches is with Nitro as it was without.

Every byte of every answer is compared; see `behaviour.talk` for what no two runs share.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from behaviour.conversations import WAITING, conversation
from behaviour.hosts import HOSTS, Host, Hosted, first_of
from behaviour.talk import Ask, Talk, begun_early, in_order
from nitro_templates.assets import asset
from support.proof import PROOF
from support.services import missing

TUTORIALS = Path(__file__).parent / "tutorials"
QUICK = [*map(first_of, WAITING), next(host for host in HOSTS if str(host) == "django-uvicorn")]
# what is to tell of generated routes
DOCUMENTS = {
    "/openapi.json",
    "/docs/openapi.json",
    "/schema",
    "/schema/openapi.json",
    "/schema/openapi.yml",
}
# with nothing of Nitro to be served, and with routes that are generated
HOWS = ["1", "entities"] if PROOF else ["1"]


class Pair(NamedTuple):
    """The same application twice."""

    without: Hosted
    having: Hosted


@pytest.fixture(scope="module", params=HOSTS if PROOF else QUICK, ids=str)
def host(request: pytest.FixtureRequest) -> Host:
    found: Host = request.param
    if found.lacks:
        missing(f"{', '.join(found.lacks)} is not installed")
    return found


@pytest.fixture(scope="module", params=HOWS)
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def pair(host: Host, how: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    script = TUTORIALS / f"{host.framework}_app.py"
    # one of the two servers of Django; the other is asked without it
    atomic = {"DJANGO_ATOMIC": "1"} if host.wsgi else {}
    ours = {"INSTALL_NITRO": how, "NITRO_SECRET": "a secret of the tests, long enough"}
    made = Pair(
        *(
            Hosted(host, tmp_path_factory.mktemp(str(host)), script=script, env={**atomic, **env})
            for env in ({}, ours)
        )
    )
    try:
        for server in made:  # both at once
            server.spawn()
        for server in made:
            server.wait()
        yield made
    finally:
        for server in made:
            server.kill()


def test_every_answer_of_a_tutorial_is_byte_for_byte_as_without_nitro(
    pair: Pair, host: Host, how: str
) -> None:
    without, having = Talk(pair.without.port), Talk(pair.having.port)
    differ: list[str] = []

    for number, ask in enumerate(conversation(host.framework, more=200 if PROOF else 25)):
        if how == "entities" and ask.path in DOCUMENTS:
            continue
        one, two = without.say(ask), having.say(ask)
        assert one, (number, ask)
        if host.framework == "litestar":
            one, two = in_order(one), in_order(two)
        if one != two:
            differ.append(f"{number} {ask.verb} {ask.path}\n  {one[:1500]!r}\n  {two[:1500]!r}")

    assert not differ, "\n".join(differ)


def test_only_one_of_the_two_has_nitro(pair: Pair) -> None:
    ours = Ask("GET", asset("datastar.js").url)
    one, two = (Talk(server.port).say(ours) for server in pair)

    assert not one.startswith(b"HTTP/1.1 200 ")
    assert two.startswith(b"HTTP/1.1 200 ")


def test_an_answer_of_a_tutorial_begins_when_its_route_lets_it(pair: Pair, host: Host) -> None:
    one, two = (begun_early(server.port, *WAITING[host.framework]) for server in pair)

    assert one == two
