"""Turns with the database: who is at which, what a model is to be told, and what comes of its answer."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from chat import answers
from chat.access import Actor
from chat.errors import ChatError
from chat.models import AuthorKind, Chat, Kind, Message
from chat.services import assigning, messages, suggesting, typing
from chat.services.locking import lock_chat, lock_routing

from . import outbox, prompt, services
from .models import Assistant, Mode, Outcome, Reason, Turn
from .provider import Call
from .wishes import asks_for_person

SOURCES = 5
# How long a visitor's chat without an answer is worth a suggestion, and how long they may still be writing.
_FRESH, _PAUSE = timedelta(minutes=10), timedelta(seconds=1)
# Seconds that a suggestion may be late.
_PATIENCE = 30
_KEEP = timedelta(days=90)
LANGUAGES = {"en": "English", "vi": "Vietnamese", "uz": "Uzbek"}


@dataclass(frozen=True)
class Verdict:
    """What a turn comes to."""

    outcome: Outcome
    text: str = ""
    reason: str = ""
    detail: str = ""
    sources: list[str] = field(default_factory=list)
    confidence: int | None = None
    asked: bool = False
    tokens: int = 0
    milliseconds: int = 0


@dataclass(frozen=True)
class Begun:
    """A turn that this process may do until its lease runs out: what to ask, or at once what it comes to."""

    turn: Turn
    claim: uuid.UUID
    seen_seq: int = 0
    call: Call | None = None
    sources: list[str] = field(default_factory=list)
    seconds: float = 0
    verdict: Verdict | None = None

    @property
    def assistant(self) -> Assistant:
        """Whose turn it is."""
        return self.turn.assistant


def due(limit: int) -> list[tuple[int, int]]:
    """Return the turns that nobody is at, the oldest first: their ids and their assistants'."""
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    owed = Turn.objects.filter(free, done_at__isnull=True).order_by("id")
    return list(owed.values_list("pk", "assistant_id")[:limit])


def owe_suggestions() -> int:
    """Owe a turn to each chat of people whose visitor waits for an answer that nobody suggested yet.

    The chat's own row says that it waits, so that the visitor's message costs nothing more. Returns how many.
    """
    drafting = Assistant.objects.filter(enabled=True, mode=Mode.SUGGEST).select_related("agent")
    drafting = drafting.prefetch_related("widgets", "departments").order_by("id")
    return sum(_owe_suggestions_of(assistant) for assistant in drafting if not assistant.is_quiet())


def _owe_suggestions_of(assistant: Assistant) -> int:
    now = timezone.now()
    seen = Turn.objects.filter(chat=OuterRef("pk"), seen_at__gte=OuterRef("last_message_at"))
    open_ones = Turn.objects.filter(chat=OuterRef("pk"), done_at__isnull=True)
    waiting = Chat.objects.of(assistant.workspace_id).open().filter(
        Q(agent__isnull=True) | Q(agent__is_bot=False),
        last_message_by=AuthorKind.VISITOR, last_message_at__gt=now - _FRESH, last_message_at__lte=now - _PAUSE,
    )  # fmt: skip
    found = waiting.exclude(Exists(seen)).exclude(Exists(open_ones)).order_by("last_message_at")[:50]
    chats = [chat for chat in found if outbox.how_it_serves(assistant, chat) is not None]
    Turn.objects.bulk_create([Turn(assistant=assistant, chat=chat) for chat in chats], ignore_conflicts=True)
    return len(chats)


def begin(turn_id: int, lease: float) -> Begun | None:
    """Take a turn and read what it is about. None when another process has it, or it is done."""
    claim = uuid.uuid4()
    if not _claim(turn_id, claim, lease):
        return None
    turn = Turn.objects.select_related(
        "assistant__agent", "assistant__workspace", "chat__agent", "chat__visitor", "chat__workspace"
    ).get(pk=turn_id)
    chat = turn.chat
    Turn.objects.filter(pk=turn_id, claim=claim).update(seen_at=chat.last_message_at)
    said = _said(chat)
    questions = _questions(said, turn.after_seq)
    begun = Begun(turn, claim, seen_seq=chat.last_seq, seconds=_seconds_left(turn))
    verdict = _without_asking(turn.assistant, chat, questions) or _out_of_time(begun)
    # An answer that did not know of the questions stands before them.
    said = [m for m in said if m not in questions] + questions
    return _with(begun, verdict=verdict) if verdict else _asking(begun, said)


def _claim(turn_id: int, claim: uuid.UUID, lease: float) -> bool:
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    mine = Turn.objects.filter(free, pk=turn_id, done_at__isnull=True)
    return bool(mine.update(claim=claim, claimed_until=now + timedelta(seconds=lease)))


def _seconds_left(turn: Turn) -> float:
    """A visitor waits since the message; an agent has a little patience more."""
    seconds = turn.assistant.deadline_seconds - (timezone.now() - turn.created_at).total_seconds()
    return seconds if turn.assistant.mode == Mode.ANSWER else seconds + _PATIENCE


