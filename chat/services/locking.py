"""Row locks of the services. Call them inside a transaction, in the order of ``chat.services``."""

from __future__ import annotations

from collections.abc import Iterable

from ..models import Chat, RoutingLock, Visitor

# Joined for the snapshots; `of` keeps the lock on the chat alone (an outer join cannot be locked).
_JOINED = ("visitor", "agent", "department", "workspace")
# Nobody who locks a chat signs anything; each would be decrypted for each row.
_SEALED = ("workspace__identity_secret", "workspace__previous_identity_secret")


def lock_chat(chat: Chat) -> Chat:
    """Return the chat as it is now, locked until the transaction ends."""
    return Chat.objects.select_related(*_JOINED).defer(*_SEALED).select_for_update(of=("self",)).get(pk=chat.pk)


def lock_chats(pks: Iterable[int], *, wait: bool = True) -> dict[int, Chat]:
    """Return these chats as they are now, by id, locked until the transaction ends: in the order of their ids.

    Who locks several always does it here, and so nobody waits for who waits for them. Without ``wait``, those that
    somebody else has locked are left out, on PostgreSQL; SQLite has one writer at a time anyhow.
    """
    locking = Chat.objects.select_related(*_JOINED).defer(*_SEALED).filter(pk__in=pks)
    locking = locking.select_for_update(of=("self",), skip_locked=not wait)
    # Who does not wait needs no order, and the database need not sort.
    return {chat.pk: chat for chat in locking.order_by(*(["pk"] if wait else []))}


def lock_routing(workspace_id: int) -> None:
    """Hold the right to give chats of this workspace to agents until the transaction ends."""
    if not RoutingLock.objects.select_for_update().filter(pk=workspace_id).exists():
        RoutingLock.objects.get_or_create(pk=workspace_id)
        RoutingLock.objects.select_for_update().get(pk=workspace_id)


def lock_visitor(visitor: Visitor) -> Visitor:
    """Return the visitor as they are now, locked until the transaction ends: one start at a time for each."""
    return Visitor.objects.select_for_update().get(pk=visitor.pk)
