"""Two frameworks in one process: FastAPI, and FastHTML below ``/ui``, over the same entities."""

from behaviour.apps.fastapi_app import app
from behaviour.apps.fasthtml_app import app as ui

app.mount("/ui", ui)
