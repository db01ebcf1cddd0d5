"""Hubs of several processes hear each other through the channel layer. Services mode only: embedded has one process."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import OperationalError

from chat.realtime import Frame, Hub
from tests.chaos.servers import Redis
from tests.chaos.wires import Wire


class Ear:
    """The least that a hub needs of a socket."""

    beats = 0
    told: ClassVar[set["Ear"]] = set()

    def __init__(self, workspace_id: int = 1) -> None:
        self.workspace_id = workspace_id
        self.topics: set[str] = set()
        self.heard: asyncio.Queue[dict] = asyncio.Queue()

    def deliver(self, frame: Frame) -> None:
        self.heard.put_nowait(frame.data)

    @classmethod
    async def beat(cls, sockets) -> None:
        cls.beats += len(sockets)
        cls.told.update(sockets)

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


class Lame(Ear):
    """One whose heartbeat needs a database that is away."""

    away = True

    @classmethod
    async def beat(cls, sockets) -> None:
        if cls.away:
            raise OperationalError("gone")
        cls.beats += len(sockets)


@pytest.fixture
def no_heartbeats(settings) -> None:
    """Nobody is mended by a heartbeat that was due anyway."""
    settings.HEARTBEAT_SECONDS = 3600


async def test_who_could_not_be_told_to_look_is_told_when_the_database_is_back(no_heartbeats, hubs):
    hub, _ = hubs
    hub.join(Lame(), ["a"])
    await asyncio.sleep(1.1)  # what came with joining is over
    Lame.away, Lame.beats, Ear.beats = True, 0, 0
    hub.join(Ear(), ["a"])
    hub.doubt("a test")
    await _until(lambda: Ear.beats)
    assert not Lame.beats
    Lame.away = False
    await _until(lambda: Lame.beats)
    told = Ear.beats
    await asyncio.sleep(2.2)
    assert (Lame.beats, Ear.beats) == (1, told)


async def test_a_doubt_of_any_thread_is_everybodys(no_heartbeats, hubs):
    here, there = hubs
    ears = [Ear(), Ear()]
    here.join(ears[0], ["a"])
    if not settings.EMBEDDED:
        there.join(ears[1], ["a"])
        await _until(lambda: here.id in there._pulses._heard)
        await asyncio.sleep(1.1)
    Ear.told.clear()
    thread = threading.Thread(target=here.doubt, args=("a test",))
    thread.start()
    thread.join()
    await _until(lambda: len(Ear.told) == (1 if settings.EMBEDDED else 2))


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

    @pytest.mark.parametrize(
        "said",
        [{"type": "hub", "from": "x", "topics": ["a"], "data": {}}, {"type": "pulse", "from": "x"}, {"type": "?"}],
    )
    async def test_what_another_release_says_keeps_nobody_from_hearing(hubs, said):
        here, there = hubs
        far = Ear()
        there.join(far, ["a"])
        await asyncio.sleep(0.5)
        await get_channel_layer().group_send("hub.1", said)
        here.publish(1, ["a"], {"n": 1})
        assert await asyncio.wait_for(far.heard.get(), 5) == {"n": 1}

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

    @pytest.fixture
    async def away(tmp_path, settings) -> AsyncIterator[tuple[Redis, Wire]]:
        """A Redis of our own, behind a wire of our own: it can be killed, and the connections to it left half-open."""
        server = Redis(tmp_path)
        server.spawn()
        server.wait()
        wire = await Wire(server.port).open()
        layer = settings.CHANNEL_LAYERS["default"]
        hosts = [{"address": f"redis://127.0.0.1:{wire.port}/0", "socket_timeout": None}]
        settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": {**layer["CONFIG"], "hosts": hosts}}}
        yield server, wire
        await wire.close()
        server.kill()

    async def _hears_again(hub, ear, other):
        """Whatever is published by another process reaches the socket, if not the first time."""
        async with asyncio.timeout(30):
            while ear.heard.empty():
                other.publish(ear.workspace_id, ["a"], {"n": 1})
                await asyncio.sleep(0.2)

    async def test_who_joined_while_redis_was_away_hears_others_when_it_is_back(away, hubs):
        here, there = hubs
        server, _wire = away
        server.kill()
        ear = Ear(workspace_id=7)
        there.join(ear, ["a"])
        await asyncio.sleep(1.5)  # it has tried in vain
        assert ear.heard.empty()
        server.spawn()
        await _hears_again(there, ear, here)

    async def test_however_short_redis_was_away_everybody_checks_what_they_have(away, no_heartbeats, hubs):
        here, there = hubs
        server, _wire = away
        there.join(ear := Ear(), ["a"])
        await _until(lambda: f"hub.{ear.workspace_id}" in there._subscribed)
        await _hears_again(there, ear, here)
        Ear.beats = 0
        server.kill()
        server.spawn()
        await _until(lambda: Ear.beats, 20)

    async def test_a_half_open_link_to_redis_is_given_up(away, hubs):
        here, there = hubs
        _server, wire = away
        there.join(ear := Ear(), ["a"])
        await _hears_again(there, ear, here)
        while not ear.heard.empty():
            ear.heard.get_nowait()
        wire.freeze()
        await _hears_again(there, ear, here)

    async def test_when_a_process_dies_everybody_checks_what_they_have(no_heartbeats, hubs):
        """It may have died between COMMIT and telling us; nobody else will."""
        here, there = hubs
        there.join(Ear(), ["a"])
        await _until(lambda: here.id in there._pulses._heard)
        Ear.beats = 0
        for task in here._tasks:
            task.cancel()
        await _until(lambda: Ear.beats, 20)

    async def test_a_frame_that_could_not_be_published_is_missed(no_heartbeats, hubs, monkeypatch):
        here, there = hubs
        there.join(Ear(), ["a"])
        await _until(lambda: here.id in there._pulses._heard)
        layer, sent = get_channel_layer(), []

        async def broken(group, message):
            sent.append(group)
            raise ConnectionError("gone")

        Ear.beats = 0
        monkeypatch.setattr(layer, "group_send", broken, raising=False)
        here.publish(1, ["a"], {"n": 1})
        await _until(lambda: "hub.1" in sent)
        monkeypatch.undo()
        await _until(lambda: Ear.beats, 20)
