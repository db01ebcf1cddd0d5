"""The demo team's week: who writes when, about what, and who answers. The same for the same day, anywhere.

Every chat has dice of its own, and whatever this day brings is written to its end before what has not happened yet is
taken out again. So nothing depends on the clock but how far today has got.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from agents.models import Agent, Department, Workspace
from chat.models import Channel, Chat, Visitor
from widget.models import Trigger

from . import people, steps
from .directing import Scene, called
from .playing import Play
from .scripts import Script, scripts

DAYS = 7
_PER_DAY = {5: 14, 6: 9}  # Saturday, Sunday; else:
_WORKDAY = 17
_LANGUAGES = ("vi",) * 11 + ("en",) * 5 + ("uz",) * 4
_SEED = 2026
# Of an evening's chats, how many the bot settles; of a day's, the part that it greets before a person comes.
_SETTLED = 2
_GREETED = 0.2
# Of those that begin on the site by day, the part that answers the proactive message.
_PROMPTED = 0.25


class Slot(NamedTuple):
    """When a chat of the past begins, and whether people answer it, the bot does, or nobody."""

    at: datetime
    how: Literal["day", "settled", "missed"]


@dataclass(frozen=True)
class Moment:
    """A chat that goes on now: ``turns`` of its script are spoken (0: nobody has answered), the last one ``ago``."""

    language: str
    name: str
    department: str | None
    turns: int
    ago: int  # seconds

    def script(self) -> Script:
        """Return what is being talked about."""
        return next(script for script in scripts(self.language) if script.name == self.name)


_PRESENT = (
    Moment("vi", "tent-size", "sales", 3, 25),
    Moment("vi", "order-late", "support", 6, 70),
    Moment("en", "size-advice", "sales", 4, 160),
    Moment("uz", "yetkazish", "support", 4, 40),
    Moment("vi", "wrong-item", "support", 0, 410),
    Moment("en", "wholesale", "sales", 0, 190),
    # In no department, by whom nobody knows yet: whoever logs in first gets it.
    Moment("vi", "coupon", None, 0, 55),
)


def uid_at(at: datetime, rng: Random) -> uuid.UUID:
    """Return a UUIDv7 of this time whose random part comes from ``rng``."""
    bits = (int(at.timestamp() * 1000) << 80) | (0x7 << 76) | (rng.getrandbits(12) << 64)
    return uuid.UUID(int=bits | (0b10 << 62) | rng.getrandbits(62))


def dice(*what: object) -> Random:
    """Return dice that fall the same way whenever they are thrown for this."""
    return Random("/".join(map(str, (_SEED, *what))))


def midnight_before(now: datetime, workspace: Workspace, back: int) -> datetime:
    """Return when the workspace's day began, ``back`` days ago."""
    zone = workspace.zone
    return datetime.combine(now.astimezone(zone).date() - timedelta(days=back), time(), zone)


