"""Cross-origin headers: pages of a workspace's allowed domains may call with what pages may hold, and read the answer.

No answer depends on a cookie, so a header here opens nothing to a page that has no token of its own.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from .authentication import Principal
from .browsers import Caller, may_read

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept, Accept-Language, X-Request-Id",
    "Access-Control-Max-Age": "600",
}

_READABLE = "X-Request-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"


def preflight(request: HttpRequest) -> HttpResponse:
    """Answer a browser that asks whether a page may call. It cannot tell the key yet, so the call itself decides."""
    response = HttpResponse(status=204)
    _open(response, request.headers.get("Origin", ""))
    for name, value in _PREFLIGHT.items():
        response[name] = value
    return response


def is_preflight(request: HttpRequest) -> bool:
    """Whether this is a browser's question rather than a call."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def share(request: HttpRequest, response: HttpResponse, principal: Principal | None) -> None:
    """Let the page that called read the answer, if it may: its key's sites, and anybody's refusal of 401 or 403."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin", "")
    refused = response.status_code in (401, 403)
    if origin and (refused or (principal and _is_for_page(principal, request))):
        _open(response, origin)


def _is_for_page(principal: Principal, request: HttpRequest) -> bool:
    """Whether the caller holds what pages may hold, on a page that may hold it."""
    return principal.kind in ("publishable", "visitor") and may_read(principal.workspace, Caller.of_request(request))


def _open(response: HttpResponse, origin: str) -> None:
    patch_vary_headers(response, ["Origin"])
    if origin:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = _READABLE
