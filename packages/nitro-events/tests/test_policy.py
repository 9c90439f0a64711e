"""Who may do what while nobody has said so, and settings."""

from __future__ import annotations

import re
from typing import Any

import pytest

from nitro_events.policy import Caller, can
from nitro_events.settings import Limits, SettingsError, configure
from nitro_events.state import state


@pytest.mark.parametrize(
    "caller",
    [
        Caller(host="127.0.0.1", asked="localhost"),
        Caller(host="::1", asked="127.0.0.1"),
        Caller(host="::ffff:127.0.0.1", asked="app.localhost"),
        Caller(host="testclient", asked="testserver"),
        Caller(host="testclient", asked="testserver.local"),
        Caller(),
    ],
)
def test_development_lets_this_machine_in(caller: Caller) -> None:
    assert can(caller, "create", object)


@pytest.mark.parametrize(
    "caller",
    [
        Caller(host="192.168.1.7"),
        Caller(host="127.0.0.1", forwarded=True),
        Caller(host="127.0.0.1", asked="evil.example"),
        Caller(host="not an address"),
    ],
)
def test_development_keeps_others_out(caller: Caller) -> None:
    assert not can(caller, "create", object)


def test_production_lets_nobody_in_by_itself() -> None:
    configure(env="production")

    assert not can(Caller(host="127.0.0.1"), "create", object)


def test_the_log_says_once_why_production_lets_nobody_in(
    caplog: pytest.LogCaptureFixture,
) -> None:
    configure(env="production")

    for number in range(3):
        can(Caller(host=f"10.0.0.{number}"), "create", object)

    [said] = caplog.messages
    assert "nobody may do anything in production" in said
    assert "nitro.configure(policy=…)" in said


def test_the_policy_of_the_application_decides_and_only_true_is_yes() -> None:
    configure(policy=lambda caller, operation, target: operation == "create" or "maybe")  # type: ignore[arg-type, return-value]

    assert can(Caller(host="10.0.0.1"), "create", object)
    assert not can(Caller(), "delete", object)


def test_a_policy_that_is_an_empty_collection_is_one() -> None:
    class Allowed(set[str]):
        def __call__(self, caller: Caller, operation: str, target: object) -> bool:
            return operation in self

    configure(policy=Allowed())

    assert not can(Caller(host="testclient"), "create", object)


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NITRO_ENV", "production")
    assert state.settings.production

    configure(env="development", prefix="/app/", limits={"body": 10})

    assert not state.settings.production
    assert state.settings.prefix == "/app"
    assert state.settings.limits == Limits(body=10)


@pytest.mark.parametrize("wrong", [{"env": "test"}, {"prefix": "app"}, {"limits": {"speed": 1}}])
def test_settings_that_cannot_be_are_refused_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        configure(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"policy": "no"}, "policy= takes a function: def may(caller, operation, target) -> bool"),
        ({"policy": lambda caller: True}, "policy= takes a function: def may(caller, operation"),
        ({"policy": Caller}, "policy= takes a function"),
        ({"user": "ann"}, "user= takes a function of the request that answers a Caller, an id or"),
        ({"user": lambda: "ann"}, "user= takes a function of the request"),
        ({"prefix": 3}, "prefix= takes a path such as '/app', got 3"),
        ({"public_origin": "example.org"}, "public_origin= takes origins such as 'https://"),
        ({"limits": 3}, "limits= takes a dictionary such as {'body': 2_000_000}, got 3"),
        (
            {"limits": {"body": "2 MB"}},
            "limits: body= takes a whole number, 0 or more, got '2 MB'",
        ),
        ({"limits": {"body": -1}}, "limits: body= takes a whole number, 0 or more, got -1"),
        ({"protect_all": "no"}, "protect_all= takes True or False, got 'no'"),
        ({"strict_events": 1}, "strict_events= takes True or False, got 1"),
        ({"durable": True}, "durable= takes a dictionary such as {'retries': 3}, got True"),
        ({"durable": {"poll": "often"}}, "durable: poll= takes a number, 0 or more, got 'often'"),
        ({"middleware": min}, "middleware= takes a list of generator functions"),
        ({"secret": 31337}, "secret= takes a text, or a list of them with the newest first"),
    ],
)
def test_what_a_setting_cannot_be_is_said_with_what_it_takes(
    wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match="^" + re.escape(said)) as caught:
        configure(**wrong)
    assert "31337" not in str(caught.value)


def test_an_async_policy_is_an_error_and_no_silent_no() -> None:
    async def policy(caller: Caller, operation: str, target: object) -> bool:
        return True

    configure(policy=policy)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="plain function"):
        can(Caller("ann"), "create", object)