def _said(chat: Chat) -> list[Message]:
    """The newest public messages, oldest first: no note, no event, nothing of another chat."""
    written = chat.messages.filter(public=True).exclude(kind__in=[Kind.EVENT, Kind.NOTE])
    newest = written.prefetch_related("attachments").order_by("-seq")[: prompt.MESSAGES_LIMIT]
    return list(reversed(newest))


def _questions(said: list[Message], after_seq: int) -> list[Message]:
    """What the turn is about: what the visitor said after an entry, or since anybody else said something."""
    if after_seq:
        return [m for m in said if m.seq > after_seq and m.author_kind == AuthorKind.VISITOR]
    found: list[Message] = []
    for message in reversed(said):
        if message.author_kind != AuthorKind.VISITOR:
            break
        found.insert(0, message)
    return found


def _without_asking(assistant: Assistant, chat: Chat, questions: list[Message]) -> Verdict | None:
    """Return what the turn comes to when no model need be asked, else None."""
    if not questions or not chat.is_open or not _takes_part(assistant, chat):
        return Verdict(Outcome.NOTHING)
    if assistant.answers and any(asks_for_person(q.body, assistant.handover_words) for q in questions):
        return Verdict(Outcome.HANDED_OVER, reason=Reason.ASKED)
    if assistant.is_quiet():
        return Verdict(Outcome.FAILED, reason=Reason.FAILED, detail="The provider failed of late and is left alone.")
    if spent := _spent(assistant, chat):
        return Verdict(Outcome.HANDED_OVER, reason=Reason.BUDGET, detail=spent)
    return None


def _takes_part(assistant: Assistant, chat: Chat) -> bool:
    """Whether the chat is its own (answering), or one of people (suggesting)."""
    if not assistant.enabled:
        return False
    if assistant.mode == Mode.ANSWER:
        return chat.agent_id == assistant.agent_id and assistant.agent.is_active
    return chat.agent is None or not chat.agent.is_bot


def _spent(assistant: Assistant, chat: Chat) -> str:
    """Say which budget is spent, or nothing."""
    if Turn.objects.filter(assistant=assistant, chat=chat, asked=True).count() >= assistant.turns_per_chat:
        return "As many turns as a chat may have."
    if not assistant.tokens_per_day:
        return ""
    day = Turn.objects.filter(assistant=assistant, created_at__gt=timezone.now() - timedelta(hours=24))
    used = day.aggregate(n=Sum("tokens"))["n"] or 0
    return "As many tokens as 24 hours may have." if used >= assistant.tokens_per_day else ""


def _out_of_time(begun: Begun) -> Verdict | None:
    late = begun.seconds <= 0
    return Verdict(Outcome.FAILED, reason=Reason.DEADLINE, detail="It was taken up too late.") if late else None


def _asking(begun: Begun, said: list[Message]) -> Begun:
    """Put the question together."""
    theirs = [m.body for m in said if m.author_kind == AuthorKind.VISITOR]
    call, sources = call_of(begun.assistant, [_as_said(m) for m in said], " ".join(theirs[-3:]), begun.turn.chat)
    return _with(begun, call=call, sources=sources)


def call_of(
    assistant: Assistant, said: list[prompt.Said], question: str, chat: Chat | None = None
) -> tuple[Call, list[str]]:
    """Return the call that asks an assistant's model, and the titles of the saved answers in it."""
    found = answers.relevant(assistant.workspace_id, question, SOURCES)
    language = (chat.visitor.language if chat else "") or assistant.workspace.language
    told = prompt.messages(
        company=assistant.workspace.name,
        name=assistant.name,
        language=LANGUAGES.get(language.split("-")[0].lower(), "English"),
        instructions=assistant.instructions,
        known=[prompt.Known(a.title, a.text) for a in found],
        said=said,
        mark=f"=={secrets.token_hex(8)}==",
    )
    return Call(assistant.base_url, assistant.secret, assistant.model, told), [a.title for a in found]


def _as_said(message: Message) -> prompt.Said:
    files = [f"[{file.name}]" for file in message.attachments.all()]
    return prompt.Said(message.author_kind == AuthorKind.VISITOR, "\n".join([message.body, *files]).strip())


def _with(begun: Begun, **more: object) -> Begun:
    return Begun(**{**vars(begun), **more})


def pulse(begun: Begun, lease: float) -> bool:
    """Keep the lease, and let the visitor see that somebody writes. False when another process has the turn."""
    until = timezone.now() + timedelta(seconds=lease)
    held = Turn.objects.filter(pk=begun.turn.pk, claim=begun.claim, done_at__isnull=True).update(claimed_until=until)
    if held:
        show_typing(begun, True)
    return bool(held)


