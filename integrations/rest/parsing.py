"""JSON in, JSON out: what every contract's views read and answer with."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser

_LONGEST_BODY = 256 * 1024


class AlwaysJson(BaseContentNegotiation):
    """Answers JSON whatever a client says that it accepts."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """Return the parser for the request's content type, or None."""
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((p for p in parsers if p.media_type == kind), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        """Return the one renderer."""
        return renderers[0], renderers[0].media_type


class StrictJson(BaseParser):
    """UTF-8 JSON of a modest size; whatever else comes is a 400, never a 500."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the decoded body. Raises ParseError."""
        raw = stream.read(_LONGEST_BODY + 1)
        if len(raw) > _LONGEST_BODY:
            raise ParseError(_("The request is too large."))
        try:
            return json.loads(raw.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not valid JSON.")) from error


def _refuse(constant: str) -> None:
    raise ValueError(constant)
