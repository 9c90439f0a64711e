"""What is told of failures, and what is not."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, ValidationError

from nitro_events.http.problems import (
    Forbidden,
    NotFound,
    problem_of,
    register,
    registered_types,
    status_of,
)
from nitro_events.outcomes import Conflict, FieldConflict, Invalid
from nitro_events.seal import BadSeal
from nitro_events.settings import configure
from nitro_events.signals import BadSignals


class Person(BaseModel):
    age: int


def invalid_person() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Person(age="my-secret")  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("exc", "status"),
    [
        (NotFound(), 404),
        (Forbidden(), 403),
        (BadSignals("x", status=413), 413),
        (BadSeal("x"), 400),
        (Invalid(), 422),
        (Conflict(), 409),
        (ValueError("x"), None),
    ],
)
def test_every_refusal_has_its_status(exc: Exception, status: int | None) -> None:
    assert status_of(exc) == status
    assert problem_of(exc).status == (status or 500)


def test_validation_is_told_by_field_and_without_values() -> None:
    problem = problem_of(invalid_person())

    assert problem.status == 422
    assert set(problem.errors) == {"age"}
    assert "my-secret" not in str(problem.as_json())


def test_what_nobody_expected_is_told_by_an_id_only(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "nitro_events"):
        problem = problem_of(RuntimeError("password=1"))

    assert problem.status == 500
    assert problem.id is not None
    assert "password" not in str(problem.as_json())
    assert problem.id in caplog.text
    assert "password=1" in caplog.text


def test_a_registered_type_stands_for_its_subclasses() -> None:
    class Gone(LookupError):
        pass

    register(LookupError, 410, "Gone", detail="It is gone.")

    problem = problem_of(Gone("internal"))
    assert (problem.status, problem.detail) == (410, "It is gone.")
    assert LookupError in registered_types()


def test_a_conflict_tells_mine_and_theirs() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    conflict = Conflict(conflicts={"name": FieldConflict("a", "b", "Ann", at)})

    assert problem_of(conflict).as_json()["conflicts"] == {
        "name": {"mine": "a", "theirs": "b", "by": "Ann", "at": "2026-01-01T00:00:00+00:00"}
    }


def test_a_package_that_is_missing_is_told_with_what_to_install_while_developing() -> None:
    missing = ImportError("To import XLSX files, run: pip install 'nitro-templates[imports]'")

    assert "run: pip install 'nitro-templates[imports]'" in problem_of(missing).detail
    group = ExceptionGroup("handlers of 'x' failed", [missing])
    assert "run: pip install" in problem_of(group).detail
    assert problem_of(ImportError("No module named 'mine'")).detail == problem_of(OSError()).detail


def test_a_package_that_is_missing_is_nobodys_business_in_production() -> None:
    configure(env="production")

    told = problem_of(ImportError("To import XLSX files, run: pip install 'nitro-templates'"))

    assert "pip" not in str(told.as_json())
