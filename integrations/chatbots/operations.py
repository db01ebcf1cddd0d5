"""The contract as its docs page and its OpenAPI file show it: the signed calls."""

from __future__ import annotations

from pathlib import Path

from ..openapi import Contract, Operation
from ..openapi.shapes import ref, text
from . import schemas, urls

_REFUSALS = [
    "not_found",
    "conflict",
    "ended",
    "full",
    "offline",
    "nobody_available",
    "too_many_bots",
    "budget",
]

OPERATIONS = {
    "POST list_routing_statuses": Operation(
        "listRoutingStatuses",
        "Bots",
        "2.10 Who of the team takes chats",
        answers={200: schemas.STATUSES},
        body=schemas.STATUS_REQUEST,
        body_required=False,
        query=schemas.SIGNED,
        examples=["2.10-list_routing_statuses"],
    ),
    "POST get_chat": Operation(
        "getChat",
        "Bots",
        "2.11 One chat, with its newest thread or the one that is named",
        answers={200: ref("Chat")},
        body=schemas.CHAT_REQUEST,
        query=schemas.SIGNED,
        problems=["not_found"],
        examples=["2.11-get_chat"],
    ),
    "POST actions": Operation(
        "takeAction",
        "Bots",
        "An action of a bot, for deployments without a broker",
        answers={200: schemas.DONE},
        body=schemas.ACTION_REQUEST,
        query=schemas.SIGNED,
        problems=_REFUSALS,
        about="The same envelopes as on the topic. A repetition with the same `custom_id` changes nothing.",
    ),
}

CONTRACT = Contract(
    name="chatbots",
    title="Chatbots",
    summary="Bots as members of the team: a topic on the broker, or signed HTTP.",
    version="1.0.0",
    about=(
        "The two signed calls of the chatbot contract, and the address where a bot over HTTP posts its actions."
        " What is said on the topic is in the document on chatbots."
    ),
    prefix="/bots/",
    urlpatterns=urls.urlpatterns,
    operations=OPERATIONS,
    shapes=schemas.SHAPES,
    problem_answers=schemas.problem_answers,
    examples=Path(__file__).parent / "examples",
    always=["invalid", "unauthorized", "not_allowed", "too_many", "failed"],
    headers={"X-Request-Id": text(about="The request's id, as in the log.")},
    tags={"Bots": "Programs that are members of the team."},
)
