"""A server that speaks the protocol of S3, in this process and over a real socket."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_numbers = itertools.count(1)
_KEYS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextmanager
def server() -> Iterator[str]:
    """Start the server and answer its URL; boto3 finds keys that it takes."""
    servers: Any = pytest.importorskip("moto.server")
    before = {name: os.environ.get(name) for name in (*_KEYS, "AWS_ENDPOINT_URL")}
    running = servers.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    os.environ.update(_KEYS, AWS_ENDPOINT_URL=f"http://{host}:{port}")
    try:
        yield os.environ["AWS_ENDPOINT_URL"]
    finally:
        running.stop()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def bucket(url: str) -> str:
    """Make a bucket with nothing in it, and answer its name."""
    import boto3  # type: ignore[import-untyped]

    name = f"bucket-{next(_numbers)}"
    boto3.client("s3", endpoint_url=url).create_bucket(Bucket=name)
    return name
