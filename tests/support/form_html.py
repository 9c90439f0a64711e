"""What a browser would send of a form, read from its HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlencode


class FormReader(HTMLParser):
    """Collects the names and values of the inputs in a piece of HTML, in order."""

    def __init__(self, form: str | None = None) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.action = ""
        self._form, self._inside = form, form is None
        self._templates = 0
        self._box: str | None = None
        self._text = ""
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id") == self._form
            self.action = given.get("action", "") if self._inside else self.action
        if tag == "template":
            self._templates += 1
        if not self._inside or self._templates:
            return
        if tag == "textarea":
            self._box, self._text = given["name"], ""
        elif tag == "select":
            self._select, self._options = given["name"], []
        elif tag == "option":
            self._options.append((given["value"], "selected" in given))
        elif tag == "input" and "name" in given:
            ticks = given.get("type") in ("checkbox", "radio")
            if not ticks or "checked" in given:
                self.sent.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._templates -= 1
        elif tag == "form":
            self._inside = self._form is None
        elif tag == "textarea" and self._box is not None:
            self.sent.append((self._box, self._text.removeprefix("\n")))
            self._box = None
        elif tag == "select" and self._select is not None:
            chosen = [value for value, selected in self._options if selected]
            first = [value for value, _ in self._options[:1]]
            self.sent.extend((self._select, value) for value in (chosen or first)[-1:])
            self._select = None


def sent_by(html: str, form: str | None = None) -> FormReader:
    """Read the form called *form* in *html*, or all of it."""
    reader = FormReader(form)
    # a browser reads every line end as one
    reader.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
    reader.close()
    return reader


def body_of(pairs: list[tuple[str, str]]) -> str:
    """Encode *pairs* as a browser does, whose line ends are those of the internet."""
    return urlencode([(name, text.replace("\n", "\r\n")) for name, text in pairs])
