"""Hostile words in every parameter of everything that is read: no server error, nothing of elsewhere, nothing changed.

Each parameter gets the worst of the words and some of the others by turns; ``HOSTILE_WORDS=all`` tries all in each.

The contracts' parameters come from their OpenAPI documents, the pages' from what their views ask the query for: a page
is opened under a watch, and a parameter that it reads and that has no row here fails.
"""

import os
import re
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.http import QueryDict
from django.test import Client

from agents.models import Agent, Department
from analytics.dashboards.asking import FILTERS
from chat.models import Chat, Message, SavedAnswer, Visitor
from tests.contracts import describe
from widget.models import Trigger

from . import tables
from .test_contracts import PLACEHOLDER
from .test_pages import NAMES, page_ids
from .traces import SEEN, Tables, changes

pytestmark = pytest.mark.django_db
# Stands in every text of the other workspace, and nowhere else.
MARK = "Qzxelsewhere"
HOSTILE = [
    "'; DROP TABLE chat_chat; --\"", "\\%_`$$/*'", "1) OR (1=1", "a\0b", b"\xff\xed\xa0\x80", "9" * 30,
    "9223372036854775808", "-1", "1.5e309", "\N{ARABIC-INDIC DIGIT THREE}\N{SUPERSCRIPT TWO}", "[]", '{"$ne":null}',
    "0000-00-00", "9999-12-31T23:59:59-14:00", "\N{ZERO WIDTH JOINER}\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}x" * 900,
]  # fmt: skip
WORST = 4  # of the words, the first: for every parameter
TURNS = 1 if os.environ.get("HOSTILE_WORDS") == "all" else 4
# Other ways to write a parameter.
SPELLINGS = ["{}[]", "{}[$gt]", "{}__in", "{}__workspace_id"]
LISTS = {"part", "cursor", "q", "trigger"}
DAYS = {"period", "first", "last", "department", "channel", "agent", "widget"}
BEHIND = {"figure", "now", "tag", "trigger", "page", "at", "cursor"}
PART, WORDS = {"part"}, {"q"}
# What each page reads of its query; a page without a row reads nothing.
PARAMETERS = {
    "/inbox/": LISTS,
    "/inbox/all": LISTS,
    "/inbox/waiting": LISTS,
    "/inbox/closed": LISTS,
    "/inbox/chats/{uid}": {*LISTS, "view"},
    "/inbox/chats/{uid}/timeline": {"before", "previous"},
    "/inbox/chats/{uid}/assign/form": PART,
    "/inbox/chats/{uid}/transfer/form": PART,
    "/inbox/team": PART,
    "/inbox/triggers": {"part", "q", "trigger", "view"},
    "/inbox/tags": WORDS,
    "/inbox/answers": WORDS,
    "/inbox/answers/find": WORDS,
    "/inbox/exports/": PART,
    "/inbox/analytics/": {"part", *DAYS},
    "/inbox/analytics/{name}": {"part", "sort", "within", *DAYS},
    "/inbox/analytics/{name}.xlsx": {"sort", "within"},
    "/inbox/analytics/{name}/{table}.csv": {"sort", "within"},
    "/inbox/analytics/chats": {*DAYS, *BEHIND},
    "/inbox/developers/webhooks/{uid}": {"before"},
    "/inbox/developers/activity": {"before"},
}
# What one function reads for several pages is tried in these.
TRIED = {
    "/inbox/chats/{uid}": {"view"},
    "/inbox/": WORDS,
    "/inbox/all": WORDS,
    "/inbox/analytics/": PART,
    "/inbox/analytics/{name}": {"part", "sort", "within"},
    "/inbox/analytics/{name}.xlsx": set(),
}
# The reports' own parameters, beside those of all, and with what they mean anything.
NAMED = {"sort": {"name": "people"}, "within": {"name": "speed"}}
BESIDE = {"page": "widget={widget_id}&", **dict.fromkeys(("q", "cursor", "trigger"), "part=list&")}
GETS = sorted(key for key in tables.read(tables.CONTRACTS) if key.startswith("GET"))
PAGES = sorted(key for key in tables.read(tables.PAGES) if key.startswith("GET"))


@pytest.fixture(scope="module")
def marked(town):
    """The town, with the mark in what the other workspace says of itself."""
    elsewhere = town.world.elsewhere
    for model, names in {
        Visitor: ["name", "email"], Agent: ["name"], Department: ["name"], Trigger: ["name", "message"],
        SavedAnswer: ["title", "text"], Message: ["body"], Chat: ["last_message_text"],
    }.items():  # fmt: skip
        assert model.objects.filter(workspace=elsewhere).update(**dict.fromkeys(names, MARK)), model
    return town


# What may be named by an id of elsewhere.
THEIRS = ("agent_id", "department_id", "widget_id", "conversation_id", "customer_id")


