"""A bucket that is away, slow, or refuses, is told in words; nothing is half there."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

pytest.importorskip("boto3")

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from nitro_entities import S3Storage
from nitro_entities.errors import StoreBusy, StoreUnusable
from support import s3

REFUSAL = "<?xml version='1.0'?><Error><Code>{}</Code><Message>no</Message></Error>"
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    with s3.server() as url:
        yield url


@pytest.fixture
def bucket() -> Iterator[Callable[[Answer], S3Storage]]:
    """``bucket(answer)``: one in a server that gives this answer to everything."""
    servers: list[ThreadingHTTPServer] = []

    def make(answer: Answer) -> S3Storage:
        verbs = ("GET", "HEAD", "PUT", "POST", "DELETE")
        said = {f"do_{verb}": answer for verb in verbs} | {"log_message": lambda *_: None}
        handler = type("Handler", (BaseHTTPRequestHandler,), said)
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
        return at(f"http://127.0.0.1:{servers[-1].server_port}")

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


def at(url: str) -> S3Storage:
    once = Config(connect_timeout=1, read_timeout=0.3, retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=url, config=once, **keys)
    return S3Storage("pictures", client=client)


def saying(status: int, code: str) -> Answer:
    def answer(self: BaseHTTPRequestHandler) -> None:
        body = REFUSAL.format(code).encode()
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    return answer


def every_use(storage: S3Storage) -> list[Callable[[], object]]:
    def write() -> None:
        writer = storage.writer("_arriving/one")
        writer.write(b"some")
        writer.end()

    def write_much() -> None:
        storage.writer("_arriving/one").write(bytes(9_000_000))

    return [
        write,
        write_much,
        lambda: storage.read("things/one"),
        lambda: storage.read("things/one", 0, 0),
        lambda: storage.copy("things/one", "things/two"),
        lambda: storage.move("things/one", "things/two"),
        lambda: storage.delete("things/one"),
        lambda: list(storage.keys("things")),
        lambda: storage.total("things/o"),
    ]


def test_a_bucket_that_is_away_is_busy() -> None:
    for use in every_use(at("http://127.0.0.1:9")):
        with pytest.raises(StoreBusy, match="'pictures' does not answer"):
            use()


@pytest.mark.parametrize("said", [(503, "SlowDown"), (502, "BadGateway")])
def test_a_bucket_that_has_no_time_is_busy(
    bucket: Callable[[Answer], S3Storage], said: tuple[int, str]
) -> None:
    for use in every_use(bucket(saying(*said)))[:2]:
        with pytest.raises(StoreBusy, match=f"no time now: {said[1]}"):
            use()


def test_to_remove_what_a_bucket_does_not_have_is_no_error(
    bucket: Callable[[Answer], S3Storage],
) -> None:
    bucket(saying(404, "NoSuchKey")).delete("things/one")


def test_a_bucket_that_refuses_says_what_to_look_at(
    bucket: Callable[[Answer], S3Storage],
) -> None:
    uses = every_use(bucket(saying(403, "AccessDenied")))
    for use in uses:
        with pytest.raises(StoreUnusable, match=r"'pictures' refuses \w+: .*NITRO_FILES"):
            use()


def test_a_bucket_that_is_not_there_is_no_missing_file(s3_url: str) -> None:
    with pytest.raises(StoreUnusable, match="NoSuchBucket"):
        S3Storage("nowhere").read("things/one")


def test_a_bucket_that_never_answers_is_busy(bucket: Callable[[Answer], S3Storage]) -> None:
    end = Event()

    def silent(_: BaseHTTPRequestHandler) -> None:
        end.wait(5)

    storage = bucket(silent)
    with pytest.raises(StoreBusy, match="does not answer"):
        storage.read("things/one")
    end.set()


def test_a_content_that_breaks_off_is_none(bucket: Callable[[Answer], S3Storage]) -> None:
    def half(self: BaseHTTPRequestHandler) -> None:
        self.send_response(200)
        self.send_header("content-length", "100")
        self.end_headers()
        self.wfile.write(b"only this")

    with pytest.raises(StoreBusy):
        list(bucket(half).read("things/one"))


def test_without_keys_of_aws_it_is_said_where_they_are_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")

    with pytest.raises(StoreUnusable, match="AWS_ACCESS_KEY_ID"):
        S3Storage("pictures", endpoint="http://127.0.0.1:9").read("things/one")


def test_giving_up_where_the_bucket_is_away_hides_no_other_trouble(s3_url: str) -> None:
    storage = S3Storage(s3.bucket(s3_url))
    writer = storage.writer("_arriving/one")
    writer.write(bytes(9_000_000))
    writer._client = at("http://127.0.0.1:9").client

    with pytest.raises(StoreBusy):
        writer.end()
    writer.cancel()


def test_of_two_that_write_one_key_one_is_there_as_a_whole(s3_url: str) -> None:
    storage = S3Storage(s3.bucket(s3_url))
    one, two = storage.writer("things/one"), storage.writer("things/one")
    for _ in range(2):
        one.write(b"1" * 6_000_000)
        two.write(b"2" * 6_000_000)
    one.end()
    two.end()

    content = b"".join(storage.read("things/one"))
    assert (len(content), set(content)) == (12_000_000, {ord("2")})


def test_what_vanishes_while_it_is_copied_is_missing_and_nothing_is_left(s3_url: str) -> None:
    storage = S3Storage(s3.bucket(s3_url))
    with suppress(FileNotFoundError):
        storage.move("things/gone", "things/two")

    assert list(storage.keys("things")) == []
