import copy
import json
import pickle

import pytest

from nitro_events import BadSignals, Signals, parse_signals


def test_signals_are_read_by_name() -> None:
    signals = parse_signals(b'{"quantity": 5, "user": {"name": "Zo\xc3\xab"}, "items": [1]}')

    assert signals.quantity == 5
    assert signals.user == Signals({"name": "Zoë"})
    assert signals.user.name == "Zoë"
    assert signals.items == [1]
    assert signals["user"] == {"name": "Zoë"}


def test_signals_become_a_dict() -> None:
    signals = parse_signals('{"a": 1, "b": null}')

    assert dict(signals) == {"a": 1, "b": None}
    assert len(signals) == 2
    assert "a" in signals
    assert "x" not in signals


def test_an_unknown_signal_names_the_known_ones() -> None:
    signals = parse_signals('{"quantity": 1}')

    with pytest.raises(AttributeError, match=r"'quantitty'.*quantity"):
        _ = signals.quantitty
    with pytest.raises(KeyError, match="quantity"):
        signals["x"]
    assert not hasattr(signals, "x")


def test_signals_cannot_be_set_and_hide_values_in_repr() -> None:
    signals = parse_signals('{"password": "hunter2"}')

    with pytest.raises(AttributeError, match="cannot be set"):
        signals.password = "x"
    assert repr(signals) == "<Signals password>"


def test_signals_have_no_public_names_of_their_own() -> None:
    assert [name for name in dir(Signals) if not name.startswith("_")] == []


def test_signals_can_be_copied() -> None:
    signals = parse_signals('{"a": {"b": 1}}')

    assert copy.deepcopy(signals) == signals
    assert pickle.loads(pickle.dumps(signals)) == signals


@pytest.mark.parametrize("raw", [None, b"", "", "  ", "{}"])
def test_nothing_is_an_empty_set(raw: bytes | str | None) -> None:
    assert dict(parse_signals(raw)) == {}


@pytest.mark.parametrize(
    "raw",
    [
        "zzz",
        "[1]",
        "null",
        "3",
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": 1.' + "9" * 5000 + "}",
        '{"a": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"a": ["\\ud800"]}',
        b'{"a": "\xff"}',
        '{"a": ' * 100 + "1" + "}" * 100,
        '{"a": ' + "[" * 20_000 + "]" * 20_000 + "}",
        '{"a": ' + "[" * 32 + "]" * 32 + "}",
        json.dumps({f"k{number}": 1 for number in range(1001)}),
        json.dumps({"a": [{"k": number} for number in range(1001)]}),
        "\ufeff{}",
    ],
)
def test_rubbish_is_refused(raw: bytes | str) -> None:
    with pytest.raises(BadSignals) as caught:
        parse_signals(raw)
    assert caught.value.status == 400


def test_too_much_is_refused_as_such() -> None:
    with pytest.raises(BadSignals) as caught:
        parse_signals(b'{"a": "' + b"x" * 70_000 + b'"}')
    assert caught.value.status == 413


def test_ordinary_depth_is_fine() -> None:
    text = '{"a": ' * 31 + "1" + "}" * 31

    assert len(parse_signals(text)) == 1


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        (None, "utf-8"),
        (None, "utf-8-sig"),
        (None, "utf-16"),
        (None, "utf-32-be"),
        ("utf-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("iso-8859-1", "latin-1"),
        ('"windows-1252"', "cp1252"),
        ("Shift_JIS", "shift_jis"),
    ],
)
def test_signals_are_read_in_any_charset_of_the_web(charset: str | None, encoding: str) -> None:
    word = "日本" if encoding == "shift_jis" else "Käse"
    raw = json.dumps({"word": word}, ensure_ascii=False).encode(encoding)

    assert parse_signals(raw, charset=charset).word == word


@pytest.mark.parametrize(
    "charset", ["nope", "", "zlib", "rot13", "idna", "unicode_escape", "utf-7", "\x00", "x" * 999]
)
def test_a_charset_that_spells_nothing_is_refused(charset: str) -> None:
    with pytest.raises(BadSignals) as refused:
        parse_signals(b"{}", charset=charset)
    assert refused.value.status == 415


def test_bytes_that_are_not_what_they_say_are_refused() -> None:
    with pytest.raises(BadSignals, match="ASCII") as refused:
        parse_signals('{"a":"é"}'.encode(), charset="ascii")
    assert refused.value.status == 400


@pytest.mark.parametrize("raw", ['{"a":1,"a":2}', '{"b":{"a":1,"a":1}}', '{"b":[{"a":1,"a":1}]}'])
def test_a_key_that_comes_twice_is_refused(raw: str) -> None:
    with pytest.raises(BadSignals, match="once"):
        parse_signals(raw)


def test_lists_may_not_be_longer_than_anyone_needs() -> None:
    assert len(parse_signals(json.dumps({"a": [1] * 10_000})).a) == 10_000
    with pytest.raises(BadSignals, match="10000 list items"):
        parse_signals(json.dumps({"a": [[1] * 5_000, [1] * 5_000]}))
