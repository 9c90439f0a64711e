"""Tables of entities: sort, search, pages, actions, live."""

from .columns import Column as Column
from .live import TableView as TableView
from .table import Table as Table
