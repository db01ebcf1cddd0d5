"""A wire between a client and the product that a test can cut, stall and mend."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_CHUNK = 65536


class Wire:
    """Carries TCP from a port of its own to another port of this machine.

    ``cut`` drops every connection and refuses new ones; ``stall`` keeps them open and carries nothing (a half-open
    link); ``mend`` makes it work again, for connections that begin from then on.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.whole = True
        self.flowing = threading.Event()
        self.flowing.set()
        self.ends: list[socket.socket] = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Drop everything."""
        self.whole = False
        self._drop()

    def stall(self) -> None:
        """Carry nothing, and let nobody notice."""
        self.flowing.clear()

    def mend(self) -> None:
        """Work again; what stalled is lost with its connection."""
        self._drop()
        self.whole = True
        self.flowing.set()

    def close(self) -> None:
        """End for good."""
        self.cut()
        self.flowing.set()
        self.listener.close()

    def _drop(self) -> None:
        with self.lock:
            ends, self.ends = self.ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if not self.whole:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            with self.lock:
                self.ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self.flowing.wait()
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Site:
    """A shop's own web server, on another origin: one page, which embeds the widget as the partner guide shows."""

    PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Shop</title>
    <body style="font: 16px sans-serif"><h1>Shop</h1><p>Things.</p>
    <script src="{parley}/widget/chat-widget.js"></script>
    <script>
      document.addEventListener('DOMContentLoaded', function() {{
        ChatWidget.init({options});
      }});
    </script></body></html>"""

    def __init__(self, parley: str, options: str) -> None:
        page = self.PAGE.format(parley=parley, options=options).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path.split("?")[0] == "/" else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()
