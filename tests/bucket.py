"""An S3-compatible server in this process, with a bucket, as the storage of uploaded files."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from django.conf import settings
from django.test import override_settings
from moto.server import ThreadedMotoServer

NAME = "files"
KEY, SECRET = "access-key", "secret-key"


@dataclass
class Bucket:
    """The bucket, to look into; ``variables`` name it to a process of the product."""

    endpoint: str
    client: Any

    @property
    def variables(self) -> dict[str, str]:
        return {
            "S3_BUCKET": NAME,
            "S3_ENDPOINT_URL": self.endpoint,
            "S3_ACCESS_KEY_ID": KEY,
            "S3_SECRET_ACCESS_KEY": SECRET,
        }

    def names(self) -> list[str]:
        """The names of all objects."""
        return [entry["Key"] for entry in self.client.list_objects_v2(Bucket=NAME).get("Contents", [])]


@contextmanager
def running() -> Iterator[Bucket]:
    """Run the server with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
    )
    client.create_bucket(Bucket=NAME)
    try:
        yield Bucket(endpoint, client)
    finally:
        server.stop()


@contextmanager
def in_use(bucket: Bucket) -> Iterator[None]:
    """Keep uploaded files there."""
    from config.environment import S3

    chosen = S3(NAME, bucket.endpoint, "", "us-east-1", KEY, SECRET, "parley")
    backend = {"BACKEND": "config.storage.S3Files", "OPTIONS": chosen.options()}
    with override_settings(S3=chosen, STORAGES={**settings.STORAGES, "default": backend}):
        yield
    for key in bucket.names():
        bucket.client.delete_object(Bucket=NAME, Key=key)


def put(url: str, content: bytes, content_type: str, **headers: str) -> int:
    """PUT as a client does; return the status."""
    request = urllib.request.Request(url, content, {"Content-Type": content_type, **headers}, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.read()
        return refused.code
