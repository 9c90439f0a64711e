"""Nitro's parts in templates of Django.

{% load nitro %}
<!doctype html>
<html {% nitro_html %}>
  <head><title>{% nitro_title %}</title>{% nitro_head %}</head>
  <body>
    {% nitro_start %}
    <main id="nitro-main" tabindex="-1">{% nitro cities %}</main>
    {% nitro_end %}
  </body>
</html>
"""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from nitro_events.http.markup import page_parts

__all__ = ["register"]

register = template.Library()


def written(part: object) -> SafeString:
    """Return the markup of *part*, or its text escaped."""
    # on the class: an object that answers any attribute is not markup
    write = getattr(type(part), "__html__", None)
    return escape(part) if write is None else SafeString(write(part))


@register.simple_tag(name="nitro")
def show(part: object) -> SafeString:
    """Write a component, an element or anything else that has ``__html__``; text is escaped.

    ``{{ part }}`` would escape the markup of components.
    """
    return written(part)


@register.simple_tag
def nitro_html() -> SafeString:
    """Write the attributes of ``<html>``: language and theme."""
    return written(page_parts().html)


@register.simple_tag
def nitro_title() -> str:
    """Write the title of the page."""
    return page_parts().title


@register.simple_tag
def nitro_head() -> SafeString:
    """Write what belongs into ``<head>``: styles, scripts, icon."""
    return written(page_parts().head)


@register.simple_tag
def nitro_start() -> SafeString:
    """Write what belongs at the start of ``<body>``."""
    return written(page_parts().start)


@register.simple_tag
def nitro_end() -> SafeString:
    """Write what belongs at the end of ``<body>``: messages, the dialog, the live stream."""
    return written(page_parts().end)
