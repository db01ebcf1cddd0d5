"""The audit log: what was done to keys, webhooks and rights."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents.services import audit
from chat.inbox.seats import SeatedRequest

from .guard import administering, page

ROWS = 50


@require_safe
@administering
def home(request: SeatedRequest) -> HttpResponse:
    """The newest entries, or those before an id."""
    before = request.GET.get("before", "")
    rows = request.seat.workspace.audit_entries.order_by("-id")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(id__lt=int(before))
    found = list(rows[: ROWS + 1])
    entries = [(entry, audit.sentence(entry), audit.shown(entry)) for entry in found[:ROWS]]
    more = found[ROWS - 1].pk if len(found) > ROWS else None
    return page(request, "activity", "activity", title=_("Activity"), entries=entries, more=more)
