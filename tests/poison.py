"""Hostile text in every text field of every model, to be met in every view (tests/browser/test_hostile.py).

The fields are found by introspection: a new one is poisoned like the others, and one of which no row is made here, or
that stays as it is without a reason in ``LEFT``, fails. What is written goes past forms, serializers and validators,
straight into the database: a view must be safe whatever let the text in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from agents.ids import decode
from agents.models import Agent, User, Workspace
from agents.sealed import SealedField
from analytics import rollups
from analytics.models import WidgetEvent, WidgetPage
from analytics.weekly.composing import compose
from analytics.weekly.stopping import stop_url
from chat.access import Actor
from chat.models import ActionCard, Attachment, Chat, Suggestion
from chat.services import assigning
from config.demo import factories as make
from integrations.partner import invitations
from integrations.partner.models import Partner
from integrations.replies.models import Assistant
from integrations.webhooks.models import Attempt
from tests.admin.rows import ROWS, command

OURS = {"agents", "chat", "widget", "analytics", "integrations", "config"}
# No element of HTML: where one stands in a document, somebody's text was taken for markup.
ELEMENT = "z"
# Whoever is asked for something there was told to by hostile text.
CANARY = "https://canary.invalid/"
# What stays as it is, and why that is no stranger's text.
LEFT = {
    "agents.AgentPicture.content": "a picture that was drawn anew",
    "agents.Agent.picture": "a digest of ours",
    "agents.AgentToken.hint": "the end of a token of ours",
    "agents.AgentToken.secret_hash": "a hash of ours",
    "agents.HoursException.spans": "times of day, parsed before they are stored",
    "agents.OpeningHours.week": "times of day, parsed before they are stored",
    "agents.User.password": "a hash of ours",
    "agents.Workspace.timezone": "one of a list",
    "analytics.ChatHour.entries": "numbers that the rollups are made of",
    "analytics.KeptTimeline.text": "numbers that the rollups are made of",
    "analytics.Ledger.zone": "one of a list",
    "analytics.Rollup.channel": "one of a list",
    "analytics.Rollup.detail": "numbers that the rollups are made of",
    "analytics.Rollup.group": "a word of ours",
    "bots.Bot.client_id": "a number of ours",
    "chat.Attachment.content_type": "sniffed by us",
    "chat.Attachment.file": "a name of ours in the storage",
    "chat.Chat.last_message_by": "a word of ours",
    "chat.Chat.start_key": "a hash of ours",
    "chat.SavedAnswer.words": "an index made of the other fields",
    "chat.Tally.channel": "one of a list",
    "chat.Upload.key": "a name of ours in the storage",
    "chatbots.Action.fingerprint": "a hash of ours",
    "exports.Export.file": "a name of ours in the storage",
    "exports.Export.language": "one of a list",
    "exports.Export.problem": "a word of ours",
    "exports.Export.wanted": "parsed into days and ids before it is stored",
    "keys.SecretKey.hint": "the end of a key of ours",
    "keys.SecretKey.secret_hash": "a hash of ours",
    "partner.Partner.asked_from": "a hash of ours",
    "webhooks.Subscription.transport": "a word of ours",
    "widget.Widget.primary_color": "six figures, checked by every door; what is drawn is computed from it",
    "widget.Widget.text_color": "as above",
    "widget.PublishableKey.hint": "the end of a key of ours",
    "widget.PublishableKey.secret_hash": "a hash of ours",
}
# What a page makes a link of: there, an address that is a script, and in every other row one that is none.
ADDRESSES = {"url", "external_url", "base_url", "referrer", "value", "status_message"}
# Where a script in an address would be drawn as a picture, which runs nothing.
PICTURES = {"image"}
# In JSON: words that the product itself chose, by which it knows what the rest is.
WORDS = {"template_id", "type", "event", "kind", "uid", "content_type"}
# What some JSON looks like that is empty in the rows that are made here.
_OF_VISITORS = {"x": "x", "of their choice": "x"}
_PAGE = {"url": "x", "title": "x", "referrer": "x"}
SHAPES: dict[str, Any] = {
    "agents.Agent.skills": ["x"],
    "chat.Chat.custom_fields": _OF_VISITORS,
    "chat.Chat.required_skills": ["x"],
    "chat.Chat.source": _PAGE,
    "chat.Command.shown": ["x"],
    "chat.Suggestion.sources": ["x"],
    "chat.Visitor.custom_fields": _OF_VISITORS,
    "chat.Visitor.page": _PAGE,
    "replies.Assistant.handover_words": ["x"],
    "replies.Turn.sources": ["x"],
    "webhooks.Delivery.payload": {"type": "chat.created", "data": {"visitor": {"name": "x"}, "url": "x"}},
    "widget.Trigger.messages": {"en": "x", "vi": "x"},
}
# In JSON: what is nothing any more when it is longer.
SHORT = {"commandType": 60}
_EVENTS = ("assigned", "transferred", "queued", "closed", "reopened", "rated", "tagged", "untagged", "priority", "odd")


def text_fields() -> Iterator[tuple[type[models.Model], models.Field, str]]:
    """Yield every field of ours that can hold a text, with its model and ``label.Model.field``."""
    for model in apps.get_models():
        if model.__module__.split(".")[0] not in OURS:
            continue
        for field in model._meta.concrete_fields:
            text = isinstance(field, models.CharField | models.TextField | models.JSONField | models.FileField)
            if text and not field.choices and not isinstance(field, SealedField) and not field.is_relation:
                yield model, field, f"{model._meta.label}.{field.name}"


def numbers() -> dict[str, int]:
    """Return the number by which the text of each field is known again wherever it turns up."""
    return {name: at for at, (_model, _field, name) in enumerate(text_fields()) if name not in LEFT}


def hostile(number: int, *, room: int | None = None, address: bool = False, row: int = 0) -> str:
    """Return a text that breaks out of whatever a careless page would put it into, as far as it has room."""
    mark = f"<{ELEMENT} id=p{number}-{row}>"
    script = ("https://shop.example.com/" if row % 2 else "javascript:hostile()//") if address else ""
    full = (
        f"{script}\"'></title></textarea></script></style>{mark}<img src={CANARY}{number} onerror=hostile()>"
        f"<script>hostile()</script><i x-data x-init=hostile()></i>${{hostile()}}{{{{hostile()}}}}');hostile();('"
        f'" onmouseover=hostile() autofocus onfocus=hostile() x-init=hostile() x="'
    )
    choices = [full, f"{script}\"'></script>{mark}", f"\"'>{mark}", mark, f"\"'><{ELEMENT}>"]
    return next((text for text in choices if room is None or len(text) <= room), choices[-1][:room])


def poisoned(value: Any, number: int, row: int, name: str = "", inside: str = "") -> Any:
    """Return JSON of the same shape with hostile texts in it; a list of words gets one more."""
    if isinstance(value, str):
        address = name in ADDRESSES and inside not in PICTURES
        return value if name in WORDS else hostile(number, room=SHORT.get(name), address=address, row=row)
    if isinstance(value, dict):
        return {
            (hostile(number, room=80, row=row) if key == "of their choice" else key): poisoned(
                each, number, row, key, name
            )
            for key, each in value.items()
        }
    if isinstance(value, list):
        more = [hostile(number, row=row)] if value and isinstance(value[0], str) and name != "pair" else []
        keep = value if more else [poisoned(each, number, row, "pair") for each in value]
        return keep + more
    return value


@transaction.atomic
def fill(slug: str, session_id: str) -> dict[str, Any]:
    """Give this workspace one of everything, all poisoned, and return what the walk needs to know."""
    workspace = Workspace.objects.get(slug=slug)
    chat = Chat.objects.get(uid=decode("session", session_id))
    owner = workspace.agents.humans().get(role="owner")
    root = make.UserFactory(email="root@example.com", is_staff=True, is_superuser=True, first_name="x", last_name="x")
    rows = {model._meta.label: ROWS[model](workspace).pk for model in ROWS} | {"agents.User": root.pk}
    rows |= _belongings(workspace, chat, owner)
    prompt = make.TriggerFactory(workspace=workspace, delay_seconds=0)
    # Without these there were no login, and no proactive message in the shop.
    kept = {
        "agents.User.email": [root.pk, owner.user.pk],
        "widget.Trigger.url_pattern": [prompt.pk],
        "chat.Attachment.external_url": list(Attachment.objects.exclude(file="").values_list("pk", flat=True)),
    }
    clean = [each[2] for each in text_fields() if each[2] not in LEFT and not _poison(*each, kept.get(each[2], []))]
    assert not clean, f"no row has a place for a text in {clean}: make one in tests/poison.py"
    Partner.objects.update(approved_at=timezone.now())
    Assistant.objects.update(enabled=False)  # it would answer the visitor of the walk
    rollups.catch_up()
    chat.refresh_from_db()
    workspace.refresh_from_db()
    return {
        "rows": rows,
        "numbers": numbers(),
        "cookies": {"owner": _signed_in(owner.user), "root": _signed_in(root)},
        "stop": stop_url(owner),
        "invitation": reverse(
            "partner-invitation", args=[invitations.token_of(Partner.objects.get(workspace=workspace))]
        ),
        "mail": _mail(owner),
        "other chat": next(found.uid.hex for found in workspace.chats.order_by("-pk") if found.pk % 2 == 0),
        "uids": {name: uid.hex for name, uid in _uids(rows, chat).items()},
    }


def _belongings(workspace: Workspace, chat: Chat, owner: Agent) -> dict[str, int]:
    """Put everything that a chat can hold into this one, and make what Django admin does not show."""
    owner.lease_until = timezone.now() + timedelta(hours=1)
    owner.save(update_fields=["lease_until"])
    assigning.assign(chat, owner, Actor.system(workspace.pk))
    chat.refresh_from_db()
    somebody = {"kind": "agent", "name": "x", "uid": owner.uid.hex}
    for event in _EVENTS:
        payload = {
            "event": event, "by": somebody, "agent": {"name": "x"}, "from": somebody, "to_agent": {"name": "x"},
            "reason": "x", "comment": "x", "rating": 4, "tag": "x", "to": "x",
        }  # fmt: skip
        make.MessageFactory(chat=chat, kind="event", author_kind="system", payload=payload, body="")
    picture = {"url": "https://shop.example.com/1.png", "name": "x", "content_type": "image/png"}
    buttons = [{"text": "x", "type": kind, "value": "x", "postback_id": "x"} for kind in ("message", "url", "phone")]
    for template in ("cards", "quick_replies", "sticker"):
        rich = {"template_id": template, "elements": [{"title": "x", "image": picture, "buttons": buttons}]}
        make.MessageFactory(chat=chat, agent=owner, kind="rich", payload={"rich": rich})
    trigger = {
        "trigger": {"uid": "x", "name": "x"},
        "metadata": {"commandType": "x", "value": "x", "of their choice": "x"},
    }
    make.MessageFactory(chat=chat, author_kind="system", payload=trigger, client_id="x")
    make.MessageFactory(chat=chat, agent=owner, kind="note")
    for kind in ("image", "file"):
        holder = make.MessageFactory(chat=chat, agent=owner, kind=kind, body="")
        content_type = {"image": "image/png", "file": "application/pdf"}[kind]
        make.AttachmentFactory(chat=chat, message=holder, content_type=content_type)
    asking = make.MessageFactory(chat=chat, payload={"metadata": {"commandType": "x", "value": "x"}})
    ActionCard.objects.create(
        workspace=workspace, message=asking, command=command(workspace), title="x", state="answered",
        answer=[["x", "x"]], problem="timeout",
    )  # fmt: skip
    make.ChatTagFactory(chat=chat)
    Suggestion.objects.create(
        workspace=workspace, chat=chat, agent=make.BotFactory(workspace=workspace).agent, body="x"
    )
    now = timezone.now()
    Chat.objects.filter(workspace=workspace).update(
        rating=4, rated_at=now, rating_comment="x", trigger_uid=make.TriggerFactory(workspace=workspace).uid
    )
    make.WidgetFactory(workspace=workspace, is_default=False, pages=["/only"])
    page = WidgetPage.objects.create(
        workspace=workspace, widget_uid=workspace.widgets.get(is_default=True).uid,
        day=timezone.localdate(timezone=workspace.zone), page="x", event=WidgetEvent.VIEW, count=5,
    )  # fmt: skip
    return {"analytics.WidgetPage": page.pk, "exports.Export": make.ExportFactory(workspace=workspace, agent=owner).pk}


def _poison(model: type[models.Model], field: models.Field, name: str, kept: list[int]) -> int:
    """Write hostile text into this field of every row; return how many had a place for it."""
    number, written = numbers()[name], 0
    for pk, value in list(model._default_manager.exclude(pk__in=kept).values_list("pk", field.attname)):
        row = pk if isinstance(pk, int) else 0
        if isinstance(field, models.JSONField):
            new = poisoned(SHAPES.get(name, value), number, row)
        else:
            new = hostile(number, room=field.max_length, address=field.name in ADDRESSES, row=row)
        model._default_manager.filter(pk=pk).update(**{field.name: new})
        written += new != value
    return written


def _uids(rows: dict[str, int], chat: Chat) -> dict[str, Any]:
    """Return what stands for the ids in addresses, by the prefix of the route (the longest one counts)."""
    models_ = {
        "/inbox/answers/": "chat.SavedAnswer", "/inbox/files/": "chat.Attachment", "/inbox/exports/": "exports.Export",
        "/inbox/developers/keys/": "keys.SecretKey",
    }  # fmt: skip
    found = {place: apps.get_model(label)._base_manager.get(pk=rows[label]).uid for place, label in models_.items()}
    attempt = Attempt.objects.select_related("delivery__subscription").get(pk=rows["webhooks.Attempt"])
    return {
        **found,
        "/inbox/chats/": chat.uid,
        "/inbox/developers/webhooks/": attempt.delivery.subscription.uid,
        "deliveries": attempt.delivery.uid,
    }


def _signed_in(user: User) -> str:
    """Return the cookie of a session of this user, as a login would make it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _mail(agent: Agent) -> str:
    """Return the weekly summary's HTML about this week, in which something happened."""
    today = timezone.localdate(timezone=agent.workspace.zone)
    mail = compose(agent, today - timedelta(days=today.weekday()))
    assert mail is not None
    return str(mail.alternatives[0].content)
