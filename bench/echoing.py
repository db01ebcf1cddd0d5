"""The least that a server can do with a socket, for ``send.py`` to compare with: a Channels consumer that says it back."""

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter


class Echo(AsyncWebsocketConsumer):
    """Says back what it hears."""

    channel_layer_alias = "none"

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say it back."""
        await self.send(text_data=text_data)


application = ProtocolTypeRouter({"websocket": Echo.as_asgi()})
