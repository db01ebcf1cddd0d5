"""From a question to a verdict: ask the provider, read what it wrote, judge whether it can be said."""

from __future__ import annotations

import time

import httpx2

from . import provider, reading
from .models import Assistant, Outcome, Reason
from .provider import Call, Failed
from .turns import Verdict


async def judge(
    http: httpx2.AsyncClient, assistant: Assistant, call: Call, sources: list[str], seconds: float
) -> Verdict:
    """Ask, and return what the turn comes to. Raises nothing that a provider could cause."""
    started = time.monotonic()
    tokens = 0
    try:
        completion = await provider.complete(http, call, seconds)
        tokens = completion.tokens
        reply = reading.read(completion.text)
    except (Failed, reading.Garbage) as error:
        late = isinstance(error, Failed) and error.late
        reason = str(Reason.DEADLINE if late else Reason.FAILED)
        outcome, text, detail, confidence = Outcome.FAILED, "", str(error), None
    else:
        outcome, reason, text = _verdict(assistant, reply)
        detail, confidence = "", reply.confidence
    return Verdict(
        outcome,
        text=text,
        reason=reason,
        detail=detail,
        sources=sources,
        confidence=confidence,
        asked=True,
        tokens=tokens,
        milliseconds=int((time.monotonic() - started) * 1000),
    )


def _verdict(assistant: Assistant, reply: reading.Reply) -> tuple[Outcome, str, str]:
    if reply.hand_over:
        return Outcome.HANDED_OVER, Reason.ASKED.value, reply.answer
    unsure = reply.confidence is not None and reply.confidence < assistant.least_confidence
    if unsure or not reply.answer:
        return Outcome.HANDED_OVER, Reason.UNSURE.value, ""
    return Outcome.ANSWERED, "", reply.answer
