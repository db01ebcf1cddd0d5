"""Fields that nobody documents: whoever sends them changes nothing by it, in any endpoint, bot's action or form.

What is sent beside the documented fields is read from the models: each column that there is, under each spelling, at
each level of the body that the contract describes. A contract leaves them aside, and then the tables are as without
them, or refuses them by name, and then the tables are as before.
"""

import copy
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client

from agents.schedule import DAYS
from tests.contracts import describe

from . import tables
from .test_bots import Bots, body_of, by_http
from .test_contracts import PLACEHOLDER
from .traces import SEEN, Tables, changes, watched

pytestmark = pytest.mark.django_db
CONTRACTS = tables.read(tables.CONTRACTS)
WRITING = [k for k in CONTRACTS if not k.startswith("GET") and "/bots/" not in k]
# These tell an unknown field by its name; the others leave it aside (integrations/openapi/shapes.py).
REFUSING = {
    "PUT /v1/chat/widget/config", "PATCH /v1/chats/{chat_id}", "PATCH /v1/widget/config",
    "POST /v1/webhooks", "PATCH /v1/webhooks/{webhook_id}", "POST /v1/webhooks/{webhook_id}/replay",
    "POST /v1/webhooks/{webhook_id}/rotate-secret",
    "POST /v1/automation/triggers", "PATCH /v1/automation/triggers/{trigger_id}",
}  # fmt: skip
# Only the visitor rates: the others are refused whatever they send beside it.
ONLY_VISITORS = {("POST /v1/chat/sessions/{session_id}/end", name) for name in ("operator", "owner")}
CALLERS = ("page", "visitor", "server", "operator", "owner")
# Bodies with every object that the contract describes.
DAY = {"spans": [{"start": "09:00", "end": "17:00"}]}
BODIES = {
    **tables.BODIES,
    "POST /v1/chat/sessions": {
        "source": {"url": "https://shop.example.com/"},
        "visitor": {"name": "Vera", "customFields": {"plan": "gold"}},
        "initialMessage": "Hello",
    },
    "POST /v1/chat/sessions/{session_id}/end": {"satisfaction": {"rating": 5}},
    "POST /v1/chat/sessions/{session_id}/messages": {"content": "x", "attachments": [{"id": "{file_id}"}]},
    "PUT /v1/chat/widget/config": {
        "appearance": {"borderRadius": 4},
        "behavior": {"proactiveMessage": {"delay": 3}},
        "businessHours": {"schedule": dict.fromkeys(DAYS, DAY)},
    },
    "POST /v1/chats/{chat_id}/messages": {"attachments": [{"type": "file", "file_id": "{file_id}"}]},
    "PATCH /v1/widget/config": {"color": "#6366F1", "branding": {"show_powered_by": True}},
}
# Of the pages: what each form is sent, and so what it may change.
HOOK = {"url": "https://hooks.example.com/new", "events": "chat.created", "active": "on"}
ONCE = {"uid": "019a0000-0000-7000-8000-00000000000a"}
SECRET_KEY = {"name": "Shop", "scopes": "chats:read", "per_minute": "60", "per_second": "5"}
FORMS = {
    "POST /inbox/answers/new": {"title": "Hours", "shortcut": "hours", "text": "Nine to five."},
    "POST /inbox/answers/{uid}": {"title": "Hours", "shortcut": "hours", "text": "Nine to five."},
    "POST /inbox/presence": {"status": "busy", "message": "Lunch"},
    "POST /inbox/preferences": {"language": "vi", "theme": "dark"},
    "POST /inbox/picture": {"remove": "1"},
    "POST /inbox/chats/{uid}/visitor": {"name": "Vera", "email": "v@example.com", "phone": "1", "birthdate": ""},
    "POST /inbox/chats/{uid}/tag": {"tag": "vip"},
    "POST /inbox/chats/{uid}/notes": {"notes": "A note", "mark": ""},
    "POST /inbox/chats/{uid}/messages": {"kind": "text", "body": "Hello"},
    "POST /inbox/chats/{uid}/priority": {"priority": "high"},
    "POST /inbox/chats/{uid}/close": {"reason": "Done", "note": "", "follow_up": ""},
    "POST /inbox/exports/": {
        **dict.fromkeys(("first", "last", "department", "agent", "channel", "outcome", "tag"), ""),
        **ONCE, "kind": "csv",
    },
    "POST /inbox/developers/keys/new": {**SECRET_KEY, **ONCE, "lasts": "30"},
    "POST /inbox/developers/keys/{uid}": SECRET_KEY,
    "POST /inbox/developers/keys/secret/{uid}/rotate": {**ONCE, "overlap": "24"},
    "POST /inbox/developers/webhooks/new": HOOK,
    "POST /inbox/developers/webhooks/{uid}": HOOK,
    "POST /inbox/developers/webhooks/{uid}/rotate": {**ONCE, "overlap": "24"},
    "POST /inbox/developers/webhooks/{uid}/replay": {"since": "2026-01-01T00:00", "until": "", "failed_only": "on"},
    "POST /inbox/developers/website/keys/new": {"name": "Shop", **ONCE},
    "POST /inbox/developers/website/domains/{uid}": {"domains": "shop.example.com"},
    "POST /inbox/developers/website/identity": {**ONCE, "overlap": "24"},
}  # fmt: skip
# Names that are no column of ours, and are tried wherever somebody else's API has had such a hole.
OTHERS = {
    "pk", "public", "isAdmin", "is_superuser", "permissions", "tenant", "tenant_id", "rate_limit", "owner_id",
    "_state", "__class__", "__proto__", "constructor", "_method", "visitor__workspace_id", "workspace__id",
}  # fmt: skip
# What no cell may hold afterwards.
MARKS = ("forged", "987654321", "2001-02-03", "f0f0f0f0f0f0", "f0f0f0f0-f0f0")


