"""What a form, a table and a card know of one field: label, widget, limits, how it reads."""

from .describe import Choice as Choice
from .describe import FieldView as FieldView
from .describe import fields_of as fields_of
from .describe import fields_of_signature as fields_of_signature
from .inputs import Shown as Shown
from .inputs import Widget as Widget
from .inputs import register_widget as register_widget
from .ui import Ui as Ui
from .ui import ui as ui
