"""Flask."""

import sys
from typing import Any

from flask import Flask, request
from measure import serve_wsgi
from orders import Touch, begin, touched

import nitro

app = Flask(__name__)


@app.route("/plain", methods=["GET", "POST"])
def plain() -> dict[str, bool]:
    """Touch nothing of Nitro."""
    return {"plain": True}


@app.post("/hand/<int:id>")
def hand(id: int) -> dict[str, Any]:
    """Do by hand what the action does."""
    return touched(id, Touch.model_validate_json(request.get_data()))


begin()
if sys.argv[1] == "nitro":
    nitro.install(app)
serve_wsgi(app)
