"""Forms for entities and actions: create, edit, confirm, and come back with what was typed."""

from .form import Form as Form
from .state import RefusedForm as RefusedForm
