"""Every test begins with nothing registered, and has an application with Nitro."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from nitro_events.state import state
from nitro_flask import Nitro


@pytest.fixture(autouse=True)
def _fresh_state() -> Iterator[None]:
    state.reset()
    yield
    state.reset()


@pytest.fixture
def app() -> Flask:
    app = Flask("shop")
    app.config["SECRET_KEY"] = "a secret for these tests alone"
    Nitro(app)
    return app


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()
