"""What a wrong address or a failure looks like: the contract's own envelope for programs, a page for people."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from integrations.chatflow import errors as chatflow

# From the status, the sentence and the request's id.
Envelope = Callable[[int, str, str], dict[str, Any]]

_LIVE_CHAT_CODES = {400: 4000, 403: 4030, 404: 4040, 500: 5000}


def _live_chat(status: int, message: str, request_id: str) -> dict[str, Any]:
    return {"success": False, "code": _LIVE_CHAT_CODES[status], "message": message, "errors": []}


def _chatflow(status: int, message: str, request_id: str) -> dict[str, Any]:
    return chatflow.of_django(status).body(request_id)


def _plain(status: int, message: str, request_id: str) -> dict[str, Any]:
    return {
        "error": {400: "bad_request", 403: "forbidden", 404: "not_found", 500: "failed"}[status],
        "message": message,
    }


# The first prefix that fits. A contract that is added later puts its line before the plain one.
ENVELOPES: list[tuple[str, Envelope]] = [("/v1/chat/", _live_chat), ("/v1/", _chatflow), ("/api/", _plain)]


def envelope_of(path: str) -> Envelope | None:
    """Return how errors look below this path, or None where people read."""
    return next((envelope for prefix, envelope in ENVELOPES if path.startswith(prefix)), None)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what Django itself refuses, such as a host that is not ours or a body that is too large."""
    return _answer(request, 400, _("This request cannot be understood."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _answer(request, 403, _("You may not do this."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _answer(request, 404, _("There is nothing at this address."))


def failed(request: HttpRequest) -> HttpResponse:
    """500. The traceback is in the log, under the request id that the answer carries."""
    return _answer(request, 500, _("Something went wrong on our side."))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that did not come from our own page, or whose page was open for too long."""
    return render(request, "403_csrf.html", {"request_id": _request_id(request)}, status=403)


def _answer(request: HttpRequest, status: int, message: str) -> HttpResponse:
    if envelope := envelope_of(request.path):
        return JsonResponse(envelope(status, message, _request_id(request)), status=status)
    return render(request, f"{status}.html", {"message": message, "request_id": _request_id(request)}, status=status)


def _request_id(request: HttpRequest) -> str:
    return request.META.get("HTTP_X_REQUEST_ID", "")
