"""Keeps the documents of the search true, some seconds behind, so that nobody who sends a message waits for it.

``Chat.words_seq`` is the last entry that the document knows; a chat whose ``last_seq`` is larger is looked at again.
What changes without a line in the timeline, such as the visitor's name, calls :func:`forget`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection, connections
from django.db.models import F, QuerySet
from django.db.models.functions import Abs

from . import tokens
from .models import Chat, ChatWords, Kind, Message
from .services import rows

AT_ONCE = 100
_CHATS = Chat._meta.db_table
_KNOWN = {"id": Chat._meta.pk, "before": Chat._meta.get_field("words_seq"), "upto": Chat._meta.get_field("last_seq")}
_NOTE = f"""
{{values}}, same AS (
    SELECT c.id, v.upto FROM {_CHATS} c JOIN v ON c.id = v.id WHERE c.words_seq = v.before ORDER BY c.id{{locked}}
)
UPDATE {_CHATS} SET words_seq = same.upto FROM same WHERE {_CHATS}.id = same.id
"""  # noqa: S608  names of our own


def forget(chats: QuerySet[Chat]) -> None:
    """Have the documents of these chats made anew, from the first entry."""
    # Never the number that was there: who makes one at this moment notices.
    chats.update(words_seq=-1 - Abs(F("words_seq")))


def collect(after: int = 0) -> list[int]:
    """Index up to a hundred of the chats beyond ``after`` that changed; return their ids, in order.

    Safe to run anywhere, and twice at once.
    """
    changed = Chat.objects.filter(words_seq__lt=F("last_seq"), id__gt=after).select_related("visitor").order_by("id")
    chats = list(changed[:AT_ONCE])
    if chats:
        documents = _documents(chats)
        ChatWords.objects.bulk_create(
            documents, update_conflicts=True, unique_fields=["chat"], update_fields=["ticket_no", "tokens"]
        )
        _note(chats)
    return [chat.pk for chat in chats]


def _documents(chats: Sequence[Chat]) -> list[ChatWords]:
    said: dict[int, list[str]] = defaultdict(list)
    known = [chat.pk for chat in chats if chat.words_seq > 0]
    for chat_id, text in ChatWords.objects.filter(pk__in=known).values_list("pk", "tokens"):
        said[chat_id] += tokens.words_in(text)
    unknown = Message.objects.filter(chat__in=chats, seq__gt=F("chat__words_seq")).exclude(kind=Kind.EVENT)
    for chat_id, body in unknown.order_by("chat", "seq").values_list("chat", "body"):
        said[chat_id] += tokens.words(body)
    return [
        ChatWords(
            chat=chat,
            workspace_id=chat.workspace_id,
            ticket_no=chat.ticket_no,
            tokens=tokens.document(chat, [*_names(chat), *said[chat.pk]]),
        )
        for chat in chats
    ]


def _names(chat: Chat) -> list[str]:
    return [str(chat.ticket_no), *tokens.words(f"{chat.visitor.name} {chat.visitor.email}")]


def _note(chats: Sequence[Chat]) -> None:
    """Say how far the documents go; not of chats that were forgotten meanwhile, and not now of those that are locked.

    One statement: who writes to these chats meanwhile waits for no more than this.
    """
    values, parameters = rows.as_values(_KNOWN, ((chat.pk, chat.words_seq, chat.last_seq) for chat in chats))
    locked = " FOR NO KEY UPDATE OF c SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE.format(values=values, locked=locked), parameters)


# -- the index itself --------------------------------------------------------------------------------------------------


def before_migrations(using: str = "default", **_: Any) -> None:
    """Take the triggers away in SQLite, which cannot rename a table that a trigger names."""
    if connections[using].vendor == "sqlite":
        _run(using, [f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE_TRIGGERS])


def after_migrations(using: str = "default", **_: Any) -> None:
    """Put the index in place, if its table is there (a migration may have gone backwards)."""
    connection = connections[using]
    if _TABLE not in connection.introspection.table_names():
        return
    if connection.vendor == "postgresql":
        _run(using, _POSTGRESQL)
        return
    before_migrations(using)
    known = FOUND in connection.introspection.table_names()
    _run(using, [] if known else [_SQLITE_INDEX, _REBUILD])
    _run(using, [f"CREATE TRIGGER {name} {text}" for name, text in _SQLITE_TRIGGERS.items()])


def _run(using: str, statements: list[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


FOUND = "chat_found"
_TABLE = ChatWords._meta.db_table
_VECTOR = "array_to_tsvector(string_to_array(tokens, ' '))"
# Shelves from the newest on: two alone, then by groups, of which those without a match of the ``certain`` part of the
# question (its whole words) are passed by in one look, those with few are read at once, and those with many one by one.
# The planner would rather read the table when it thinks a word frequent; the pending list of a text index would be read
# anew for each look.
_POSTGRESQL = [
    f"CREATE INDEX IF NOT EXISTS chat_words_found ON {_TABLE} USING gin ({_VECTOR}) WITH (fastupdate = off)",
    f"""
