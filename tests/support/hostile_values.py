"""200 values that would like to be more than text, the same in every run.

Whatever one of them manages to run sets ``window.__xss``, opens a dialog, or asks another host.
"""

from __future__ import annotations

import html5lib

RUN = "window.__xss=1"

MARKUP = [
    f"<script>{RUN}</script>",
    f"<script src=//evil.example/x.js></script><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<img/src='x'/onerror={RUN}//",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}>",
    "<iframe srcdoc='<script>parent.__xss=1</script>'></iframe>",
    "<iframe src=https://evil.example></iframe>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<input autofocus onfocus={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<object data='javascript:{RUN}'></object>",
    "<embed src=//evil.example/x.swf>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';*{display:none}</style>",
    f"<a href='javascript:{RUN}'>x</a>",
    "<form action=//evil.example><button>x</button></form>",
    "<template><b>x</b></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<textarea></textarea><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</option></select><script>{RUN}</script>",
    f"</td></tr></table><svg onload={RUN}>",
    f"</li></ul></form></div></main><img src=x onerror={RUN}>",
    f"</template><script>{RUN}</script>",
    f"</button><img src=x onerror={RUN}>",
    f"<!--><script>{RUN}</script>-->",
    f"--><img src=x onerror={RUN}>",
    f"--!><img src=x onerror={RUN}>",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"]]><script>{RUN}</script>",
    f"<?xml version='1.0'?><x onclick={RUN}>",
    "<!DOCTYPE html><p>",
    "<plaintext>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<SCRIPT\n>{RUN}</SCRIPT\t>",
    f"<a/onmouseover={RUN}>x",
    f"<div data-init='{RUN}'></div>",
    f"<div data-on:load='{RUN}' data-effect='{RUN}'></div>",
    f'<div data-signals="{{a:{RUN}}}"></div>',
    "<div id=nitro-main></div><div id=nitro-live></div>",
    "<dialog open id=nitro-dialog>x</dialog>",
]
ATTRIBUTES = [
    f'"><script>{RUN}</script>',
    f"'><script>{RUN}</script>",
    f'"><img src=x onerror={RUN}>',
    f"'><img src=x onerror={RUN}>",
    f'" onmouseover="{RUN}',
    f"' onmouseover='{RUN}",
    f'" autofocus onfocus="{RUN}" x="',
    f"x onfocus={RUN} autofocus y=",
    f"` onerror=`{RUN}",
    f'" data-init="{RUN}',
    f'" data-on:click="{RUN}',
    f'"/><svg/onload={RUN}>',
    '" style="position:fixed;inset:0" x="',
    "x; background:url(//evil.example/x.png)",
    f"red}}</style><script>{RUN}</script>",
    f"expression({RUN})",
    "a=b c=d",
    "&quot;&#34;&#x22;&apos;",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    "&amp;lt;b&amp;gt; &notit; &#0; &#xD800; &nbsp",
]
ADDRESSES = [
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f"jav&#x09;ascript:{RUN}",
    f"java\nscript:{RUN}",
    f"java\tscript:{RUN}",
    f" \x01 javascript:{RUN}",
    f"javascript&colon;{RUN}",
    f"vbscript:{RUN}",
    "data:text/html;base64,PHNjcmlwdD53aW5kb3cuX194c3M9MTwvc2NyaXB0Pg==",
    f"data:text/html,<script>{RUN}</script>",
    "//evil.example/x",
    "https://evil.example/?a=1&b=2#c",
    "\\\\evil.example\\x",
    "/\\evil.example",
    "https:evil.example",
    "http://user:pass@evil.example:80/",
    "?q=1&sort=-name#x",
    "#nitro-main",
    "mailto:a@b?subject=x%0d%0aBcc:c@d",
    "blob:https://evil.example/1",
]
EXPRESSIONS = [
    f"${{{RUN}}}",
    "${alert(1)}",
    "$signal",
    "$name = 1",
    "$$('x')",
    "@get('/x')",
    "@post('/accounts')",
    "@get('https://evil.example/x')",
    "@setAll(1)",
    f"{{{{{RUN}}}}}",
    "{{7*7}}",
    "{% raw %}{{7*7}}{% endraw %}",
    "{# comment #}",
    "{0.__class__.__mro__}",
    "{name!r:>{width}}",
    "%(name)s %s %d %n",
    "<%= 7*7 %>",
    "#{7*7}",
    "`${alert(1)}`",
    f"'); {RUN}; ('",
    f'"); {RUN}; ("',
    f"'-{RUN}-'",
    f"\\'-{RUN}//",
    f'\\"-{RUN}//',
    f"1;{RUN}",
    f"evt.detail.url;{RUN}",
    f"()=>{{{RUN}}}",
    "nitro.go(el)",
    "el.innerHTML='<b>x</b>'",
    f"constructor.constructor('{RUN}')()",
]
LINES = [
    "\u2028data: x",
    "a\u2029b\u0085c",
    "x\n\nevent: datastar-patch-elements\ndata: elements <b id=nitro-main>x</b>\n\n",
    'x\r\n\r\nevent: datastar-patch-signals\r\ndata: signals {"a":1}\r\n\r\n',
    "x\rdata: elements <b>x</b>\r\r",
    "data: elements <b>x</b>",
    ": comment",
    "id: 99999999\nretry: 0",
    "\r\nset-cookie: a=b\r\n\r\n<b>x</b>",
    "x\x0by\x0cz",
    "\nfirst line empty",
    "\r\n\r\n",
    "tab\there",
    "end\n",
]
CHARACTERS = [
    "a\x00b",
    "\x00",
    "\x01\x02\x03\x7f\x80\x9f",
    "\x1b[31mred\x1b[0m \x07",
    "a\u202egnp.exe",
    "\u202a\u202b\u202d\u2066\u2067\u2068",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\ufffe\uffff\U0010ffff",
    "half \ud800 half",
    "\udc80\udcff",
    "\ud83d\ude00",
    "שלום עולם",
    "مرحبا <b>بالعالم</b>",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "Z\u0335\u0301\u0300\u0316a\u0334l\u0335g\u0336o" + "\u0301" * 50,
    "İıſßẞǅ",
    "e\u0301 é",
    "\u00a0\u2003\u3000",
    "   ",
    "\uff1cscript\uff1ewindow.__xss=1\uff1c/script\uff1e",
    "+ADw-script+AD4-",
    "\xbcscript\xbe",
    "x" * 3000,
    "<" * 500,
    "&" * 500,
]
PATHS = [
    "../../etc/passwd",
    "..\\..\\windows",
    "a/b",
    "a/b/../c",
    ".",
    "..",
    ".htaccess",
    "C:\\CON",
    "nul.txt",
    "a%2fb%00c",
    "%3Cscript%3E",
    "%zz%",
    'x"; filename="evil.html',
    "x'; rm -rf / #",
    "$(reboot) `reboot` |reboot",
    "new",
    "edit",
    "delete",
    "a.b.c",
    "lines.0.name",
]
FORMULAS = [
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example","x")',
    "+1-1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\uff1d1+1",
    "a;=1+1",
    'a","=1+1',
]
STATEMENTS = [
    "' OR '1'='1",
    "'; DROP TABLE things; --",
    "%",
    "_",
    "100% of it_all",
]
NAMES = [
    "__proto__",
    "constructor",
    "null",
    "true",
    '{"__proto__":{"x":1}}',
]

