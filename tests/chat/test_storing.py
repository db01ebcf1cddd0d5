"""Many messages in one transaction: the same as one by one, and nobody's failure is another's."""

import asyncio
import json
import threading
import time
from datetime import UTC, datetime
from typing import ClassVar
from unittest import mock

import psycopg
import pytest
import time_machine
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings as project
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Agent
from chat.access import Actor
from chat.errors import ChatError, Conflict, Ended, NotFound
from chat.models import Chat, Kind, Message
from chat.realtime import hub
from chat.services import assigning, lifecycle, messages, rows, starting, timeline
from chat.services.committing import Committer
from chat.services.locking import lock_chat
from chat.services.storing import MustTake, Posting, store
from chat.sockets import Socket
from config.demo.factories import SubscriptionFactory, VisitorFactory
from integrations.webhooks.models import Delivery
from tests.world import World


def posting(chat: Chat, actor: Actor, body: str, client_id: str | None = None, kind: str = Kind.TEXT) -> Posting:
    return Posting(chat, actor, kind, body, client_id, {}, ())


def visitor_of(chat: Chat) -> Actor:
    return Actor.of_visitor(chat.visitor)


def otto(world: World) -> Actor:
    return Actor.of_agent(world.operator)


@pytest.fixture
def talks(world: World):
    """Return a maker of chats that Otto has, each of a visitor of its own."""
    Agent.objects.filter(workspace=world.workspace).update(status="busy", max_chats=1000)
    world.operator.refresh_from_db()

    def talk(assigned: bool = True) -> Chat:
        visitor = VisitorFactory(workspace=world.workspace)
        chat = starting.start(workspace=world.workspace, visitor=visitor, actor=Actor.of_visitor(visitor)).chat
        return assigning.assign(chat, world.operator, Actor.system(world.workspace.pk)) if assigned else chat

    return talk


def _until(true) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


# --- One transaction ------------------------------------------------------------------------------------------------


def test_one_that_is_refused_keeps_none_of_the_others(world, talks):
    ended, other, waiting = talks(), talks(), talks(assigned=False)
    lifecycle.close(ended, otto(world))
    gone = Chat(pk=10**9, workspace=world.workspace)
    batch = [
        posting(ended, visitor_of(ended), "Too late"),
        posting(other, visitor_of(other), "Hello"),
        posting(gone, otto(world), "Anybody?"),
        posting(waiting, otto(world), "I come"),
        posting(other, otto(world), "Hi"),
    ]
    store(batch)
    assert [type(p.outcome) for p in batch] == [Ended, Message, NotFound, MustTake, Message]
    assert [m.body for m in other.messages.filter(kind=Kind.TEXT).order_by("seq")] == ["Hello", "Hi"]
    assert not ended.messages.filter(kind=Kind.TEXT).exists()


def test_the_same_client_id_twice_in_a_batch_is_one_message(world, talks):
    chat, other = talks(), talks()
    batch = [
        posting(chat, visitor_of(chat), "Hello", "a"),
        posting(chat, visitor_of(chat), "Hello", "a"),
        posting(chat, visitor_of(chat), "Goodbye", "a"),
        posting(chat, otto(world), "Hello", "a"),
        posting(other, visitor_of(other), "Hello", "a"),
    ]
    store(batch)
    first, same, conflict, ottos, elsewhere = (p.outcome for p in batch)
    assert same is first
    assert isinstance(conflict, Conflict)
    assert len({first.pk, ottos.pk, elsewhere.pk}) == 3
    assert chat.messages.filter(client_id="a").count() == 2
    again = [posting(chat, visitor_of(chat), "Hello", "a"), posting(chat, otto(world), "Hello", "a")]
    store(again)
    assert [p.outcome.pk for p in again] == [first.pk, ottos.pk]


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_fails_alone(world, talks):
    chat, nobody = talks(), Actor.of_agent(Agent(pk=10**9, workspace=world.workspace, name="Nobody"))
    batch = [posting(chat, visitor_of(chat), "One"), posting(chat, nobody, "x"), posting(chat, visitor_of(chat), "Two")]
    Committer(store)._commit(batch, True)
    assert [type(p.outcome).__name__ for p in batch] == ["Message", "IntegrityError", "Message"]
    entries = list(chat.messages.order_by("seq").values_list("seq", "body"))
    assert [seq for seq, _ in entries] == list(range(1, len(entries) + 1))
    assert [body for _, body in entries if body] == ["One", "Two"]


