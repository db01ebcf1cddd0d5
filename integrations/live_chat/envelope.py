"""How an answer is wrapped: ``{"success", "code", "message", "data"}`` (sections 2 to 6)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.response import Response

from .errors import Problem


def done(data: Any, message: str = "", **beside: Any) -> Response:
    """Code 1000: read or changed."""
    return _success(200, 1000, message or _("Success"), data, beside)


def created(data: Any, message: str) -> Response:
    """Code 1001: something new is there."""
    return _success(201, 1001, message, data, {})


def _success(status: int, code: int, message: str, data: Any, beside: dict[str, Any]) -> Response:
    body = {"success": True, "code": code, "message": message, "data": data, **beside}
    return Response(body, status=status)


def failed(problem: Problem) -> Response:
    """The error envelope (section 8)."""
    return Response(problem.envelope(), status=problem.status, headers=problem.headers)