VALUES: list[str] = [
    *MARKUP, *ATTRIBUTES, *ADDRESSES, *EXPRESSIONS, *LINES, *CHARACTERS, *PATHS, *FORMULAS,
    *STATEMENTS, *NAMES,
]  # fmt: skip
"""All of them."""


def storable(value: str) -> bool:
    """Tell whether *value* is text that a database keeps: no half surrogate and no NUL."""
    return not any(0xD800 <= ord(letter) <= 0xDFFF or letter == "\0" for letter in value)


TEXTS: list[str] = [value for value in VALUES if storable(value)]
"""Those that a store can hold."""


_ADDRESSED = frozenset({"href", "src", "action", "formaction", "data", "srcset", "poster"})
_CODE = ("javascript:", "vbscript:", "data:")


def shape(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return what a browser makes of *html*: every tag, in order, with its attributes' names.

    Fails for what could run or lead away: handlers, addresses with code, scripts.
    """
    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    found: list[tuple[str, tuple[str, ...]]] = []
    for node in tree.iter():
        found.append((str(node.tag), tuple(sorted(node.attrib))))
        for name, value in node.attrib.items():
            # as browsers read addresses: blanks and control characters do not count
            address = "".join(letter for letter in value if letter > " ").lower()
            coded = str(name) in _ADDRESSED and address.startswith(_CODE)
            told = f"<{node.tag} {name}={value!r}>"
            assert not coded, told
            assert not str(name).startswith(("on", "srcdoc")), told
        assert RUN not in (node.text or "") or node.tag not in ("script", "style"), node.text
    return found
