"""A local server that speaks the OpenAI-compatible chat protocol over a real socket, well or badly as a test wants."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Talk = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """One request, with the ways to answer it."""

    protocol_version = "HTTP/1.1"
    model: "Model"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        asked = json.loads(raw)
        model = self.server.model  # type: ignore[attr-defined]
        with model.lock:
            model.asked.append(asked)
            model.headers.append(dict(self.headers.items()))
            model.paths.append(self.path)
            model.now += 1
            model.most = max(model.most, model.now)
            talk = model.talks.pop(0) if model.talks else model.usual
        try:
            talk(self, asked)
        except OSError:
            """The caller went away."""
        finally:
            with model.lock:
                model.now -= 1

    def begin(self, kind: str = "text/event-stream", status: int = 200, **headers: str) -> None:
        """Send the head of an answer whose end is the end of the connection."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, data: Any) -> None:
        """Send one server-sent event."""
        text = data if isinstance(data, str) else json.dumps(data)
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class Model:
    """The server. ``talks`` are what it does next, in order; after them ``usual``."""

    def __init__(self, usual: Talk | None = None) -> None:
        self.lock = threading.Lock()
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.talks: list[Talk] = []
        self.now = self.most = 0
        self.usual = usual or says("It depends.")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.model = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def told(self, number: int = -1) -> str:
        """Everything that went to the model in one call."""
        return json.dumps(self.asked[number], ensure_ascii=False)


def streams(text: str, *, piece: int = 7, pause: float = 0, end: bool = True, first: float = 0) -> Talk:
    """Stream a text in small pieces, as the protocol has it."""

    def talk(http: Handler, asked: dict[str, Any]) -> None:
        time.sleep(first)
        http.begin()
        http.wfile.write(b": keep-alive\n\n")
        for at in range(0, len(text), piece):
            http.event({"choices": [{"index": 0, "delta": {"content": text[at : at + piece]}, "finish_reason": None}]})
            time.sleep(pause)
        if end:
            http.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            http.event({"choices": [], "usage": {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100}})
            http.event("[DONE]")

    return talk


def says(answer: str, *, confidence: Any = 0.9, handover: Any = False, **how: Any) -> Talk:
    """Stream the object that it is asked for."""
    return streams(json.dumps({"answer": answer, "confidence": confidence, "handover": handover}), **how)


def whole(text: str) -> Talk:
    """Answer as a server that does not stream."""

    def talk(http: Handler, asked: dict[str, Any]) -> None:
        http.begin("application/json")
        message = {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}
        http.wfile.write(json.dumps({**message, "usage": {"total_tokens": 7}}).encode())

    return talk


def fails(status: int, text: str = "no", **headers: str) -> Talk:
    """Answer an error."""

    def talk(http: Handler, asked: dict[str, Any]) -> None:
        http.begin("application/json", status, **headers)
        http.wfile.write(text.encode())

    return talk


def sends(*events: Any) -> Talk:
    """Stream these events as they are."""

    def talk(http: Handler, asked: dict[str, Any]) -> None:
        http.begin()
        for event in events:
            http.event(event)

    return talk


def floods(http: Handler, asked: dict[str, Any]) -> None:
    """Never end."""
    http.begin()
    while True:
        http.event({"choices": [{"delta": {"content": "x" * 1000}}]})


def floods_without_a_line(http: Handler, asked: dict[str, Any]) -> None:
    """Send one line that never ends."""
    http.begin()
    while True:
        http.wfile.write(b"data: " + b"y" * 65536)


def hangs(http: Handler, asked: dict[str, Any]) -> None:
    """Take the question and never say a word."""
    time.sleep(60)
