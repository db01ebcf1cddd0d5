"""What a site needs: publishable keys, the snippet, allowed domains, the identity secret."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents.services import audit, workspaces
from chat.inbox.rendering import parse_uid
from chat.inbox.seats import SeatedRequest
from widget.models import PublishableKey, Widget
from widget.services import settings as widgets

from .forms import DomainsForm, RotateForm
from .guard import administering, confirm, once, page
from .keys import MOST_SHOWN, read_or_send


@require_safe
@administering
def home(request: SeatedRequest) -> HttpResponse:
    """Everything of the website on one page."""
    return _page(request)


def _page(request: SeatedRequest, changed: dict[int, DomainsForm] | None = None, status: int = 200) -> Any:
    workspace = request.seat.workspace
    keys = list(PublishableKey.objects.filter(workspace=workspace)[:MOST_SHOWN])
    keys.sort(key=lambda key: not key.works)
    sites = [(widget, (changed or {}).get(widget.pk) or _form(widget)) for widget in workspace.widgets.order_by("pk")]
    return page(
        request,
        "website",
        "website",
        title=_("Website"),
        status=status,
        keys=keys,
        sites=sites,
        base=settings.PUBLIC_URL,
        previous_until=_until(workspace),
    )


def _until(workspace: Any) -> Any:
    return workspace.previous_identity_secret_until if workspace.previous_identity_secret else None


def _form(widget: Widget, data: Any = None) -> DomainsForm:
    initial = {"domains": "\n".join(widget.domains)}
    return DomainsForm(data, initial=initial, auto_id=f"id_{widget.uid.hex}_%s")


@read_or_send
@administering
def domains(request: SeatedRequest, uid: str) -> HttpResponse:
    """Say where a widget may be embedded."""
    wanted = parse_uid(uid)
    widget = request.seat.workspace.widgets.filter(uid=wanted).first() if wanted else None
    if widget is None:
        raise Http404
    if request.method == "POST":
        form = _form(widget, request.POST)
        if not form.is_valid():
            return _page(request, {widget.pk: form}, status=400)
        widgets.update(widget, request.actor, domains=form.cleaned_data["domains"])
        audit.note(widget.workspace_id, audit.DOMAINS_CHANGED, f"{widget}: {', '.join(form.cleaned_data['domains'])}")
        messages.success(request, _("The domains were changed."))
    return HttpResponseRedirect(reverse("developers:website"))


@read_or_send
@administering
def identity(request: SeatedRequest) -> HttpResponse:
    """Make a new identity secret, and show it once."""
    form = RotateForm(request.POST or None)
    back = reverse("developers:website")
    if request.method == "POST" and form.is_valid():
        secret = workspaces.rotate_identity_secret(request.seat.workspace, form.hours())
        title, shown = _("The new identity secret"), {_("Identity secret"): secret}
        return once(request, "website", title=title, secrets=shown, back=back)
    return confirm(
        request,
        "website",
        title=_("New identity secret"),
        text=_("Your server signs with it who your customers are. Change it there before the old one ends."),
        verb=_("Make a new secret"),
        back=back,
        form=form,
    )
