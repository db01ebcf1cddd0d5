"""Partners who register themselves: an isolated workspace each, with its domain and keys, if the operator lets them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from agents.errors import Invalid
from widget.matching import parse_site
from widget.models import PublishableKey

from ..keys.limits import TooMany
from ..keys.models import SecretKey
from ..setting_up import Tenant, create_tenant
from .errors import RegistrationClosed
from .models import Partner
from .requests import Registration

OPEN, APPROVED, CLOSED = "open", "approved", "closed"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Registered:
    """A new partner, and the keys, which can never be read again."""

    partner: Partner
    tenant: Tenant


def register(wanted: Registration, *, address: str, language: str) -> Registered:
    """Make a workspace for a partner, all of it or nothing.

    Every registration is a workspace of its own, also a second one of the same domain: the claim of a domain opens
    nothing of anybody who claimed it before. Raises RegistrationClosed, TooMany, Invalid (the domain).
    """
    if settings.PARTNER_REGISTRATION == CLOSED:
        raise RegistrationClosed
    domain = host_of(wanted.domain)
    asked_from = salted_hmac("partner.registration", address).hexdigest()[:64]
    _demand_few(asked_from)
    with transaction.atomic():
        tenant = create_tenant(wanted.name, domains=_with_www(domain), language=language)
        approved_at = timezone.now() if settings.PARTNER_REGISTRATION == OPEN else None
        partner = Partner.objects.create(
            workspace=tenant.workspace,
            domain=domain,
            owner_email=wanted.email.lower(),
            asked_from=asked_from,
            approved_at=approved_at,
        )
        if approved_at is None:
            _hold_keys(partner)
    return Registered(partner, tenant)


@transaction.atomic
def approve(partner: Partner) -> None:
    """Let a partner's keys work, and have the owner invited. One who was approved before stays as they are."""
    partner = Partner.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=partner.pk)
    if partner.approved_at is not None:
        return
    partner.approved_at = timezone.now()
    partner.save(update_fields=["approved_at"])
    for kind in (SecretKey, PublishableKey):
        kind.objects.filter(workspace=partner.workspace, expires_at__lte=partner.approved_at).update(expires_at=None)


def _hold_keys(partner: Partner) -> None:
    """A key that has had its end opens nothing; nobody has a login by which they could make another."""
    for kind in (SecretKey, PublishableKey):
        kind.objects.filter(workspace=partner.workspace).update(expires_at=partner.created_at)


def host_of(text: str) -> str:
    """Return the host, perhaps with a port, in lower-case ASCII. Raises Invalid, also for a pattern of hosts."""
    site = parse_site(text)
    if site is None:
        raise Invalid(_("Write a host name such as example.com, without https:// and without a path."), "domain")
    return site.host if site.port is None else f"{site.host}:{site.port}"


def _with_www(domain: str) -> list[str]:
    """The site is often reached by both names."""
    return [domain] if domain.startswith("www.") or "." not in domain else [domain, f"www.{domain}"]


def _demand_few(asked_from: str) -> None:
    """Raise TooMany when a day has had its registrations, of this address or of all."""
    today = Partner.objects.filter(created_at__gt=timezone.now() - _DAY).exclude(asked_from="")
    mine = today.filter(asked_from=asked_from).count()
    if mine >= settings.REGISTRATIONS_PER_ADDRESS or today.count() >= settings.REGISTRATIONS_PER_DAY:
        raise TooMany(3600)
