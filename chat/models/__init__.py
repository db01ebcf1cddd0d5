"""The tables of the conversation."""

from .attachments import Attachment
from .chats import Assignment, Channel, Chat, Priority, RoutingLock, Status, TicketCounter
from .messages import AuthorKind, Kind, Message
from .tags import ChatTag, Tag
from .visitors import Visitor

__all__ = [
    "Assignment",
    "Attachment",
    "AuthorKind",
    "Channel",
    "Chat",
    "ChatTag",
    "Kind",
    "Message",
    "Priority",
    "RoutingLock",
    "Status",
    "Tag",
    "TicketCounter",
    "Visitor",
]
