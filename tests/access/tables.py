"""Who may what. One row an endpoint, one column a kind of caller, one cell the status that is answered.

``nobody`` has no token, ``page`` a publishable key, ``visitor`` is the one of the chat and ``other`` another one of the
same workspace, ``narrow`` a secret key without any scope, ``server`` one with all, ``colleague`` an operator of another
department than the chat's, ``operator`` the one who has it. People of elsewhere have no column: whatever they, or
anybody, ask with a foreign id is answered exactly as with an id that nothing has.
"""

from __future__ import annotations

from typing import Any

COLUMNS = [
    "nobody", "page", "visitor", "other", "narrow", "server", "colleague", "operator", "supervisor", "admin", "owner",
]  # fmt: skip

CONTRACTS = """
                                                                    nobody page vis oth nar srv col opr sup adm own
POST /v1/chat/sessions                                              401    201  201 201 403 201 201 201 201 201 201
GET /v1/chat/sessions/{session_id}                                  401    403  200 404 403 200 404 200 200 200 200
POST /v1/chat/sessions/{session_id}/assign                          401    403  403 403 403 200 404 200 200 200 200
POST /v1/chat/sessions/{session_id}/transfer                        401    403  403 403 403 200 404 200 200 200 200
POST /v1/chat/sessions/{session_id}/end                             401    403  200 404 403 200 404 200 200 200 200
GET /v1/chat/sessions/{session_id}/messages                         401    403  200 404 403 200 404 200 200 200 200
POST /v1/chat/sessions/{session_id}/messages                        401    403  201 404 403 201 404 201 201 201 201
PUT /v1/chat/sessions/{session_id}/messages/{message_id}/read       401    403  200 404 403 200 404 200 200 200 200
POST /v1/chat/sessions/{session_id}/typing                          401    403  200 404 403 200 404 200 200 200 200
POST /v1/chat/sessions/{session_id}/upload                          401    403  201 404 403 201 404 201 201 201 201
GET /v1/chat/agents/online                                          401    403  403 403 403 200 200 200 200 200 200
PUT /v1/chat/agents/{agent_id}/status                               401    403  403 403 403 200 403 200 200 200 200
GET /v1/chat/widget/config                                          401    200  200 200 403 200 200 200 200 200 200
PUT /v1/chat/widget/config                                          401    403  403 403 403 200 403 403 403 200 200
GET /v1/chat/agents/{agent_id}/performance                          401    403  403 403 403 200 403 200 200 200 200
GET /v1/chat/agents/{agent_id}/workload                             401    403  403 403 403 200 200 200 200 200 200
GET /v1/chat/analytics/agents                                       401    403  403 403 403 200 403 403 200 200 200
GET /v1/chat/analytics/overview                                     401    403  403 403 403 200 403 403 200 200 200
GET /v1/chat/analytics/satisfaction                                 401    403  403 403 403 200 403 403 200 200 200
GET /v1/chat/widget/analytics                                       401    403  403 403 403 200 403 403 200 200 200
POST /v1/chat/widget/events                                         401    200  200 200 403 403 403 403 403 403 403
GET /v1/agents                                                      401    403  403 403 403 200 200 200 200 200 200
GET /v1/agents/{agent_id}/stats                                     401    403  403 403 403 200 403 200 200 200 200
GET /v1/analytics/agents                                            401    403  403 403 403 200 403 403 200 200 200
GET /v1/analytics/overview                                          401    403  403 403 403 200 403 403 200 200 200
GET /v1/automation/triggers                                         401    403  403 403 403 200 200 200 200 200 200
POST /v1/automation/triggers                                        401    403  403 403 403 201 403 403 403 201 201
DELETE /v1/automation/triggers/{trigger_id}                         401    403  403 403 403 204 403 403 403 204 204
GET /v1/automation/triggers/{trigger_id}                            401    403  403 403 403 200 200 200 200 200 200
PATCH /v1/automation/triggers/{trigger_id}                          401    403  403 403 403 200 403 403 403 200 200
GET /v1/chats                                                       401    403  403 403 403 200 200 200 200 200 200
GET /v1/chats/{chat_id}                                             401    403  403 403 403 200 404 200 200 200 200
PATCH /v1/chats/{chat_id}                                           401    403  403 403 403 200 404 200 200 200 200
POST /v1/chats/{chat_id}/messages                                   401    403  403 403 403 201 404 201 201 201 201
GET /v1/webhooks                                                    401    403  403 403 403 200 403 403 403 200 200
POST /v1/webhooks                                                   401    403  403 403 403 201 403 403 403 201 201
DELETE /v1/webhooks/{webhook_id}                                    401    403  403 403 403 204 403 403 403 204 204
GET /v1/webhooks/{webhook_id}                                       401    403  403 403 403 200 403 403 403 200 200
PATCH /v1/webhooks/{webhook_id}                                     401    403  403 403 403 200 403 403 403 200 200
GET /v1/webhooks/{webhook_id}/deliveries                            401    403  403 403 403 200 403 403 403 200 200
GET /v1/webhooks/{webhook_id}/deliveries/{delivery_id}              401    403  403 403 403 200 403 403 403 200 200
POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay      401    403  403 403 403 202 403 403 403 202 202
POST /v1/webhooks/{webhook_id}/replay                               401    403  403 403 403 202 403 403 403 202 202
POST /v1/webhooks/{webhook_id}/resume                               401    403  403 403 403 200 403 403 403 200 200
POST /v1/webhooks/{webhook_id}/rotate-secret                        401    403  403 403 403 200 403 403 403 200 200
POST /v1/webhooks/{webhook_id}/test                                 401    403  403 403 403 202 403 403 403 202 202
GET /v1/widget/config                                               401    403  403 403 403 200 200 200 200 200 200
PATCH /v1/widget/config                                             401    403  403 403 403 200 403 403 403 200 200
POST /v1/files/upload-url                                           401    403  403 403 403 200 200 200 200 200 200
POST /v1/files/confirm                                              401    403  403 403 403 200 404 200 200 200 200
GET /api/v1/chats                                                   401    403  403 403 403 200 200 200 200 200 200
POST /api/partner/register                                          201    201  201 201 201 201 201 201 201 201 201
POST /api/partner/conversations                                     401    403  200 404 403 200 403 403 403 403 403
GET /api/partner/conversations/{customer_id}                        401    403  200 200 403 200 200 200 200 200 200
POST /api/partner/messages                                          401    403  201 404 403 201 404 201 201 201 201
GET /api/partner/messages/{conversation_id}                         401    403  200 404 403 200 404 200 200 200 200
POST /api/partner/messages/{number}/read                            401    403  200 404 403 200 404 200 200 200 200
PATCH /api/customers/{customer_id}                                  401    403  403 403 403 200 404 200 200 200 200
POST /bots/list_routing_statuses                                    401    401  401 401 401 401 401 401 401 401 401
POST /bots/get_chat                                                 401    401  401 401 401 401 401 401 401 401 401
POST /bots/actions                                                  401    401  401 401 401 401 401 401 401 401 401
"""

