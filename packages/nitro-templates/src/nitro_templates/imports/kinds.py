"""Which kind of file it is: as its content says, whatever it is called."""

from __future__ import annotations

from nitro_templates.i18n import gettext as _

from . import csv_text, json_text, workbook
from .sheet import Limits, Sheet, Unreadable, Way

_ARCHIVE, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_JSON_STARTS = (b"[", b"{")


def accepted() -> str:
    """Answer what a browser offers to choose from."""
    return ".csv,.txt,.json,.xlsx" if _reads_workbooks() else ".csv,.txt,.json"


def read(content: bytes, way: Way, limits: Limits) -> Sheet:
    """Read a file. Raises Unreadable."""
    if not content.strip():
        raise Unreadable(_("This file is empty."))
    if len(content) > limits.bytes:
        text = _("This file is too large. Choose one of {most} MB at most.")
        raise Unreadable(text.format(most=limits.bytes // 1024 // 1024))
    if content.startswith(_ARCHIVE):
        if not _reads_workbooks():
            raise Unreadable(_("XLSX files cannot be read here. Save it as CSV."))
        return workbook.read(content, limits)
    if content.startswith(_OLD_EXCEL):
        raise Unreadable(_("Files of old versions of Excel are not read. Save it as XLSX or CSV."))
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_JSON_STARTS):
        return json_text.read(content, way, limits)
    return csv_text.read(content, way, limits)


def _reads_workbooks() -> bool:
    try:
        workbook.check_installed()
    except ImportError:
        return False
    return True
