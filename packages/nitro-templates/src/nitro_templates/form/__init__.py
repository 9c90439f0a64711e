"""Forms for entities and actions: create, edit, confirm, and come back with what was typed."""

from .form import Form as Form
from .layout import Row as Row
from .layout import Section as Section
from .layout import Tab as Tab
from .layout import Tabs as Tabs
from .state import RefusedForm as RefusedForm
