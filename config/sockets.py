"""Which socket address belongs to whom."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from chat.inbox.routing import websocket_urlpatterns as inbox
from integrations.live_chat.routing import websocket_urlpatterns as live_chat
from integrations.partner.routing import websocket_urlpatterns as partner

from .echo import Echo


def router() -> URLRouter:
    """Return every socket of the product, and an answer for those that are not."""
    # Django's types know views only.
    ours = [path("healthz", Echo.as_asgi()), re_path(r"", unknown)]  # type: ignore[arg-type]
    return URLRouter([*inbox, *live_chat, *partner, *ours])


async def unknown(scope: dict[str, Any], receive: Callable[[], Awaitable[dict]], send: Callable) -> None:
    """Accept and close with 4404: a close before the accept would reach a browser as a bare 1006."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4404})
