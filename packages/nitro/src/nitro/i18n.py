"""Texts in the language of the reader: ``from nitro.i18n import gettext as _``.

They live in nitro-templates, which loads what a language needs when somebody reads it.
"""

from nitro_templates.i18n import Reader as Reader
from nitro_templates.i18n import current_reader as current_reader
from nitro_templates.i18n import gettext as gettext
from nitro_templates.i18n import later as later
from nitro_templates.i18n import ngettext as ngettext
from nitro_templates.i18n import reader_for as reader_for
from nitro_templates.i18n import reading as reading
