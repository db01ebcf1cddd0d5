"""Who is calling, when proxies of ours stand in front."""

from collections.abc import Awaitable, Callable
from typing import Any

App = Callable[[dict[str, Any], Callable, Callable], Awaitable[None]]


class BehindProxies:
    """Takes the caller's address from X-Forwarded-For, counted from its end.

    Each of our ``count`` proxies appends the address that it saw; everything before those is the caller's own claim
    and is never believed. With no proxies the header is not read at all. A path prefix that a client names for
    itself (`Daphne-Root-Path`) is dropped: this product lives at the root of its host.
    """

    def __init__(self, app: App, count: int) -> None:
        self.app = app
        self.count = count

    async def __call__(self, scope: dict[str, Any], receive: Callable, send: Callable) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, "root_path": "", "client": self._client(scope)}
        await self.app(scope, receive, send)

    def _client(self, scope: dict[str, Any]) -> Any:
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        seen = [address.strip() for address in ",".join(lines).split(",") if address.strip()]
        if not self.count or len(seen) < self.count:
            return scope.get("client")
        return [seen[-self.count], 0]
