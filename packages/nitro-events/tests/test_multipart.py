"""Forms with files are read part by part, or refused in words."""

from __future__ import annotations

import asyncio
from typing import Annotated

import pytest
from pydantic import Base64Bytes
from pydantic import Field as Limits

from nitro_events.fields import Field, text_of
from nitro_events.files import largest, said
from nitro_events.http import csrf
from nitro_events.http.inputs import Input, read_input
from nitro_events.http.problems import BadRequest, Forbidden, UnsupportedMedia
from nitro_events.http.request import Request
from nitro_events.policy import Caller
from nitro_events.resources import FORM_PURPOSE
from nitro_events.settings import configure
from nitro_events.state import state

pytest.importorskip("python_multipart")

TYPE = {"content-type": "multipart/form-data; boundary=edge"}
NOISE = bytes(range(256))


def part(said: str, content: bytes, more: str = "") -> bytes:
    head = f"--edge\r\nContent-Disposition: form-data; {said}\r\n{more}\r\n"
    return head.encode() + content + b"\r\n"


def read(*parts: bytes, headers: dict[str, str] | None = None, files: bool = True) -> Input:
    body = b"".join(parts) + b"--edge--\r\n"
    request = Request("POST", "/", headers=headers or TYPE, body=body)
    return asyncio.run(read_input(request, files=files))


def test_texts_and_files_are_told_apart() -> None:
    given = read(
        part('name="name"', "Röm\r\n2".encode()),
        part('name="tag"', b"a"),
        part('name="tag"', b"b"),
        part('name="_nitro"', b"S"),
        part('name="photo"; filename="C:\\x\\me.png"', NOISE, "Content-Type: image/png\r\n"),
    )

    assert given.kind == "form"
    assert given.values == {"name": "Röm\n2", "tag": "b", "photo": NOISE}
    assert given.lists == {"name": ["Röm\n2"], "tag": ["a", "b"]}
    assert given.seal == "S"


def test_what_was_not_chosen_is_not_there() -> None:
    assert read(part('name="photo"; filename=""', b"")).values == {}


def test_an_empty_file_is_one() -> None:
    assert read(part('name="photo"; filename="a"', b"")).values == {"photo": b""}


def test_a_file_that_is_to_go_is_none_unless_another_was_chosen() -> None:
    clear = part('name="_clear"', b"photo")

    assert read(clear).values == {"photo": None}
    chosen = read(clear, part('name="photo"; filename="a"', b"x"))
    assert chosen.values == {"photo": b"x"}


def test_parts_are_read_only_where_files_are_expected() -> None:
    with pytest.raises(UnsupportedMedia):
        read(part('name="a"', b"b"), files=False)


def test_the_number_of_parts_is_bounded() -> None:
    configure(limits={"fields": 3})

    with pytest.raises(BadRequest, match="3 fields at most"):
        read(*[part('name="a"', b"") for _ in range(4)])


def test_a_form_that_ends_early_is_refused() -> None:
    request = Request("POST", "/", headers=TYPE, body=part('name="a"', b"b"))

    with pytest.raises(BadRequest, match="not complete"):
        asyncio.run(read_input(request, files=True))


def test_a_seal_proves_a_form_with_files_where_a_proxy_takes_the_headers() -> None:
    seal = state.sealer.sign(FORM_PURPOSE, {"v": 1, "u": "ann"}).encode()
    headers = {**TYPE, "cookie": "session=1"}

    def check(*parts: bytes) -> None:
        body = b"".join(parts) + b"--edge--\r\n"
        request = Request("POST", "/", headers=headers, body=body, caller=Caller("ann"))
        asyncio.run(csrf.acheck(request))

    check(part('name="_nitro"', seal))
    with pytest.raises(Forbidden):
        check(part('name="_nitro"', b"forged"))


def test_bytes_are_files_unless_they_are_something_else() -> None:
    assert Field("a", bytes | None).file
    assert Field("a", Annotated[bytes, Limits(max_length=3)]).file
    assert not Field("a", bytes, secret=True).file
    assert not Field("a", Base64Bytes).file
    assert not Field("a", bytes | str).file


def test_size_and_hash_stand_for_bytes_that_are_no_text() -> None:
    item = Field("a", bytes | None)

    assert item.dump(NOISE) == text_of(NOISE)
    assert text_of(NOISE).startswith("256:")
    assert item.dump(b"\xff") != item.dump(b"\xfe")
    assert item.dump(None) is None
    assert Field("a", list[bytes]).dump([b"\xff"]) == ["_w=="]


def test_a_file_may_be_as_large_as_declared_and_as_a_request() -> None:
    assert largest() > 10**6
    assert largest([Limits(max_length=5)]) == 5
    configure(limits={"body": 4000})
    assert largest([Limits(max_length=5000)]) == 3000


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 KB"), (1999, "1.9 KB"),
     (12_345, "12 KB"), (1_015_808, "1 MB"), (25 * 10**8, "2.5 GB")],
)  # fmt: skip
def test_sizes_are_said_in_round_numbers(size: int, text: str) -> None:
    assert said(size) == text