# Bots: ``here`` has the chat, ``past`` had it, ``group`` is of its group, ``none`` of none, ``off`` had it and is
# switched off, ``forged`` signs as ``here`` with another secret, ``theirs`` is of elsewhere.
BOTS_COLUMNS = ["here", "past", "group", "none", "off", "forged", "theirs"]
BOTS = """
                                    here past group none off forged theirs
call list_routing_statuses          200  200  200   200  401 401    200
call get_chat                       200  200  200   404  401 401    404
. send_typing_indicator             200  404  404   404  401 401    404
. send_typing_indicator absent      200  200  200   404  401 401    404
. send_event                        200  404  404   404  401 401    404
. send_event absent                 200  200  200   404  401 401    404
. tag_thread                        200  404  404   404  401 401    404
. tag_thread absent                 200  200  200   404  401 401    404
. transfer_chat                     200  404  404   404  401 401    404
. transfer_chat absent              200  200  200   404  401 401    404
. deactivate_chat                   200  404  404   404  401 401    404
. deactivate_chat absent            200  200  200   404  401 401    404
"""

# What is sent; {names} are ids. An id that is not needed for success is tried by itself (``ALSO``).
BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/chat/sessions/{session_id}/assign": {"agentId": "{agent_id}"},
    "POST /v1/chat/sessions/{session_id}/transfer": {"targetDepartment": "{department_id}"},
    "POST /v1/chat/sessions/{session_id}/messages": {"content": "Hello"},
    "POST /v1/chat/sessions/{session_id}/typing": {"isTyping": True},
    "PUT /v1/chat/agents/{agent_id}/status": {"status": "busy"},
    "PUT /v1/chat/widget/config": {"appearance": {"borderRadius": 4}},
    "PATCH /v1/chats/{chat_id}": {"assigned_to": "{agent_id}"},
    "POST /v1/chats/{chat_id}/messages": {"text": "Hello"},
    "POST /v1/webhooks": {"url": "https://hooks.example.com/new", "events": ["chat.created"]},
    "PATCH /v1/webhooks/{webhook_id}": {"active": False},
    "POST /v1/webhooks/{webhook_id}/replay": {"from": "2026-01-01T00:00:00Z"},
    "POST /v1/automation/triggers": {
        "name": "Hello",
        "condition": "page_load",
        "message": "Hello",
        "widget_id": "{widget_id}",
    },
    "PATCH /v1/automation/triggers/{trigger_id}": {"active": False},
    "PATCH /v1/widget/config": {"color": "#6366F1"},
    "POST /v1/files/upload-url": {"filename": "a.txt", "content_type": "text/plain", "size_bytes": 1},
    "POST /v1/files/confirm": {"file_id": "{file_id}", "chat_id": "{chat_id}"},
    "POST /api/partner/register": {"name": "Newcomer", "domain": "newcomer.example.com"},
    "POST /api/partner/conversations": {"customerId": "customer-of-acme"},
    "POST /api/partner/messages": {"conversationId": "{conversation_id}", "content": "Hello"},
    "PATCH /api/customers/{customer_id}": {"name": "Vera"},
    "POST /v1/chat/widget/events": {"events": [{"event": "view", "page": "https://shop.example.com/"}]},
}
QUERIES: dict[str, str] = {"GET /v1/chats": "?agent_id={agent_id}"}
# Further fields that hold an id: with a foreign one the call must end as with one of nothing.
ALSO: dict[str, list[dict[str, Any]]] = {
    "POST /v1/chat/sessions": [
        {"visitorId": "{visitor_id}"},
        {"department": "{department_id}"},
        {"triggerId": "{trigger_id}"},
    ],
    "POST /v1/chat/sessions/{session_id}/transfer": [{"targetAgentId": "{agent_id}"}],
    "POST /v1/chat/sessions/{session_id}/messages": [
        {"content": "x", "senderId": "{agent_id}"},
        {"content": "x", "senderId": "{visitor_id}"},
        {"content": "x", "attachments": [{"id": "{file_id}"}]},
    ],
    "POST /v1/chat/sessions/{session_id}/typing": [{"isTyping": True, "senderId": "{agent_id}"}],
    "POST /v1/chats/{chat_id}/messages": [
        {"text": "x", "agent_id": "{agent_id}"},
        {"text": "x", "attachments": [{"type": "file", "file_id": "{file_id}"}]},
    ],
}


