"""One id, one line and one measurement a request."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse

from . import metrics

logger = structlog.get_logger("parley.request")
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_RESET = "/accounts/password/reset/key/"
# Asked every few seconds by machines: a line each would hide everything else.
_QUIET = ("/healthz", "/readyz", "/metrics", "/static/")


class RequestMiddleware:
    """Binds `request_id` to every log line of a request and answers it in `X-Request-Id`.

    A proxy's own `X-Request-Id` is kept when it looks like one. The query string is never logged: addresses of
    sockets, uploads and password resets carry secrets in it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _request_id(request)
        request.META["HTTP_X_REQUEST_ID"] = request_id
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            _log(request, response, seconds)
        metrics.observe_request(request, response, seconds)
        response["X-Request-Id"] = request_id
        return response


def _request_id(request: HttpRequest) -> str:
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if _ACCEPTABLE.match(given) else f"req_{uuid.uuid4().hex}"


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    status = response.status_code
    if status < 400 and request.path.startswith(_QUIET):
        return
    write = logger.error if status >= 500 else logger.info
    write("request", method=request.method, path=_shown(request.path), status=status, ms=round(seconds * 1000, 1))


def _shown(path: str) -> str:
    """The path without the key of a password reset, the one secret that stands in a path."""
    return path if not path.startswith(_RESET) else f"{_RESET}…"


def _log_failure(sender: object, request: HttpRequest | None = None, **kwargs: object) -> None:
    """Write the traceback of an unexpected exception, once, with the request's id beside it."""
    logger.exception("request_failed", path=_shown(request.path) if request else None)


got_request_exception.connect(_log_failure, dispatch_uid="config.requests")
