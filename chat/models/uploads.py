"""Uploads: files that somebody was promised a place for, and that belong to no chat yet."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import new_uid
from agents.models import Workspace


class Upload(models.Model):
    """A place for one file, until it is confirmed or runs out. Its attachment then has the same ``uid``."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="uploads")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    # What was announced; the bytes decide when they are there.
    name = models.CharField(_("file name"), max_length=255)
    content_type = models.CharField(_("type"), max_length=120)
    size = models.PositiveBigIntegerField(_("size, bytes"))
    # Where the storage has it, once it is there.
    key = models.CharField(max_length=300, editable=False)
    expires_at = models.DateTimeField(_("until"), db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        """Whether its time has run out."""
        return self.expires_at <= timezone.now()