CREATE OR REPLACE FUNCTION {FOUND}_between(question text, oldest bigint, newest bigint) RETURNS tsquery
LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg('(' || replace(question, '~', shelf::text) || ')', ' | ')::tsquery
    FROM generate_series(oldest, newest) AS shelf
$$
""",  # noqa: S608
    f"""
CREATE OR REPLACE FUNCTION {FOUND}(question text, certain text, newest bigint, below bigint, most int)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    together CONSTANT int := 16;
    few CONSTANT int := 500;
    upper bigint := newest;
    lower bigint;
    alone bigint := newest - 1;
    wanted int := most;
    had int;
    asked tsquery;
BEGIN
    WHILE upper >= 0 AND wanted > 0 LOOP
        lower := upper;
        had := 1;
        IF upper < alone THEN
            lower := greatest(upper - together + 1, 0);
            asked := {FOUND}_between(certain, lower, upper);
            SELECT count(*) INTO had
            FROM (SELECT FROM {_TABLE} AS words WHERE {_VECTOR} @@ asked LIMIT few) AS found;
            IF had = few THEN
                alone := lower;
                lower := upper;
            END IF;
        END IF;
        IF had > 0 THEN
            asked := {FOUND}_between(question, lower, upper);
            RETURN QUERY
                SELECT words.chat_id FROM {_TABLE} AS words
                WHERE {_VECTOR} @@ asked AND words.ticket_no < below
                ORDER BY words.ticket_no DESC LIMIT wanted;
            GET DIAGNOSTICS had = ROW_COUNT;
            wanted := wanted - had;
        END IF;
        upper := lower - 1;
    END LOOP;
END $$
""",  # noqa: S608  names of our own
]
_SQLITE_INDEX = (
    f"CREATE VIRTUAL TABLE {FOUND} USING fts5(tokens, content='{_TABLE}', content_rowid='chat_id', detail='none',"
    " tokenize=\"unicode61 remove_diacritics 0 tokenchars '#_'\")"
)
_REBUILD = f"INSERT INTO {FOUND}({FOUND}) VALUES ('rebuild')"  # noqa: S608
_FORGET = f"INSERT INTO {FOUND}({FOUND}, rowid, tokens) VALUES ('delete', OLD.chat_id, OLD.tokens);"  # noqa: S608
_LEARN = f"INSERT INTO {FOUND}(rowid, tokens) VALUES (NEW.chat_id, NEW.tokens);"  # noqa: S608
_SQLITE_TRIGGERS = {
    "chat_words_made": f"AFTER INSERT ON {_TABLE} BEGIN {_LEARN} END",
    "chat_words_gone": f"AFTER DELETE ON {_TABLE} BEGIN {_FORGET} END",
    "chat_words_changed": f"AFTER UPDATE ON {_TABLE} BEGIN {_FORGET} {_LEARN} END",
}