@dataclass
class Week:
    """Writes the chats of the last days and of this moment, in the order in which they began."""

    workspace: Workspace
    departments: dict[str, Department]
    team: Sequence[Agent]
    visitors: Sequence[Visitor]
    now: datetime
    widget_uid: uuid.UUID | None
    bot: Agent | None = None
    trigger: Trigger | None = None
    rng: Random = field(default_factory=lambda: dice())
    channels: dict[int, str] = field(default_factory=dict)
    last: dict[int, Play] = field(default_factory=dict)
    served: dict[int, int] = field(default_factory=dict)

    def write(self) -> list[Play]:
        """Return every chat with all that belongs to it."""
        plays = [self._of_day(back, slot) for back in range(DAYS, 0, -1) for slot in self._slots(back)]
        cast = self._cast()
        morning = dict(self.served)
        today = [self._of_day(0, slot, besides=cast) for slot in self._slots(0)]
        self.served = morning
        # What would not be over by now (this morning, seen from noon) has not happened yet.
        over = [play for play in today if play.chat.updated_at < self.now - timedelta(minutes=45)]
        return [*plays, *over, *self._present(cast)]

    def _slots(self, back: int) -> list[Slot]:
        """Return when the chats of a day begin, and how they go. Days are days of the workspace."""
        rng = dice("slots", back)
        midnight = midnight_before(self.now, self.workspace, back)
        starts = [
            Slot(midnight + timedelta(minutes=rng.triangular(8.5 * 60, 17.6 * 60)), "day")
            for _ in range(_PER_DAY.get(midnight.weekday(), _WORKDAY))
        ]
        starts += [Slot(midnight + timedelta(minutes=rng.uniform(20 * 60, 23.4 * 60)), "missed")] * (back > 1)
        if self.bot and back:
            starts += [
                Slot(midnight + timedelta(minutes=rng.uniform(18 * 60, 23 * 60)), "settled") for _ in range(_SETTLED)
            ]
        return sorted(starts)

    def _of_day(self, back: int, slot: Slot, besides: Sequence[Visitor] = ()) -> Play:
        """Write the chat of one slot, to its end."""
        at, how = slot
        self.rng = dice("chat", back, at.time())
        script = self.rng.choice(scripts(self.rng.choice(_LANGUAGES)))
        visitor = self._visitor(script.language, at, besides)
        if how == "missed":
            return self._missed(visitor, script, at)
        if how == "settled":
            return self._play(visitor, at, self.settled(visitor, script.language, at), None)
        scene = self._scene(visitor, script, at)
        if self.bot and dice("greeted", back, at.time()).random() < _GREETED:
            scene.bot, scene.greeting = self.bot, people.FETCHED_BY_BOT[script.language]
        elif self.trigger and self._on_site(visitor) and dice("prompted", back, at.time()).random() < _PROMPTED:
            text = self.trigger.text(script.language)
            scene.doings.append(steps.Prompted(at, self.trigger.uid, self.trigger.name, text))
        return self._play(visitor, at, scene.whole(), None if scene.bot else script.department)

    def _missed(self, visitor: Visitor, script: Script, at: datetime) -> Play:
        words = self._words(visitor, script.language)
        body = self.rng.choice(people.AFTER_HOURS[script.language]).format_map(words)
        morning = (at + timedelta(days=1)).replace(hour=8, minute=self.rng.randrange(2, 20), second=0, microsecond=0)
        doings = [
            steps.VisitorSays(at + timedelta(seconds=1), body),
            steps.Closed(morning, None, "nobody was there"),
        ]
        return self._play(visitor, at, doings, None)

    def settled(self, visitor: Visitor, language: str, at: datetime) -> list[steps.Step]:
        """Return the steps of a question that the bot answers alone."""
        assert self.bot is not None
        words = self._words(visitor, language)
        question, answer, thanks = (line.format_map(words) for line in self.rng.choice(people.SETTLED_BY_BOT[language]))
        return [
            steps.VisitorSays(at + timedelta(seconds=1), question),
            steps.Taken(at + timedelta(seconds=1.2), self.bot),
            steps.AgentSays(at + timedelta(seconds=3.1), self.bot, answer),
            steps.VisitorSays(at + timedelta(seconds=self.rng.randint(20, 50)), thanks),
            steps.Closed(at + timedelta(seconds=self.rng.randint(60, 90)), self.bot, "resolved"),
        ]

    def _cast(self) -> list[Visitor]:
        """Choose who writes at this moment: nobody of today's, so that today's hour changes no name."""
        rng = dice("cast")
        cast: list[Visitor] = []
        for language in (moment.language for moment in _PRESENT if moment.department):
            free = [v for v in self.visitors if v.language == language and v not in (*cast, self._newcomer())]
            cast.append(rng.choice(free))
        return [*cast, self._newcomer()]

    def _present(self, cast: Sequence[Visitor]) -> list[Play]:
        """Write what goes on at this moment: some chats with their agents, some in the queue."""
        return [self._right_now(moment, visitor) for moment, visitor in zip(_PRESENT, cast, strict=True)]

    def _right_now(self, moment: Moment, visitor: Visitor) -> Play:
        """Write a scene that reached its last step ``moment.ago`` seconds before now."""
        script = moment.script()
        served = dict(self.served)
        length = self._heard(moment, visitor, script, self.now)[-1].at - self.now
        self.served = served
        at = self.now - length - timedelta(seconds=moment.ago)
        return self._play(visitor, at, self._heard(moment, visitor, script, at), moment.department)

    def _heard(self, moment: Moment, visitor: Visitor, script: Script, at: datetime) -> list[steps.Step]:
        self.rng = dice("present", script.language, script.name)
        scene = self._scene(visitor, script, at)
        return scene.until(moment.turns) if moment.turns else scene.unheard()

    def _scene(self, visitor: Visitor, script: Script, at: datetime) -> Scene:
        return Scene(
            script=script,
            rng=self.rng,
            now=at,
            words=self._words(visitor, script.language),
            departments=self.departments,
            choose=lambda department, before: self._agent(script.language, department, before),
            variant=self.rng.randrange(4),
        )

    def _words(self, visitor: Visitor, language: str) -> dict[str, str]:
        rng = self.rng
        goods: dict[str, Mapping[str, Sequence[str]]] = {"tent": people.TENTS, "pack": people.PACKS, "bag": people.BAGS}
        words = {name: rng.choice(choices[language]) for name, choices in goods.items()}
        me = next((how for name, _, how in people.VISITORS[language] if name == visitor.name), "") or "mình"
        return words | {
            "product": words[rng.choice(("tent", "pack", "bag"))],
            "visitor": called(visitor.name, language),
            "me": me,
            "Me": me.capitalize(),
            "agent": "",
            "order": f"HS{rng.randint(20410, 29890)}",
            "price": rng.choice(people.PRICES),
            "usd": rng.choice(people.DOLLARS),
            "city": rng.choice(people.CITIES),
            "company": rng.choice(people.COMPANIES),
            "weekday": rng.choice(people.WEEKDAYS),
            "nn": str(rng.randint(10, 99)),
        }

    def _visitor(self, language: str, at: datetime, besides: Sequence[Visitor]) -> Visitor:
        """Pick somebody who has nothing open at that time; some come again and again."""
        known = (visitor for visitor in self.visitors if visitor not in (*besides, self._newcomer()))
        return self.rng.choice(
            [v for v in known if v.language == language and not self._busy(v, at - timedelta(hours=2))]
        )

    def _newcomer(self) -> Visitor:
        """Return whom nobody knows yet."""
        return [visitor for visitor in self.visitors if visitor.language == "vi"][-1]

    def _busy(self, visitor: Visitor, at: datetime) -> bool:
        last = self.last.get(visitor.pk)
        return last is not None and (last.chat.closed_at is None or last.chat.closed_at > at)

    def _agent(self, language: str, department: str, before: Agent | None) -> Agent:
        """Pick whoever of the department speaks the language and has had the fewest chats."""
        able = [
            agent
            for agent in self.team
            if agent != before and language in agent.skills and department in {d.slug for d in agent.departments.all()}
        ]
        chosen = min(able, key=lambda agent: (self.served.get(agent.pk, 0), agent.pk))
        self.served[chosen.pk] = self.served.get(chosen.pk, 0) + 1
        return chosen

    def _play(self, visitor: Visitor, at: datetime, doings: list[steps.Step], department: str | None) -> Play:
        before = self.last.get(visitor.pk)
        chat = self._chat(visitor, at, self.departments[department] if department else None, before)
        play = Play(chat, previous=before).play(doings)
        for message in play.messages:
            message.uid = uid_at(message.created_at, self.rng)
        self.last[visitor.pk] = play
        return play

    def _chat(self, visitor: Visitor, at: datetime, department: Department | None, before: Play | None) -> Chat:
        previous = before.chat if before else None
        channel = self.channels.get(visitor.pk, Channel.WEBSITE)
        website = self._on_site(visitor)
        source = self._source() if website else {}
        return Chat(
            workspace=self.workspace,
            uid=uid_at(at, self.rng),
            conversation_uid=previous.conversation_uid if previous else uid_at(at, self.rng),
            visitor=visitor,
            channel=channel,
            department=department or (previous.department if previous else None),
            preferred_agent=previous.agent if previous else None,
            source=source,
            widget_uid=self.widget_uid if website else None,
            page=urlsplit(source.get("url", "")).path,
            created_at=at,
            updated_at=at,
            queued_at=at,
            last_message_at=at,
        )

    def _on_site(self, visitor: Visitor) -> bool:
        return self.channels.get(visitor.pk, Channel.WEBSITE) == Channel.WEBSITE

    def _source(self) -> dict[str, str]:
        path, title = self.rng.choice(people.PAGES)
        return {
            "url": f"https://hoasen.example{path}",
            "title": title,
            "referrer": self.rng.choice(people.REFERRERS),
        }
