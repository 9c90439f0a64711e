"""Escaped HTML, pages, and forms and tables made from any pydantic model.

Nothing is imported until a name is used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what editors and type checkers read
    from nitro_templates.card import Card as Card
    from nitro_templates.card import Cards as Cards
    from nitro_templates.card import Detail as Detail
    from nitro_templates.component import Component as Component
    from nitro_templates.datastar import js as js
    from nitro_templates.error_pages import Failure as Failure
    from nitro_templates.error_pages import error_page as error_page
    from nitro_templates.escape import Safe as Safe
    from nitro_templates.fields import register_widget as register_widget
    from nitro_templates.fields.ui import ui as ui
    from nitro_templates.form import Form as Form
    from nitro_templates.form.layout import FormSection as FormSection
    from nitro_templates.form.layout import Row as Row
    from nitro_templates.form.layout import Tab as Tab
    from nitro_templates.form.layout import Tabs as Tabs
    from nitro_templates.form.steps import Step as Step
    from nitro_templates.head import social as social
    from nitro_templates.html import Element as Element
    from nitro_templates.html import Tag as Tag
    from nitro_templates.layout import Frame as Frame
    from nitro_templates.layout import Navigation as Navigation
    from nitro_templates.look import Look as Look
    from nitro_templates.page import Page as Page
    from nitro_templates.presence import Presence as Presence
    from nitro_templates.skeleton import compiled as compiled
    from nitro_templates.state import configure as configure
    from nitro_templates.table import Column as Column
    from nitro_templates.table import Range as Range
    from nitro_templates.table import Table as Table
    from nitro_templates.tags import *  # noqa: F403
    from nitro_templates.toasts import Toast as Toast
else:  # what runs; hidden from checkers, or every misspelt name would pass
    from importlib import import_module

    _TAGS = (
        "A Abbr Address Animate AnimateMotion AnimateTransform Area Article Aside Audio B "
        "Base Bdi Bdo Blockquote Body Br Button Canvas Caption Circle Cite ClipPath Code Col "
        "Colgroup Data Datalist Dd Defs Del Desc Details Dfn Dialog Discard Div Dl Dt Ellipse Em "
        "Embed FeBlend FeColorMatrix FeComponentTransfer FeComposite FeConvolveMatrix "
        "FeDiffuseLighting FeDisplacementMap FeDistantLight FeDropShadow FeFlood FeFuncA "
        "FeFuncB FeFuncG FeFuncR FeGaussianBlur FeImage FeMerge FeMergeNode FeMorphology "
        "FeOffset FePointLight FeSpecularLighting FeSpotLight FeTile FeTurbulence Fieldset "
        "Figcaption Figure Filter Footer ForeignObject FormTag Fragment G H1 H2 H3 H4 H5 H6 "
        "Head Header Hgroup Hr Html I Iframe Image Img Input Ins Kbd Label Legend Li Line "
        "LinearGradient Link Main Map Mark Marker Mask Math Menu Meta Metadata Meter Mpath "
        "Nav Noscript Object Ol Optgroup Option Output P Path Pattern Picture Polygon "
        "Polyline Pre Progress Q RadialGradient Rect Rp Rt Ruby S Samp Script Search Section "
        "Select Selectedcontent Set Slot Small Source Span Stop Strong Style Sub Summary Sup "
        "Svg Switch Symbol TableTag Tbody Td Template Text TextPath Textarea Tfoot Th Thead Time "
        "Title Tr Track Tspan U Ul Use Var Video View Wbr "
    )
    _HOME_OF = {
        "Card": "card",
        "Column": "table",
        "Cards": "card",
        "Component": "component",
        "Detail": "card",
        "Element": "html",
        "Failure": "error_pages",
        "Form": "form",
        "FormSection": "form.layout",
        "Frame": "layout",
        "Look": "look",
        "Navigation": "layout",
        "Page": "page",
        "Presence": "presence",
        "Range": "table",
        "Row": "form.layout",
        "Safe": "escape",
        "Step": "form.steps",
        "Tab": "form.layout",
        "Table": "table",
        "Tabs": "form.layout",
        "Tag": "html",
        "Toast": "toasts",
        "compiled": "skeleton",
        "configure": "state",
        "error_page": "error_pages",
        "js": "datastar",
        "register_widget": "fields",
        "social": "head",
        "ui": "fields",
        **dict.fromkeys(_TAGS.split(), "tags"),
    }
    __all__ = sorted(_HOME_OF)

    def __getattr__(name: str) -> object:
        home = _HOME_OF.get(name)
        if home is None:
            msg = f"module 'nitro_templates' has no attribute {name!r}"
            raise AttributeError(msg)
        value = globals()[name] = getattr(import_module(f"nitro_templates.{home}"), name)
        return value

    def __dir__() -> list[str]:
        return __all__
