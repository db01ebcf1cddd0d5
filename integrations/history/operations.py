"""The contract as its docs page and its OpenAPI file show it: one operation."""

from __future__ import annotations

from pathlib import Path

from ..openapi import Contract, Operation
from ..openapi.shapes import text
from . import schemas, urls

OPERATIONS = {
    "GET chats": Operation(
        "readHistory",
        "History",
        "The ended chats that match, a page of them",
        answers={200: schemas.PAGE},
        query=schemas.QUERY,
        examples=["chats"],
        about=(
            "Oldest first. Every parameter narrows; live chats alone unless `conversation_type` says otherwise."
            " Arrays may be written `a=1,2`, `a=1&a=2`, `a[]=1&a[]=2` or `a=[1,2]`."
            " A parameter that does not exist is refused."
        ),
    ),
}

CONTRACT = Contract(
    name="history",
    title="History export",
    summary="Ended chats with integer ids and 15 filters, for call-centre reports.",
    version="1.0.0",
    about="The history of chats for reporting, with integer ids, in the workspace's local time.",
    prefix="/api/v1/",
    urlpatterns=urls.urlpatterns,
    operations=OPERATIONS,
    shapes=schemas.SHAPES,
    problem_answers=schemas.problem_answers,
    examples=Path(__file__).parent / "examples",
    always=["invalid", "no_token", "bad_token", "not_allowed", "too_many", "failed"],
    headers={"X-Request-Id": text(about="The request's id, as in the log.")},
    tags={"History": "Ended chats."},
)
