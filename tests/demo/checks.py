"""check_chat: every summary column of a chat says what its rows say. Written apart from the code that fills them."""

import itertools

from chat.models import Chat

COLUMNS = (
    "last_seq", "last_public_seq", "message_count", "last_message_at", "last_message_text", "last_message_by",
    "unread_by_team", "unread_by_visitor", "read_by_team_seq", "read_by_visitor_seq", "delivered_to_team_seq",
    "delivered_to_visitor_seq", "first_assigned_at", "first_response_at", "unanswered_since", "response_turns",
    "response_seconds", "closed_at", "status", "rating", "rated_at", "rating_comment", "close_reason", "priority",
)  # fmt: skip


def check_chat(chat: Chat) -> None:
    """Assert that the chat's columns, timeline, receipts and assignments agree."""
    messages = list(chat.messages.order_by("seq"))
    _check_numbers(chat, messages)
    _check_summary(chat, messages)
    _check_receipts(chat, messages)
    _check_responses(chat, messages)
    _check_assignments(chat)
    _check_life(chat, messages)


def _check_numbers(chat, messages):
    assert [m.seq for m in messages] == list(range(1, len(messages) + 1))
    public = [m for m in messages if m.public]
    for before, message in zip([None, *public], public, strict=False):
        assert message.public_prev == (before.seq if before else 0)
    for message in messages:
        assert message.workspace_id == chat.workspace_id
        assert message.agent is None or message.agent.workspace_id == chat.workspace_id
    times = [m.created_at for m in messages]
    assert times == sorted(times)
    assert chat.last_seq == len(messages)
    assert chat.last_public_seq == (public[-1].seq if public else 0)


def _check_summary(chat, messages):
    written = [m for m in messages if m.public and m.kind != "event"]
    assert chat.message_count == len(written)
    assert chat.last_message_at == written[-1].created_at
    assert chat.last_message_by == written[-1].author_kind
    assert written[-1].body.startswith(chat.last_message_text[:150])
    assert chat.updated_at >= max(m.created_at for m in messages)


def _check_receipts(chat, messages):
    for side, theirs in (("team", {"visitor"}), ("visitor", {"agent", "bot", "system"})):
        mark = getattr(chat, f"read_by_{side}_seq")
        readable = [m for m in messages if m.public and m.kind != "event" and m.author_kind in theirs]
        assert getattr(chat, f"unread_by_{side}") == len([m for m in readable if m.seq > mark])
        assert mark <= getattr(chat, f"delivered_to_{side}_seq") <= chat.last_seq
        for message in readable:
            assert (message.read_at is not None) == (message.seq <= mark)
            if message.read_at:
                assert message.created_at <= message.delivered_at <= message.read_at


def _check_responses(chat, messages):
    waits, since = [], None
    for message in messages:
        if message.author_kind == "visitor":
            since = since or message.created_at
        elif message.author_kind == "agent" and message.kind == "text" and since:
            waits.append((message.created_at - since).total_seconds())
            since = None
    assert chat.response_turns == len(waits)
    assert abs(chat.response_seconds - sum(waits)) < 0.001
    assert chat.unanswered_since == since
    replies = [m.created_at for m in messages if m.author_kind == "agent" and m.public]
    assert chat.first_response_at == (replies[0] if replies else None)


def _check_assignments(chat):
    assignments = list(chat.assignments.order_by("started_at"))
    of_people = [a for a in assignments if not a.agent.is_bot]
    assert bool(of_people) == bool(chat.first_assigned_at)
    if of_people:
        assert chat.first_assigned_at == of_people[0].started_at
    if assignments:
        assert chat.status == "waiting" or assignments[-1].agent_id == chat.agent_id
    for earlier, later in itertools.pairwise(assignments):
        assert earlier.ended_at <= later.started_at
    assert [a.ended_at for a in assignments].count(None) == (chat.status == "active")
    assert all(a.workspace_id == chat.workspace_id == a.agent.workspace_id for a in assignments)


def _check_life(chat, messages):
    said = [m.payload.get("event") for m in messages if m.kind == "event"]
    assert said.count("assigned") >= chat.assignments.count() - said.count("transferred")
    assert (chat.status == "closed") == ("closed" in said)
    assert (chat.rating is not None) == ("rated" in said)
    assert said.count("tagged") == chat.tags.count()
    if chat.previous:
        assert chat.previous.conversation_uid == chat.conversation_uid
        assert chat.previous.visitor_id == chat.visitor_id
        assert chat.previous.channel == chat.channel
        assert chat.previous.closed_at <= chat.created_at
        assert chat.previous.ticket_no < chat.ticket_no
