"""The sliding window, in memory and in Redis: exactly so many, whoever asks at the same time."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings

from integrations.keys.counters import MemoryCounter, Rate, SharedCounter

USUAL = Rate(100, 20)
NAMESPACE = f"test.{uuid.uuid4().hex}"


class Clock:
    """A clock that stands until it is moved; nanoseconds."""

    now = 10**15

    def __call__(self):
        return self.now

    def move(self, seconds):
        self.now += int(seconds * 1e9)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def counter(clock):
    return MemoryCounter(clock)


@pytest.fixture
def real():
    """Return the counter of this run mode, on its real clock."""
    made = MemoryCounter() if settings.EMBEDDED else SharedCounter(settings.SERVICES.redis, NAMESPACE)
    yield made
    made.clear()


def passed(counter, count, rate=USUAL, name="key"):
    return sum(counter.take(name, rate).passed for _ in range(count))


def test_a_second_lets_twenty_through_and_a_minute_a_hundred(counter, clock):
    counts = []
    for _ in range(7):
        counts.append(passed(counter, 50))
        clock.move(1)
    assert counts == [20, 20, 20, 20, 20, 0, 0]


def test_the_window_slides_and_has_no_edge_where_twice_as_many_pass(counter, clock):
    rate = Rate(10, 10)
    clock.move(59)
    assert passed(counter, 20, rate) == 10
    clock.move(30)
    assert passed(counter, 20, rate) == 0
    clock.move(29.9)
    assert passed(counter, 20, rate) == 0
    clock.move(0.1)
    assert passed(counter, 20, rate) == 10


def test_no_minute_and_no_second_ever_holds_more_than_its_limit(counter, clock):
    """Whatever the rhythm of the caller."""
    rate, times = Rate(30, 3), []
    for step in range(4000):
        clock.move((0.01, 0.3, 0.0, 0.07, 1.9)[step * 7 % 5])
        if counter.take("key", rate).passed:
            times.append(clock.now / 1e9)
    for span, most in ((60, 30), (1, 3)):
        worst = max(sum(1 for t in times if begin <= t < begin + span) for begin in times)
        assert worst == most


def test_what_is_refused_prolongs_nothing(counter, clock):
    rate = Rate(5, 5)
    assert passed(counter, 5, rate) == 5
    for _ in range(59):
        clock.move(1)
        assert passed(counter, 100, rate) == 0
    clock.move(1)
    assert passed(counter, 5, rate) == 5


def test_it_says_when_the_next_one_passes_and_when_all_is_free_again(counter, clock):
    rate = Rate(3, 2)
    first = counter.take("key", rate)
    assert (first.used, first.retry_after, first.reset_after) == (1, 0, 60)
    clock.move(0.25)
    counter.take("key", rate)
    refused = counter.take("key", rate)
    assert not refused.passed
    assert refused.retry_after == pytest.approx(0.75)
    clock.move(refused.retry_after)
    assert counter.take("key", rate).passed
    refused = counter.take("key", rate)
    assert refused.retry_after == pytest.approx(59)
    assert refused.reset_after == pytest.approx(60)
    clock.move(refused.retry_after)
    assert counter.take("key", rate).passed


def test_a_lowered_limit_holds_at_once(counter, clock):
    assert passed(counter, 20) == 20
    clock.move(2)
    refused = counter.take("key", Rate(5, 20))
    assert refused.retry_after == pytest.approx(58)
    clock.move(58)
    assert passed(counter, 9, Rate(5, 20)) == 5


def test_callers_do_not_count_for_each_other(counter):
    assert passed(counter, 30, name="one") == 20
    assert passed(counter, 30, name="two") == 20


def test_those_who_went_away_are_forgotten(counter, clock):
    for number in range(50):
        counter.take(f"caller {number}", Rate(5, 5))
    clock.move(61)
    counter.take("somebody", Rate(5, 5))
    assert list(counter.times) == ["somebody"]


def _fifty_at_once(counter, name, rate):
    """Return how many of 50 times 4 calls passed, and how long all took, in seconds."""
    begin = threading.Barrier(50)

    def call(_):
        begin.wait(30)
        return sum(counter.take(name, rate).passed for _ in range(4))

    started = time.monotonic()
    with ThreadPoolExecutor(50) as pool:
        passed = sum(pool.map(call, range(50)))
    return passed, time.monotonic() - started


@pytest.mark.parametrize("rate", [Rate(37, 1000), Rate(1000, 23)])
def test_fifty_callers_at_once_get_exactly_the_limit(real, rate):
    # Where a second went by meanwhile, the burst began anew and the count says nothing: then once more, as another.
    for turn in range(10):
        total, seconds = _fifty_at_once(real, f"shared {turn}", rate)
        if seconds < 0.9 or rate.per_second >= 100:
            break
    else:
        pytest.fail("the machine was too slow for this to say anything")
    assert total == min(rate.per_minute, rate.per_second)


def test_the_counter_of_this_mode_slides_too(real):
    rate = Rate(1000, 3)
    assert passed(real, 10, rate) == 3
    refused = real.take("key", rate)
    assert 0 < refused.retry_after <= 1
    assert 59 < refused.reset_after <= 60
    time.sleep(refused.retry_after + 0.01)
    assert real.take("key", rate).passed


def test_two_processes_share_one_limit():
    if settings.EMBEDDED:  # there is one process
        return
    one, two = (SharedCounter(settings.SERVICES.redis, NAMESPACE) for _ in range(2))
    rate = Rate(10, 1000)
    assert sum(passed(c, 4, rate, "shared") for c in (one, two, one, two)) == 10
    one.clear()


def test_without_redis_each_process_counts_for_itself(caplog):
    """Nobody listens at this port: the limit holds, and no caller waits for Redis more than once."""
    counter = SharedCounter("redis://127.0.0.1:9/0", NAMESPACE)
    assert passed(counter, 30) == 20
    assert len([record for record in caplog.records if "Redis is away" in record.getMessage()]) == 1
    started = time.monotonic()
    passed(counter, 1000)
    assert time.monotonic() - started < 0.5


def test_it_returns_to_redis_by_itself():
    if settings.EMBEDDED:
        return
    counter = SharedCounter(settings.SERVICES.redis, NAMESPACE)
    counter.away_until = time.monotonic() + 60
    assert passed(counter, 20) == 20
    counter.away_until = 0
    assert passed(counter, 20) == 20
    counter.clear()
