"""Tests that share a server run in one worker, or each worker starts the server again."""

from __future__ import annotations

import pytest


def test_a_group_is_known_to_what_hands_tests_to_workers(request: pytest.FixtureRequest) -> None:
    if not hasattr(request.config, "workerinput"):
        pytest.skip("there are no workers")
    assert request.node.nodeid.endswith("@plain-test_workers")
