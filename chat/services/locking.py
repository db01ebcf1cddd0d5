"""Row locks of the services. Call them inside a transaction, in the order of ``chat.services``."""

from ..models import Chat, RoutingLock, Visitor

# Joined for the snapshots; `of` keeps the lock on the chat alone (an outer join cannot be locked).
_JOINED = ("visitor", "agent", "department", "workspace")


def lock_chat(chat: Chat) -> Chat:
    """Return the chat as it is now, locked until the transaction ends."""
    return Chat.objects.select_related(*_JOINED).select_for_update(of=("self",)).get(pk=chat.pk)


def lock_routing(workspace_id: int) -> None:
    """Hold the right to give chats of this workspace to agents until the transaction ends."""
    if not RoutingLock.objects.select_for_update().filter(pk=workspace_id).exists():
        RoutingLock.objects.get_or_create(pk=workspace_id)
        RoutingLock.objects.select_for_update().get(pk=workspace_id)


def lock_visitor(visitor: Visitor) -> Visitor:
    """Return the visitor as they are now, locked until the transaction ends: one start at a time for each."""
    return Visitor.objects.select_for_update().get(pk=visitor.pk)
