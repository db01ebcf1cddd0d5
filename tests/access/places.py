"""Everything that can be asked from outside, read from the URL conf and the sockets' routes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLResolver, get_resolver

from chat.sockets import Socket
from config.sockets import router

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Where a login, not a key, decides; each has a table of its own.
ADMIN, ACCOUNTS = "/admin/", "/accounts/"


def routes() -> Iterator[tuple[str, Any]]:
    """Return every route as ``/v1/chat/sessions/{session_id}`` with its view."""
    return _walk(get_resolver().url_patterns, "/")


def _walk(patterns: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield path, pattern.callback


def endpoints() -> set[str]:
    """Return the methods of the contracts' endpoints, as ``POST /v1/chat/sessions``; views that are none left out."""
    found = set()
    for path, view in routes():
        view_class = getattr(view, "view_class", None)
        if getattr(view_class, "schema", None) is not None:
            found |= {f"{m} {path}" for m in METHODS if hasattr(view_class, m.lower())}
    return found


def pages() -> set[str]:
    """Return the routes that are no endpoint of a contract, but for the admin's and the accounts'."""
    contracts = {key.partition(" ")[2] for key in endpoints()}
    catch_all = {path for path, view in routes() if getattr(getattr(view, "view_class", None), "schema", 1) is None}
    return {p for p, _view in routes() if not p.startswith((ADMIN, ACCOUNTS))} - contracts - catch_all


def sockets() -> dict[str, type[Socket]]:
    """Return the classes behind the sockets' routes that handle frames, by address."""
    found = {}
    for route in router().routes:
        consumer = getattr(route.callback, "consumer_class", None)
        if consumer and issubclass(consumer, Socket):
            found[
                "/" + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", str(route.pattern)).strip("^$/").removesuffix("\\Z")
            ] = consumer
    return found


def frames(consumer: type[Socket]) -> set[str]:
    """Return the names of the frames that a socket handles."""
    handlers = inspect.getmembers(consumer, inspect.iscoroutinefunction)
    return {name.removeprefix("on_") for name, _handler in handlers if name.startswith("on_")}
