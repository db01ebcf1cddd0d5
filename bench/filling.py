"""Made-up chats by the hundred thousand, written by the database itself: a few statements, however many there are.

    filled = filling.fill(1_000_000)                     # a year of ended chats, six messages each
    filled = filling.fill(1_000_000, opened=10_000, messages=0)

PostgreSQL writes a million chats with their six million messages in some minutes, SQLite too. Everything is a function
of the chat's number, so two runs have the same chats, apart from their uids and the hour at which it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import wording

# Chats of one statement and one transaction.
AT_ONCE = 50_000
AGENTS, DEPARTMENTS, TAGS, TRIGGERS = 20, 4, 10, 3
CHATS_OF_A_VISITOR = 3
SPAN = timedelta(days=365)

# When a line was written: the visitor's and the agent's by turns, the first one at once. Seconds from the beginning.
_WAIT, _PACE = "(10 + n % 300)", "(5 + n % 90)"
_ANSWERED = "(n % 12 <> 0)"
# Which sentence a line is.
_SENTENCE = f"(n * 31 + line * 7) % {wording.SENTENCES}"


@dataclass(frozen=True)
class Filled:
    """A workspace with its chats, and the ids of what they refer to."""

    workspace: Any
    departments: list[int]
    agents: list[int]
    tags: list[int]
    triggers: list[Any]


def fill(size: int, *, opened: int = 0, messages: int = 6) -> Filled:
    """Make a workspace with so many chats, evenly over the year that ends now, as if analytics had counted them.

    Four departments, twenty agents, three channels, ten tags on every other chat, a trigger on every twentieth; one in
    twelve was never answered. The newest ``opened`` chats are open: one in four of them waits, the rest are with agents.
    A workspace of this size that is there already (``ground.KEEP``) is taken as it is.
    """
    from agents.models import Workspace
    from chat.models import Chat, TicketCounter

    if known := Workspace.objects.filter(slug=f"bench-{size}").first():
        return _known(known)
    filled = _company(size)
    wording.store()
    began = datetime.now(UTC) - SPAN
    with _indexed_afterwards() if size > AT_ONCE else nullcontext():
        for first in range(0, size, AT_ONCE):
            _store(filled, _Part(first, min(first + AT_ONCE, size), size, size - opened, messages, began))
    # Tags make analytics look again.
    Chat.objects.filter(workspace=filled.workspace, counted=False).update(counted=True)
    TicketCounter.objects.update_or_create(workspace=filled.workspace, defaults={"last": size})
    return filled


def insert(model: Any, source: str, **columns: str) -> None:
    """Insert a row of ``model`` for each row of ``source`` (what follows FROM).

    ``columns`` are SQL expressions by the column's name. What is not named has the model's default.
    """
    from django.db import connection

    blank = model()
    fields = {
        field.column: field.get_db_prep_save(field.pre_save(blank, True), connection)
        for field in model._meta.local_concrete_fields
        if field.column not in columns and not field.primary_key
    }
    names = ", ".join(connection.ops.quote_name(name) for name in (*columns, *fields))
    values = ", ".join((*(text.replace("%", "%%") for text in columns.values()), *("%s" for _ in fields)))
    source = source.replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {source}", [*fields.values()]
        )


def numbers(name: str, first: int, end: int) -> str:
    """Return a source of the whole numbers from ``first`` up to, not including, ``end``, in a column ``name``."""
    return (
        f"(WITH RECURSIVE up({name}) AS (SELECT {first} UNION ALL SELECT {name} + 1 FROM up WHERE {name} < {end - 1})"
        f" SELECT {name} FROM up) AS {name}s"
    )


@contextmanager
def _indexed_afterwards() -> Iterator[None]:
    """Drop the indexes and the checks of references while rows are written, and make them anew; SQLite keeps them."""
    from django.db import connection

    from chat.models import Assignment, Chat, ChatTag, ChatWords, Message, Visitor

    if connection.vendor != "postgresql":
        yield
        return
    tables = [model._meta.db_table for model in (Visitor, Chat, ChatWords, Message, Assignment, ChatTag)]
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS, [tables])
        constraints = cursor.fetchall()
        for table, name, _definition in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(_INDEXES, [tables])
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        # References last: they need what they refer to.
        for table, name, definition in sorted(constraints, key=lambda row: row[2].startswith("FOREIGN")):
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('u', 'f') ORDER BY contype
"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes JOIN pg_class ON relname = indexname JOIN pg_index ON indexrelid = pg_class.oid
WHERE tablename = ANY(%s) AND NOT indisprimary
"""


@dataclass(frozen=True)
class _Part:
    """The chats of the numbers from ``first`` up to ``end`` of ``size``; those from ``open_from`` on are open."""

    first: int
    end: int
    size: int
    open_from: int
    messages: int
    began: datetime

    @property
    def count(self) -> int:
        return self.end - self.first

    def at(self, seconds: str = "0") -> str:
        """Return the SQL for a time, so many seconds after the chat's beginning."""
        step = SPAN.total_seconds() / self.size
        return _moment(self.began, f"{step!r} * n + ({seconds})")

    @staticmethod
    def said(line: str) -> str:
        """Return the SQL for the seconds at which a line was written."""
        return f"(CASE WHEN {line} = 0 THEN 0 ELSE {_WAIT} + {line} * {_PACE} END)"


