"""The access matrix of bots: the signed calls, and every action by both ways, from the chat and from afar."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.test import Client

from agents.ids import new_uid
from chat.access import Actor
from chat.services import assigning
from integrations.bots.models import Bot
from integrations.chatbots import actions, requests
from integrations.chatbots.errors import CODES
from integrations.setting_up import create_bot

from . import tables
from .places import endpoints
from .town import Ids, Town

pytestmark = pytest.mark.django_db
TABLE = tables.read(tables.BOTS)
# The same, with ignore_requester_presence.
ABSENT = "absent"
TEMPLATES = {
    "call list_routing_statuses": [{}, {"filter": {"group_ids": ["{department}"]}}],
    "call get_chat": [{"chat_id": "{chat}", "thread_id": ""}, {"chat_id": "{chat}", "thread_id": "{thread}"}],
    "send_typing_indicator": [{"chat_id": "{chat}", "is_typing": True}],
    "send_event": [{"chat_id": "{chat}", "event": {"type": "message", "text": "Hello"}}],
    "tag_thread": [
        {"chat_id": "{chat}", "thread_id": "{thread}", "tag": "vip"},
        {"chat_id": "{own_chat}", "thread_id": "{thread}", "tag": "vip"},
    ],
    "transfer_chat": [
        {"id": "{own_chat}", "target": {"type": "agent", "ids": ["{agent}"]}},
        {"id": "{own_chat}", "target": {"type": "group", "ids": ["{department}"]}},
        {"id": "{chat}", "target": {"type": "group", "ids": ["{own_department}"]}},
    ],
    "deactivate_chat": [{"id": "{chat}"}],
}


@dataclass
class Bots:
    """A chat of the town that ``here`` has and ``past`` had, in the group of ``group``; ``theirs`` is of elsewhere."""

    town: Town = field(default_factory=Town)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        w = self.town.world
        self.bots = {name: create_bot(w.workspace, name) for name in ("here", "past", "none", "off")}
        self.bots["group"] = create_bot(w.workspace, "group", departments=[w.support])
        self.bots["theirs"] = create_bot(w.elsewhere, "theirs")
        system = Actor.system(w.workspace.pk)
        for name in ("off", "past", "here"):
            assigning.assign(self.town.chat, self.bots[name].agent, system)
        assigning.assign(self.town.foreign_chat, self.bots["theirs"].agent, Actor.system(w.elsewhere.pk))
        off = self.bots["off"].agent
        off.is_active = False
        off.save()
        self.own, self.foreign = _ids(self.town.chat, w.operator), _ids(self.town.foreign_chat, w.outsider)
        self.own |= {f"own_{name}": value for name, value in self.own.items()}
        self.foreign = self.own | self.foreign


def _ids(chat, agent) -> Ids:
    named = {"chat": chat.conversation_uid, "thread": chat.uid, "department": chat.department.uid, "agent": agent.uid}
    return {name: str(uid) for name, uid in named.items()}


def nothing(bots: Bots) -> Ids:
    """Ids that nothing has, beside one's own."""
    return bots.own | {name: str(UUID(new_uid().hex)) for name in ("chat", "thread", "department", "agent")}


@pytest.fixture(scope="module")
def bots(town) -> Bots:
    return Bots(town)


def filled(template, ids):
    text = json.dumps(template)
    for name, value in ids.items():
        text = text.replace(f"{{{name}}}", value)
    return json.loads(text)


