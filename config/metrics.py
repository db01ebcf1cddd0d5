"""What /metrics tells: requests, and how the chats stand."""

import hmac
import ipaddress
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

REQUESTS = Counter("parley_http_requests", "Answered requests.", ["method", "route", "status"])
SECONDS = Histogram("parley_http_request_seconds", "Time to answer.", ["route"])
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def observe_request(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Count one answered request by its route, never by its path: paths are endless and hold ids."""
    route = request.resolver_match.route if request.resolver_match else "none"
    method = request.method if request.method in _METHODS else "other"
    REQUESTS.labels(method, route, response.status_code).inc()
    SECONDS.labels(route).observe(seconds)


class ChatsCollector(Collector):
    """Counts the open chats when it is asked, so that every process answers the same."""

    def collect(self) -> Iterator[Metric]:
        """Yield `parley_open_chats` by status; nothing while the database is away.

        Who waits until the team opens is ``parked``, and not among those ``waiting`` in the queue.
        """
        from chat.models import Chat
        from chat.models.chats import open_states

        gauge = GaugeMetricFamily("parley_open_chats", "Chats that have not ended.", labels=["status"])
        try:
            states = {name: Count("id", filter=condition) for name, condition in open_states().items()}
            counts = Chat.objects.open().aggregate(**states)
        except DatabaseError:
            return
        for status, count in counts.items():
            gauge.add_metric([status], count)
        yield gauge

    def describe(self) -> list[Metric]:
        """Return nothing: registering must not ask the database."""
        return []


class BotsCollector(Collector):
    """What bots did in the last hour, and whether somebody listens to them: from the database and the shared cache."""

    def collect(self) -> Iterator[Metric]:
        """Yield what is known; nothing of what cannot be asked now."""
        with suppress(DatabaseError):
            yield from self._heard()
        with suppress(Exception):  # the cache's own
            yield from self._listener()

    def _heard(self) -> Iterator[Metric]:
        from integrations.chatbots import standing

        since = timezone.now() - timedelta(hours=1)
        actions = GaugeMetricFamily(
            "parley_bot_actions_last_hour", "Actions of bots, done or refused with this word.", labels=["result"]
        )
        for result, count in {standing.DONE: 0, **standing.answered(since)}.items():
            actions.add_metric([result], count)
        yield actions
        about = "Messages of bots that could not be read."
        yield GaugeMetricFamily("parley_bot_messages_set_aside_last_hour", about, value=standing.set_aside(since))

    def _listener(self) -> Iterator[Metric]:
        from integrations.chatbots import standing

        seen = standing.seen()
        if seen is None:
            return
        about = "When the bots' listener last said that it is there."
        yield GaugeMetricFamily("parley_bots_listener_last_seen_timestamp_seconds", about, value=seen.at)
        about = "Messages that wait for the bots' listener on the broker."
        yield GaugeMetricFamily("parley_bots_listener_waiting_messages", about, value=seen.waiting)

    def describe(self) -> list[Metric]:
        """Return nothing: registering must not ask the database."""
        return []


class RepliesCollector(Collector):
    """What assistants owe and did in the last hour, and whether somebody does it."""

    def collect(self) -> Iterator[Metric]:
        """Yield what is known; nothing of what cannot be asked now."""
        with suppress(DatabaseError):
            yield from self._turns()
        with suppress(Exception):  # the cache's own
            yield from self._runner()

    def _turns(self) -> Iterator[Metric]:
        from integrations.replies import standing
        from integrations.replies.models import Outcome

        count, age = standing.owed()
        yield GaugeMetricFamily("parley_reply_turns_owed", "Automated replies that are owed.", value=count)
        yield GaugeMetricFamily(
            "parley_reply_oldest_owed_seconds", "For how long the oldest of them is owed.", value=age
        )
        found = standing.outcomes(timezone.now() - timedelta(hours=1))
        turns = GaugeMetricFamily("parley_reply_turns_last_hour", "What came of turns.", labels=["outcome"])
        for outcome in Outcome.values:
            turns.add_metric([outcome], found.get(outcome, 0))
        yield turns

    def _runner(self) -> Iterator[Metric]:
        from integrations.replies import standing

        if (at := standing.seen()) is not None:
            about = "When a process that does automated replies last said that it is there."
            yield GaugeMetricFamily("parley_replies_last_seen_timestamp_seconds", about, value=at)

    def describe(self) -> list[Metric]:
        """Return nothing: registering must not ask the database."""
        return []


REGISTRY.register(ChatsCollector())
REGISTRY.register(BotsCollector())
REGISTRY.register(RepliesCollector())


def view(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format, to those who may read it."""
    if not _may_read(request):
        return HttpResponseForbidden(
            "metrics: send PARLEY_METRICS_TOKEN as a bearer token\n", content_type="text/plain"
        )
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return _is_from_this_machine(request)


def _is_from_this_machine(request: HttpRequest) -> bool:
    """Tell a caller on this machine from one behind a proxy on this machine."""
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
