"""Webhooks: who wants what, how they fare, and the log of what was sent, to look at and to send again."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.ids import encode
from chat.errors import ChatError
from chat.inbox.rendering import parse_uid
from chat.inbox.seats import SeatedRequest

from ..webhooks import policy, services
from ..webhooks.models import OWED, Delivery, Subscription
from .forms import ReplayForm, RotateForm, WebhookForm
from .guard import administering, confirm, once, page
from .keys import read_or_send

DELIVERIES = 50


@require_safe
@administering
def home(request: SeatedRequest) -> HttpResponse:
    """The webhooks and how they fare."""
    rows = list(request.seat.workspace.subscriptions.order_by("id"))
    return page(request, "webhooks", "webhooks", title=_("Webhooks"), hooks=rows)


@read_or_send
@administering
def new(request: SeatedRequest) -> HttpResponse:
    """Make a webhook, and show its secret once."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create(request.seat.workspace, **form.cleaned_data)
        except ChatError as error:
            form.refuse(error)
        else:
            return _secret(request, made, made.secret, _("The webhook is ready"))
    back = reverse("developers:webhooks")
    return page(request, "webhook_form", "webhooks", title=_("New webhook"), form=form, back=back)


def _secret(request: SeatedRequest, hook: Subscription, secret: str, title: str) -> HttpResponse:
    return once(request, "webhooks", title=title, secrets={_("Signing secret"): secret}, back=_address(hook))


def _address(hook: Subscription) -> str:
    return reverse("developers:webhook", args=[hook.uid.hex])


def find(request: SeatedRequest, uid: str) -> Subscription:
    """Return a webhook of the workspace. Http404 for one of elsewhere, as if there were none."""
    wanted = parse_uid(uid)
    hook = request.seat.workspace.subscriptions.filter(uid=wanted).first() if wanted else None
    if hook is None:
        raise Http404
    return hook


@read_or_send
@administering
def detail(request: SeatedRequest, uid: str) -> HttpResponse:
    """One webhook: its state, what it wants, what was sent."""
    hook = find(request, uid)
    held = {"url": hook.url, "events": hook.events, "active": hook.active}
    form = WebhookForm(request.POST or None, initial=held)
    if request.method == "POST" and form.is_valid():
        try:
            services.update(hook, **form.cleaned_data)
        except ChatError as error:
            form.refuse(error)
            hook.refresh_from_db()
        else:
            return _done(request, hook, _("The webhook was changed."))
    return _detail(request, hook, form=form)


def _detail(request: SeatedRequest, hook: Subscription, **forms: Any) -> HttpResponse:
    rows, more = _deliveries(hook, request.GET.get("before", ""))
    owed = hook.deliveries.filter(OWED)[:1001].count()
    return page(
        request,
        "webhook",
        "webhooks",
        title=hook.url,
        hook=hook,
        hook_id=encode("webhook", hook.uid),
        deliveries=rows,
        more=more,
        owed=owed,
        pause_days=policy.PAUSE_AFTER.days,
        keep_days=policy.KEEP.days,
        **{"form": WebhookForm(initial=vars(hook)), "replay_form": ReplayForm(), **forms},
    )


def _deliveries(hook: Subscription, before: str) -> tuple[list[Delivery], int | None]:
    """Return the newest deliveries, or those before an id, and where still older ones begin."""
    rows = hook.deliveries.order_by("-id").defer("payload")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(id__lt=int(before))
    found = list(rows[: DELIVERIES + 1])
    return found[:DELIVERIES], found[DELIVERIES - 1].pk if len(found) > DELIVERIES else None


def _done(request: SeatedRequest, hook: Subscription, message: str) -> HttpResponse:
    messages.success(request, message)
    return HttpResponseRedirect(_address(hook))


@require_POST
@administering
def resume(request: SeatedRequest, uid: str) -> HttpResponse:
    """End the pause."""
    hook = find(request, uid)
    services.resume(hook)
    return _done(request, hook, _("What was held is on its way."))


@require_POST
@administering
def test(request: SeatedRequest, uid: str) -> HttpResponse:
    """Send a test event."""
    hook = find(request, uid)
    try:
        services.send_test(hook)
    except ChatError as error:
        messages.error(request, str(error.message))
        return HttpResponseRedirect(_address(hook))
    return _done(request, hook, _("A test event is on its way. Reload to see what came of it."))


@read_or_send
@administering
def rotate(request: SeatedRequest, uid: str) -> HttpResponse:
    """Give it a new secret, and show it once."""
    hook = find(request, uid)
    form = RotateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _secret(request, hook, services.rotate(hook, keep_old_for=form.hours()), _("The new signing secret"))
    return confirm(
        request,
        "webhooks",
        title=_("New signing secret"),
        text=_("Until the old one ends, each request is signed with both."),
        verb=_("Make a new secret"),
        back=_address(hook),
        form=form,
    )


@read_or_send
@administering
def delete(request: SeatedRequest, uid: str) -> HttpResponse:
    """Remove it, after asking."""
    hook = find(request, uid)
    if request.method == "POST":
        services.delete(hook)
        messages.success(request, _("The webhook was deleted."))
        return HttpResponseRedirect(reverse("developers:webhooks"))
    return confirm(
        request,
        "webhooks",
        title=_("Delete this webhook?"),
        text=_("Its log goes with it, and what it was still owed is never sent: %(url)s") % {"url": hook.url},
        verb=_("Delete"),
        back=_address(hook),
        danger=True,
    )


@require_POST
@administering
def replay_range(request: SeatedRequest, uid: str) -> HttpResponse:
    """Send everything of a time again."""
    hook = find(request, uid)
    form = ReplayForm(request.POST)
    if not form.is_valid():
        return _detail(request, hook, replay_form=form)
    count = services.replay_range(hook, **form.cleaned_data)
    return _done(request, hook, _("Events that are sent again: %(count)s") % {"count": count})


def _delivery(request: SeatedRequest, uid: str, delivery_uid: str) -> tuple[Subscription, Delivery]:
    hook, wanted = find(request, uid), parse_uid(delivery_uid)
    found = hook.deliveries.filter(uid=wanted).first() if wanted else None
    if found is None:
        raise Http404
    return hook, found


@require_safe
@administering
def delivery(request: SeatedRequest, uid: str, delivery_uid: str) -> HttpResponse:
    """One event: what was sent, and what was answered, each time."""
    hook, found = _delivery(request, uid, delivery_uid)
    return page(
        request,
        "delivery",
        "webhooks",
        title=found.event,
        hook=hook,
        delivery=found,
        delivery_id=encode("delivery", found.uid),
        body=json.dumps(found.payload, ensure_ascii=False, indent=2),
        attempts=list(found.tries.order_by("-id")[:100]),
        back=_address(hook),
    )


@require_POST
@administering
def replay(request: SeatedRequest, uid: str, delivery_uid: str) -> HttpResponse:
    """Send one event again."""
    hook, found = _delivery(request, uid, delivery_uid)
    services.replay(found)
    messages.success(request, _("It is on its way again."))
    return HttpResponseRedirect(reverse("developers:delivery", args=[hook.uid.hex, found.uid.hex]))
