"""The contract's operations in the guide's order: what its docs page and its OpenAPI file show."""

from __future__ import annotations

from pathlib import Path

from ..openapi import Contract, Operation
from ..openapi.shapes import many, ref, text
from . import schemas, urls
from .requests import MOST_CONVERSATIONS, MOST_MESSAGES

_PARTNERS, _CONVERSATIONS, _MESSAGES, _CUSTOMERS = "Registration", "Conversations", "Messages", "Customer Data"

OPERATIONS = {
    "POST partner/register": Operation(
        "registerPartner", _PARTNERS, "Become a partner",
        answers={201: schemas.REGISTERED},
        body=schemas.REGISTER,
        problems=["registration_closed"],
        examples=["register"],
        about=(
            "Makes a workspace of its own. The keys are shown once. An operator may have closed this, or may approve"
            " each partner first: then `status` is `pending`."
        ),
    ),
    "POST partner/conversations": Operation(
        "createConversation", _CONVERSATIONS, "Create a new conversation",
        answers={201: schemas.STARTED, 200: schemas.STARTED},
        body=schemas.NEW_CONVERSATION,
        problems=["not_found"],
        examples=["create-conversation"],
        about="A customer has one open conversation at a time: while there is one, it is answered (200).",
    ),
    "GET partner/conversations/{customerId}": Operation(
        "readConversations", _CONVERSATIONS, "Get conversations for a customer",
        answers={200: many(ref("Conversation"), "The newest first.", most=MOST_CONVERSATIONS)},
        query=schemas.CONVERSATIONS_QUERY,
        examples=["conversations"],
    ),
    "POST partner/messages": Operation(
        "sendMessage", _MESSAGES, "Send a message",
        answers={201: ref("Message")},
        body=schemas.SEND,
        problems=["not_found", "ended", "conflict", "full"],
        examples=["send-message"],
    ),
    "GET partner/messages/{conversationId}": Operation(
        "readMessages", _MESSAGES, "Get messages for a conversation",
        answers={200: many(ref("Message"), "Oldest first.", most=MOST_MESSAGES)},
        query=schemas.MESSAGES_QUERY,
        problems=["not_found"],
        examples=["messages"],
    ),
    "POST partner/messages/{number}/read": Operation(
        "readMessage", _MESSAGES, "Mark a message as read",
        answers={200: ref("Message")},
        problems=["not_found"],
        about=(
            "An addition, for clients without a socket. What came before it is read as well. With a secret key, an"
            " agent's message is read by the customer, and a customer's by the company."
        ),
    ),
    "PATCH customers/{customerId}": Operation(
        "changeCustomer", _CUSTOMERS, "Update customer data",
        answers={200: schemas.CUSTOMER},
        body=schemas.CHANGE_CUSTOMER,
        problems=["not_found"],
        examples=["change-customer"],
    ),
}  # fmt: skip

CONTRACT = Contract(
    name="partner",
    title="Partner integration",
    summary="Registration, conversations, messages and customers for the clients that a partner has already.",
    version="1.0.0",
    about=(
        "For chats in a client of the partner's own. Every failure is `{error, message}`."
        " Who may do what, the socket and everything that the guide leaves open is in"
        " [Partners](/docs/partners/)."
    ),
    prefix="/api/",
    urlpatterns=urls.urlpatterns,
    operations=OPERATIONS,
    shapes=schemas.SHAPES,
    problem_answers=schemas.problem_answers,
    examples=Path(__file__).parent / "examples",
    always=["invalid", "no_token", "bad_token", "not_allowed", "too_many", "failed"],
    with_body=["body_too_large", "body_type"],
    headers={"X-Request-Id": text(about="The request's id, as in the log.")},
    parameters={
        "customerId": text(about="The partner's own id of the customer.", minLength=1),
        "conversationId": text(pattern="^[0-9]{1,18}$"),
        "number": text(pattern="^[0-9]{1,18}$", about="The id of a message."),
    },
    tags={
        _PARTNERS: "How a company becomes a partner.",
        _CONVERSATIONS: "One conversation with a customer at a time.",
        _MESSAGES: "What is said and read.",
        _CUSTOMERS: "Who the customers are.",
    },
)
