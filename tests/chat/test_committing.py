"""The queue before the database: what waits is written together, in order, and nobody waits for another's lock."""

import asyncio
import threading
import time

import pytest
from django.conf import settings as project
from django.db import OperationalError, connection, connections

from chat.errors import ChatError
from chat.services.committing import Busy, Committer


class Letter:
    """Its lane is its first letter."""

    def __init__(self, text: str) -> None:
        self.text, self.outcome = text, None

    @property
    def lane(self) -> str:
        return self.text[0]


class Desk:
    """A write that waits until it may, and remembers what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.began, self.go_on = threading.Event(), threading.Event()

    def write(self, letters, wait) -> None:
        self.batches.append([letter.text for letter in letters])
        self.began.set()
        assert self.go_on.wait(30)
        for letter in letters:
            if letter.text == "bad":
                raise ValueError(letter.text)
            if letter.text == "lost":
                raise OperationalError
            letter.outcome = letter.text.upper()


def write_all(committer: Committer, desk: Desk, texts: list[str]) -> list[object]:
    """Bring the first alone, and the others, in their order, while it is under way."""
    outcomes: dict[int, object] = {}

    def bring(n: int) -> None:
        try:
            outcomes[n] = committer.now(Letter(texts[n]))
        except Exception as error:
            outcomes[n] = error

    threads = [threading.Thread(target=bring, args=(n,)) for n in range(len(texts))]
    for n, thread in enumerate(threads):
        thread.start()
        if n == 0:
            assert desk.began.wait(30)
        else:
            _until(lambda n=n: len(committer._waiting) == n)
    desk.go_on.set()
    for thread in threads:
        thread.join(30)
    return [outcomes[n] for n in range(len(texts))]


def _until(true) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_what_queues_while_one_is_written_is_written_together_and_in_order():
    desk = Desk()
    assert write_all(Committer(desk.write), desk, list("abcde")) == list("ABCDE")
    assert desk.batches == [["a"], ["b", "c", "d", "e"]]


def test_a_batch_has_a_limit():
    desk = Desk()
    write_all(Committer(desk.write, most=2), desk, list("abcde"))
    assert desk.batches == [["a"], ["b", "c"], ["d", "e"]]


def test_a_bad_one_fails_alone():
    desk = Desk()
    a, b, bad, c = write_all(Committer(desk.write), desk, ["a", "b", "bad", "c"])
    assert (a, b, c) == ("A", "B", "C")
    assert isinstance(bad, ValueError)


def test_nothing_is_tried_again_when_nobody_knows_whether_it_was_committed():
    desk = Desk()
    a, b, lost = write_all(Committer(desk.write), desk, ["a", "b", "lost"])
    assert a == "A"
    assert isinstance(b, OperationalError)
    assert isinstance(lost, OperationalError)
    assert desk.batches == [["a"], ["b", "lost"]]


def test_a_full_queue_refuses():
    desk = Desk()
    committer = Committer(desk.write, queue=3)
    first = threading.Thread(target=committer.now, args=(Letter("a"),))
    first.start()
    assert desk.began.wait(30)
    others = [threading.Thread(target=committer.now, args=(Letter("b"),)) for _ in range(2)]
    for other in others:
        other.start()
    _until(lambda: len(committer._waiting) == 2)
    with pytest.raises(ChatError) as refused:
        committer.now(Letter("c"))
    assert refused.value.code == "too_many"
    desk.go_on.set()
    for thread in (first, *others):
        thread.join(30)
    assert desk.batches == [["a"], ["b", "b"]]


def test_whoever_writes_and_is_ended_leaves_the_others_to_somebody_else():
    desk = Desk()

    def write(letters, wait) -> None:
        desk.write(letters, wait)
        if letters[0].text == "end":
            raise SystemExit

    committer = Committer(write)
    ended = []

    def bring() -> None:
        try:
            committer.now(Letter("end"))
        except SystemExit:
            ended.append(True)

    first = threading.Thread(target=bring)
    first.start()
    assert desk.began.wait(30)
    outcomes = []
    second = threading.Thread(target=lambda: outcomes.append(committer.now(Letter("b"))))
    second.start()
    _until(lambda: len(committer._waiting) == 1)
    desk.go_on.set()
    for thread in (first, second):
        thread.join(30)
    assert (ended, outcomes) == ([True], ["B"])
    assert committer.now(Letter("c")) == "C"
    assert committer._unsettled == 0


def test_whoever_is_ended_alone_leaves_the_desk_free():
    def write(letters, wait) -> None:
        if letters[0].text == "end":
            raise SystemExit
        letters[0].outcome = "stored"

    committer = Committer(write)
    with pytest.raises(SystemExit):
        committer.now(Letter("end"))
    assert committer.now(Letter("b")) == "stored"


def test_one_by_one_too_what_must_wait_keeps_the_order_of_its_lane():
    """A bad one breaks a batch up; of the others, the second of a locked lane does not overtake the first."""
    unlocked, written = threading.Event(), []
    desk = Desk()

    def write(letters, wait) -> None:
        desk.write(letters, wait)
        for letter in letters:
            if letter.lane == "x" and not unlocked.is_set():
                if wait:
                    assert unlocked.wait(30)
                else:
                    letter.outcome = Busy()
                    continue
            written.append(letter.text)

    threading.Timer(0.2, unlocked.set).start()
    outcomes = write_all(Committer(write), desk, ["a", "x1", "bad", "x2", "b"])
    assert [each for each in outcomes if not isinstance(each, ValueError)] == ["A", "X1", "X2", "B"]
    assert written == ["a", "b", "x1", "x2"]


async def test_a_loop_that_has_ended_keeps_nobody_waiting(caplog):
    desk = Desk()
    committer = Committer(desk.write)
    loop = asyncio.new_event_loop()

    async def bring() -> None:
        committer.soon(Letter("a"))

    def come_and_go() -> None:
        loop.run_until_complete(bring())
        loop.close()

    await asyncio.to_thread(come_and_go)
    assert await asyncio.to_thread(desk.began.wait, 30)
    desk.go_on.set()
    assert await committer.soon(Letter("b")) == "B"
    assert desk.batches == [["a"], ["b"]]
    assert "1 were committed whose loop has ended" in caplog.text


if not project.EMBEDDED:

    @pytest.mark.django_db(transaction=True)
    def test_who_waits_for_another_to_write_holds_no_connection():
        """Or as many as the pool has would wait for one that needs a connection to write."""
        desk, held = Desk(), []
        committer = Committer(desk.write)

        def ask_and_bring() -> None:
            connection.ensure_connection()
            held.append(connections["default"])
            committer.now(Letter("b"))

        first, second = (
            threading.Thread(target=committer.now, args=(Letter("a"),)),
            threading.Thread(target=ask_and_bring),
        )
        first.start()
        assert desk.began.wait(30)
        second.start()
        _until(lambda: held and held[0].connection is None)
        desk.go_on.set()
        for thread in (first, second):
            thread.join(30)


async def test_those_on_a_loop_wait_without_a_thread():
    desk = Desk()
    desk.go_on.set()
    committer = Committer(desk.write)
    futures = [committer.soon(Letter(str(n))) for n in range(500)]
    futures[3].cancel()
    assert await asyncio.wait_for(asyncio.gather(*futures[:3], *futures[4:]), 30) == [
        str(n) for n in range(500) if n != 3
    ]
    assert [text for batch in desk.batches for text in batch] == [str(n) for n in range(500)]


async def test_what_would_have_to_wait_is_set_aside_in_order_and_keeps_nobody():
    batches: list[tuple[list[str], bool]] = []
    unlocked = threading.Event()

    def write(letters, wait) -> None:
        if wait:
            assert unlocked.wait(30)
        batches.append(([letter.text for letter in letters], wait))
        for letter in letters:
            locked = letter.lane == "x" and not unlocked.is_set()
            letter.outcome = Busy() if locked else letter.text

    committer = Committer(write)
    late = [committer.soon(Letter(text)) for text in ("x1", "x2")]
    assert await asyncio.gather(*(committer.soon(Letter(f"a{n}")) for n in range(20))) == [f"a{n}" for n in range(20)]
    late.append(committer.soon(Letter("x3")))
    assert await committer.soon(Letter("b")) == "b"
    assert not any(future.done() for future in late)
    unlocked.set()
    assert await asyncio.wait_for(asyncio.gather(*late), 30) == ["x1", "x2", "x3"]
    waited = [texts for texts, wait in batches if wait]
    assert [text for texts in waited for text in texts] == ["x1", "x2", "x3"]
    while committer._aside:  # the lane's thread closes it when it finds nothing more
        await asyncio.sleep(0.001)
    assert await committer.soon(Letter("x4")) == "x4"
    assert batches[-1] == (["x4"], False)
    assert committer._unsettled == 0
