"""Hubs of several processes hear each other through the channel layer. Services mode only: embedded has one process."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator

import pytest
from django.conf import settings

from chat.realtime import Frame, Hub


class Ear:
    """The least that a hub needs of a socket."""

    beats = 0

    def __init__(self, workspace_id: int = 1) -> None:
        self.workspace_id = workspace_id
        self.topics: set[str] = set()
        self.heard: asyncio.Queue[dict] = asyncio.Queue()

    def deliver(self, frame: Frame) -> None:
        self.heard.put_nowait(frame.data)

    @classmethod
    async def beat(cls, sockets) -> None:
        cls.beats += len(sockets)

    @classmethod
    async def recheck(cls, sockets) -> None:
        """Nothing can be lost here."""


@pytest.fixture
async def hubs() -> AsyncIterator[tuple[Hub, Hub]]:
    loop = asyncio.get_running_loop()
    pair = Hub(), Hub()
    for hub in pair:
        hub.bind(loop)
    if not settings.EMBEDDED:
        await _until(lambda: all(hub._channel for hub in pair))
    yield pair
    for hub in pair:
        await hub.stop()


async def _until(condition, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


async def test_a_socket_hears_its_topics_once_and_no_other(hubs):
    hub, _ = hubs
    ear, other = Ear(), Ear()
    hub.join(ear, ["a", "b"])
    hub.join(other, ["c"])
    hub.publish(1, ["a", "b"], {"n": 1})
    hub.publish(1, ["c"], {"n": 2})
    assert await asyncio.wait_for(ear.heard.get(), 5) == {"n": 1}
    assert await asyncio.wait_for(other.heard.get(), 5) == {"n": 2}
    assert ear.heard.empty()


async def test_unless_leaves_out_who_may_still_see(hubs):
    hub, _ = hubs
    may, may_not = Ear(), Ear()
    hub.join(may, ["team", "sales"])
    hub.join(may_not, ["team"])
    hub.publish(1, ["team"], {"gone": 1}, unless=["sales"])
    hub.publish(1, ["team"], {"end": 1})
    assert await asyncio.wait_for(may.heard.get(), 5) == {"end": 1}
    assert await asyncio.wait_for(may_not.heard.get(), 5) == {"gone": 1}


async def test_publishing_from_any_thread_wakes_the_loop_at_once(hubs):
    hub, _ = hubs
    ear = Ear()
    hub.join(ear, ["a"])
    began = asyncio.get_running_loop().time()
    threading.Thread(target=hub.publish, args=(1, ["a"], {"n": 1})).start()
    await asyncio.wait_for(ear.heard.get(), 5)
    assert asyncio.get_running_loop().time() - began < 0.9


async def test_a_socket_that_breaks_does_not_keep_the_frame_from_others(hubs):
    hub, _ = hubs
    broken, ear = Ear(), Ear()
    broken.deliver = None  # type: ignore[assignment,method-assign]
    hub.join(broken, ["a"])
    hub.join(ear, ["a"])
    hub.publish(1, ["a"], {"n": 1})
    assert await asyncio.wait_for(ear.heard.get(), 5) == {"n": 1}


if not settings.EMBEDDED:
    import redis

    async def test_a_frame_reaches_the_sockets_of_another_process_once_and_in_order(hubs):
        here, there = hubs
        near, far = Ear(), Ear()
        here.join(near, ["a"])
        there.join(far, ["a"])
        await asyncio.sleep(0.5)
        for n in range(50):
            here.publish(1, ["a"], {"n": n})
        for ear in (near, far):
            assert [(await asyncio.wait_for(ear.heard.get(), 5))["n"] for _ in range(50)] == list(range(50))
            assert ear.heard.empty()

    async def test_a_process_without_sockets_publishes_too(hubs):
        _, there = hubs
        far = Ear()
        there.join(far, ["a"])
        await asyncio.sleep(0.5)
        worker = Hub()
        await asyncio.to_thread(worker.publish, 1, ["a"], {"n": 1})
        assert await asyncio.wait_for(far.heard.get(), 5) == {"n": 1}
        loop = worker._loop
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(worker.stop(), loop))
        loop.call_soon_threadsafe(loop.stop)

    async def test_other_workspaces_frames_do_not_even_arrive(hubs):
        here, there = hubs
        far = Ear(workspace_id=2)
        there.join(far, ["a"])
        await asyncio.sleep(0.5)
        here.publish(1, ["a"], {"n": 1})
        here.publish(2, ["a"], {"n": 2})
        assert await asyncio.wait_for(far.heard.get(), 5) == {"n": 2}

    async def test_after_redis_dropped_its_listeners_every_client_is_told_to_look(hubs):
        here, there = hubs
        far = Ear()
        there.join(far, ["a"])
        await asyncio.sleep(1.5)
        Ear.beats = 0
        server = redis.Redis.from_url(os.environ["REDIS_URL"])
        async with asyncio.timeout(30):
            while not Ear.beats:
                await asyncio.to_thread(server.execute_command, "CLIENT", "KILL", "TYPE", "pubsub")
                await asyncio.sleep(3.2)
        await asyncio.sleep(1.5)
        while not far.heard.empty():
            far.heard.get_nowait()
        here.publish(1, ["a"], {"n": 1})
        assert await asyncio.wait_for(far.heard.get(), 5) == {"n": 1}