def _company(size: int) -> Filled:
    from agents.ids import new_uid
    from chat.models import Tag
    from config.demo.factories import AgentFactory, DepartmentFactory, WorkspaceFactory

    workspace = WorkspaceFactory(timezone="Asia/Ho_Chi_Minh", slug=f"bench-{size}")
    return Filled(
        workspace,
        [DepartmentFactory(workspace=workspace, slug=f"d{n}").pk for n in range(DEPARTMENTS)],
        [AgentFactory(workspace=workspace).pk for _ in range(AGENTS)],
        [Tag.objects.create(workspace=workspace, name=f"tag {n}").pk for n in range(TAGS)],
        [new_uid() for _ in range(TRIGGERS)],
    )


def _known(workspace: Any) -> Filled:
    from chat import triggers
    from chat.models import Tag

    def ids(rows: Any) -> list[int]:
        return list(rows.order_by("pk").values_list("pk", flat=True))

    tags = ids(Tag.objects.filter(workspace=workspace))
    begun = sorted(uid for uid, _name in triggers.named(workspace.pk))
    return Filled(workspace, ids(workspace.departments), ids(workspace.agents), tags, begun)


def _store(filled: Filled, part: _Part) -> None:
    """Insert these chats with all that belongs to them."""
    from django.core.management.color import no_style
    from django.db import connection, transaction

    from chat.models import Chat, Visitor

    with transaction.atomic():
        visitors, chats = _next_id(Visitor), _next_id(Chat)
        _visitors(filled, part, visitors)
        _chats(filled, part, chats, visitors)
        if part.messages:
            _what_was_said(filled, part, chats)
            documents(filled.workspace.pk, chats, chats + part.count, part.messages, part.size)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Visitor, Chat]):
                cursor.execute(statement)


