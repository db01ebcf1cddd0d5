"""Tags: short labels that a workspace puts on chats."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Workspace

from .chats import Chat


class Tag(models.Model):
    """A label, unique in its workspace; stored in lower case."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="tags")
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="tag_name_unique")]

    def __str__(self) -> str:
        return self.name


class ChatTag(models.Model):
    """A tag on a chat."""

    chat = models.ForeignKey(Chat, models.CASCADE)
    tag = models.ForeignKey(Tag, models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chat", "tag"], name="chat_tag_unique")]

    def __str__(self) -> str:
        return f"{self.chat} {self.tag}"
