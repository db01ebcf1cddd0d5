"""Listening to an inbox's socket."""

import json

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

ORIGIN = "http://testserver"


async def next_frame(line: WebsocketCommunicator, kind: str, **wanted) -> dict:
    while True:
        frame = json.loads(await line.receive_from(timeout=5))
        if frame["type"] == kind and all(frame.get(name) == value for name, value in wanted.items()):
            return frame


def later(work):
    return sync_to_async(work)
