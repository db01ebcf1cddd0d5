"""Action cards as agents see them: every value is text, and every failure a sentence."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Object = dict[str, Any]

VALUE_LIMIT = 300
PROBLEMS = {
    "timeout": gettext_lazy("The address did not answer in time."),
    "unreachable": gettext_lazy("The address cannot be reached."),
    "refused": gettext_lazy("The address is not public, so it was not asked."),
    "busy": gettext_lazy("The address is overloaded or broken at the moment."),
    "not_found": gettext_lazy("Nothing was found for this value."),
    "not_allowed": gettext_lazy("The address refused us: an admin must check the command's request headers."),
    "no_success": gettext_lazy("The address answered with an error."),
    "too_large": gettext_lazy("The answer was too large."),
    "not_flat": gettext_lazy("The answer was no JSON object."),
    "empty": gettext_lazy("The answer had nothing to show."),
    "bad_value": gettext_lazy("This value cannot be looked up."),
    "off": gettext_lazy("The command was switched off."),
}


def card(known: Object | None) -> Object | None:
    """``{"title", "name", "value", "state", "answer": [[label, text]], "problem": sentence}`` of a snapshot's card."""
    if known is None:
        return None
    problem = known["problem"]
    return {
        "title": known["title"],
        "name": known["name"],
        "value": as_text(known["value"]),
        "state": known["state"],
        "answer": [[label, _shown(value)] for label, value in known["answer"]],
        "problem": str(PROBLEMS.get(problem, PROBLEMS["no_success"])) if problem else "",
    }


def as_text(value: Any) -> str:
    """Return any JSON value as text of a bearable length."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return as_text(value) or "–"
