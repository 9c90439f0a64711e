"""What a test needs from the machine: skipped without, unless it is required."""

import os
from typing import NoReturn

import pytest

REQUIRED = bool(os.environ.get("NITRO_REQUIRE_SERVICES"))


def missing(what: str) -> NoReturn:
    """Skip the test for want of *what*, or fail it where all services are required."""
    if REQUIRED:
        pytest.fail(f"{what}, and NITRO_REQUIRE_SERVICES is set", pytrace=False)
    pytest.skip(what)
