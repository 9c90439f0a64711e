"""What no page offers is refused, whoever writes it: quickly, in words, and without a trace."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from support.form_html import body_of, sent_by
from support.server import Server

Tells = Callable[[str, str], list[str]]
Pairs = list[tuple[str, str]]
PAGES = Path(__file__).with_name("pages.py")
CANARY = "canary-7f3a91"
HTML = {"accept": "text/html", "sec-fetch-site": "same-origin"}
FORM = HTML | {"content-type": "application/x-www-form-urlencoded"}
BULK = "/_nitro/bulk/things"
LONGEST = 3.0  # seconds, on a machine that does other things too
NAMES = [
    "__class__", "__proto__", "constructor", "id", "pin", "code", "hidden", "save", "delete",
    "model_fields", "nitro_version", "owner.name", "owner__name", "inner.word", "name;drop",
    "name, number", "-name", "--name", "NAME", "", " ", "*", "name\0", "a" * 5000, "é", "f0",
    "told", "greet", "0", "inner", "inners.0.word", "tags.0",
]  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(PAGES, {"TAME": "1"}, tmp_path_factory.mktemp("forged"))
    server.start()
    yield server
    log = server.log
    server.kill()
    assert "Traceback" not in log, log[-5000:]


@pytest.fixture
def http(served: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def unchanged(http: httpx.Client) -> Iterator[None]:
    """Whatever the test sends, nothing that is stored changes."""
    before, secret = http.get("/stored").json(), http.get("/secrets").json()
    yield
    assert http.get("/stored").json() == before
    assert http.get("/secrets").json() == secret


@pytest.fixture
def send(http: httpx.Client, tells_internals: Tells) -> Callable[..., httpx.Response]:
    """Send a request, and look at the answer as every one here is looked at."""

    def sent(verb: str, path: str, **given: object) -> httpx.Response:
        begun = time.monotonic()
        answer = http.request(verb, path, **given)  # type: ignore[arg-type]
        took = time.monotonic() - begun
        assert answer.status_code < 500, (path[:300], answer.text[:2000])
        assert took < LONGEST, (path[:300], took)
        assert CANARY not in answer.text
        said = f"{path} {given} SELECT sqlite"  # "Select all" is no statement
        assert not tells_internals(answer.text, said), (path[:300], answer.text[-2000:])
        return answer

    return sent


Send = Callable[..., httpx.Response]


def form_on(http: httpx.Client, path: str, form: str, **headers: str) -> Pairs:
    found = sent_by(http.get(path, headers=HTML | headers).text, form).sent
    assert any(name == "_nitro" for name, _ in found), (path, found)
    return found


def seal_in(pairs: Pairs) -> str:
    return next(text for name, text in pairs if name == "_nitro")


def edit_form(http: httpx.Client, id: str = "t0") -> Pairs:
    return form_on(http, f"/things/{id}/edit", f"form-things-{id}")


def bar(http: httpx.Client, path: str = "/few", table: str = "things") -> str:
    return seal_in(form_on(http, path, f"{table}-bulk"))


# what a URL says of a table


def queries() -> Iterator[dict[str, str]]:
    for name in NAMES:
        for parameter in ("sort", "cols", "size", "count", "after", "before", "where", "q"):
            yield {parameter: name}
        yield {f"f-{name}": "1"}
        yield {f"f-{name}-min": "1", f"f-{name}-op": "empty"}
        yield {"sort": f"number,{name}"}
        for op in ("is", "has", "not", "ge", "empty", "filled", "in", "regex", "__class__", ""):
            yield {"where": f"all({name}.{op}.1)"}
    for value in ("1e999", "nan", "inf", "-0", "9" * 500, "0x10", "1;1", "[1]", '{"$gt":0}', "½"):
        yield {"f-number-min": value, "f-number-max": value}
        yield {"where": f"all(number.ge.{value},any(number.lt.{value}))"}
        yield {"f-labelled": value, "f-owner_id": value, "f-name": value, "f-name-op": value}


RULES = [
    "all(" * 600, "all(" * 5 + "name.is.x" + ")" * 5, "any(" + "name.has.x," * 180 + ")",
    "all(" + ",".join(["name.has.x"] * 31) + ")", "all()", "all(any())", "any(all(all(all())))",
    "all(name.has.)", "all(name.has)", "all(name)", "(name.has.x)", "not(name.has.x)", "all[]",
    'all(name.has."x)', 'all(name.has."x\\")', 'all(name.has."\\\\\\")', "all(name.has.x))",
    "all(name.has.x)x", "all(,)", "all(name.has.x,)", "x" * 60_000, '"' * 1999, "\\" * 1999,
    'all(name.has."' + "\\\\" * 900, "[]", "{}", "null", '{"all":[{"field":"name"}]}',
    '[["name","eq",{"a":[1]}]]', "all(name.has." + "a" * 1900 + ")", "all(\0)", "\ufeffall()",
]  # fmt: skip


def test_what_a_url_says_of_a_table_is_taken_or_left(
    send: Send, http: httpx.Client, unchanged: None
) -> None:
    for query in [*queries(), *({"where": rules} for rules in RULES)]:
        answer = send("GET", f"/little?{urlencode(query)}", headers=HTML)
        assert answer.status_code == 200, query


def test_rules_that_are_not_ours_are_said_to_be_left_out(send: Send) -> None:
    for rules in RULES:
        answer = send("GET", "/little?" + urlencode({"where": rules}), headers=HTML)
        if rules not in ("all()", "all(name.has." + "a" * 1900 + ")"):
            assert "cannot be read" in answer.text, rules


def test_a_filter_tells_nothing_of_a_field_that_is_not_offered(send: Send) -> None:
    assert (
        send("GET", "/little?_ask=export:things:json").status_code == 404
    )  # this table offers no file
    for name, value in [("pin", CANARY), ("code", CANARY), ("hidden", "kept"), ("kind", "x")]:
        for query in (
            {f"f-{name}": value}, {f"f-{name}": value, f"f-{name}-op": "is"},
            {"where": f"all({name}.is.{value})"}, {"where": f"all({name}.starts.{value[:3]})"},
        ):  # fmt: skip
            hit = send("GET", "/little?" + urlencode(query), headers=HTML)
            other = urlencode(query).replace(value[1:3], "zz")
            miss = send("GET", f"/little?{other}", headers=HTML)
            assert hit.text.count("<tr") == miss.text.count("<tr"), query


# parts of pages


def test_a_part_that_no_page_has_is_not_there(send: Send, unchanged: None) -> None:
    kinds = ["options", "export", "count", "cell", "bulk", "rules", "there", "x", "", "__class__"]
    keys = ["things", "things-bulk", "form-things-t0", "x", "", "../x", "a" * 600, "__class__"]
    rests = ["", ":csv", ":exe", ":name:t0", ":pin:t0", ":code", ":name:../x", ":delete",
             ":delete_all", ":greet", ":echo", ":owner_id", ":pin", ":" + "x" * 400]  # fmt: skip
    for page in ("/little", "/few-owners"):
        for kind, key, rest in itertools.product(kinds, keys, rests):
            path = f"{page}?" + urlencode({"_ask": f"{kind}:{key}{rest}", "_q": "x", "_all": "1"})
            answer = send("GET", path, headers=HTML)
            assert answer.status_code in (200, 404), path
            if answer.status_code == 200:
                assert (kind, key) in KNOWN_PARTS, path


KNOWN_PARTS = {
    ("options", "things"), ("count", "things"), ("rules", "things"),
    ("options", "form-things-t0"),
}  # fmt: skip


def test_a_part_is_only_ever_read(send: Send, unchanged: None) -> None:
    for verb, ask in itertools.product(
        ("POST", "PUT", "PATCH", "DELETE"), ("bulk:things:delete", "export:things:csv", "cell")
    ):
        answer = send(verb, f"/few?_ask={ask}&_confirmed=1&_all=1", headers=FORM)
        assert answer.status_code in (400, 403, 404, 405, 415)


def test_an_export_is_asked_of_the_policy_and_knows_its_formats(send: Send) -> None:
    for kind in ("csv", "xlsx", "json"):
        path = f"/few?_ask=export:things:{kind}"
        assert send("GET", path, headers=HTML).status_code == 200
        assert send("GET", path, headers=HTML | {"x-user": "eve"}).status_code == 404
    for kind in ("exe", "CSV", "csv ", "../csv", "html", "svg", "", "csv:json", "\0"):
        answer = send("GET", "/few?" + urlencode({"_ask": f"export:things:{kind}"}), headers=HTML)
        assert answer.status_code == 404


def test_a_narrowed_choice_offers_and_takes_nothing_else(
    send: Send, http: httpx.Client, unchanged: None
) -> None:
    found = send("GET", "/few-owners?_ask=options:form-things-t0:owner_id&_q=value")
    assert [key for key, _ in found.json()["items"]] == ["o1"]
    page = form_on(http, "/few-owners", "form-things-t0")
    for name, text in [
        ("owner_id", "o2"), ("_text.owner_id", "value 2"), ("_pick.owner_id", "o2"),
        ("owner_id", "g"), ("owner_id", "x' OR 1=1"), ("owner_id", "\0"),
    ]:  # fmt: skip
        kept = [pair for pair in page if "owner_id" not in pair[0]]
        sent = [*kept, ("owner_id", "o1"), (name, text)]
        answer = send("POST", "/things/t0", content=body_of(sent), headers=FORM)
        assert answer.status_code in (400, 422), (name, text)


# forms


def test_a_form_sets_the_fields_that_it_shows_and_no_other(send: Send, http: httpx.Client) -> None:
    page = form_on(http, "/parts", "some")
    before = http.get("/stored").json()["Thing"]["t0"]
    forged: Pairs = [
        ("id", "t1"), ("number", "99"), ("hidden", "x"), ("fixed", "x"), ("pin", "x"),
        ("code", "x"), ("nitro_version", "99"), ("inner.word", "x"), ("tags.0", "x"),
        ("owner_id", "o5"), ("__class__", "x"), ("company.x", "x"), ("name.0", "x"),
    ]  # fmt: skip
    answer = send("POST", "/things/t0", content=body_of([*page, *forged]), headers=FORM)
    assert answer.status_code == 303
    assert http.get("/stored").json()["Thing"]["t0"] == before
    assert set(http.get("/secrets").json().values()) == {CANARY * 2}


def test_programs_cannot_set_what_is_not_to_be_set(
    send: Send, http: httpx.Client, unchanged: None
) -> None:
    for name in ("pin", "nitro_version", "__class__", "_id", "model_fields", "inner.word", "x"):
        answer = send("PATCH", "/things/t0", json={name: "x"})
        assert answer.status_code == 422, name


def test_a_field_that_does_not_apply_is_not_saved(send: Send, http: httpx.Client) -> None:
    """`company` is shown while `labelled` is "b"; the values that are sent decide."""
    page = form_on(http, "/parts", "some")
    kept = [pair for pair in page if pair[0] not in ("labelled", "company")]
    sent = [*kept, ("labelled", "a"), ("company", "smuggled")]
    assert send("POST", "/things/t0", content=body_of(sent), headers=FORM).status_code == 303
    assert http.get("/stored").json()["Thing"]["t0"]["company"] != "smuggled"
    back = {"labelled": "b"}
    assert send("PATCH", "/things/t0", json=back).status_code == 200


def nested() -> Iterator[Pairs]:
    for name in (
        "inner", "inner.", "inner.x", "inner.word.x", "inner.words.-1", "inner.words.x",
        "inner.words.99999999999", "inner.__class__", "inners.0", "inners.x.word",
        "inners.0.words.0.0", "inners.0.__proto__.x", "inners." + "0." * 200 + "x",
        "tags", "tags.", "tags.0.x", "tags.1e9", "tags.٣", "kinds.0", "kinds.0.value", "name.x",
        "inners.²", "inners.01.word", "." * 300, "inners" + "." * 300,
    ):  # fmt: skip
        yield [(name, "forged")]
        yield [(name, "forged"), (name, "twice")]
    yield [(f"inners.{n}.word", "x") for n in range(900)]
    yield [(f"tags.{n}", "x") for n in range(900)]
    yield [(f"inners.0.words.{n}", "x") for n in range(900)]
    yield [("_add", "inners"), ("_remove", "inners.99"), ("_up", "x"), ("_down", "__class__")]
    yield [(verb, name) for verb in ("_add", "_remove", "_up", "_down") for name in NAMES]


def test_nested_names_that_fit_nothing_break_nothing(send: Send, http: httpx.Client) -> None:
    for sent in nested():
        page = [pair for pair in edit_form(http, "t7") if len(pair[1]) < 20_000]
        answer = send("POST", "/things/t7", content=body_of([*page, *sent]), headers=FORM)
        assert answer.status_code in (200, 303, 400, 409, 413, 422), sent[:3]
    stored = json.dumps(http.get("/stored").json()["Thing"]["t8"])
    assert "forged" not in stored


def test_more_fields_than_any_form_has_are_refused(send: Send, unchanged: None) -> None:
    many = body_of([(f"inners.{n}.word", "x") for n in range(5000)])
    assert send("POST", "/things/t0", content=many, headers=FORM).status_code in (400, 413)
    for deep in ({"inner": nest("word", 900)}, {"tags": nest(None, 900)}, {"inners": {"0": 1}}):
        assert send("PATCH", "/things/t0", json=deep).status_code in (400, 422)


def nest(name: str | None, depth: int) -> object:
    made: object = "x"
    for _ in range(depth):
        made = {name: made} if name else [made]
    return made


# seals


def test_a_seal_is_good_for_nothing_but_its_form(
    send: Send, http: httpx.Client, unchanged: None
) -> None:
    seals = {
        "edit": seal_in(edit_form(http)),
        "of another": seal_in(edit_form(http, "t1")),
        "of a class": seal_in(form_on(http, "/wide-form", "form-wides-w")),
        "of ann": seal_in(form_on(http, "/things/t0/edit", "form-things-t0", **{"x-user": "ann"})),
        "delete": seal_in(form_on(http, "/things/t0/delete", "form-things-t0-delete")),
        "action": seal_in(form_on(http, "/things/t0/echo", "form-things-t0-echo")),
        "new": seal_in(form_on(http, "/things/new", "form-things-new")),
        "bar": bar(http),
        "none": "",
        "text": "x.y.z",
        "long": "x" * 100_000,
    }
    routes = {
        "/things/t0": "edit", "/things/t0/delete": "delete", "/things/t0/count": "",
        f"{BULK}/delete": "bar", f"{BULK}/count": "bar", "/things/t1/choose": "",
        "/wides/w": "of a class", "/things": "new",
    }  # fmt: skip
    rest: Pairs = [("name", "forged"), ("amount", "1"), ("_ids", "t0"), ("_all", "1")]
    for (path, own), (name, seal) in itertools.product(routes.items(), seals.items()):
        if name == own or (path == "/things/t0" and name == "edit"):
            continue
        sent = body_of([("_nitro", seal), *rest, ("_confirmed", "1")])
        answer = send("POST", path, content=sent, headers=FORM)
        assert answer.status_code in (400, 403, 404, 422), (path, name, answer.status_code)


def test_the_earlier_seal_of_a_field_must_be_one_of_the_same_form(
    send: Send, http: httpx.Client, unchanged: None
) -> None:
    page = form_on(http, "/parts", "some")
    named = [(n, "forged" if n == "name" else text) for n, text in page]
    other = {
        "another": seal_in(edit_form(http, "t1")),
        "delete": seal_in(form_on(http, "/things/t0/delete", "form-things-t0-delete")),
        "new": seal_in(form_on(http, "/things/new", "form-things-new")),
        "bar": bar(http),
        "ann": seal_in(form_on(http, "/things/t0/edit", "form-things-t0", **{"x-user": "ann"})),
        "text": "x",
        "long": "x" * 100_000,
    }
    for seal in other.values():
        sent = body_of([*named, ("_nitro.name", seal)])
        assert send("POST", "/things/t0", content=sent, headers=FORM).status_code == 400
    own = seal_in(page)
    for name in ("pin", "number", "x", "", "name.x", "__class__"):
        sent = body_of([*named, (f"_nitro.{name}", own)])
        assert send("POST", "/things/t0", content=sent, headers=FORM).status_code == 400, name
    many = [(f"_nitro.x{n}", f"x{n}") for n in range(900)]
    assert send("POST", "/things/t0", content=body_of([*named, *many]), headers=FORM).is_error


def test_a_key_of_one_sending_gives_no_reply_of_another(send: Send, http: httpx.Client) -> None:
    page = form_on(http, "/parts", "some")
    for once in ("x", "", "\0", "x" * 50_000, "../x", "é"):
        sent = body_of([*page, ("_once", once)])
        first = send("POST", "/things/t0", content=sent, headers=FORM)
        assert first.status_code in (303, 400)
        as_ann = send("POST", "/things/t0", content=sent, headers=FORM | {"x-user": "ann"})
        assert as_ann.status_code == 400  # her caller is another


# looking while typing


def test_a_check_tells_of_the_fields_of_its_form_and_stores_nothing(
    send: Send, http: httpx.Client, unchanged: None
) -> None:
    page = form_on(http, "/parts", "some")
    for names in [*NAMES, "name,pin,code", ",".join(["name"] * 3000), "%ff", "%00", "name,,,"]:
        said = names.replace("\0", "%00").strip().encode("latin-1", "ignore")
        headers = [(k.encode(), v.encode()) for k, v in FORM.items()] + [(b"nitro-check", said)]
        sent = [*page, ("pin", "x"), ("name", "refuse this"), ("number", "x")]
        answer = send("POST", "/things/t0", content=body_of(sent), headers=headers)
        assert answer.status_code == 200, names[:50]
        assert set(answer.json()["errors"]) <= {"name"}
    check = {"nitro-check": "name"}
    for path in ("/things/t1", "/things", "/wides/w", "/things/t0/delete", f"{BULK}/delete"):
        answer = send("POST", path, content=body_of(page), headers=FORM | check)
        assert answer.status_code in (400, 404), path
    assert send("POST", "/things/t0", content=b"name=x", headers=FORM | check).status_code == 400
    assert send("PATCH", "/things/t0", json={"name": "x"}, headers=check).is_error


# many at once


def test_a_bulk_of_what_is_not_offered_is_refused(
    send: Send, http: httpx.Client, unchanged: None
) -> None:
    seal = bar(http)
    for slug, name in [
        ("things", "create"), ("things", "save"), ("things", "__class__"), ("things", "update"),
        ("things", "edit"), ("things", "x"), ("x", "delete"), ("guardeds", "delete"),
        ("owners", "delete"), ("things", "delete/x"), ("things%2f..", "delete"), ("..", "delete"),
    ]:  # fmt: skip
        for more in ([], [("_confirmed", "1")]):
            sent = body_of([("_nitro", seal), ("_ids", "t0"), *more])
            answer = send("POST", f"/_nitro/bulk/{slug}/{name}", content=sent, headers=FORM)
            assert answer.status_code in (400, 403, 404), (slug, name)


def test_a_bulk_asks_for_ids_that_make_sense(
    send: Send, http: httpx.Client, unchanged: None
) -> None:
    seal = bar(http)
    asked = send(
        "POST", f"{BULK}/count", content=body_of([("_nitro", seal), ("_ids", "t0")]), headers=FORM
    )
    confirmed = seal_in(sent_by(asked.text, "things-bulk-count").sent)
    for ids in (
        [], [""], ["x"], ["../t0"], ["t0' OR 1=1"], ["\0"], ["x" * 5000], ["é", "null", "[]"],
        [f"t{n}x" for n in range(950)],
    ):  # fmt: skip
        for token, more in ((seal, []), (confirmed, [("_confirmed", "1"), ("amount", "1")])):
            sent = body_of([("_nitro", token), *(("_ids", id) for id in ids), *more])
            assert send("POST", f"{BULK}/count", content=sent, headers=FORM).status_code in (
                200,
                400,
            )
    for amount in ("", "0", "-1", "1001", "x", "1e3", "nan", "9" * 500, "1.5"):
        sent = body_of(
            [("_nitro", confirmed), ("_ids", "t0"), ("_confirmed", "1"), ("amount", amount)]
        )
        answer = send("POST", f"{BULK}/count", content=sent, headers=FORM)
        assert answer.status_code == 422, amount


def test_all_means_what_the_page_finds_and_not_what_the_request_says(
    send: Send, http: httpx.Client
) -> None:
    """The page is the one of the seal: no parameter of the request widens it."""
    seal = bar(http, "/few?q=value+17")
    sent: Pairs = [("_nitro", seal), ("_all", "1"), ("q", ""), ("_page", "/few")]
    asked = send("POST", f"{BULK}/count?q=", content=body_of(sent), headers=FORM)
    form = sent_by(asked.text, "things-bulk-count").sent
    done = [(name, text) for name, text in form if name != "amount"]
    before = http.get("/stored").json()["Thing"]
    sent = [*done, ("amount", "1"), ("q", ""), ("where", "")]
    headers = FORM | {"referer": f"{http.base_url}/few"}
    assert (
        send("POST", f"{BULK}/count?q=", content=body_of(sent), headers=headers).status_code == 200
    )
    after = http.get("/stored").json()["Thing"]
    changed = {before[id]["name"] for id in before if before[id] != after[id]}
    assert changed == {n for n in (one["name"] for one in before.values()) if "value 17" in n}


VERBS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "X"]
FOREIGN = [
    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "null"},
    {"origin": "https://evil.example"}, {"sec-fetch-site": "none"}, {"cookie": "a=b"},
]  # fmt: skip


def test_no_other_verb_and_no_other_site_does_anything_to_many(
    send: Send, http: httpx.Client, unchanged: None
) -> None:
    seal = bar(http)
    asked = send(
        "POST", f"{BULK}/delete", content=body_of([("_nitro", seal), ("_ids", "t0")]), headers=FORM
    )
    sent = body_of(sent_by(asked.text, "things-bulk-delete").sent)
    kind = {"content-type": FORM["content-type"]}
    for verb in VERBS:
        for override in ({}, {"x-http-method-override": "POST"}):
            answer = send(verb, f"{BULK}/delete?{sent}", content=sent, headers=FORM | override)
            assert answer.status_code in (400, 404, 405), verb
    edit = body_of([(n, "x" if n == "name" else text) for n, text in edit_form(http)])
    for headers in FOREIGN:
        for path, body in ((f"{BULK}/delete", sent), ("/things/t0", edit)):
            for more in ({}, {"nitro-check": "name"}, {"nitro-run": "true"}):
                answer = send("POST", path, content=body, headers=kind | headers | more)
                assert answer.status_code == 403, (path, headers)
    for other in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
        answer = send(
            "POST", f"{BULK}/delete", content=sent, headers=HTML | {"content-type": other}
        )
        assert answer.status_code in (400, 415), other


# at the same time


def together(served: Server, path: str, body: str, number: int = 6) -> list[int]:
    def post(_: int) -> int:
        return httpx.post(served.url + path, content=body, headers=FORM, timeout=60).status_code

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(post, range(number)))


def test_one_form_sent_many_times_at_once_creates_one(served: Server, http: httpx.Client) -> None:
    page = form_on(http, "/things/new", "form-things-new")
    before = len(http.get("/stored").json()["Thing"])
    own = [pair for pair in page if pair[0] not in ("id", "name")]
    codes = together(served, "/things", body_of([*own, ("name", "made once")]))
    made = [
        one for one in http.get("/stored").json()["Thing"].values() if one["name"] == "made once"
    ]
    assert set(codes) <= {303, 409, 422}, codes
    assert len(made) == 1
    assert len(http.get("/stored").json()["Thing"]) - before == len(made)


def test_the_same_action_on_many_sent_thrice_at_once_is_done_once_to_thrice(
    served: Server, http: httpx.Client
) -> None:
    seal = bar(http)
    ids = [("_ids", f"t{n}") for n in range(20, 40)]
    asked = http.post(f"{BULK}/count", content=body_of([("_nitro", seal), *ids]), headers=FORM)
    form = [p for p in sent_by(asked.text, "things-bulk-count").sent if p[0] != "amount"]
    before = http.get("/stored").json()["Thing"]
    codes = together(served, f"{BULK}/count", body_of([*form, ("amount", "1")]), 3)
    after = http.get("/stored").json()["Thing"]
    assert set(codes) == {200}
    for n in range(20, 40):
        assert 1 <= after[f"t{n}"]["number"] - before[f"t{n}"]["number"] <= 3


def test_what_was_deleted_under_an_open_form_stays_deleted(send: Send, http: httpx.Client) -> None:
    page = edit_form(http, "t60")
    gone = form_on(http, "/things/t60/delete", "form-things-t60-delete")
    cell = sent_by(http.get("/few?_ask=cell:things:name:t60").text, "things-cell-form").sent
    assert (
        send("POST", "/things/t60/delete", content=body_of(gone), headers=FORM).status_code < 400
    )
    for sent in (page, gone, cell):
        for more in ({}, {"nitro-check": "name"}, {"datastar-request": "true"}):
            answer = send("POST", "/things/t60", content=body_of(sent), headers=FORM | more)
            assert answer.status_code in (200, 400, 404, 409)
    for path in ("/things/t60/edit", "/things/t60/choose", "/few?_ask=cell:things:name:t60"):
        assert send("GET", path, headers=HTML).status_code == 404
    assert "t60" not in http.get("/stored").json()["Thing"]
