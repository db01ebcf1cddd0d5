"""What /metrics tells: requests, and how the chats stand."""

import hmac
import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
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
        """Yield `parley_open_chats` by status; nothing while the database is away."""
        from chat.models import Chat

        gauge = GaugeMetricFamily("parley_open_chats", "Chats that have not ended.", labels=["status"])
        rows = Chat.objects.exclude(status="closed").values_list("status").annotate(count=Count("id")).order_by()
        try:
            counts = dict(rows)
        except DatabaseError:
            return
        for status in ("waiting", "active"):
            gauge.add_metric([status], counts.get(status, 0))
        yield gauge

    def describe(self) -> list[Metric]:
        """Return nothing: registering must not ask the database."""
        return []


REGISTRY.register(ChatsCollector())


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
