"""Every element of HTML and SVG, capitalised: ``Div("text", cls="box")``.

`nitro_templates.Form` and `nitro_templates.Table` are these tags with more to them; the bare
ones are ``FormTag`` and ``TableTag`` here.
"""

from __future__ import annotations

from nitro_templates.html import Fragment, LinesTag, RawTextTag, Tag

__all__ = [
    "H1",
    "H2",
    "H3",
    "H4",
    "H5",
    "H6",
    "A",
    "Abbr",
    "Address",
    "Animate",
    "AnimateMotion",
    "AnimateTransform",
    "Area",
    "Article",
    "Aside",
    "Audio",
    "B",
    "Base",
    "Bdi",
    "Bdo",
    "Blockquote",
    "Body",
    "Br",
    "Button",
    "Canvas",
    "Caption",
    "Circle",
    "Cite",
    "ClipPath",
    "Code",
    "Col",
    "Colgroup",
    "Data",
    "Datalist",
    "Dd",
    "Defs",
    "Del",
    "Desc",
    "Details",
    "Dfn",
    "Dialog",
    "Discard",
    "Div",
    "Dl",
    "Dt",
    "Ellipse",
    "Em",
    "Embed",
    "FeBlend",
    "FeColorMatrix",
    "FeComponentTransfer",
    "FeComposite",
    "FeConvolveMatrix",
    "FeDiffuseLighting",
    "FeDisplacementMap",
    "FeDistantLight",
    "FeDropShadow",
    "FeFlood",
    "FeFuncA",
    "FeFuncB",
    "FeFuncG",
    "FeFuncR",
    "FeGaussianBlur",
    "FeImage",
    "FeMerge",
    "FeMergeNode",
    "FeMorphology",
    "FeOffset",
    "FePointLight",
    "FeSpecularLighting",
    "FeSpotLight",
    "FeTile",
    "FeTurbulence",
    "Fieldset",
    "Figcaption",
    "Figure",
    "Filter",
    "Footer",
    "ForeignObject",
    "FormTag",
    "Fragment",
    "G",
    "Head",
    "Header",
    "Hgroup",
    "Hr",
    "Html",
    "I",
    "Iframe",
    "Image",
    "Img",
    "Input",
    "Ins",
    "Kbd",
    "Label",
    "Legend",
    "Li",
    "Line",
    "LinearGradient",
    "Link",
    "Main",
    "Map",
    "Mark",
    "Marker",
    "Mask",
    "Math",
    "Menu",
    "Meta",
    "Metadata",
    "Meter",
    "Mpath",
    "Nav",
    "Noscript",
    "Object",
    "Ol",
    "Optgroup",
    "Option",
    "Output",
    "P",
    "Path",
    "Pattern",
    "Picture",
    "Polygon",
    "Polyline",
    "Pre",
    "Progress",
    "Q",
    "RadialGradient",
    "Rect",
    "Rp",
    "Rt",
    "Ruby",
    "S",
    "Samp",
    "Script",
    "Search",
    "Section",
    "Select",
    "Selectedcontent",
    "Set",
    "Slot",
    "Small",
    "Source",
    "Span",
    "Stop",
    "Strong",
    "Style",
    "Sub",
    "Summary",
    "Sup",
    "Svg",
    "Switch",
    "Symbol",
    "TableTag",
    "Tbody",
    "Td",
    "Template",
    "Text",
    "TextPath",
    "Textarea",
    "Tfoot",
    "Th",
    "Thead",
    "Time",
    "Title",
    "Tr",
    "Track",
    "Tspan",
    "U",
    "Ul",
    "Use",
    "Var",
    "Video",
    "View",
    "Wbr",
]