def forged_fields(elsewhere):
    """Return a value for each column of each table, snake_case and camelCase: rows of elsewhere, marks otherwise."""
    found = dict.fromkeys(OTHERS, "forged")
    for model in watched():
        for column in model._meta.concrete_fields:
            for name in (column.name, column.attname):
                words = name.split("_")
                value = forged(column, elsewhere)
                found |= {name: value, words[0] + "".join(map(str.capitalize, words[1:])): value}
    return found


def forged(column, elsewhere):
    if isinstance(column, models.ForeignKey):
        rows = column.related_model._base_manager.all()
        own = {f.name for f in column.related_model._meta.concrete_fields}
        rows = rows.filter(workspace=elsewhere) if "workspace" in own else rows.order_by("-pk")
        pk = elsewhere.pk if column.related_model is type(elsewhere) else rows.values_list("pk", flat=True).first()
        return pk if isinstance(pk, int) else 987654321
    if column.choices:
        return list(column.choices)[-1][0]
    values = {
        models.BooleanField: True, models.IntegerField: 987654321, models.UUIDField: "f0f0f0f0" * 4,
        models.DateTimeField: "2001-02-03T04:05:06Z", models.JSONField: {"forged": "forged"},
        models.DateField: "2001-02-03",
    }  # fmt: skip
    return next((value for kind, value in values.items() if isinstance(column, kind)), "forged")


def salted(body, schema, components, extra, place="", met=None):
    """Return the body with these fields in each object that the schema describes, but where they are documented."""
    schema = resolved(schema, components)
    if isinstance(body, list):
        return [salted(item, schema.get("items", {}), components, extra, f"{place}[]", met) for item in body]
    if not isinstance(body, dict) or schema.get("additionalProperties") or "properties" not in schema:
        return body
    if met is not None:
        met.add(place)
    known = schema["properties"]
    inner = {
        name: salted(value, known.get(name, {}), components, extra, f"{place}.{name}", met)
        for name, value in body.items()
    }
    # In the depths a few of them: a request has a limit.
    wanted = extra if place.count(".") < 3 else {name: extra[name] for name in OTHERS & extra.keys()}
    return {name: value for name, value in wanted.items() if name not in known} | inner


