"""``nitro doctor`` with servers that answer."""

import pytest

from nitro.doctor import Finding, servers
from support import postgres, redis


def test_redis_tells_its_version_and_the_same_time() -> None:
    found = list(servers.ask_redis(redis.namespace(), "NITRO_EVENTS_URL"))

    assert [one.level for one in found] == ["ok"]
    assert found[0].text.startswith("Redis ")


def test_postgres_tells_its_version_and_the_same_time() -> None:
    url = postgres.server()

    found = list(servers.ask_postgres(url, "NITRO_DATABASE_URL"))

    assert [one.level for one in found] == ["ok"]
    assert found[0].text.startswith("PostgreSQL ")


def test_clocks_that_differ_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "SKEW", -1.0)

    ok, skew = servers.ask_redis(redis.namespace(), "NITRO_REDIS_URL")

    assert isinstance(skew, Finding)
    assert (ok.level, skew.level) == ("ok", "warning")
    assert "timedatectl" in skew.remedy
