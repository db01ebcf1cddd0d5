"""A real receiver of webhooks, and one that accepts and never says a word."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass
class Received:
    """One request, as it came."""

    headers: dict[str, str]
    body: bytes
    path: str
    method: str = "POST"

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """Return the payload, checked by the independent library. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Answer:
    """What the receiver says: by default that all is well."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    # Writes the body by itself, for receivers that misbehave.
    talk: Callable[[Any], None] | None = None


class Receiver:
    """An HTTP server on this machine. ``answers`` is asked for each request, with it and how many came before."""

    def __init__(
        self, answers: Callable[[Received, int], Answer] = lambda request, before: Answer(), port: int = 0
    ) -> None:
        self.answers = answers
        self.received: list[Received] = []
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["content-length"] or 0)
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # the sender died in the middle of a word
                request = Received({k.lower(): v for k, v in self.headers.items()}, body, self.path, self.command)
                with receiver._lock:
                    before = len(receiver.received)
                    receiver.received.append(request)
                answer = receiver.answers(request, before)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.talk is None:
                    self.send_header("content-length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)
                else:
                    self.end_headers()
                    self.close_connection = True
                    answer.talk(self.wfile)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                pass

            def handle(self) -> None:
                with suppress(OSError):  # the other side hung up
                    super().handle()

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def ids(self) -> list[str]:
        return [request.id for request in self.received]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class BlackHole:
    """Accepts every connection and never answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"

    def close(self) -> None:
        self._listener.close()


def wait_until(true: Callable[[], Any], seconds: float = 60) -> None:
    """Wait until something holds; fail loudly when it never does."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
