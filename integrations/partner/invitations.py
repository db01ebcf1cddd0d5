"""The first person of a registered partner: invited by mail, an owner from the moment when the mail's link is used.

A registration is anybody's word, so it makes nobody anything: neither a login for an address that has none nor a seat
for one that has. Who registers learns in neither case whether the address was known.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agents.errors import Taken
from agents.models import Role
from agents.services import team
from agents.services.team import NewAgent

from .models import Partner

logger = logging.getLogger(__name__)

LIFETIME = timedelta(days=14)
# Mails to one address in a day, whoever registers with it.
MOST_A_DAY = 3
_AT_ONCE = 50
_SALT = "partner.invitation"


def send_owed() -> int:
    """Send the invitations that are owed, and return how many. Safe to run twice at once."""
    owed = Partner.objects.filter(invited_at=None).exclude(owner_email="").exclude(approved_at=None)
    return sum(_send(pk) for pk in list(owed.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]))


@transaction.atomic
def _send(pk: int) -> bool:
    """Send one; a mail server that is away, and an address that has had enough, wait for the next time."""
    rows = Partner.objects.select_related("workspace").filter(pk=pk, invited_at=None)
    partner = rows.select_for_update(of=("self",), skip_locked=True, no_key=True).first()
    if partner is None or _has_had_enough(partner.owner_email):
        return False
    try:
        _mail(partner)
    except (SMTPException, OSError) as error:
        logger.warning("A partner's owner could not be invited: %s", error)
        return False
    partner.invited_at = timezone.now()
    partner.save(update_fields=["invited_at"])
    return True


def _has_had_enough(email: str) -> bool:
    today = timezone.now() - timedelta(days=1)
    return Partner.objects.filter(owner_email=email, invited_at__gt=today).count() >= MOST_A_DAY


def _mail(partner: Partner) -> None:
    workspace = partner.workspace
    with translation.override(workspace.language):
        lines = [
            _("%(name)s (%(domain)s) was registered, and you were named as the owner of its workspace.")
            % {"name": workspace.name, "domain": partner.domain},
            _("Come in by this link. It works for 14 days, and once:"),
            settings.PUBLIC_URL + reverse("partner-invitation", args=[token_of(partner)]),
            _("Is this nothing to you? Then do nothing: without you nobody becomes its owner."),
        ]
        subject = _("Parley: your workspace is ready")
        EmailMessage(subject, "\n\n".join(lines) + "\n", to=[partner.owner_email]).send()


def token_of(partner: Partner) -> str:
    """Return what stands in the link: it names the partner and the address to which it was sent."""
    return signing.dumps([partner.pk, partner.owner_email], salt=_SALT)


def find(token: str) -> Partner | None:
    """Return the partner whose invitation this is, the workspace joined; None when it is old, used or withdrawn."""
    try:
        pk, email = signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    waiting = Partner.objects.select_related("workspace").filter(joined_at=None).exclude(approved_at=None)
    return waiting.filter(pk=pk, owner_email=email).first()


@transaction.atomic
def accept(partner: Partner) -> NewAgent | None:
    """Make the one who holds the link the owner. None when it was used meanwhile, or when they have a seat already."""
    row = Partner.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=partner.pk)
    if row.joined_at is not None:
        return None
    row.joined_at = timezone.now()
    row.save(update_fields=["joined_at"])
    try:
        with transaction.atomic():
            return team.create_agent(row.workspace, row.owner_email, role=Role.OWNER)
    except Taken:
        return None
