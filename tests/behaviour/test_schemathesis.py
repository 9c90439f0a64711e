"""What FastAPI and Litestar describe of Nitro's routes is true: schemathesis asks, made of it.

A few requests for each operation; 1,000 with NITRO_PROOF=1. Each must be answered as described:
no server error, no status, type or body that the description does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, assume, given, settings

from behaviour.hosts import Hosted, first_of
from support.proof import PROOF

COUNT = 1000 if PROOF else 5
DESCRIBED = {"fastapi": "/openapi.json", "litestar": "/schema/openapi.json"}
# fails by what it is there for
FAILS = "/parcels/{id}/afail"


@pytest.fixture(params=DESCRIBED)
def described(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hosted]:
    """A server of its own: what is made of descriptions is kept in it."""
    server = Hosted(first_of(request.param), tmp_path)
    server.start()
    yield server
    server.kill()


def test_every_request_made_from_the_description_is_answered_as_described(
    described: Hosted, record_property: Callable[[str, object], None]
) -> None:
    schemathesis: Any = pytest.importorskip("schemathesis")
    path = DESCRIBED[described.host.framework]
    schema = schemathesis.openapi.from_url(described.url + path)
    # what an event carries is between its handler and who sends it
    schema.config.generation.update(allow_x00=False)  # no database keeps it in a text
    ours = schema.include(tag=["parcels", "visitses"]).exclude(path=FAILS)
    operations = [found.ok() for found in ours.get_all_operations()]
    wrong: dict[str, str] = {}
    asked = 0

    for operation in operations:
        try:
            asked += ask(operation)
        except (Exception, BaseExceptionGroup) as told:  # the others are asked too
            wrong[operation.label] = f"{type(told).__name__}: {told}"

    record_property("operations", len(operations))
    record_property("requests", asked)
    assert len(operations) > 10
    assert not wrong, "\n\n".join(f"{label}\n{told}" for label, told in wrong.items())


def ask(operation: Any) -> int:
    """Send COUNT requests, look at each answer, and say how many there were.

    They are fewer where there is not so much to choose from.
    """
    lenient = cast("list[HealthCheck]", list(HealthCheck))
    asked = 0

    @settings(max_examples=COUNT, deadline=None, derandomize=True, database=None,
              suppress_health_check=lenient)  # fmt: skip
    @given(case=operation.as_strategy())
    def each(case: Any) -> None:
        nonlocal asked
        assume(fits(case.body))
        asked += 1
        case.call_and_validate(timeout=30)

    each()
    return asked


def fits(value: object) -> bool:
    """Whether a database has room for the numbers in *value*; who sends others gets a 422."""
    if isinstance(value, dict):
        return all(map(fits, value.values()))
    if isinstance(value, list):
        return all(map(fits, value))
    return not isinstance(value, int | float) or abs(value) < 2**63
