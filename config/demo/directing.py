"""Turns a script into steps with times, as a real conversation goes: people wait, read, type and are interrupted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from agents.models import Agent, Department
from chat.models import Priority

from . import steps
from .scripts import Line, Script

# Who in this department takes a chat, other than the one who handed it over.
Choose = Callable[[str, Agent | None], Agent]


def called(name: str, language: str) -> str:
    """Return what somebody is called: Vietnamese puts the given name last."""
    parts = name.split()
    return parts[-1] if language == "vi" else parts[0]


@dataclass
class Scene:
    """One conversation while it is being written down."""

    script: Script
    rng: Random
    now: datetime
    words: dict[str, str]
    departments: dict[str, Department]
    choose: Choose
    agent: Agent | None = None
    # Who greets, and fetches a person: what it says, and what it notes for the team.
    bot: Agent | None = None
    greeting: tuple[str, str] = ("", "")
    # Which variation of every line is spoken: questions and answers belong together.
    variant: int = 0
    doings: list[steps.Step] = field(default_factory=list)

    def whole(self) -> list[steps.Step]:
        """Return every step to the end, tags, closing and most times a rating included."""
        self._lines(self.script.lines)
        self._wrap_up()
        return self.doings

    def until(self, turns: int) -> list[steps.Step]:
        """Return the steps of the first lines: a chat that still goes on."""
        self._lines(self.script.lines[:turns])
        return self.doings

    def unheard(self) -> list[steps.Step]:
        """Return what the visitor wrote before anybody came."""
        for line in self.script.lines:
            if line.kind != "v":
                break
            self._visitor(line)
        return self.doings

    def _lines(self, lines: tuple[Line, ...]) -> None:
        for line in lines:
            {"v": self._visitor, "a": self._agent, "n": self._note, "t": self._transfer}[line.kind](line)

    def _visitor(self, line: Line) -> None:
        first = not any(isinstance(step, steps.VisitorSays) for step in self.doings)
        said, order = self._say(line), self.words["order"]
        at = self._after(1, 2) if first else self._after(9, 55)
        self.doings.append(steps.VisitorSays(at, said, order if order in said else ""))
        if first and self.bot:
            self._greeted(self.bot)

    def _greeted(self, bot: Agent) -> None:
        said, note = map(self._fill, self.greeting)
        self.doings.append(steps.Taken(self._after(0, 1), bot))
        self.doings.append(steps.AgentSays(self._after(2, 4), bot, said))
        department = self.departments[self.script.department]
        self.doings.append(steps.HandedOver(self._after(1, 3), bot, department, "", note))

    def _agent(self, line: Line) -> None:
        agent = self._taken(self.script.department)
        self.doings.append(steps.ReadByTeam(self._after(2, 9), agent))
        self.doings.append(steps.AgentSays(self._after(18, 95), agent, self._say(line)))
        self.doings.append(steps.ReadByVisitor(self._after(1, 8)))

    def _note(self, line: Line) -> None:
        agent = self._taken(self.script.department)
        self.doings.append(steps.Noted(self._after(10, 40), agent, self._say(line)))

    def _transfer(self, line: Line) -> None:
        slug, reason, note = (part.strip() for part in self._say(line).split(" | "))
        agent = self._taken(self.script.department)
        department = self.departments[slug]
        self.doings.append(steps.HandedOver(self._after(20, 60), agent, department, reason, note))
        self.agent = None
        self._taken(slug, agent)

    def _taken(self, department: str, before: Agent | None = None) -> Agent:
        """Return the chat's agent; the first one who is needed takes it after a wait, seldom a long one."""
        if self.agent is None:
            at = self._after(4, 75) if self.rng.random() < 0.85 else self._after(120, 420)
            self.agent = self.choose(department, before)
            self.words["agent"] = called(self.agent.name, self.script.language)
            self.doings.append(steps.Taken(at, self.agent))
            if self.script.name == "complaint":
                self.doings.append(steps.Prioritised(self._after(2, 6), self.agent, Priority.HIGH))
        return self.agent

    def _wrap_up(self) -> None:
        agent = self._taken(self.script.department)
        self.doings.append(steps.ReadByTeam(self._after(3, 15), agent))
        for tag in self.script.tags[: self.rng.choice((1, 2))]:
            self.doings.append(steps.Tagged(self._after(3, 12), agent, tag))
        self.doings.append(steps.Closed(self._after(40, 380), agent, "resolved"))
        if self.script.ratings and self.rng.random() < 0.62:
            stars, _, comment = self.rng.choice(self.script.ratings).partition(" ")
            self.doings.append(steps.Rated(self._after(5, 120), int(stars), self._fill(comment)))

    def _after(self, least: int, most: int) -> datetime:
        self.now += timedelta(seconds=self.rng.randint(least, most), milliseconds=self.rng.randrange(1000))
        return self.now

    def _say(self, line: Line) -> str:
        return self._fill(line.options[self.variant % len(line.options)])

    def _fill(self, text: str) -> str:
        return text.format_map(self.words)
