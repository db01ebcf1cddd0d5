"""A client written from section 7 of live-chat-api.md and from nothing else; it imports nothing of Parley's.

    python section7_client.py WEBSOCKET_URL VISITORS_TOKEN AGENTS_TOKEN

Two people talk over one session: each frame that it sends and each that it waits for is one of the document's. It ends
with the last word of the conversation on its output, or with an error.
"""

import asyncio
import json
import sys

import websockets


class Chat:
    """``new WebSocket(url + '?token=' + token)``, ``ws.send(JSON.stringify(...))`` and ``ws.onmessage``."""

    def __init__(self, socket):
        self.socket = socket

    async def send(self, kind, data=None):
        frame = {"type": kind} if data is None else {"type": kind, "data": data}
        await self.socket.send(json.dumps(frame))

    async def on(self, kind, where=lambda data: True):
        """The next event of this kind; what the document does not name is passed over."""
        while True:
            event = json.loads(await self.socket.recv())
            if event["type"] == kind and where(event["data"]):
                return event["data"]


async def talk(url, visitors_token, agents_token):
    async with (
        websockets.connect(f"{url}?token={visitors_token}") as first,
        websockets.connect(f"{url}?token={agents_token}") as second,
    ):
        visitor, agent = Chat(first), Chat(second)

        await visitor.send("typing.start")
        await agent.on("typing.start")
        await visitor.send("typing.stop", {})
        await agent.on("typing.stop")
        await visitor.send("message.send", {"content": "Hello!", "type": "text"})
        heard = await agent.on("message.new", lambda data: data["content"] == "Hello!")

        await agent.send("message.read", {"messageId": heard["id"]})
        await visitor.on("message.read", lambda data: data["messageId"] == heard["id"])
        await agent.send("typing.start")
        await visitor.on("typing.start")

        await agent.send("message.send", {"content": "Xin chào! Tôi có thể giúp gì?", "type": "text"})
        await visitor.on("agent.assigned")
        answer = await visitor.on("message.new", lambda data: data["senderType"] == "agent")
        await visitor.send("message.read", {"messageId": answer["id"]})
        await agent.on("message.read", lambda data: data["messageId"] == answer["id"])
        return answer["content"]


async def stay(url, token):
    """Wait for the end of the session."""
    async with websockets.connect(f"{url}?token={token}") as socket:
        print("waiting", flush=True)
        return await Chat(socket).on("session.ended")


if __name__ == "__main__":
    address, visitor_token, agent_token = sys.argv[1:]
    print(asyncio.run(asyncio.wait_for(talk(address, visitor_token, agent_token), 30)), flush=True)
    asyncio.run(asyncio.wait_for(stay(address, visitor_token), 30))
    print("ended", flush=True)
