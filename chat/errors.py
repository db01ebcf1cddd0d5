"""What may go wrong in the domain, by name. Each dialect maps ``code`` to its own error format."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ChatError(Exception):
    """An expected failure. ``message`` is a sentence for people, ``field`` the input that caused it, if one did."""

    code = "failed"
    default: str | Promise = _("Something went wrong.")

    def __init__(self, message: str | Promise | None = None, *, field: str = "", code: str = "") -> None:
        self.message = message or self.default
        self.field = field
        self.code = code or self.code
        super().__init__(str(self.code))


class NotFound(ChatError):
    """No such row, or not in the caller's reach: both answer the same."""

    code = "not_found"
    default = _("There is no such chat.")


class NotAllowed(ChatError):
    """The caller may see it but not do this."""

    code = "not_allowed"
    default = _("You are not allowed to do this.")


class Ended(ChatError):
    """The chat is closed; only reading is left."""

    code = "ended"
    default = _("This chat has ended.")


class Offline(ChatError):
    """The agent is not there."""

    code = "offline"
    default = _("This agent is offline.")


class Full(ChatError):
    """The agent has as many chats as they can take."""

    code = "full"
    default = _("This agent has as many chats as they can take.")


class Conflict(ChatError):
    """The same id came with other content, or the state has moved on."""

    code = "conflict"
    default = _("This was already sent with other content.")


class Invalid(ChatError):
    """The input cannot be right, now or later."""

    code = "invalid"
    default = _("This is not valid.")