def _visitors(filled: Filled, part: _Part, first: int) -> None:
    from chat.models import Visitor

    insert(
        Visitor,
        numbers("n", 0, part.count // CHATS_OF_A_VISITOR + 1),
        id=f"{first} + n",
        uid=uid(),
        workspace_id=str(filled.workspace.pk),
        name=f"'Visitor ' || ({part.first} + n)",
        email=f"'visitor' || ({part.first} + n) || '@example.com'",
    )


def _chats(filled: Filled, part: _Part, first: int, first_visitor: int) -> None:
    from chat.models import Chat

    lines = part.messages
    ended, active = f"n < {part.open_from}", f"(n >= {part.open_from} AND n % 4 <> 0)"
    met = f"((n < {part.open_from} AND {_ANSWERED}) OR {active})"
    last = part.at(part.said(str(max(lines - 1, 0))))
    insert(
        Chat,
        numbers("n", part.first, part.end),
        id=f"{first} + n - {part.first}",
        uid=uid(),
        conversation_uid=uid(),
        workspace_id=str(filled.workspace.pk),
        ticket_no="n + 1",
        visitor_id=f"{first_visitor} + (n - {part.first}) % {part.count // CHATS_OF_A_VISITOR + 1}",
        status=f"CASE WHEN {ended} THEN 'closed' WHEN {active} THEN 'active' ELSE 'waiting' END",
        channel=_one_of(["website", "website", "facebook", "zalo"], "n"),
        department_id=_one_of(filled.departments, "n / 3"),
        agent_id=f"CASE WHEN {met} THEN {_one_of(filled.agents, 'n / 7')} END",
        trigger_uid=f"CASE WHEN n % 20 = 0 THEN {_one_of([uid(one.hex) for one in filled.triggers], 'n / 20', raw=True)} END",
        trigger_name=f"CASE WHEN n % 20 = 0 THEN {_one_of([f'Trigger {n}' for n in range(TRIGGERS)], 'n / 20')} ELSE '' END",
        created_at=part.at(),
        updated_at=last,
        queued_at=part.at(),
        last_message_at=last,
        first_assigned_at=f"CASE WHEN {met} THEN {part.at(_WAIT)} END",
        first_response_at=f"CASE WHEN {met} THEN {part.at(part.said('1'))} END",
        closed_at=f"CASE WHEN {ended} THEN {part.at(part.said(str(max(lines, 6))))} END",
        last_seq=str(lines),
        last_public_seq=str(lines),
        message_count=str(lines),
        response_turns=f"CASE WHEN {met} THEN {lines // 2} ELSE 0 END",
        rating=f"CASE WHEN {ended} AND {_ANSWERED} AND n % 3 = 0 THEN 1 + n % 5 END",
        counted="TRUE",
        words_seq=str(lines),
    )


def _what_was_said(filled: Filled, part: _Part, first: int) -> None:
    from chat.models import Assignment, ChatTag, Message

    workspace = str(filled.workspace.pk)
    # The chats of this part with their numbers.
    chats = f"(SELECT id, agent_id, first_assigned_at, closed_at, ticket_no - 1 AS n FROM chat_chat WHERE workspace_id = {workspace} AND id >= {first}) AS c"
    by_agent = f"(line % 2 = 1 AND {_ANSWERED} AND c.agent_id IS NOT NULL)"
    insert(
        Assignment, f"{chats} WHERE c.agent_id IS NOT NULL",
        workspace_id=workspace, chat_id="c.id", agent_id="c.agent_id", started_at="c.first_assigned_at", ended_at="c.closed_at",
    )  # fmt: skip
    insert(
        Message, f"{chats} CROSS JOIN {numbers('line', 0, part.messages)} JOIN {wording.TABLE} AS said ON said.number = {_SENTENCE}",
        workspace_id=workspace, chat_id="c.id", uid=uid(), seq="line + 1", public_prev="line", body=_body("said.body", part),
        author_kind=f"CASE WHEN {by_agent} THEN 'agent' ELSE 'visitor' END", agent_id=f"CASE WHEN {by_agent} THEN c.agent_id END",
        created_at=part.at(part.said("line")),
    )  # fmt: skip
    insert(ChatTag, f"{chats} WHERE n % 2 = 0", chat_id="c.id", tag_id=_one_of(filled.tags, "n / 2"))


def _body(sentence: str, part: _Part) -> str:
    """Return the SQL for a message: the first one names an order of its own, the second one an offer of old."""
    return (
        f"{sentence} || CASE WHEN line = 0 THEN ' DH' || (100000 + n)"
        f" WHEN line = 1 AND n < {part.size // 2} THEN ' {wording.OLD}' ELSE '' END"
    )


def documents(workspace_id: int, first: int, end: int, lines: int, size: int) -> None:
    """Make the search's documents of the chats of these ids, as ``chat.indexing`` does."""
    from django.db import connection

    from chat import tokens
    from chat.folding import folded
    from chat.models import ChatWords

    trigger = "replace(c.trigger_uid::text, '-', '')" if connection.vendor == "postgresql" else "c.trigger_uid"
    joined = "string_agg(said.words, ' ')" if connection.vendor == "postgresql" else "group_concat(said.words, ' ')"
    names = "lower(v.name) || ' ' || replace(replace(v.email, '@', ' '), '.', ' ')"
    once = f"c.ticket_no || ' dh' || (99999 + c.ticket_no) || CASE WHEN c.ticket_no <= {size // 2} THEN ' {folded(wording.OLD)}' ELSE '' END"
    marks = f"'#' || c.status || ' #d' || COALESCE(c.department_id, 0) || COALESCE(' #a' || c.agent_id, '') || COALESCE(' #t #t' || {trigger}, '')"
    text = f"{names} || ' ' || {once} || ' ' || {marks} || ' ' || {joined}"
    if connection.vendor == "postgresql":
        shelf = f"'{workspace_id}.' || (c.ticket_no / {tokens.SHELF}) || '.'"
        text = f"{shelf} || replace({text}, ' ', ' ' || {shelf})"
    else:
        text = f"{text} || ' {tokens.workspace(workspace_id)}'"
    sentence = _SENTENCE.replace("n *", "(c.ticket_no - 1) *")
    chats = f"(SELECT * FROM chat_chat WHERE workspace_id = {workspace_id} AND id >= {first} AND id < {end}) AS c JOIN chat_visitor AS v ON v.id = c.visitor_id"
    insert(
        ChatWords, f"{chats} CROSS JOIN {numbers('line', 0, lines)} JOIN {wording.TABLE} AS said ON said.number = {sentence} GROUP BY c.id, v.id, c.ticket_no, c.status, c.department_id, c.agent_id, c.trigger_uid, v.name, v.email",
        chat_id="c.id", workspace_id=str(workspace_id), ticket_no="c.ticket_no", tokens=text,
    )  # fmt: skip


def _next_id(model: Any) -> int:
    newest = model.objects.order_by("-pk").values_list("pk", flat=True).first()
    return (newest or 0) + 1


def _one_of(values: list[Any], number: str, *, raw: bool = False) -> str:
    """Return the SQL that picks one of the values, by turns."""
    shown = [str(value) if raw or isinstance(value, int) else f"'{value}'" for value in values]
    cases = " ".join(f"WHEN {n} THEN {value}" for n, value in enumerate(shown))
    return f"(CASE ({number}) % {len(values)} {cases} END)"


def uid(text: str = "") -> str:
    """Return the SQL for this uid, or for a new one in each row."""
    from django.db import connection

    if connection.vendor == "postgresql":
        return f"'{text}'::uuid" if text else "gen_random_uuid()"
    return f"'{text}'" if text else "lower(hex(randomblob(16)))"


def _moment(base: datetime, seconds: str) -> str:
    """Return the SQL for a time so many seconds after ``base``."""
    from django.db import connection

    if connection.vendor == "postgresql":
        return f"'{base.isoformat()}'::timestamptz + ({seconds}) * interval '1 second'"
    return f"strftime('%Y-%m-%d %H:%M:%f', {base.timestamp()!r} + ({seconds}), 'unixepoch')"