A = Tag("a")
Abbr = Tag("abbr")
Address = Tag("address")
Article = Tag("article")
Aside = Tag("aside")
Audio = Tag("audio")
B = Tag("b")
Bdi = Tag("bdi")
Bdo = Tag("bdo")
Blockquote = Tag("blockquote")
Body = Tag("body")
Button = Tag("button")
Canvas = Tag("canvas")
Caption = Tag("caption")
Cite = Tag("cite")
Code = Tag("code")
Colgroup = Tag("colgroup")
Data = Tag("data")
Datalist = Tag("datalist")
Dd = Tag("dd")
Del = Tag("del")
Details = Tag("details")
Dfn = Tag("dfn")
Dialog = Tag("dialog")
Div = Tag("div")
Dl = Tag("dl")
Dt = Tag("dt")
Em = Tag("em")
Fieldset = Tag("fieldset")
Figcaption = Tag("figcaption")
Figure = Tag("figure")
Footer = Tag("footer")
H1 = Tag("h1")
H2 = Tag("h2")
H3 = Tag("h3")
H4 = Tag("h4")
H5 = Tag("h5")
H6 = Tag("h6")
Head = Tag("head")
Header = Tag("header")
Hgroup = Tag("hgroup")
Html = Tag("html")
I = Tag("i")  # noqa: E741
Iframe = Tag("iframe")
Ins = Tag("ins")
Kbd = Tag("kbd")
Label = Tag("label")
Legend = Tag("legend")
Li = Tag("li")
Main = Tag("main")
Map = Tag("map")
Mark = Tag("mark")
Math = Tag("math")
Menu = Tag("menu")
Meter = Tag("meter")
Nav = Tag("nav")
Noscript = Tag("noscript")
Object = Tag("object")
Ol = Tag("ol")
Optgroup = Tag("optgroup")
Option = Tag("option")
Output = Tag("output")
P = Tag("p")
Picture = Tag("picture")
Pre = LinesTag("pre")
Progress = Tag("progress")
Q = Tag("q")
Rp = Tag("rp")
Rt = Tag("rt")
Ruby = Tag("ruby")
S = Tag("s")
Samp = Tag("samp")
Search = Tag("search")
Section = Tag("section")
Select = Tag("select")
Selectedcontent = Tag("selectedcontent")
Slot = Tag("slot")
Small = Tag("small")
Span = Tag("span")
Strong = Tag("strong")
Sub = Tag("sub")
Summary = Tag("summary")
Sup = Tag("sup")
Tbody = Tag("tbody")
Td = Tag("td")
Template = Tag("template")
Textarea = LinesTag("textarea")
Tfoot = Tag("tfoot")
Th = Tag("th")
Thead = Tag("thead")
Time = Tag("time")
Title = Tag("title")
Tr = Tag("tr")
U = Tag("u")
Ul = Tag("ul")
Var = Tag("var")
Video = Tag("video")
FormTag = Tag("form")
TableTag = Tag("table")

Area = Tag("area", void=True)
Base = Tag("base", void=True)
Br = Tag("br", void=True)
Col = Tag("col", void=True)
Embed = Tag("embed", void=True)
Hr = Tag("hr", void=True)
Img = Tag("img", void=True)
Input = Tag("input", void=True)
Link = Tag("link", void=True)
Meta = Tag("meta", void=True)
Source = Tag("source", void=True)
Track = Tag("track", void=True)
Wbr = Tag("wbr", void=True)

# What stands in these is no HTML text: plain strings are refused.
Script = RawTextTag("script")
Style = RawTextTag("style")

Svg = Tag("svg")
Animate = Tag("animate")
AnimateMotion = Tag("animateMotion")
AnimateTransform = Tag("animateTransform")
Circle = Tag("circle")
ClipPath = Tag("clipPath")
Defs = Tag("defs")
Desc = Tag("desc")
Discard = Tag("discard")
Ellipse = Tag("ellipse")
FeBlend = Tag("feBlend")
FeColorMatrix = Tag("feColorMatrix")
FeComponentTransfer = Tag("feComponentTransfer")
FeComposite = Tag("feComposite")
FeConvolveMatrix = Tag("feConvolveMatrix")
FeDiffuseLighting = Tag("feDiffuseLighting")
FeDisplacementMap = Tag("feDisplacementMap")
FeDistantLight = Tag("feDistantLight")
FeDropShadow = Tag("feDropShadow")
FeFlood = Tag("feFlood")
FeFuncA = Tag("feFuncA")
FeFuncB = Tag("feFuncB")
FeFuncG = Tag("feFuncG")
FeFuncR = Tag("feFuncR")
FeGaussianBlur = Tag("feGaussianBlur")
FeImage = Tag("feImage")
FeMerge = Tag("feMerge")
FeMergeNode = Tag("feMergeNode")
FeMorphology = Tag("feMorphology")
FeOffset = Tag("feOffset")
FePointLight = Tag("fePointLight")
FeSpecularLighting = Tag("feSpecularLighting")
FeSpotLight = Tag("feSpotLight")
FeTile = Tag("feTile")
FeTurbulence = Tag("feTurbulence")
Filter = Tag("filter")
ForeignObject = Tag("foreignObject")
G = Tag("g")
Image = Tag("image")
Line = Tag("line")
LinearGradient = Tag("linearGradient")
Marker = Tag("marker")
Mask = Tag("mask")
Metadata = Tag("metadata")
Mpath = Tag("mpath")
Path = Tag("path")
Pattern = Tag("pattern")
Polygon = Tag("polygon")
Polyline = Tag("polyline")
RadialGradient = Tag("radialGradient")
Rect = Tag("rect")
Set = Tag("set")
Stop = Tag("stop")
Switch = Tag("switch")
Symbol = Tag("symbol")
Text = Tag("text")
TextPath = Tag("textPath")
Tspan = Tag("tspan")
Use = Tag("use")
View = Tag("view")
