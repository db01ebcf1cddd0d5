"""What happens at the same time, in another connection to the database."""

import threading
from collections.abc import Callable

from django.db import connections


def elsewhere(do: Callable[[], object]) -> None:
    """Do it in another thread and connection, and wait until it has committed; fail when it does not end."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            do()
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive(), "it waits for what waits for it"
    assert not failed, failed
