"""A door between Parley and the real broker that can be shut: an outage for one test alone."""

from __future__ import annotations

import contextlib
import socket
import threading


class Door:
    """Forwards connections to an address while it is open; shutting it cuts every one that is there."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.is_open = True
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._listener.accept()
                if not self.is_open:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(self.target)
                except OSError:
                    near.close()
                    continue
                self._sockets |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        self._cut(one, other)

    def _cut(self, *sockets: socket.socket) -> None:
        for each in sockets:
            self._sockets.discard(each)
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def shut(self) -> None:
        self.is_open = False
        self._cut(*list(self._sockets))

    def open(self) -> None:
        self.is_open = True

    def close(self) -> None:
        self._listener.close()
        self._cut(*list(self._sockets))