def by_http(bot: Bot, key: str, body, secret: str = ""):
    """Return status and answer of a signed call, or of an action over HTTP."""
    name = key.removeprefix("call ")
    path, data = (name, body) if key.startswith("call") else ("actions", {"action": name, "payload": body})
    raw = json.dumps(data).encode()
    signature = hmac.new((secret or bot.client_secret).encode(), raw, hashlib.sha256).hexdigest()
    headers = {"x-client-id": bot.client_id, "x-bot-id": str(bot.agent.uid), "x-signature": signature}
    answer = Client().generic("POST", f"/bots/{path}", raw, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def on_topic(bot: Bot, key: str, body):
    """Return what the same action comes to on the topic, as a status, and the error that is told."""
    refusal = actions.take(bot, json.dumps({"action": key, "payload": body}).encode())
    return (CODES[refusal.code][0], refusal.as_json()) if refusal else (200, None)


def read(key):
    """Return a row's name, and whether it is the one for who is not in the chat."""
    name, _space, how = key.removesuffix(f" {ABSENT}"), " ", key.endswith(f" {ABSENT}")
    return name.removeprefix(". "), how


def body_of(key, bots, ids, which=0):
    name, absent = read(key)
    body = filled(TEMPLATES[name][which], ids)
    return name, body | ({"ignore_requester_presence": True} if absent else {})


def test_every_call_and_action_has_a_row():
    calls = {path.rpartition("/")[2] for path in endpoints() if "/bots/" in path} - {"actions"}
    named = {read(key)[0] for key in TABLE}
    assert named == {f"call {name}" for name in calls} | set(requests.ACTIONS)
    assert named == set(TEMPLATES)


@pytest.mark.parametrize("key", TABLE)
def test_who_may_do_what(bots, taken_back, key):
    name, body = body_of(key, bots, bots.own)
    row = dict(zip(tables.BOTS_COLUMNS, TABLE[key], strict=True))
    got = {}
    for who in tables.BOTS_COLUMNS:
        with taken_back():
            bot = bots.bots["here" if who == "forged" else who]
            got[who] = by_http(bot, name, body, "wrong" if who == "forged" else "")[0]
    assert got == row


@pytest.mark.parametrize("key", [key for key in TABLE if not read(key)[0].startswith("call")])
def test_the_topic_is_no_other_door(bots, taken_back, key):
    name, body = body_of(key, bots, bots.own)
    row = dict(zip(tables.BOTS_COLUMNS, TABLE[key], strict=True))
    for who in set(tables.BOTS_COLUMNS) - {"forged"}:  # whoever may publish there is the bot
        with taken_back():
            # Who signs while switched off is nobody; on the topic it is told.
            assert on_topic(bots.bots[who], name, body)[0] == (403 if who == "off" else row[who]), who


@pytest.mark.parametrize("key", TABLE)
def test_a_foreign_id_is_answered_as_one_of_nothing(bots, taken_back, key):
    name, _absent = read(key)
    ways = [by_http] if name.startswith("call") else [by_http, on_topic]
    unknown = nothing(bots)
    for which, template in enumerate(TEMPLATES[name]):
        if not any(f"{{{kind}}}" in json.dumps(template) for kind in ("chat", "thread", "department", "agent")):
            continue
        for way in ways:
            answers = []
            for ids in (bots.foreign, unknown):
                with taken_back():
                    status, told = way(bots.bots["here"], *body_of(key, bots, ids, which))
                text = json.dumps(told)
                for value in ids.values():
                    text = text.replace(value, "ID")
                answers.append((status, text))
            assert answers[0] == answers[1], (key, which)
            assert answers[0][0] == 404 or answers[0] == (200, "[]"), (key, which)


@pytest.mark.parametrize("field", ["tenant_id", "bot_id"])
def test_another_tenant_and_another_bot_are_refused_alike(bots, taken_back, field):
    theirs = bots.bots["theirs"]
    named = {"tenant_id": str(theirs.workspace.uid), "bot_id": str(theirs.agent.uid)}[field]
    told = []
    for value in (named, str(UUID(new_uid().hex))):
        with taken_back():
            _name, body = body_of(". send_event", bots, bots.own)
            raw = json.dumps({"action": "send_event", "payload": body, field: value}).encode()
            told.append(actions.take(bots.bots["here"], raw))
    assert told[0] == told[1]
    assert told[0].errors[0]["field"] == field
