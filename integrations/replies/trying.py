"""A try: one question to an assistant's provider, outside of any chat, with the same rules and bounds."""

from __future__ import annotations

from . import answering, prompt, provider, turns
from .models import Assistant
from .provider import Call
from .turns import Verdict


def prepared(assistant: Assistant, question: str) -> tuple[Assistant, Call, list[str]]:
    """Read what the question needs."""
    return assistant, *turns.call_of(assistant, [prompt.Said(True, question)], question)


async def ask(assistant: Assistant, call: Call, sources: list[str]) -> Verdict:
    """Ask, and return what a visitor would get. Uses no database, changes nothing."""
    async with provider.client() as http:
        return await answering.judge(http, assistant, call, sources, float(assistant.deadline_seconds))
