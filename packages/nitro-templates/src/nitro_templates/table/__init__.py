"""Tables of entities: sort, search, pages, actions, live."""

from .columns import Column as Column
from .filtering import Range as Range
from .table import Table as Table
from .view import TableView as TableView
