"""Before and around the server: is everything there that it stands on, and is the port free?"""

import socket
from collections.abc import Callable

from . import checks

# Connections that wait to be accepted: after a restart everybody comes at once, and who finds no place comes again only
# after one second, three, seven and so on. The kernel takes the smaller of this and net.core.somaxconn.
_BACKLOG = 4096


class CannotServe(Exception):
    """Something outside is not as it must be; the text is one line for the operator."""


def demand_services() -> None:
    """Raise CannotServe unless everything that this process stands on answers."""
    for name, check in checks.READY.items():
        finding = checks.run(name, check)
        if not finding.ok:
            advice = f" ({finding.advice})" if finding.advice else ""
            raise CannotServe(f"{name.replace('_', ' ')}: {finding.trouble}{advice}")


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises CannotServe when the port is taken or the host is not ours."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
        listening.setblocking(False)  # or the first accept too many holds the whole loop
    except OSError as error:
        listening.close()
        raise CannotServe(f"cannot listen on {host}:{port}: {error.strerror} (choose another with PORT)") from None
    return listening


def serve(host: str, port: int, *, with_worker: bool, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT. ``ready`` is called when the loop runs.

    Raises CannotServe before anything has started.
    """
    demand_services()
    listening = listen(host, port)
    # Importing Daphne installs Twisted's reactor, which no other command wants.
    from .daphne_server import House

    House(listening, with_worker=with_worker, ready=ready).run()
