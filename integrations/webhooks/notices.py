"""Tells a workspace's owners and admins that a webhook was paused: by e-mail, once for each pause.

The pause is a row's state and not a message on its way, so a notice is never lost: it is owed until ``told_at`` is set.
"""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agents.models import Agent, Role

from .models import Subscription

logger = logging.getLogger(__name__)

_AT_ONCE = 50


def tell() -> int:
    """Send what is owed, and return to how many webhooks that was. Safe to run twice at once."""
    owed = Subscription.objects.filter(paused_at__isnull=False, told_at=None).values_list("pk", flat=True)[:_AT_ONCE]
    return sum(_tell(pk) for pk in list(owed))


@transaction.atomic
def _tell(pk: int) -> bool:
    """Tell of one; a mail server that is away means that it is told the next time."""
    paused = Subscription.objects.select_related("workspace").filter(paused_at__isnull=False, told_at=None, pk=pk)
    row = paused.select_for_update(of=("self",), skip_locked=True, no_key=True).first()
    if row is None:
        return False
    try:
        for admin in admins_of(row):
            _mail(row, admin)
    except (SMTPException, OSError) as error:
        logger.warning("Nobody could be told that a webhook is paused: %s", error)
        return False
    row.told_at = timezone.now()
    row.save(update_fields=["told_at"])
    return True


def admins_of(row: Subscription) -> list[Agent]:
    """Return the owners and admins who can read about it."""
    people = Agent.objects.active().humans().filter(workspace=row.workspace_id, role__in=(Role.OWNER, Role.ADMIN))
    return list(people.filter(user__is_active=True).select_related("user").order_by("id"))


def _mail(row: Subscription, admin: Agent) -> None:
    assert admin.user
    with translation.override(admin.user.language or row.workspace.language):
        subject = _("Parley: a webhook of %(workspace)s is paused") % {"workspace": row.workspace.name}
        lines = [
            _("Parley sends nothing more to this address, because it did not take what was sent:"),
            row.url,
            _("Events are kept for 30 days. Repair the address and resume the webhook: all that waited is sent then."),
            settings.PUBLIC_URL + reverse("admin:webhooks_subscription_change", args=[row.pk]),
        ]
        # A name with a line break in it must not become a header.
        EmailMessage(" ".join(subject.split()), "\n\n".join(lines) + "\n", to=[admin.user.email]).send()
