"""Row locks of the services. Call them inside a transaction, in the order of ``chat.services``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection

from ..models import Chat, RoutingLock, Visitor
from . import rows

# Joined for the snapshots; `of` keeps the lock on the chat alone (an outer join cannot be locked).
_JOINED = ("visitor", "agent", "department", "workspace")
# Nobody who locks a chat signs anything; each would be decrypted for each row.
_SEALED = ("workspace__identity_secret", "workspace__previous_identity_secret")


def lock_chat(chat: Chat) -> Chat:
    """Return the chat as it is now, locked until the transaction ends. Raises Chat.DoesNotExist."""
    locked = lock_chats([chat.pk])
    if not locked:
        raise Chat.DoesNotExist
    return locked[chat.pk]


def lock_chats(pks: Iterable[int], *, wait: bool = True) -> dict[int, Chat]:
    """Return these chats as they are now, by id, locked until the transaction ends: in the order of their ids.

    Who locks several always does it here, and so nobody waits for who waits for them. Without ``wait``, those that
    somebody else has locked are left out, on PostgreSQL; SQLite has one writer at a time anyhow.
    """
    if connection.vendor == "postgresql":
        found = rows.execute(_statement(wait), [f"{{{','.join(map(str, pks))}}}"]).fetchall()
        return {chat.pk: chat for chat in map(_chat_of, found)}
    locking = Chat.objects.select_related(*_JOINED).defer(*_SEALED).filter(pk__in=pks)
    return {chat.pk: chat for chat in locking.select_for_update(of=("self",)).order_by("pk")}


def lock_routing(workspace_id: int) -> None:
    """Hold the right to give chats of this workspace to agents until the transaction ends."""
    if not RoutingLock.objects.select_for_update().filter(pk=workspace_id).exists():
        RoutingLock.objects.get_or_create(pk=workspace_id)
        RoutingLock.objects.select_for_update().get(pk=workspace_id)


def lock_visitor(visitor: Visitor) -> Visitor:
    """Return the visitor as they are now, locked until the transaction ends: one start at a time for each."""
    return Visitor.objects.select_for_update().get(pk=visitor.pk)


# -- the same statement without the ORM: putting it together was a quarter of what a message costs -------------------


class _Part:
    """One of the joined tables: its columns in the statement, and the objects that are made of them."""

    def __init__(self, model: Any, alias: str, first: int) -> None:
        sealed = {name.removeprefix("workspace__") for name in _SEALED} if alias == "workspace" else set()
        fields = [field for field in model._meta.concrete_fields if field.name not in sealed]
        self.model, self.first, self.last = model, first, first + len(fields)
        self.names = [field.attname for field in fields]
        self.columns = [f'{alias}."{field.column}"' for field in fields]
        self.key = first + next(n for n, field in enumerate(fields) if field.primary_key)
        self.converters = [
            (n, converter) for n, field in enumerate(fields) for converter in field.get_db_converters(connection)
        ]

    def read(self, row: Sequence[Any]) -> Any:
        """Return the object in this row, or None when nothing was joined."""
        if row[self.key] is None:
            return None
        values = list(row[self.first : self.last])
        for n, convert in self.converters:
            if values[n] is not None:
                values[n] = convert(values[n], None, connection)
        return self.model.from_db(connection.alias, self.names, values)


@lru_cache(1)
def _parts() -> list[tuple[Any, _Part]]:
    """The chat and what is joined to it, each with the relation that leads there."""
    parts: list[tuple[Any, _Part]] = [(None, _Part(Chat, "chat", 0))]
    for name in _JOINED:
        relation: Any = Chat._meta.get_field(name)
        parts.append((relation, _Part(relation.related_model, name, parts[-1][1].last)))
    return parts


@lru_cache(2)
def _statement(wait: bool) -> str:
    columns = ", ".join(column for _, part in _parts() for column in part.columns)
    joins = " ".join(
        f"{'LEFT ' if relation.null else ''}JOIN {part.model._meta.db_table} {relation.name}"
        f' ON {relation.name}.id = chat."{relation.column}"'
        for relation, part in _parts()[1:]
    )
    # Who does not wait needs no order, and the database need not sort. The key stays, so that nobody waits who only
    # writes a row that refers to the chat.
    end = "ORDER BY chat.id FOR NO KEY UPDATE OF chat" if wait else "FOR NO KEY UPDATE OF chat SKIP LOCKED"
    return f"SELECT {columns} FROM {Chat._meta.db_table} chat {joins} WHERE chat.id = ANY(%s::bigint[]) {end}"  # noqa: S608  names of our own


def _chat_of(row: Sequence[Any]) -> Chat:
    (_, whole), *joined = _parts()
    chat = whole.read(row)
    for relation, part in joined:
        relation.set_cached_value(chat, part.read(row))
    return chat
