"""No framework is left out without a word."""

import pytest

from behaviour.hosts import FRAMEWORKS, first_of


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_has_the_application_of_this_suite(framework: str) -> None:
    assert first_of(framework).app.exists(), f"missing: tests/behaviour/apps/{framework}_app.py"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_has_an_atlas(framework: str) -> None:
    atlas = first_of(framework).atlas

    assert atlas.exists(), f"missing: examples/atlas/{atlas.name}"