def test_a_batch_costs_as_many_statements_as_one(world, talks, django_assert_num_queries):
    chats = [talks() for _ in range(10)]
    batch = [posting(chat, visitor_of(chat), f"{n}", f"{n}") for chat in chats for n in range(3)]
    apart = connection.vendor == "sqlite"
    # savepoint, lock, insert and summaries (apart on SQLite), who listens, release
    with django_assert_num_queries(5 + apart):
        store(batch)
    answers = [posting(chat, otto(world), "Answer") for chat in chats]
    # and what was read
    with django_assert_num_queries(6 + apart):
        store(answers)


# --- Any batching is as good as one by one --------------------------------------------------------------------------

ENTRIES = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["visitor", "agent", "note", "workspace"]),
    st.sampled_from(["One", "Two"]),
    st.sampled_from([None, None, "a", "b"]),
)
_CHAT = [*timeline._SUMMARY, "status", "agent_id"]
_SHARED = ["seq", "public_prev", "public", "kind", "body", "client_id", "created_at", "delivered_at", "read_at"]
_ROW = [*_SHARED, "author_kind", "agent_id"]
_MESSAGE = [*_SHARED, "prev", "by"]


@pytest.mark.parametrize("listening", [False, True])
def test_any_batching_gives_the_rows_events_and_frames_of_one_by_one(
    world, talks, listening, django_capture_on_commit_callbacks
):
    if listening:
        SubscriptionFactory(workspace=world.workspace, events=["message.sent", "message.read"])

    mine = [talks(), talks(), talks(), talks(assigned=False)]
    lifecycle.close(mine[2], otto(world))

    def actor(kind: str, chat: Chat) -> Actor:
        if kind == "visitor":
            return visitor_of(chat)
        return Actor.of_workspace(world.workspace) if kind == "workspace" else otto(world)

    def played(entries: list, sizes: list[int]) -> tuple:
        told: list = []
        sent = [
            posting(mine[n], actor(kind, mine[n]), body, client_id, Kind.NOTE if kind == "note" else Kind.TEXT)
            for n, kind, body, client_id in entries
        ]
        rest, sizes = list(sent), list(sizes)
        with (
            mock.patch.object(hub, "publish", lambda _workspace, topics, data, **_: told.append((topics, data))),
            transaction.atomic(),
        ):
            while rest:
                size = sizes.pop(0) if sizes else len(rest)
                with django_capture_on_commit_callbacks(execute=True):
                    store(rest[:size])
                rest = rest[size:]
            outcomes = [(type(p.outcome).__name__, getattr(p.outcome, "seq", None)) for p in sent]
            rows = [list(chat.messages.order_by("seq").values_list(*_ROW)) for chat in mine]
            summaries = list(Chat.objects.filter(pk__in=[c.pk for c in mine]).order_by("pk").values_list(*_CHAT))
            owed = [_owed(d.event, d.payload) for d in Delivery.objects.order_by("pk")]
            transaction.set_rollback(True)
        return outcomes, rows, summaries, owed, [_frame(topics, data) for topics, data in told]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(ENTRIES, min_size=1, max_size=12), st.lists(st.integers(1, 6), max_size=12))
    def check(entries, sizes):
        with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False):
            assert played(entries, sizes) == played(entries, [1] * len(entries))

    check()


def _frame(topics: list[str], data: dict) -> tuple:
    """Everything of a frame but what is new for each message: its ids."""
    message = data.get("message") or {}
    kept = {name: value for name, value in message.items() if name not in ("id", "uid")}
    return (topics, {**data, "message": kept})


def _owed(event: str, payload: dict) -> tuple:
    message = payload["data"].get("message") or {}
    kept = {name: value for name, value in message.items() if name != "id"}
    return (event, {**payload, "data": {**payload["data"], "message": kept}})


# --- Under way ------------------------------------------------------------------------------------------------------


