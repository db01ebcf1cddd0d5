"""What a workspace is to the partner contract: how it came, who is to own it, and what its old clients may do."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Workspace


class Partner(models.Model):
    """A workspace that registered itself, or whose old clients an operator lets in."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, related_name="partner")
    # What was registered; a claim that nobody has checked gives nothing but the use of the workspace's own keys.
    domain = models.CharField(_("registered domain"), max_length=253, blank=True)
    # Without a token, a page's origin is all that names the workspace: so one a domain, chosen by an operator.
    allow_unverified_clients = models.BooleanField(_("let sockets in without a token"), default=False)
    # None: the keys do not work yet.
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    owner_email = models.EmailField(_("e-mail of the owner"), blank=True)
    # The invitation is owed until it was sent; the seat is made when its link is used.
    invited_at = models.DateTimeField(_("invited"), null=True, blank=True)
    joined_at = models.DateTimeField(_("joined"), null=True, blank=True)
    # A keyed hash of the address that registered: counts, and names nobody.
    asked_from = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["domain"],
                condition=Q(allow_unverified_clients=True),
                name="partner_one_unverified_per_domain",
                violation_error_message=_("Another workspace lets sockets of this domain in without a token."),
            ),
            models.CheckConstraint(
                condition=Q(allow_unverified_clients=False) | ~Q(domain=""),
                name="partner_unverified_has_domain",
                violation_error_message=_("Sockets without a token need the domain from which they may come."),
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "asked_from"], name="partner_registrations"),
            models.Index(fields=["id"], condition=Q(invited_at=None) & ~Q(owner_email=""), name="partner_uninvited"),
        ]

    def __str__(self) -> str:
        return self.workspace.name
