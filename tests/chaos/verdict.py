"""Compares what clients were promised and saw with the database and the receivers."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from .journal import longest_calm
from .stage import Row, Stage, hexed

_MESSAGES = """
SELECT c.uid AS chat, m.uid, m.seq, m.public, m.public_prev, m.kind, m.author_kind, m.body, m.client_id
FROM chat_message m JOIN chat_chat c ON c.id = m.chat_id ORDER BY c.id, m.seq
"""


@dataclass
class Verdict:
    """What was wrong, and the figures."""

    faults: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def fault(self, what: str) -> None:
        self.faults.append(what)


def judge(stage: Stage) -> Verdict:
    """Compare everything with everything."""
    verdict = Verdict(faults=list(stage.journal.faults))
    rows = [{**row, "chat": hexed(row["chat"]), "uid": hexed(row["uid"])} for row in stage.house.rows(_MESSAGES)]
    by_chat: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_chat[row["chat"]].append(row)
    _promises(stage, rows, verdict)
    _numbers(stage, by_chat, verdict)
    _starts_and_ends(stage, verdict)
    _what_clients_have(stage, by_chat, verdict)
    _how_late(stage, verdict)
    if stage.receiver:
        _webhooks(stage, rows, verdict)
    if stage.robot:
        _bot(stage, by_chat, verdict)
    verdict.figures["seen"] = dict(stage.journal.seen)
    return verdict


def _promises(stage: Stage, rows: list[Row], verdict: Verdict) -> None:
    """What was acknowledged is there, in the place that was named; nothing that was said is there twice."""
    stored: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        stored[row["body"]].append(row)
    for said in stage.journal.said.values():
        found = stored.get(said.body, [])
        if len(found) > 1:
            verdict.fault(f"doubled: {said.body!r} is {len(found)} messages")
        if said.acknowledged is None:
            continue
        if not found:
            verdict.fault(f"lost: {said.body!r} was acknowledged and is not there")
        elif found[0]["chat"] != said.chat or (said.uid and (said.uid, said.seq) != (found[0]["uid"], found[0]["seq"])):
            verdict.fault(f"{said.body!r} was acknowledged as {said.seq} and is {found[0]['seq']}")
    verdict.figures["acknowledged"] = len(stage.journal.acknowledged)
    verdict.figures["sent more than once"] = sum(said.tries > 1 for said in stage.journal.said.values())
    verdict.figures["never acknowledged"] = len(stage.journal.said) - len(stage.journal.acknowledged)


def _numbers(stage: Stage, by_chat: dict[str, list[Row]], verdict: Verdict) -> None:
    """From 1, without a gap; the chat knows its last; the public chain is whole."""
    for chat in stage.chats():
        rows = by_chat[chat["uid"]]
        if [row["seq"] for row in rows] != list(range(1, len(rows) + 1)) or chat["last_seq"] != len(rows):
            verdict.fault(f"{chat['uid']} is numbered {[row['seq'] for row in rows]}, its last is {chat['last_seq']}")
        before = 0
        for row in rows:
            if row["public_prev"] != before:
                verdict.fault(f"{chat['uid']}: {row['seq']} names {row['public_prev']} before it, not {before}")
            before = row["seq"] if row["public"] else before
    verdict.figures["chats"], verdict.figures["messages"] = len(by_chat), sum(map(len, by_chat.values()))


def _starts_and_ends(stage: Stage, verdict: Verdict) -> None:
    """Each start made one chat, however often it was sent; what was ended is."""
    query = "SELECT v.name, c.uid FROM chat_chat c JOIN chat_visitor v ON v.id = c.visitor_id"
    made: defaultdict[str, list[str]] = defaultdict(list)
    for row in stage.house.rows(query):
        made[row["name"]].append(hexed(row["uid"]))
    for name, chat in stage.journal.started.items():
        if made[name] != [chat]:
            verdict.fault(f"{name} started {chat} and has {made[name]}")
    if doubled := {name: chats for name, chats in made.items() if len(chats) > 1}:
        verdict.fault(f"started twice: {doubled}")
    closed = {chat["uid"] for chat in stage.chats() if chat["status"] == "closed"}
    if stage.journal.ended - closed:
        verdict.fault(f"ended and not closed: {stage.journal.ended - closed}")


def _what_clients_have(stage: Stage, by_chat: dict[str, list[Row]], verdict: Verdict) -> None:
    """Everybody has everything that they may see, as the database has it: so all have one order."""
    for timeline in stage.journal.timelines:
        wanted = {row["seq"]: row["uid"] for row in by_chat[timeline.chat] if timeline.for_team or row["public"]}
        have = {seq: entry.uid for seq, entry in timeline.entries.items()}
        if wrong := {seq for seq in have if wanted.get(seq) != have[seq]}:
            verdict.fault(f"{timeline.whose} has other entries of {timeline.chat} than the database: {sorted(wrong)}")
        if timeline.counts and (missing := wanted.keys() - have.keys()):
            verdict.fault(f"{timeline.whose} has not got {sorted(missing)} of {timeline.chat}")
    verdict.figures["timelines"] = len(stage.journal.timelines)


def _how_late(stage: Stage, verdict: Verdict) -> None:
    """How long anybody waited for something acknowledged while nothing was broken and they were connected."""
    said = {item.uid: item for item in stage.journal.acknowledged if item.uid}
    worst, all_late = (0.0, "nobody waited"), []
    for timeline in stage.journal.timelines:
        disturbed = [*stage.journal.outages, *timeline.away]
        for entry in timeline.entries.values():
            item = said.get(entry.uid)
            if item is None or item.acknowledged is None or not timeline.counts or entry.at <= item.acknowledged:
                continue
            late = longest_calm(item.acknowledged, entry.at, disturbed)
            all_late.append(late)
            worst = max(worst, (late, f"{timeline.whose} for {item.body[:40]!r}"))
    verdict.figures["worst wait, seconds"], verdict.figures["worst wait of"] = round(worst[0], 2), worst[1]
    all_late.sort()
    verdict.figures["waits over 1 s"] = sum(late > 1 for late in all_late)


def _webhooks(stage: Stage, rows: list[Row], verdict: Verdict) -> None:
    """Every event came, under one id, word for word the same each time."""
    bodies: defaultdict[str, set[bytes]] = defaultdict(set)
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for request in list(stage.receiver.received):
        bodies[request.id].add(request.body)
        payload = json.loads(request.body)
        if payload["type"] == "message.sent":
            ids[payload["data"]["message"]["id"].removeprefix("msg_")].add(request.id)
        elif payload["type"].startswith("chat."):
            ids[f"{payload['type']} {payload['data']['chat']['id'].removeprefix('chat_')}"].add(request.id)
    if changed := [name for name, versions in bodies.items() if len(versions) > 1]:
        verdict.fault(f"webhooks that changed between attempts: {changed}")
    if many := {name for name, names in ids.items() if len(names) > 1}:
        verdict.fault(f"events with more than one id: {many}")
    # Only what happened after the webhook was made is owed; everything did.
    expected = {row["uid"] for row in rows if row["kind"] not in ("note", "event")}
    for chat in stage.chats():
        expected.add(f"chat.created {chat['uid']}")
        if chat["status"] == "closed":
            expected.add(f"chat.closed {chat['uid']}")
    if missing := expected - ids.keys():
        verdict.fault(f"the webhook never got {len(missing)} events: {sorted(missing)[:5]}")
    if strange := ids.keys() - expected:
        verdict.fault(f"the webhook got {len(strange)} events of what is not there: {sorted(strange)[:5]}")
    verdict.figures["webhooks, events"] = len(ids)
    verdict.figures["webhooks, repetitions"] = len(stage.receiver.received) - len(bodies)


def _bot(stage: Stage, by_chat: dict[str, list[Row]], verdict: Verdict) -> None:
    """The bot heard every message of its chats, in order; each answer that the broker confirmed is there once."""
    heard: defaultdict[str, list[str]] = defaultdict(list)
    contents: defaultdict[str, set[str]] = defaultdict(set)
    actions: Counter[str] = Counter()
    for name, said in stage.robot.heard:
        contents[name].add(json.dumps(said, sort_keys=True))
        actions[said["action"]] += 1
        payload = said["payload"]
        if said["action"] == "incoming_chat":
            thread = payload["chat"]["thread"]
            heard[hexed(thread["id"])] += [hexed(event["id"]) for event in thread["events"]]
        elif said["action"] == "incoming_event":
            heard[hexed(payload["thread_id"])].append(hexed(payload["event"]["id"]))
        elif said["action"] in ("error", "chat_transferred"):
            verdict.fault(f"the bot was told: {said}")
    if changed := [name for name, versions in contents.items() if len(versions) > 1]:
        verdict.fault(f"what the bot was told changed between attempts: {changed}")
    for chat, came in heard.items():
        order = list(dict.fromkeys(came))
        others = [row for row in by_chat[chat] if row["author_kind"] != "bot" and row["kind"] == "text"]
        wanted = [row["uid"] for row in others]
        if order != wanted:
            missing = set(wanted) - set(order)
            at = next(
                (n for n, (one, other) in enumerate(zip(order, wanted, strict=False)) if one != other), len(order)
            )
            verdict.fault(f"the bot heard {chat} otherwise than it went, from {at + 1}: {len(missing)} are missing")
    mine = {client.chat for client in stage.visitors if client.name.startswith("r")}
    if mine - heard.keys():
        verdict.fault(f"the bot never heard of {mine - heard.keys()}")
    verdict.figures["bot, heard"] = sum(actions.values())
    verdict.figures["bot, repetitions"] = sum(actions.values()) - len(contents)
    verdict.figures["bot, answers"] = sum(said.author == "bot" for said in stage.journal.acknowledged)


def rule_of_three(kills: int) -> float:
    """Return the probability of loss a kill that no loss in so many kills excludes with 95 per cent."""
    return min(1.0, 3 / kills)