def show_typing(begun: Begun, on: bool) -> None:
    """Say that the assistant writes, or no more; to nobody when it suggests."""
    if begun.assistant.mode != Mode.ANSWER:
        return
    try:
        typing.signal(begun.turn.chat, Actor.of_agent(begun.assistant.agent), on)
    except ChatError:
        return


def settle(begun: Begun, verdict: Verdict) -> Turn | None:
    """Do what the turn comes to, once, in one transaction. None when it was another's by then, and nothing is done.

    What the visitor wrote while it was under way is owed another turn.
    """
    with transaction.atomic():
        if verdict.outcome in (Outcome.HANDED_OVER, Outcome.FAILED):
            lock_routing(begun.turn.chat.workspace_id)
        chat = lock_chat(begun.turn.chat)
        mine = Turn.objects.select_related("assistant__agent").select_for_update(of=("self",))
        turn = mine.filter(pk=begun.turn.pk, claim=begun.claim, done_at__isnull=True).first()
        if turn is None:
            return None
        wrote_on = _wrote_after(chat, begun.seen_seq)
        outcome, message = _carry_out(turn.assistant, chat, turn, verdict, wrote_on)
        _done(turn, verdict, outcome, message)
        _owe_another(lock_chat(chat), turn, begun.seen_seq if wrote_on else 0)
    services.note_provider(turn.assistant, verdict)
    return turn


def _owe_another(chat: Chat, turn: Turn, wrote_after: int) -> None:
    """A newer question, or an assistant to whom the chat came meanwhile: neither was owed while this one was open."""
    elsewhere = chat.agent_id != turn.assistant.agent_id and chat.last_message_by == AuthorKind.VISITOR
    if chat.is_open and (wrote_after or elsewhere):
        outbox.owe(chat, wrote_after)


def _wrote_after(chat: Chat, seq: int) -> bool:
    later = chat.messages.filter(seq__gt=seq, author_kind=AuthorKind.VISITOR)
    return later.exclude(kind=Kind.EVENT).exists()


def _carry_out(
    assistant: Assistant, chat: Chat, turn: Turn, verdict: Verdict, wrote_on: bool
) -> tuple[Outcome, Message | None]:
    """Say it, suggest it, or hand over; nothing when the chat went elsewhere meanwhile."""
    if verdict.outcome == Outcome.NOTHING or not chat.is_open or not _takes_part(assistant, chat):
        return Outcome.NOTHING, None
    try:
        with transaction.atomic():
            if assistant.mode == Mode.SUGGEST:
                return _suggest(assistant, chat, verdict, wrote_on), None
            return verdict.outcome, _act(assistant, chat, turn, verdict)
    except ChatError:
        return Outcome.NOTHING, None


def _suggest(assistant: Assistant, chat: Chat, verdict: Verdict, wrote_on: bool) -> Outcome:
    """Draft for the agent. A chat that was answered meanwhile, or has a newer question, needs none of this one."""
    if verdict.outcome != Outcome.ANSWERED:
        return verdict.outcome
    if wrote_on or chat.last_message_by != AuthorKind.VISITOR:
        return Outcome.NOTHING
    suggesting.suggest(chat, assistant.agent, verdict.text, sources=verdict.sources)
    return Outcome.SUGGESTED


def _act(assistant: Assistant, chat: Chat, turn: Turn, verdict: Verdict) -> Message | None:
    """Answer as the bot, or give the chat to the queue with the reason."""
    actor = Actor.of_agent(assistant.agent)
    message = messages.post(chat, actor, body=verdict.text, client_id=turn.client_id) if verdict.text else None
    if verdict.outcome in (Outcome.HANDED_OVER, Outcome.FAILED):
        if verdict.outcome == Outcome.FAILED:
            messages.post(chat, actor, kind=Kind.NOTE, body=_note(chat, verdict), client_id=f"{turn.client_id}:note")
        assigning.send_to_queue(chat, actor, reason=verdict.reason)
    return message


def _note(chat: Chat, verdict: Verdict) -> str:
    """What the team reads of a failure: enough to tell whoever looks after the provider."""
    with override(chat.workspace.language):
        return _("No automated reply: %(detail)s") % {"detail": verdict.detail.split(":")[0]}


def _done(turn: Turn, verdict: Verdict, outcome: Outcome, message: Message | None) -> None:
    turn.done_at, turn.claimed_until = timezone.now(), None
    turn.outcome, turn.reason, turn.detail = outcome, verdict.reason, verdict.detail[:300].replace("\x00", "")
    turn.sources, turn.confidence, turn.message = verdict.sources, verdict.confidence, message
    turn.asked, turn.tokens, turn.milliseconds = verdict.asked, verdict.tokens, verdict.milliseconds
    turn.save()


def prune(now: datetime | None = None) -> int:
    """Delete turns that are kept no longer. Returns how many."""
    return Turn.objects.filter(done_at__lt=(now or timezone.now()) - _KEEP).delete()[0]
