"""Rows as files: CSV, XLSX and JSON, written as they are read."""

from .files import KINDS as KINDS
from .files import Kind as Kind
from .files import Options as Options
from .files import Sheet as Sheet
from .files import write as write
from .names import disposition as disposition
from .names import file_name as file_name