# Pages, by who is logged in: ``seatless`` belongs to no workspace, ``outsider`` owns another one. {uid} is the
# operator's chat. A method without a row is not allowed to anybody.
LOGINS = [
    "anonymous", "seatless", "colleague", "operator", "supervisor", "admin", "owner", "outsider", "superuser",
]  # fmt: skip
PAGES = """
                                       anonymous seatless col opr sup adm own out superuser
GET /inbox/                            302       403      200 200 200 200 200 200 403
GET /inbox/all                         302       403      200 200 200 200 200 200 403
GET /inbox/waiting                     302       403      200 200 200 200 200 200 403
GET /inbox/closed                      302       403      200 200 200 200 200 200 403
GET /inbox/counts                      302       403      200 200 200 200 200 200 403
POST /inbox/frames                     302       403      200 200 200 200 200 200 403
GET /inbox/tags                        302       403      200 200 200 200 200 200 403
GET /inbox/triggers                    302       403      200 200 200 200 200 200 403
GET /inbox/team                        302       403      200 200 200 200 200 200 403
GET /inbox/answers                     302       403      200 200 200 200 200 200 403
GET /inbox/answers/find                302       403      200 200 200 200 200 200 403
GET /inbox/answers/new                 302       403      403 403 200 200 200 200 403
POST /inbox/answers/new                302       403      403 403 200 200 200 200 403
GET /inbox/answers/{uid}               302       403      403 403 200 200 200 404 403
POST /inbox/answers/{uid}              302       403      403 403 200 200 200 404 403
POST /inbox/answers/{uid}/delete       302       403      403 403 302 302 302 404 403
POST /inbox/workspace                  302       403      404 404 404 404 404 404 403
POST /inbox/presence                   302       403      204 204 204 204 204 204 403
POST /inbox/preferences                302       403      204 204 204 204 204 204 403
POST /inbox/picture                    302       403      204 204 204 204 204 204 403
GET /inbox/files/{uid}                 302      403      404 302 302 302 302 404 403
GET /inbox/chats/{uid}                 302       403      404 200 200 200 200 404 403
GET /inbox/chats/{uid}/timeline        302       403      404 200 200 200 200 404 403
GET /inbox/chats/{uid}/assign/form     302       403      404 200 200 200 200 404 403
GET /inbox/chats/{uid}/transfer/form   302       403      404 200 200 200 200 404 403
POST /inbox/chats/{uid}/files          302       403      404 400 400 400 400 404 403
POST /inbox/chats/{uid}/visitor        302       403      404 204 204 204 204 404 403
POST /inbox/chats/{uid}/{name}         302       403      404 204 204 204 204 404 403
GET /inbox/analytics/                  302       403      200 200 200 200 200 200 403
GET /inbox/analytics/chats             302       403      200 200 200 200 200 200 403
POST /inbox/analytics/weekly           302       403      404 404 302 302 302 302 403
GET /inbox/analytics/{name}            302       403      200 200 200 200 200 200 403
GET /inbox/analytics/{name}.xlsx       302       403      200 200 200 200 200 200 403
GET /inbox/analytics/{name}/{table}.csv 302      403      200 200 200 200 200 200 403
GET /inbox/exports/                    302       403      403 403 200 200 200 200 403
POST /inbox/exports/                   302       403      403 403 302 302 302 302 403
GET /inbox/exports/{uid}/file          302       403      403 403 200 404 404 404 403
POST /inbox/exports/{uid}/cancel       302       403      403 403 302 404 404 404 403
POST /inbox/exports/{uid}/retry        302       403      403 403 302 404 404 404 403
POST /inbox/exports/{uid}/remove       302       403      403 403 302 404 404 404 403
GET /inbox/developers/                 302      403      403 403 403 200 200 200 403
GET /inbox/developers/activity         302      403      403 403 403 200 200 200 403
GET /inbox/developers/keys/new         302      403      403 403 403 200 200 200 403
POST /inbox/developers/keys/new        302      403      403 403 403 200 200 200 403
GET /inbox/developers/keys/{kind}/{uid}/revoke 302 403 403 403 403 200 200 404 403
POST /inbox/developers/keys/{kind}/{uid}/revoke 302 403 403 403 403 302 302 404 403
GET /inbox/developers/keys/{kind}/{uid}/rotate 302 403 403 403 403 200 200 404 403
POST /inbox/developers/keys/{kind}/{uid}/rotate 302 403 403 403 403 200 200 404 403
GET /inbox/developers/keys/{uid}       302      403      403 403 403 200 200 404 403
POST /inbox/developers/keys/{uid}      302      403      403 403 403 200 200 404 403
GET /inbox/developers/webhooks         302      403      403 403 403 200 200 200 403
GET /inbox/developers/webhooks/new     302      403      403 403 403 200 200 200 403
POST /inbox/developers/webhooks/new    302      403      403 403 403 200 200 200 403
GET /inbox/developers/webhooks/{uid}   302      403      403 403 403 200 200 404 403
POST /inbox/developers/webhooks/{uid}  302      403      403 403 403 200 200 404 403
GET /inbox/developers/webhooks/{uid}/delete 302 403 403 403 403 200 200 404 403
POST /inbox/developers/webhooks/{uid}/delete 302 403 403 403 403 302 302 404 403
GET /inbox/developers/webhooks/{uid}/deliveries/{delivery_uid} 302 403 403 403 403 200 200 404 403
POST /inbox/developers/webhooks/{uid}/deliveries/{delivery_uid}/replay 302 403 403 403 403 302 302 404 403
POST /inbox/developers/webhooks/{uid}/replay 302 403 403 403 403 200 200 404 403
POST /inbox/developers/webhooks/{uid}/resume 302 403 403 403 403 302 302 404 403
GET /inbox/developers/webhooks/{uid}/rotate 302 403 403 403 403 200 200 404 403
POST /inbox/developers/webhooks/{uid}/rotate 302 403 403 403 403 200 200 404 403
POST /inbox/developers/webhooks/{uid}/test 302      403      403 403 403 302 302 404 403
GET /inbox/developers/website          302      403      403 403 403 200 200 200 403
GET /inbox/developers/website/domains/{uid} 302 403 403 403 403 302 302 404 403
POST /inbox/developers/website/domains/{uid} 302 403 403 403 403 302 302 404 403
GET /inbox/developers/website/identity 302      403      403 403 403 200 200 200 403
POST /inbox/developers/website/identity 302      403      403 403 403 200 200 200 403
GET /inbox/developers/website/keys/new 302      403      403 403 403 200 200 200 403
POST /inbox/developers/website/keys/new 302      403      403 403 403 200 200 200 403
"""
# The same to everybody, whoever is logged in.
PUBLIC = {
    "/", "/demo-site/", "/demo-site/orders/{number}", "/docs/", "/docs/api/{name}/", "/docs/api/{name}/openapi.json",
    "/docs/{name}/", "/healthz", "/readyz", "/metrics", "/widget/chat-widget.js", "/widget/frame/", "/widget/page.js",
    "/files/{token}/{name}",
    "/files/uploads/{token}", "/pictures/{uid}/{digest}.jpg", "/inbox/analytics/weekly/stop/{token}",
    "/invitations/{token}",
}  # fmt: skip
# Which of the town's ids a page's ``uid`` is; elsewhere it is the chat's.
UIDS = {
    "/inbox/exports/": "export_id",
    "/inbox/files/": "file_id", "/inbox/answers/": "answer_id",
    "/inbox/developers/keys/": "key_id", "/inbox/developers/webhooks/": "webhook_id",
    "/inbox/developers/website/domains/": "widget_id",
}  # fmt: skip
FORMS = {
    "POST /inbox/presence": {"status": "busy"},
    "POST /inbox/picture": {"remove": "1"},
    "POST /inbox/exports/": {"uid": "019a0000-0000-7000-8000-000000000000", "kind": "csv"},
    "POST /inbox/chats/{uid}/{name}": {"tag": "vip"},
}