def resolved(schema, components):
    if "$ref" in schema:
        return resolved(components["schemas"][schema["$ref"].rpartition("/")[2]], components)
    options = [resolved(part, components) for part in schema.get("anyOf", ())]
    return next((part for part in options if "properties" in part), schema)


def objects_in(schema, components, place=""):
    """Return the places of all objects that a schema describes."""
    schema = resolved(schema, components)
    if "items" in schema:
        return objects_in(schema["items"], components, f"{place}[]")
    if schema.get("additionalProperties") or "properties" not in schema:
        return set()
    inner = (objects_in(part, components, f"{place}.{name}") for name, part in schema["properties"].items())
    return {place}.union(*inner)


def documented(key):
    """Return the schema of an operation's body, an object of no fields for one without a body, and the shapes."""
    method, path = key.split(" ")
    found = describe(method, PLACEHOLDER.sub("x", path))
    content = found.operation.get("requestBody", {}).get("content", {})
    schema = next((kind["schema"] for kind in content.values()), {"type": "object", "properties": {}})
    return schema, found.components


@pytest.fixture(scope="module")
def extras(town):
    """What is sent beside: ids of elsewhere as the tables have them, and as the contracts write them."""
    plain = forged_fields(town.world.elsewhere)
    written = {name: value for name, value in town.foreign.items() if name.endswith("_id")}
    written |= {re.sub(r"_i(d)$", r"I\1", name): value for name, value in written.items()}
    return [plain, {**plain, **written}]


def test_the_fields_are_all_there(extras):
    named = {"id", "uid", "workspace", "workspace_id", "workspaceId", "role", "is_active", "isActive", "seq"}
    named |= {"created_at", "createdAt", "closed_at", "agent_id", "agentId", "secret", "rate_limit", "public"}
    assert set(extras[0]) > named
    assert len(extras[0]) > 400


@pytest.mark.parametrize("key", WRITING)
def test_every_object_of_a_body_is_tried(key):
    met = set()
    schema, components = documented(key)
    salted(BODIES.get(key, {}), schema, components, {}, met=met)
    assert met == objects_in(schema, components)


def send(key, token, ids, body):
    """Send a body as it is and return status and answer."""
    method, path = key.split(" ")
    path = path.format(**ids)
    headers = {"Authorization": f"Bearer {token}"}
    client = Client(raise_request_exception=False)
    if path.endswith("/upload"):
        file = SimpleUploadedFile("a.txt", b"words")
        plain = {name: json.dumps(v) if isinstance(v, dict) else v for name, v in body.items()}
        answer = client.post(path, {**plain, "file": file}, headers=headers)
    else:
        text = PLACEHOLDER.sub(lambda match: ids[match.group(1)], json.dumps(body))
        answer = client.generic(method, path, text, content_type="application/json", headers=headers)
    return answer.status_code, answer.content.decode()


class Watch:
    """Compares what calls do to the tables; each is taken back."""

    def __init__(self, town, taken_back):
        self.before = Tables.now()
        self.taken_back = taken_back
        self.elsewhere = town.world.elsewhere.pk
        self.theirs = self.before.of_workspace(self.elsewhere)

    def done(self, call, *args):
        """Return what a call answers, and the cells that it changed."""
        with self.taken_back():
            answer = call(*args)
            return *answer, changes(self.before, Tables.now())

    def plain(self, call, *args):
        """Learn from two equal calls what they do, and which cells differ by chance or by the clock."""
        status, text, first = self.done(call, *args)
        _status, _text, second = self.done(call, *args)
        assert status < 500, text
        chance = {cell for cell in first.keys() | second.keys() if first.get(cell) != second.get(cell)}
        return status, {cell: value for cell, value in first.items() if cell not in chance}, chance

    def unharmed(self, changed):
        """Fail if a row of elsewhere is another one now, or if something forged was stored anywhere."""
        for (how, table, which, name), value in changed.items():
            assert how == "new" or (table, which) not in self.theirs, (table, which, name)
            assert not (how == "new" and name == "workspace_id" and value == str(self.elsewhere)), table
            assert not any(mark in value for mark in MARKS), (table, name, value)

    def aside(self, plain, status, told, changed):
        """Fail unless the call did what it does without what was sent beside."""
        usual, expected, chance = plain
        assert status == usual, told[:2000]
        self.unharmed(changed)
        # By the fingerprint of what it sent a bot's action is known again: it is another one, as it should be.
        kept = {cell: v for cell, v in changed.items() if cell not in chance and cell[-1] != "fingerprint"}
        assert kept == {cell: value for cell, value in expected.items() if cell[-1] != "fingerprint"}

    def refused(self, status, told, changed):
        """Fail unless the call was refused and changed nothing."""
        assert status in (400, 422), told[:2000]
        assert {name for _how, _table, _which, name in changed} <= SEEN, changed


