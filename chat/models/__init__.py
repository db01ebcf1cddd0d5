"""The tables of the conversation."""

from .answers import SavedAnswer
from .attachments import Attachment
from .chats import Assignment, Channel, Chat, Priority, RoutingLock, Status, TicketCounter
from .commands import ActionCard, Command
from .messages import AuthorKind, Kind, Message
from .suggestions import Suggestion
from .tags import ChatTag, Tag
from .tallies import Tally
from .uploads import Upload
from .visitors import Visitor
from .words import ChatWords

__all__ = [
    "ActionCard",
    "Assignment",
    "Attachment",
    "AuthorKind",
    "Channel",
    "Chat",
    "ChatTag",
    "ChatWords",
    "Command",
    "Kind",
    "Message",
    "Priority",
    "RoutingLock",
    "SavedAnswer",
    "Status",
    "Suggestion",
    "Tag",
    "Tally",
    "TicketCounter",
    "Upload",
    "Visitor",
]
