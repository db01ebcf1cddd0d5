"""Attachments: files that belong to a message."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Workspace

from .chats import Chat
from .messages import Message


class Attachment(models.Model):
    """A stored file, or a link to one that an integrator keeps elsewhere. Its type is sniffed, never believed."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="attachments")
    message = models.ForeignKey(Message, models.CASCADE, null=True, blank=True, related_name="attachments")
    file = models.FileField(upload_to="attachments/", blank=True, max_length=300)
    external_url = models.URLField(_("address elsewhere"), max_length=2000, blank=True)
    name = models.CharField(_("file name"), max_length=255)
    content_type = models.CharField(_("type"), max_length=120, default="application/octet-stream")
    size = models.PositiveBigIntegerField(_("size, bytes"), default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(file="") ^ Q(external_url=""), name="attachment_stored_here_or_elsewhere"
            )
        ]

    def __str__(self) -> str:
        return self.name
