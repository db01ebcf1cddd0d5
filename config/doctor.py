"""What `manage.py doctor` looks at, beside what /readyz does: bots, automated replies, storage, e-mail, a socket."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import get_connection
from websockets.sync.client import connect

from integrations.chatbots import standing
from integrations.replies import standing as replying

from . import checks
from .checks import Check, Trouble
from .serving import listen

_START_SECONDS = 60  # a busy machine is not a broken one
_SILENT_SECONDS = 30
_WORD = b"well"


def storage() -> str:
    """Write a file, read it, delete it; in a bucket also by a presigned address, as clients do."""
    where, advice = _storage_place()
    name = f"doctor-{secrets.token_hex(4)}"
    try:
        name = _put(name) if settings.S3 else default_storage.save(name, ContentFile(_WORD))
        with default_storage.open(name) as file:
            same = file.read() == _WORD
        default_storage.delete(name)
    except Exception as error:
        reason = getattr(error, "strerror", None) or checks.one_line(error)
        raise Trouble(f"{where}: {reason}", advice) from error
    if not same:
        raise Trouble(f"{where}: a file came back changed", "check the disk, or the bucket")
    return where


def _storage_place() -> tuple[str, str]:
    """Where files are, and what to do when they cannot be there."""
    if settings.S3:
        return f"bucket {settings.S3.bucket} at {settings.S3.endpoint or 'Amazon S3'}", "correct the S3_ variables"
    where = str(settings.MEDIA_ROOT)
    shared = "" if settings.EMBEDDED else " (S3_BUCKET is not set: every web and worker process must share this folder)"
    return where + shared, "make the data folder writable for this user"


def _put(name: str) -> str:
    """Upload by a presigned address."""
    address = default_storage.presign_put(name, "text/plain", len(_WORD), 60)  # type: ignore[attr-defined]
    put = urllib.request.Request(  # noqa: S310  the bucket's own
        address, data=_WORD, headers={"Content-Type": "text/plain"}, method="PUT"
    )
    with urllib.request.urlopen(put, timeout=10):  # noqa: S310
        return name


def email() -> str:
    """Log in to the mail server, without sending anything; or see that mails can be kept as files."""
    backend = settings.EMAIL_BACKEND.rsplit(".", 2)[1]
    try:
        connection = get_connection()
        connection.open()
        connection.close()
    except Exception as error:
        where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        raise Trouble(f"{where}: {checks.one_line(error)}", "correct EMAIL_URL") from error
    if backend == "filebased":
        return f"kept as files in {settings.EMAIL_FILE_PATH} (set EMAIL_URL to send)"
    return f"{backend} {settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def socket_round_trip() -> str:
    """Send a frame through a socket and the channel layer: of the running server, or of one of our own."""
    address = f"127.0.0.1:{settings.PORT}"
    if _serves_parley(address):
        return f"{_round_trip(address)} through the running server at {address}"
    with _own_server() as own:
        return f"{_round_trip(own)} through a server of our own (none is running at {address})"


def bots() -> str:
    """See that somebody listens to the bots, where there are any on the broker."""
    wanted = standing.wanted()
    if not wanted:
        return "none on the broker"
    if settings.EMBEDDED:
        return f"{wanted} on the broker, which the server itself listens to"
    seen = standing.seen()
    if seen is None or seen.age > _SILENT_SECONDS:
        since = f"for {seen.age:.0f} s" if seen else "at all"
        raise Trouble(f"{wanted} on the broker, and no listener {since}", "run: python manage.py bots")
    return f"{wanted} on the broker, listened to {seen.age:.0f} s ago, {seen.waiting} messages wait"


def replies() -> str:
    """See that somebody does the turns of the assistants, where there are any that are on."""
    wanted = replying.wanted()
    if not wanted:
        return "no assistant is on"
    count, age = replying.owed()
    if age > replying.LATE_SECONDS:
        raise Trouble(f"{count} turns are owed, the oldest for {age:.0f} s", "run: python manage.py replies")
    if settings.EMBEDDED:
        return f"{wanted} assistants on, {count} turns owed, which the server itself does"
    at = replying.seen()
    silent = None if at is None else max(0.0, time.time() - at)
    if silent is None or silent > _SILENT_SECONDS:
        since = f"for {silent:.0f} s" if silent is not None else "at all"
        raise Trouble(f"{wanted} assistants on, and nobody does their turns {since}", "run: python manage.py replies")
    return f"{wanted} assistants on, {count} turns owed, looked at {silent:.0f} s ago"


CHECKS: dict[str, Check] = {
    "database": checks.database,
    "migrations": checks.migrations,
    "channel_layer": checks.channel_layer,
    "broker": checks.broker,
    "bots": bots,
    "replies": replies,
    "storage": storage,
    "e-mail": email,
    "socket": socket_round_trip,
}


def _round_trip(address: str) -> str:
    word = secrets.token_hex(8)
    started = time.perf_counter()
    try:
        with connect(f"ws://{address}/healthz", open_timeout=5, close_timeout=2, proxy=None) as socket:
            socket.send(word)
            answer = socket.recv(timeout=5)
    except Exception as error:
        raise Trouble(f"{address}: {checks.one_line(error)}", "look at the server's log") from error
    if answer != word:
        raise Trouble(f"{address} answered something else", "look at who listens there")
    return f"{(time.perf_counter() - started) * 1000:.0f} ms"


def _serves_parley(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=2) as answer:
            return json.load(answer).get("product") == "parley"
    except (OSError, ValueError):
        return False


@contextmanager
def _own_server() -> Iterator[str]:
    with listen("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    address = f"127.0.0.1:{port}"
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "serve", "--port", str(port)]
    environment = {**os.environ, "PORT": str(port), "PARLEY_LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)  # noqa: S603
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _serves_parley(address):
            if process.poll() is not None:
                raise Trouble(f"the server does not start: {_last_line(process)}", "put that right first")
            if time.monotonic() > deadline:
                raise Trouble("the server does not start in time", "look at the load of this machine")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _last_line(process: subprocess.Popen[str]) -> str:
    lines = (process.stderr.read() if process.stderr else "").strip().splitlines()
    return lines[-1] if lines else "it says nothing"
