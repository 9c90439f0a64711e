"""The input of stored files: those that are there, and a place to choose or drop others.

Without scripts the form brings the chosen files along. With them ``uploads.js`` sends each as soon
as it is chosen, and what stands for it goes with the form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nitro_templates.html import Element, Tag
from nitro_templates.i18n import gettext as _

from .files import CLEAR, size_text

if TYPE_CHECKING:
    from .held import HeldFile
    from .shown import Shown

_input, _label, _div, _p = Tag("input", void=True), Tag("label"), Tag("div"), Tag("p")
_ul, _li, _img, _a, _span = Tag("ul"), Tag("li"), Tag("img", void=True), Tag("a"), Tag("span")


def stored(shown: Shown) -> Element:
    """Files to choose, with those that are there and a box to remove each."""
    field = shown.field
    numbers = iter(range(len(shown.files)))
    items = [_item(shown, file, numbers) for file in shown.files]
    return _div(
        _ul(items, cls="nitro-held", aria_label=field.label),
        _div(
            _input(
                type="file",
                **shown.attributes,
                accept=field.accept,
                multiple=field.many,
                data_nitro_most=field.most,
                data_nitro_limit=None if field.most is None else size_text(field.most),
            ),
            _span(_("or drop it here"), cls="nitro-drop-hint", aria_hidden="true"),
            cls="nitro-drop",
        ),
        _p(role="status", cls="nitro-hidden", data_nitro_uploaded=True),
        cls="nitro-files",
        data_nitro_upload=shown.upload,
        data_nitro_many=field.many,
        data_nitro_file=", ".join(file.name for file in shown.files),
    )


def picture(file: HeldFile) -> Element | None:
    """Answer the small picture of an image, None for other files."""
    if not file.is_image or file.url is None:
        return None
    size = {"width": file.width, "height": file.height}
    return _img(src=file.url, alt="", loading="lazy", cls="nitro-thumb", **size)


def _item(shown: Shown, file: HeldFile, numbers: object) -> Element:
    # one of several, and one that was sent, is kept by being sent along; a single one that is
    # stored stays as long as nothing else is said
    sent = shown.field.many or not file.stored
    number = next(numbers) if sent else None  # type: ignore[call-overload]
    clear = shown.name if number is None else f"{shown.name}:{number}"
    return _li(
        _input(type="hidden", name=shown.name, value=file.token) if sent else None,
        picture(file),
        _a(file.name, href=file.url, target="_blank", rel="noopener") if file.url else file.name,
        " ",
        _span(size_text(file.size), cls="nitro-size"),
        _remove(shown, file, clear) if sent or shown.field.optional else None,
    )


def _remove(shown: Shown, file: HeldFile, clear: str) -> Element:
    id = f"{shown.id}-clear-{clear.rpartition(':')[2] if ':' in clear else ''}".rstrip("-")
    name = _("Remove {name}", name=file.name)
    ticked = shown.cleared and ":" not in clear
    said = {"value": clear, "checked": ticked, "id": id, "aria_label": name}
    box = _input(type="checkbox", name=CLEAR, **said)
    return _div(box, _label(_("Remove"), for_=id), cls="nitro-choice")
