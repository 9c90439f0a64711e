"""What views need to know about things that are stored, and where they find it out.

A joint says it: `nitro_templates.with_entities` for entities. Any other pydantic model is
described by `ModelSource`, which can fill a form or a card but has no routes and no rows.
"""

from .find import row_source_of as row_source_of
from .find import source_of as source_of
from .models import ModelSource as ModelSource
from .rows import Asked as Asked
from .rows import Rows as Rows
from .rows import RowSource as RowSource
from .source import ActionView as ActionView
from .source import Source as Source
from .values import json_values as json_values
from .values import title_of as title_of
from .where import All as All
from .where import AnyOf as AnyOf
from .where import Test as Test
from .where import Where as Where