def queries(parameters, turn=0):
    """Return the query strings to try: words in each parameter, and other spellings of it."""
    for place, name in enumerate(parameters, turn):
        words = [*HOSTILE[:WORST], *HOSTILE[WORST + place % TURNS :: TURNS]]
        yield from (urlencode({name: word}) for word in words)
        yield from (urlencode({way.format(name): "1"}) for way in SPELLINGS[place % TURNS :: TURNS])
        yield urlencode([(name, "1"), (name, "'")])


def paths(path, ids):
    """Return the addresses with a hostile word for each of the ids in it."""
    for name in PLACEHOLDER.findall(path):
        for word in HOSTILE[:WORST]:
            yield path.format(**{**ids, name: quote(word, safe="")})


def harmless(taken_back, ask, addresses, theirs):
    """Ask for each address, and fail for a server error, for what is of elsewhere, and for any row that changed."""
    before = Tables.now()
    wrong = []
    with taken_back():
        for address in addresses:
            answer = ask(address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            told = content.decode("utf-8", "replace")
            found = [word for word in (MARK, *theirs) if word in told and word not in address]
            if answer.status_code >= 500 or found:
                wrong.append((address[:300], answer.status_code, found))
        assert not wrong
        assert {cell[-1] for cell in changes(before, Tables.now())} <= SEEN


def of_elsewhere(town):
    return [town.foreign[name] for name in THEIRS]


def foreign_words(town):
    """Return the ids of elsewhere, as contracts and as pages write them."""
    return [value.rpartition("_")[2] for value in town.foreign.values() if not value.isdecimal()]


@pytest.mark.parametrize("key", GETS)
def test_the_contracts(marked, taken_back, key):
    path = key.partition(" ")[2]
    operation = describe("GET", PLACEHOLDER.sub("x", path)).operation
    names = [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"] + ["x"]
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {marked.tokens['server']}"})
    own = path.format(**marked.own)
    addresses = [*paths(path, marked.own), *(f"{own}?{query}" for query in queries(names))]
    theirs = [f"{own}?{urlencode({name: value})}" for name in names for value in of_elsewhere(marked)]
    harmless(taken_back, client.get, [*addresses, *theirs], foreign_words(marked))


# --- Pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch):
    """What is looked up in queries, as it happens."""
    names = set()
    for method in ("get", "__getitem__", "getlist", "__contains__"):
        original = getattr(QueryDict, method)

        def spy(self, key, *args, _original=original, **kwargs):
            if not self._mutable:
                names.add(key)
            return _original(self, key, *args, **kwargs)

        monkeypatch.setattr(QueryDict, method, spy)
    return names


def login(town):
    client = Client(raise_request_exception=False)
    client.force_login(town.world.owner.user)
    return client


@pytest.mark.parametrize("key", PAGES)
def test_every_parameter_that_a_page_reads_is_known(marked, taken_back, asked, key):
    path = key.partition(" ")[2]
    known = PARAMETERS.get(path, set())
    with taken_back():
        client, address = login(marked), path.format(**{**NAMES, **page_ids(path, marked.own)})
        asked.clear()
        for query in ({}, *({name: "1"} for name in sorted(known))):
            client.get(address, query)
    assert asked <= known


def test_every_parameter_is_tried_somewhere():
    tried = {name for path, names in PARAMETERS.items() for name in TRIED.get(path, names)}
    assert tried == {name for names in PARAMETERS.values() for name in names}
    assert all(names <= PARAMETERS[path] for path, names in TRIED.items())


def test_every_parameter_of_the_reports_is_known():
    """They take the query as it is, so their sources say what they read."""
    sources = [path.read_text("utf-8") for path in (settings.BASE_DIR / "analytics/dashboards").rglob("*.py")]
    read = {name for source in sources for name in re.findall(r'\b(?:query|extra|GET)\.get\("(\w+)"', source)}
    assert read | set(FILTERS) == {"part", "sort", "within", *DAYS, *BEHIND}


@pytest.mark.parametrize("key", PAGES)
def test_the_pages(marked, taken_back, key):
    path = key.partition(" ")[2]
    ids = {**NAMES, **page_ids(path, marked.own)}
    addresses = list(paths(path, ids))
    tried = sorted(TRIED.get(path, PARAMETERS.get(path, ())))
    for place, name in enumerate(tried):
        own = path.format(**{**ids, **NAMED.get(name, {})})
        addresses += [f"{own}?{BESIDE.get(name, '').format(**ids)}{query}" for query in queries([name], place)]
        addresses += [f"{own}?{name}={value.rpartition('_')[2]}" for value in of_elsewhere(marked)]
    with taken_back():
        client = login(marked)  # its session is not what is looked at
        harmless(taken_back, client.get, addresses or [path.format(**ids)], foreign_words(marked))
