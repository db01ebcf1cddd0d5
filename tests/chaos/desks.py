"""Agents at their inbox: the login, the page that lists the chats, and the inbox's socket (docs/protocol.md)."""

from __future__ import annotations

import asyncio
import random
import re
from typing import Any

import httpx2
import websockets

from .clients import Again, Backoff, Json, Line, Over, Refused, Sender
from .journal import Entry, Journal, Said, Timeline

_TEMPORARY = {"failed", "too_many", "full"}
# A socket follows twenty chats at most.
FOLLOWED = 20


class Desk(Line, Sender):
    """One agent, who follows every chat that their list shows."""

    def __init__(self, name: str, url: str, login: Json, journal: Journal, dice: random.Random) -> None:
        Line.__init__(self, name, journal, dice)
        Sender.__init__(self, name, journal, dice)
        self.url, self.login = url, login
        self.cookies = ""
        self.timelines: dict[str, Timeline] = {}
        self.newest = ""
        self.listing: asyncio.Task[None] | None = None
        # Called with the chat and the text whenever a visitor's message comes for the first time.
        self.on_visitor: Any = lambda desk, chat, text: None

    async def sit_down(self) -> None:
        """Log in, as a browser does."""
        async with httpx2.AsyncClient(base_url=self.url, timeout=20, trust_env=False) as http:
            page = await http.get("/accounts/login/")
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            assert token, page.text[:500]
            form = {"csrfmiddlewaretoken": token[1], "login": self.login["email"], "password": self.login["password"]}
            answer = await http.post("/accounts/login/", data=form, headers={"Origin": self.url})
            assert answer.status_code == 302, answer.text[:500]
            self.cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())

    # -- the socket ----------------------------------------------------------------------------------------------

    def dial(self) -> Any:
        address = f"{self.url.replace('http', 'ws', 1)}/inbox/socket"
        return websockets.connect(
            address, additional_headers={"Cookie": self.cookies}, origin=websockets.Origin(self.url),
            open_timeout=10, close_timeout=1, ping_interval=None, proxy=None, max_size=None,
        )  # fmt: skip

    def lost(self) -> None:
        for timeline in self.timelines.values():
            timeline.connected(False)

    async def hear(self, frame: Json) -> None:
        kind = frame["type"]
        if kind == "hello":
            self.newest = max(self.newest, frame["newest"] or "")
            for chat, timeline in self.timelines.items():
                timeline.connected(True)
                await self._follow(chat)
            self._list()
        elif kind == "message" and frame["chat"] in self.timelines:
            if not self._take(frame["chat"], frame["message"]):
                await self._sync(frame["chat"])
        elif kind == "chat":
            self.newest = max(self.newest, frame["chat"]["changed"])
            await self._meet(frame["chat"]["uid"])
        elif kind == "synced":
            for message in frame["messages"]:
                if not self._take(frame["chat"], message):
                    self.journal.fault(f"{self.name}: a catch-up of {frame['chat']} has a gap before {message['seq']}")
            if not frame["complete"]:
                await self._sync(frame["chat"])
        elif kind == "heartbeat":
            for chat, timeline in list(self.timelines.items()):
                # One that is not named is not followed: the `open` failed.
                if chat not in frame["seqs"]:
                    await self._follow(chat)
                elif frame["seqs"][chat] > timeline.last:
                    await self._sync(chat)
            if (frame["newest"] or "") > self.newest:
                self.newest = frame["newest"]
                self._list()
        elif kind in ("ack", "error"):
            if kind == "error":
                self.journal.seen[f"inbox error {frame['code']}"] += 1
            self.answer(str(frame["ref"]), frame)

    async def _meet(self, chat: str) -> None:
        """Follow a chat that is new to this desk."""
        if chat in self.timelines or len(self.timelines) >= FOLLOWED:
            return
        timeline = self.timelines[chat] = Timeline(self.name, chat, True, self.journal)
        timeline.connected(self.socket is not None)
        await self._follow(chat)

    async def _follow(self, chat: str) -> None:
        await self.send({"type": "open", "chat": chat, "after": self.timelines[chat].last})

    async def _sync(self, chat: str) -> None:
        await self.send({"type": "sync", "chat": chat, "after": self.timelines[chat].last})

    def _take(self, chat: str, message: Json) -> bool:
        timeline = self.timelines[chat]
        is_new = message["seq"] not in timeline.entries
        entry = Entry(message["uid"], message["seq"], message["prev"], message["client_id"])
        taken = timeline.take(entry)
        if taken and is_new and message["by"] == "visitor":
            self.on_visitor(self, chat, message["body"])
        return taken

    def _list(self) -> None:
        """Look at the list: something changed of which no frame told."""
        if self.listing is None or self.listing.done():
            self.listing = asyncio.create_task(self._read_list())

    async def _read_list(self) -> None:
        backoff = Backoff(self.dice)
        while not self.stopped.is_set():
            try:
                async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
                    page = await http.get(f"{self.url}/inbox/all", headers={"Cookie": self.cookies})
            except httpx2.HTTPError:
                page = None
            if page is not None and page.status_code == 200:
                # In its templates are rows of chats that are not there.
                shown = re.sub(r"<template.*?</template>", "", page.text, flags=re.DOTALL)
                for chat in dict.fromkeys(re.findall(r"/inbox/chats/([0-9a-f]{32})", shown)):
                    await self._meet(chat)
                return
            if page is not None:
                self.journal.seen[f"inbox HTTP {page.status_code}"] += 1
            await backoff.sleep()

    async def stop(self) -> None:
        await super().stop()
        if self.listing:
            self.listing.cancel()
            await asyncio.gather(self.listing, return_exceptions=True)

    # -- sending -------------------------------------------------------------------------------------------------

    async def deliver(self, said: Said) -> tuple[str, int]:
        ref = f"{said.client_id}.{said.tries}"
        frame = {"type": "send", "chat": said.chat, "kind": "text", "body": said.body, "client_id": said.client_id}
        answer = await self.ask(ref, {**frame, "ref": ref})
        if answer["type"] == "error":
            if answer["code"] in _TEMPORARY:
                raise Again
            if answer["code"] == "ended":
                raise Over
            raise Refused(f"{answer['code']} {answer['message']}")
        message = answer["message"]
        if message["body"] != said.body:
            self.journal.fault(f"{said.body!r} was acknowledged as {message['body']!r}")
        return message["uid"], message["seq"]