# What the sockets take. An inbox frame of a chat is answered for a foreign chat as for one of nothing: not_found.
INBOX_FRAMES = {
    "open": {"after": 0}, "sync": {"after": 0}, "send": {"kind": "text", "body": "x", "client_id": "c"},
    "typing": {"on": True}, "read": {"seq": 1}, "delivered": {"seq": 1},
}  # fmt: skip
# These concern no chat that the sender could see by them.
INBOX_OWN = {"leave", "pong", "presence"}
SESSION_FRAMES = """
                    visitor server operator
. pong              0       0      0
. message_send      0       0      0
. typing_start      0       0      0
. typing_stop       0       0      0
. message_read      0       0      0
. message_delivered 0       0      0
. page_view         0       0      0
. sync              0       0      0
. session_rate      0       0      4030
. session_end       0       0      0
"""
SESSION_DATA = {
    "message_send": {"content": "x"}, "message_read": {"seq": 1}, "message_delivered": {"seq": 1}, "sync": {"after": 0},
    "page_view": {"url": "https://shop.example.com/"}, "session_rate": {"rating": 5},
}  # fmt: skip


# What a customer's socket takes: its payload, then the refusal that a visitor, a server and an operator get.
CUSTOMER_FRAMES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "pong": ({}, ["", "", ""]),
    "message": ({"conversationId": "{conversation_id}", "content": "x"}, ["", "", ""]),
    "typing": ({"conversationId": "{conversation_id}", "isTyping": True}, ["", "", ""]),
    "read": ({"conversationId": "{conversation_id}", "messageId": "{number}"}, ["", "", ""]),
    "sync": ({"conversationId": "{conversation_id}", "after": 0}, ["", "", ""]),
    "flashback": ({}, ["not_found", "not_found", "not_found"]),  # nobody has written a birthdate
    "status": ({"conversationId": "{conversation_id}", "status": "closed"}, ["", "", ""]),
}


def read(table: str) -> dict[str, list[int]]:
    """Return the rows of a table by the words before its cells, and the cells as numbers."""
    rows = {}
    for line in table.strip().splitlines()[1:]:
        words = line.split()
        cells = [word for word in words if word.isdigit()]
        rows[" ".join(words[: -len(cells)])] = [int(cell) for cell in cells]
    return rows