@pytest.fixture
def watch(town, taken_back):
    return Watch(town, taken_back)


@pytest.mark.parametrize("key", WRITING)
def test_an_undocumented_field_changes_nothing(town, watch, extras, key):
    schema, components = documented(key)
    body = BODIES.get(key, {})
    for name in CALLERS:
        if CONTRACTS[key][tables.COLUMNS.index(name)] >= 400:
            continue
        token = town.tokens[name]
        plain = watch.plain(send, key, token, town.own, body)
        assert plain[0] < 400 or (key, name) in ONLY_VISITORS
        for extra in extras:
            full = salted(copy.deepcopy(body), schema, components, extra)
            status, told, changed = watch.done(send, key, token, town.own, full)
            if key not in REFUSING:
                watch.aside(plain, status, told, changed)
                continue
            watch.refused(status, told, changed)
            unknown = full.keys() - schema["properties"].keys()
            assert not [field for field in unknown if f'"{field}"' not in told], "not refused by its name"


def test_only_what_can_be_refused_is_said_to_be():
    assert set(WRITING) >= REFUSING


@pytest.fixture(scope="module")
def bots(town):
    return Bots(town)


@pytest.mark.parametrize("key", tables.read(tables.BOTS))
def test_an_undocumented_field_of_a_bot_changes_nothing(bots, town, taken_back, extras, key):
    watch = Watch(town, taken_back)  # of a town with bots
    name, body = body_of(key, bots, bots.own)

    def call(sent):
        status, told = by_http(bots.bots["here"], name, sent)
        return status, json.dumps(told)

    plain = watch.plain(call, body)
    for extra in extras:
        status, told, changed = watch.done(call, seasoned(body, extra))
        watch.aside(plain, status, told, changed)


# What the contract's payloads have; the OpenAPI document leaves them open.
BOT_WORDS = {
    "id", "chat_id", "thread_id", "custom_id", "reason", "tag", "type", "text", "url", "event", "target", "filter",
    "ignore_requester_presence", "is_typing", "ignore_agents_availability",
}  # fmt: skip


def seasoned(body, extra):
    """Return a payload with these fields in each of its objects."""
    inner = {name: seasoned(part, extra) if isinstance(part, dict) else part for name, part in body.items()}
    return {name: value for name, value in extra.items() if name not in BOT_WORDS} | inner


@pytest.mark.parametrize("key", FORMS)
def test_a_field_that_a_page_does_not_have_changes_nothing(town, watch, extras, key):
    """Whatever the owner's browser is made to send beside the form, as text: form fields know nothing else."""
    path = key.partition(" ")[2]
    ours = next((name for place, name in tables.UIDS.items() if path.startswith(place)), "uid")
    path = path.format(uid=town.own[ours].rpartition("_")[2])

    def call(form):
        client = Client(raise_request_exception=False)
        client.force_login(town.world.owner.user)
        answer = client.post(path, form)
        return answer.status_code, answer.content.decode()

    plain = watch.plain(call, FORMS[key])
    assert plain[1], "the form does something"
    for extra in extras:
        words = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in extra.items()}
        watch.aside(plain, *watch.done(call, {**words, **FORMS[key]}))
