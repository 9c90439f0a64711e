from __future__ import annotations

import re
from typing import Any

import pytest

from nitro_templates import Look, assets, configure
from nitro_templates.look import _contrast, _parsed

BRANDS = ("#0b7285", "#ffd400", "#0a1a4a", "#888", "#e11d48", "#000", "#fff", "#00ff00")
PAIR = re.compile(r"--nitro-accent: light-dark\((#\w+), (#\w+)\)")
FILL = re.compile(r"--nitro-fill: (#\w+);--nitro-on-fill: (#\w+)")


def test_a_look_comes_with_the_stylesheet_under_a_url_of_its_own() -> None:
    before = assets.asset("nitro.css").url

    configure(look=Look(accent="#0b7285", radius="4px", density="compact"))

    css = assets.asset("nitro.css")
    assert css.url != before
    assert "--nitro-radius: 4px;--nitro-control: 2.125rem;" in css.body.decode()
    assert assets.asset("nitro.js").url.rpartition("/")[0] == css.url.rpartition("/")[0]


@pytest.mark.parametrize("brand", BRANDS)
def test_whatever_the_brand_its_shades_are_readable(brand: str) -> None:
    css = Look(accent=brand).css()
    usual, more = css.split("@media")

    for rules, wanted in ((usual, 4.5), (more, 7.0)):
        (light, dark), *_ = PAIR.findall(rules)
        assert _contrast(_parsed(light), _parsed("#eef2fb")) >= wanted
        assert _contrast(_parsed(dark), _parsed("#222b3a")) >= wanted
        assert _contrast(_parsed(dark), _parsed("#0b1220")) >= wanted
        for fill, on_fill in FILL.findall(rules):
            assert _contrast(_parsed(fill), _parsed(on_fill)) >= wanted
    assert f"--nitro-fill: {brand}" in usual or len(brand) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"accent": "red"},
        {"accent": "#0b7285; } body { display: none"},
        {"radius": "0; } :root { --x: 1"},
        {"font": "</style><script>"},
        {"width": ""},
        {"density": "tiny"},
    ],
)
def test_a_look_takes_values_and_no_rules(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Look(**wrong)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"theme": "drak"}, "'light' or 'dark' or 'system'"),
        ({"csp": "stict"}, "'strict' or 'no-eval'"),
        ({"languages": ["german!"]}, "'german!' is no language"),
        ({"zone": "Mars/Olympus"}, "Europe/Zurich"),
    ],
)
def test_a_setting_that_cannot_be_one_is_refused_at_once(
    setting: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        configure(**setting)
