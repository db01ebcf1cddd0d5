"""The demo team's week: who writes when, about what, and who answers. The same for the same day, anywhere."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from agents.models import Agent, Department, Workspace
from chat.models import Channel, Chat, Visitor

from . import people, steps
from .directing import Scene, called
from .playing import Play
from .scripts import Script, scripts

DAYS = 7
_PER_DAY = {5: 14, 6: 9}  # Saturday, Sunday; else:
_WORKDAY = 17
_LANGUAGES = ("vi",) * 11 + ("en",) * 5 + ("uz",) * 4


def uid_at(at: datetime, rng: Random) -> uuid.UUID:
    """Return a UUIDv7 of this time whose random part comes from ``rng``."""
    bits = (int(at.timestamp() * 1000) << 80) | (0x7 << 76) | (rng.getrandbits(12) << 64)
    return uuid.UUID(int=bits | (0b10 << 62) | rng.getrandbits(62))


@dataclass
class Week:
    """Writes the chats of the last days and of this moment, in the order in which they began."""

    workspace: Workspace
    departments: dict[str, Department]
    team: Sequence[Agent]
    visitors: Sequence[Visitor]
    now: datetime
    widget_uid: uuid.UUID
    rng: Random = field(default_factory=lambda: Random(2026))
    channels: dict[int, str] = field(default_factory=dict)
    plays: list[Play] = field(default_factory=list)
    last: dict[int, Play] = field(default_factory=dict)
    served: dict[int, int] = field(default_factory=dict)

    def write(self) -> list[Play]:
        """Return every chat with all that belongs to it."""
        for at, late in self._slots():
            script = self.rng.choice(scripts(self.rng.choice(_LANGUAGES)))
            visitor = self._visitor(script.language, at)
            if late:
                self._missed(visitor, script, at)
            else:
                self._finished(visitor, script, at)
        self._present()
        return self.plays

    def _slots(self) -> Iterator[tuple[datetime, bool]]:
        """Yield when chats begin, and whether that is after hours. Days are days of the workspace."""
        zone = ZoneInfo(self.workspace.timezone)
        today = self.now.astimezone(zone).date()
        for back in range(DAYS, -1, -1):
            day = today - timedelta(days=back)
            midnight = datetime.combine(day, time(), zone)
            starts = [
                (midnight + timedelta(minutes=self.rng.triangular(8.5 * 60, 17.6 * 60)), False)
                for _ in range(_PER_DAY.get(day.weekday(), _WORKDAY))
            ]
            starts += [(midnight + timedelta(minutes=self.rng.uniform(20 * 60, 23.4 * 60)), True)] * (back > 1)
            yield from sorted(starts)

    def _finished(self, visitor: Visitor, script: Script, at: datetime) -> None:
        scene = self._scene(visitor, script, at)
        doings = scene.whole()
        # What would not be over by now (this morning, seen from noon) has not happened yet.
        if doings[-1].at < self.now - timedelta(minutes=45):
            self._play(visitor, at, doings, script.department)

    def _missed(self, visitor: Visitor, script: Script, at: datetime) -> None:
        words = self._words(visitor, script.language)
        body = self.rng.choice(people.AFTER_HOURS[script.language]).format_map(words)
        morning = (at + timedelta(days=1)).replace(hour=8, minute=self.rng.randrange(2, 20), second=0, microsecond=0)
        doings = [
            steps.VisitorSays(at + timedelta(seconds=1), body),
            steps.Closed(morning, None, "nobody was there"),
        ]
        self._play(visitor, at, doings, None)

    def _present(self) -> None:
        """Write what goes on at this moment: some chats with their agents, some in the queue."""
        lively = (("vi", "tent-size", 3), ("vi", "order-late", 6), ("en", "size-advice", 4), ("uz", "yetkazish", 4))
        for (language, name, turns), ago in zip(lively, (25, 70, 160, 40), strict=True):
            script = _script(language, name)
            self._right_now(script, ago, partial(Scene.until, turns=turns), script.department)
        for (language, name, department), ago in zip(
            (("vi", "wrong-item", "support"), ("en", "wholesale", "sales"), ("vi", "coupon", None)),
            (410, 190, 55),
            strict=True,
        ):
            self._right_now(_script(language, name), ago, Scene.unheard, department)

    def _right_now(
        self, script: Script, ago: int, write: Callable[[Scene], list[steps.Step]], department: str | None
    ) -> None:
        """Write a scene that reached its last step ``ago`` seconds before now."""
        visitor = self._visitor(script.language, self.now - timedelta(hours=1)) if department else self._newcomer()
        state, served = self.rng.getstate(), dict(self.served)
        first = self._scene(visitor, script, self.now)
        length = write(first)[-1].at - self.now
        self.rng.setstate(state)
        self.served = served
        at = self.now - length - timedelta(seconds=ago)
        doings = write(self._scene(visitor, script, at))
        self._play(visitor, at, doings, department)

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

    def _visitor(self, language: str, at: datetime) -> Visitor:
        """Pick somebody who has nothing open at that time; some come again and again."""
        known = (visitor for visitor in self.visitors if visitor != self._newcomer())
        return self.rng.choice(
            [v for v in known if v.language == language and not self._busy(v, at - timedelta(hours=2))]
        )

    def _newcomer(self) -> Visitor:
        """Return whom nobody knows yet: their chat is in no department, so whoever logs in first gets it."""
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

    def _play(self, visitor: Visitor, at: datetime, doings: list[steps.Step], department: str | None) -> None:
        before = self.last.get(visitor.pk)
        chat = self._chat(visitor, at, self.departments[department] if department else None, before)
        play = Play(chat, previous=before).play(doings)
        for message in play.messages:
            message.uid = uid_at(message.created_at, self.rng)
        self.plays.append(play)
        self.last[visitor.pk] = play

    def _chat(self, visitor: Visitor, at: datetime, department: Department | None, before: Play | None) -> Chat:
        previous = before.chat if before else None
        channel = self.channels.get(visitor.pk, Channel.WEBSITE)
        website = channel == Channel.WEBSITE
        return Chat(
            workspace=self.workspace,
            uid=uid_at(at, self.rng),
            conversation_uid=previous.conversation_uid if previous else uid_at(at, self.rng),
            visitor=visitor,
            channel=channel,
            department=department or (previous.department if previous else None),
            preferred_agent=previous.agent if previous else None,
            source=self._source() if website else {},
            widget_uid=self.widget_uid if website else None,
            created_at=at,
            updated_at=at,
            queued_at=at,
            last_message_at=at,
        )

    def _source(self) -> dict[str, str]:
        path, title = self.rng.choice(people.PAGES)
        return {
            "url": f"https://hoasen.example{path}",
            "title": title,
            "referrer": self.rng.choice(people.REFERRERS),
        }


def _script(language: str, name: str) -> Script:
    return next(script for script in scripts(language) if script.name == name)
