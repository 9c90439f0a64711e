"""What a reader reads: texts, names, numbers and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from nitro_templates import Page, Safe, configure
from nitro_templates.context import RenderContext, rendering
from nitro_templates.fields.formats import field_text, text_of, typed_text
from nitro_templates.fields.view import FieldView
from nitro_templates.i18n import (
    gettext,
    inside,
    later,
    ngettext,
    placed,
    reader_for,
    reading,
)
from nitro_templates.i18n.browser import script_for
from nitro_templates.i18n.labels import counted, field_view, own
from nitro_templates.i18n.negotiation import negotiated, offered
from nitro_templates.table.status import COUNT_CAP

MOMENT = datetime(2026, 11, 21, 18, 5, tzinfo=UTC)
OWN = """
msgid ""
msgstr ""
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "City"
msgid_plural "Cities"
msgstr[0] "Stadt"
msgstr[1] "Städte"

msgid "People"
msgstr "Einwohner"

msgid "Save"
msgstr "Sichern"

#, fuzzy
msgid "Cancel"
msgstr "Unsicher"
"""


@pytest.fixture
def translations(tmp_path: Path) -> Path:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(OWN, encoding="utf-8")
    return tmp_path


def test_english_texts_are_what_is_written() -> None:
    assert gettext("Save") == "Save"
    assert gettext("Delete {thing}", thing="<city>") == "Delete <city>"
    assert ngettext("{count} day", "{count} days", 1) == "1 day"
    assert ngettext("{count} day", "{count} days", 12345) == "12,345 days"


def test_a_text_is_in_the_language_of_the_reader() -> None:
    with reading(reader_for("de")):
        assert gettext("Save") == "Speichern"
        assert ngettext("{count} day", "{count} days", 2) == "2 Tage"
    with reading(reader_for("ar")):
        assert ngettext("{count} day", "{count} days", 2) == "يومان"
        assert ngettext("{count} day", "{count} days", 3) == "3 أيام"
    assert gettext("Save") == "Save"


def test_a_text_without_a_translation_stays_as_it_is() -> None:
    with reading(reader_for("ja")):
        assert gettext("Save") == "Save"
    with reading(reader_for("de-AT")):
        assert gettext("Save") == "Speichern"


def test_a_catalogue_is_read_once_for_all_the_regions_that_it_is_for() -> None:
    regions = [reader_for(f"de-{number}").texts for number in range(3)]

    assert regions[0]
    assert all(texts is regions[0] for texts in regions)


def test_values_are_never_taken_for_places() -> None:
    with reading(reader_for("de")):
        assert gettext("Delete {thing}", thing="{name}") == "{name} löschen"
        assert placed(gettext("Noted as {id}"), id="{x}") == ["Vermerkt als ", "{x}"]


def test_labels_are_small_inside_of_sentences_where_that_is_custom() -> None:
    assert inside("Order line") == "order line"
    with reading(reader_for("de")):
        assert inside("Stadt") == "Stadt"


def test_the_application_brings_its_names_and_may_say_ours_otherwise(translations: Path) -> None:
    configure(translations=translations)

    with reading(reader_for("de")):
        assert own("City") == "Stadt"
        assert own("Cities") == "Städte"
        assert counted("City", "Cities", 1) == "Stadt"
        assert counted("City", "Cities", 0) == "Städte"
        assert gettext("Save") == "Sichern"
        assert gettext("Cancel") == "Abbrechen"  # a doubtful translation is none
        assert field_view(FieldView("people", "People", "integer")).label == "Einwohner"
    assert own("City") == "City"


def test_languages_are_offered_that_were_configured_or_have_a_catalogue(
    translations: Path,
) -> None:
    assert offered() == ("en",)
    configure(translations=translations)
    assert offered() == ("en", "de")
    configure(languages=["fr", "en"])
    assert offered() == ("fr", "en")
    configure(lang="en")
    assert offered() == ("en", "fr")


@pytest.mark.parametrize(
    ("accepted", "found"),
    [
        ("", "en"),
        ("de", "de"),
        ("fr;q=0.9, de;q=0.95", "de"),
        ("ja, fr;q=0.5", "fr"),
        ("de-CH, de;q=0.9", "de-CH"),
        ("DE-ch", "de-CH"),
        ("de-XX", "de"),
        ("pt-PT", "pt-BR"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("de;q=x,;;,=,fr", "fr"),
        ("ja," * 5000 + "de", "en"),
    ],
)
def test_the_browser_says_which_language_it_likes(accepted: str, found: str) -> None:
    pytest.importorskip("babel")
    assert negotiated(accepted, ("en", "de", "fr", "pt-BR")) == found


def test_numbers_and_dates_are_written_as_the_reader_does() -> None:
    pytest.importorskip("babel")
    with reading(reader_for("de", "Europe/Berlin")):
        assert text_of(1234567) == "1.234.567"
        assert text_of(-1234.5) == "-1234,5"
        assert text_of(Decimal("0.10")) == "0,10"
        assert text_of(True) == "Ja"
        assert text_of(date(2026, 11, 21)) == "21.11.2026"
        assert text_of(time(14, 30)) == "14:30"
        assert text_of(MOMENT) == "21.11.2026, 19:05"
        assert text_of(timedelta(days=2, hours=1)) == "2 Tage, 1:00:00"
        money = FieldView("price", "Price", "money", currency="EUR")
        assert field_text(money, Decimal("1234.5")) == "1.234,50\xa0€"
        assert typed_text(FieldView("d", "D", "date"), "2026-11-21") == "21.11.2026"
        assert typed_text(FieldView("d", "D", "date"), "soon") == "soon"
    with reading(reader_for("hi")):
        assert text_of(1234567) == "12,34,567"
    with reading(reader_for("ar-EG")):
        assert text_of(12345) == "١٢٬٣٤٥"


def test_no_digit_is_rounded_away() -> None:
    pytest.importorskip("babel")
    exact = Decimal("12345678901234567890.123456789")
    with reading(reader_for("de")):
        assert text_of(exact) == "12.345.678.901.234.567.890,123456789"
        money = FieldView("price", "Price", "money", currency="EUR")
        assert field_text(money, Decimal("1.23456")) == "1,23456\xa0€"
        assert text_of(float("inf")) == "inf"
        assert text_of(1e300) == "1e+300"


def test_a_moment_is_in_the_zone_of_the_reader_or_says_its_own() -> None:
    with reading(reader_for("en", "Europe/Berlin")):
        assert text_of(MOMENT) == "2026-11-21 19:05+01:00"
        assert text_of(MOMENT.replace(tzinfo=None)) == "2026-11-21 18:05"
    with reading(reader_for("en", "Nowhere/At_all")):
        assert text_of(MOMENT) == "2026-11-21 18:05 UTC"
    pytest.importorskip("babel")
    with reading(reader_for("de")):
        assert text_of(MOMENT) == "21.11.2026, 18:05 UTC"


def test_a_page_says_its_language_and_the_direction_of_it() -> None:
    assert '<html lang="ar" dir="rtl">' in str(Page(lang="ar"))
    assert ">انتقل إلى المحتوى</a>" in str(Page(lang="ar"))
    with rendering(RenderContext(lang="de")):
        assert '<html lang="de">' in str(Page())
        assert '<html lang="fr">' in str(Page(lang="fr"))
    assert '<html lang="en">' in str(Page())


def test_what_is_no_language_is_read_as_english(hostile: str) -> None:
    assert reader_for(hostile).texts is None
    assert negotiated(hostile, ("en",)) == "en"


def test_scripts_get_their_texts_as_a_file_of_data() -> None:
    made = script_for(reader_for("de"))

    assert script_for(reader_for("en")) is None
    assert made is not None
    assert made.name == "texts.de.js"
    assert b'"Reload":"Neu laden"' in made.body
    assert b"<" not in made.body
    with rendering(RenderContext(lang="de", live=True, nonce="n")):
        html = str(Page())
    assert html.index("texts.de.js") < html.index("nitro.js")
    assert f'<script type="module" src="{made.url}" nonce="n">' in html


def test_a_text_for_later_is_only_marked() -> None:
    assert later("Save") == "Save"
    assert COUNT_CAP == 10_000
    assert Safe("x") == "x"
