"""A socket that proves sockets: `doctor` sends one frame through it and through the channel layer."""

from channels.generic.websocket import AsyncWebsocketConsumer

_LONGEST = 100


class Echo(AsyncWebsocketConsumer):
    """Answers one short frame by way of the channel layer, then closes. Needs no login, tells nothing."""

    async def connect(self) -> None:
        """Let anybody in, for one frame."""
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Send the frame to ourselves through the layer."""
        if not text_data or len(text_data) > _LONGEST:
            await self.close(code=4408)
            return
        await self.channel_layer.send(self.channel_name, {"type": "echo.back", "text": text_data})

    async def echo_back(self, event: dict) -> None:
        """Give back what came through the layer."""
        await self.send(event["text"])
        await self.close()