class Writer(Socket):
    """Posts what it hears, as a visitor."""

    told: ClassVar[set[Socket]] = set()

    async def authenticate(self) -> None:
        self.chat = self.scope["chat"]
        self.workspace_id = self.chat.workspace_id

    def render(self, frame):
        return None

    def error_frame(self, error, ref):
        return {"type": "error", "code": error.code, "ref": ref}

    @classmethod
    async def beat(cls, sockets) -> None:
        cls.told.update(sockets)

    async def on_say(self, frame) -> None:
        stored = await messages.post_soon(self.chat, visitor_of(self.chat), body=frame["body"], client_id=frame["body"])
        self.send_frame({"type": "ack", "seq": stored.seq})


@pytest.mark.django_db(transaction=True)
async def test_a_process_that_stops_commits_and_acknowledges_what_is_queued(world, talks):
    chats = [await sync_to_async(talks)() for _ in range(5)]
    lines = []
    for chat in chats:
        line = WebsocketCommunicator(Writer.as_asgi(), "/write")
        line.scope.update(chat=chat)
        await line.connect()
        lines.append(line)
    held, release = threading.Event(), threading.Event()

    def slow(postings, wait) -> None:
        held.set()
        assert release.wait(30)
        store(postings, wait)

    with mock.patch.object(messages._committer, "_write", slow):
        for n, line in enumerate(lines):
            await line.send_json_to({"type": "say", "body": f"Last words {n}"})
        await asyncio.to_thread(held.wait, 30)
        stopping = asyncio.ensure_future(hub.drain(1))
        await asyncio.sleep(0)
        release.set()
        await stopping
    for chat, line in zip(chats, lines, strict=True):
        heard = []
        while not heard or heard[-1]["type"] != "websocket.close":
            heard.append(await line.receive_output(timeout=5))
        acknowledged = [f for f in (json.loads(h.get("text") or "{}") for h in heard) if f.get("type") == "ack"]
        stored = await sync_to_async(lambda c=chat: list(c.messages.filter(kind=Kind.TEXT).values_list("seq")))()
        assert [(f["seq"],) for f in acknowledged] == stored
        assert len(stored) == 1
    await hub.stop()


