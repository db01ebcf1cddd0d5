"""What a search's document is made of, the same for who writes it and who asks for it.

A document holds words, folded, and marks: ``#closed``, ``#a7`` (the agent), ``#d4`` (the department, 0 for none),
``#t`` and ``#t018f...`` (begun by a trigger, by this one). PostgreSQL's text index gives what it finds in no order,
and a frequent word is in half of a million documents. So each token is put on a shelf: the workspace's number and
that of a few thousand neighbouring tickets stand before it, and a search takes one shelf after the other, the newest
first, until it has enough. SQLite's gives the newest first by itself; there, the workspace is a mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connection

from .folding import words_of
from .models import Chat, Status

# Tickets of a shelf. What a page costs at most is a shelf full of matches, and a look at each shelf that has none.
SHELF = 4096
LONGEST = 40
# Words of one chat; of one search.
MOST, ASKED = 3000, 8
OPEN = (Status.WAITING, Status.ACTIVE)


def words(text: str) -> list[str]:
    """Return the words of a text as they are indexed, in their order."""
    return [word[:LONGEST] for word in words_of(text)]


def status(name: str) -> str:
    """Return the mark of chats that stand so."""
    return f"#{name}"


def agent(agent_id: int) -> str:
    """Return the mark of chats that this agent has."""
    return f"#a{agent_id}"


def department(department_id: int | None) -> str:
    """Return the mark of chats in this department, or in none."""
    return f"#d{department_id or 0}"


def trigger(uid: UUID | None = None) -> str:
    """Return the mark of chats that this trigger began, or any."""
    return f"#t{uid.hex if uid else ''}"


def marks(chat: Chat) -> Iterator[str]:
    """Return the marks of a chat."""
    yield status(chat.status)
    yield department(chat.department_id)
    if chat.agent_id:
        yield agent(chat.agent_id)
    if chat.trigger_uid:
        yield trigger()
        yield trigger(chat.trigger_uid)


def document(chat: Chat, said: Iterable[str]) -> str:
    """Return the tokens of a chat whose words are these."""
    found = sorted({*list(dict.fromkeys(said))[:MOST], *marks(chat)})
    if connection.vendor == "postgresql":
        shelf = f"{chat.workspace_id}.{chat.ticket_no // SHELF}."
        return " ".join(shelf + token for token in found)
    return " ".join((*found, workspace(chat.workspace_id)))


def workspace(workspace_id: int) -> str:
    """Return the mark of a workspace's chats."""
    return f"#w{workspace_id}"


def words_in(tokens: str) -> list[str]:
    """Return the words of a document, without its marks."""
    bare = (token.rsplit(".", 1)[-1] for token in tokens.split())
    return [token for token in bare if not token.startswith("#")]
