"""Which socket address belongs to whom."""

from importlib import import_module
from importlib.util import find_spec
from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from .echo import Echo


def router() -> URLRouter:
    """Return every socket of the product, and an answer for those that are not."""
    routes = []
    for module in ("chat.inbox.routing", "integrations.live_chat.routing"):
        if find_spec(module):
            routes += import_module(module).websocket_urlpatterns
    return URLRouter([*routes, path("healthz", Echo.as_asgi()), re_path(r"", unknown)])


async def unknown(scope: dict[str, Any], receive: Callable[[], Awaitable[dict]], send: Callable) -> None:
    """Accept and close with 4404: a close before the accept would reach a browser as a bare 1006."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4404})