@pytest.mark.django_db(transaction=True)
def test_posting_beside_every_other_verb_deadlocks_nobody(world, talks):
    chats = [talks() for _ in range(6)]
    failures: list[BaseException] = []

    def posts(n: int) -> None:
        for i in range(12):
            chat = chats[(n * 5 + i * (1 if n % 2 else -1)) % len(chats)]
            actor = visitor_of(chat) if i % 2 else otto(world)
            messages.post(chat, actor, body=f"{n} {i}", client_id=f"{n}-{i}")

    def verbs(n: int) -> None:
        for i in range(8):
            chat = chats[(n + i) % len(chats)]
            messages.mark_read(chat, otto(world), 10**6)
            messages.mark_delivered(chat, visitor_of(chat), 10**6)
            assigning.send_to_queue(chat, otto(world))
            assigning.assign(Chat.objects.get(pk=chat.pk), world.operator, Actor.system(world.workspace.pk))

    def run(work, n: int) -> None:
        try:
            work(n)
        except ChatError:
            pass  # two verbs at once: somebody else was first
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(posts, n)) for n in range(6)]
    threads += [threading.Thread(target=run, args=(verbs, n)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failures
    assert not any(thread.is_alive() for thread in threads)
    for chat in chats:
        seqs = list(chat.messages.order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, Chat.objects.get(pk=chat.pk).last_seq + 1))
        for n in range(6):
            mine = (
                chat.messages.filter(client_id__startswith=f"{n}-").order_by("seq").values_list("client_id", flat=True)
            )
            assert list(mine) == sorted(mine, key=lambda name: int(name.split("-")[1]))


if not project.EMBEDDED:  # SQLite has one writer at a time, and no locks of rows

    @pytest.mark.django_db(transaction=True)
    def test_a_chat_that_somebody_has_locked_holds_up_no_other(world, talks):
        locked, other = talks(), talks()
        holding, release = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic():
                lock_chat(locked)
                holding.set()
                release.wait(30)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        assert holding.wait(30)
        waiting = [
            threading.Thread(target=messages.post, args=(locked, visitor_of(locked)), kwargs={"body": str(n)})
            for n in range(3)
        ]
        for n, thread in enumerate(waiting):
            thread.start()
            _until(lambda n=n: messages._committer._unsettled == n + 1)
        messages.post(other, visitor_of(other), body="Meanwhile")
        assert not locked.messages.filter(kind=Kind.TEXT).exists()
        release.set()
        for thread in (holder, *waiting):
            thread.join(30)
        assert list(locked.messages.filter(kind=Kind.TEXT).order_by("seq").values_list("body", flat=True)) == list(
            "012"
        )

    @pytest.mark.django_db(transaction=True)
    async def test_a_commit_that_was_not_answered_lets_everybody_look(world, talks, settings, monkeypatch):
        """It stands, and nobody was told of it: who sent it finds it by sending it again, the others by looking."""
        settings.HEARTBEAT_SECONDS = 3600
        monkeypatch.setattr(hub._pulses, "hear", lambda *_: False)  # no other reason to look
        chat = await sync_to_async(talks)()
        line, other = (WebsocketCommunicator(Writer.as_asgi(), "/write") for _ in range(2))
        for each in (line, other):
            each.scope.update(chat=chat)
            await each.connect()
        await asyncio.sleep(1.1)  # the heartbeats of joining are over
        Writer.told.clear()
        commit = psycopg.Connection.commit

        def unanswered(connection) -> None:
            commit(connection)
            raise psycopg.OperationalError("server closed the connection unexpectedly")

        with mock.patch.object(psycopg.Connection, "commit", unanswered):
            await line.send_to(text_data=json.dumps({"type": "say", "body": "Hello?"}))
            assert json.loads(await line.receive_from(10))["type"] == "error"
            async with asyncio.timeout(10):
                while len(Writer.told) < 2:
                    await asyncio.sleep(0.05)
        assert await chat.messages.filter(body="Hello?").aexists()
        for each in (line, other):
            await each.disconnect()
        await hub.stop()

    @pytest.mark.django_db(transaction=True)
    def test_what_a_message_takes_is_planned_once_and_by_indexes(world, talks):
        chat = talks()
        visitor = visitor_of(chat)
        messages.post(chat, visitor, body="Said", client_id="1")
        with pytest.raises(Conflict):
            messages.post(chat, visitor, body="Other words", client_id="1")
        for n in range(7):  # the server would decide after five
            messages.post(chat, visitor, body=str(n))
        # Locking, inserting with the summary, owing; after the refusal they were made anew.
        assert len(_kept_by_indexes()) == 3
        assert all(generic >= 7 and custom == 0 for generic, custom in _kept_by_indexes())

    @pytest.mark.django_db(transaction=True)
    def test_what_is_kept_stays_right_after_a_savepoint_and_when_the_server_plans_anew(world, talks):
        chat = talks()
        messages.post(chat, visitor_of(chat), body="One")
        before = _kept_by_indexes()
        with transaction.atomic(), pytest.raises(ZeroDivisionError), transaction.atomic():
            Chat.objects.count() / 0
        messages.post(chat, visitor_of(chat), body="Two")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        messages.post(chat, visitor_of(chat), body="Three")
        after = _kept_by_indexes()
        assert len(after) == len(before)
        # Three for each message, and one for each look: nothing was forgotten and kept anew.
        assert sum(generic for generic, _ in after) == sum(generic for generic, _ in before) + 2 * 3 + len(before)
        assert not any(custom for _, custom in after)

    def _kept_by_indexes() -> list[tuple[int, int]]:
        """Return how often what this connection keeps was planned once and anew; none of it may read a whole table."""
        with rows.brief_transaction(), connection.cursor() as cursor:
            cursor.execute("SELECT name, statement, generic_plans, custom_plans FROM pg_prepared_statements")
            kept = cursor.fetchall()
            for name, statement, _, _ in kept:
                parameter = "'{1}'" if "ANY" in statement else "'[]'"
                cursor.execute(f"EXPLAIN EXECUTE {name} ({', '.join([parameter] * statement.count('$'))})")
                plan = "\n".join(line for (line,) in cursor.fetchall())
                assert "Seq Scan on chat" not in plan, statement
        return [(generic, custom) for _, _, generic, custom in kept]

    @pytest.mark.django_db(transaction=True)
    def test_what_is_posted_within_a_transaction_is_not_prepared(world, talks):
        chat = talks()
        used = "SELECT count(*), sum(generic_plans) FROM pg_prepared_statements"
        with connection.cursor() as cursor:
            cursor.execute(used)
            before = cursor.fetchone()
            with transaction.atomic():
                messages.post(chat, visitor_of(chat), body="Within")
            cursor.execute(used)
            assert cursor.fetchone() == before
