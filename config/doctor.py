"""What `manage.py doctor` looks at, beside what /readyz does: storage, e-mail, and a socket there and back."""

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

from . import checks
from .checks import Check, Trouble
from .serving import listen

_START_SECONDS = 20


def storage() -> str:
    """Write a file, read it, delete it."""
    where = str(settings.MEDIA_ROOT)
    try:
        name = default_storage.save(f"doctor-{secrets.token_hex(4)}", ContentFile(b"well"))
        with default_storage.open(name) as file:
            same = file.read() == b"well"
        default_storage.delete(name)
    except OSError as error:
        raise Trouble(f"{where}: {error.strerror}", "make the data folder writable for this user") from error
    if not same:
        raise Trouble(f"{where}: a file came back changed", "check the disk")
    return where


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


CHECKS: dict[str, Check] = {
    "database": checks.database,
    "migrations": checks.migrations,
    "channel_layer": checks.channel_layer,
    "broker": checks.broker,
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
