"""Everything together: servers, Parley's processes, wires, and the people and programs that use them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import httpx2
import psycopg
from psycopg.rows import dict_row

from tests.product import ROOT, Product
from tests.webhooks.receiver import Receiver

from .clients import SessionClient, arrive
from .desks import Desk
from .journal import Journal, Timeline, now
from .parley import Process, environment, processes
from .robot import Robot
from .servers import Server, Servers
from .wires import Wire

Row = dict[str, Any]
_TEAM = ("an", "binh", "chau", "dung")
_EVENTS = ["chat.created", "chat.closed", "message.sent"]
_OWED = "SELECT 1 AS owed FROM webhooks_delivery WHERE delivered_at IS NULL AND failed_at IS NULL LIMIT 1"
_BOTS = "SELECT body FROM chat_message WHERE author_kind = 'bot'"
# Longer than any outage here: a bot that is bypassed would end its part of the story.
_BOT_DEADLINE = 30_000


class House:
    """An installation on servers of its own, as the Procfile runs it. Blocking; call it from a thread."""

    def __init__(self, *, webs: int = 1, like: str = "", **env: str) -> None:
        self.servers = Servers()
        self.folder = self.servers.folder
        self.like = like
        self.settings = env
        self.webs = webs
        self.processes: list[Process] = []

    @property
    def victims(self) -> dict[str, Server]:
        """What may be killed, by name."""
        servers = (self.servers.postgres, self.servers.redis, self.servers.rabbit)
        return {each.name: each for each in (*self.processes, *servers)}

    @property
    def ports(self) -> list[int]:
        """Where clients connect."""
        return [process.port for process in self.processes if process.serves]

    @property
    def broker(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.servers.rabbit.port}//"

    def prepare(self, url: str, postgres: int, redis: int, rabbit: int) -> None:
        """Make the tables; Parley reaches its servers at these ports, and people Parley at this address."""
        self.servers.postgres.create(self.like)
        self.env = environment(
            self.folder,
            DATABASE_URL=self.servers.postgres.url.replace(str(self.servers.postgres.port), str(postgres)),
            REDIS_URL=f"redis://127.0.0.1:{redis}/0",
            BROKER_URL=self.broker.replace(str(self.servers.rabbit.port), str(rabbit)),
            PARLEY_URL=url,
            **self.settings,
        )
        if not self.like:
            manage = [sys.executable, "manage.py", "prepare"]
            subprocess.run(manage, cwd=ROOT, env=self.env, check=True, stdout=subprocess.DEVNULL)
        self.processes = processes(self.folder, self.env, self.webs)

    def start(self) -> None:
        self.servers.wait()
        for process in self.processes:
            process.spawn()
        for process in self.processes:
            process.wait()

    def rows(self, query: str) -> list[Row]:
        """Ask the database itself."""
        with psycopg.connect(self.servers.postgres.url, row_factory=dict_row) as connection:
            return connection.execute(query).fetchall()

    def change(self, statement: str) -> None:
        with psycopg.connect(self.servers.postgres.url) as connection:
            connection.execute(statement)

    def remove(self) -> None:
        for process in self.processes:
            process.kill()
        self.servers.remove()

    def logs(self) -> str:
        """The ends of what the processes have written, for who looks for the reason."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in sorted(self.folder.glob("*.log"))
        )


class Cottage:
    """The embedded mode: one process and SQLite. The same doors as :class:`House`."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.folder = product.folder
        self.env = product.env
        self.whole = Process("parley", ["python", "manage.py", "serve", "--with-worker"], product.folder, product.env)

    @property
    def victims(self) -> dict[str, Server]:
        return {"parley": self.whole}

    @property
    def processes(self) -> list[Process]:
        return [self.whole]

    @property
    def ports(self) -> list[int]:
        return [self.whole.port]

    def prepare(self, url: str) -> None:
        self.env["PARLEY_URL"] = url
        self.env["PARLEY_WEBHOOK_TIMEOUT_SECONDS"] = "3"

    def start(self) -> None:
        self.whole.spawn()
        self.whole.wait()

    def rows(self, query: str) -> list[Row]:
        with contextlib.closing(sqlite3.connect(self.folder / "parley.sqlite3", timeout=20)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]

    def remove(self) -> None:
        self.whole.kill()

    def logs(self) -> str:
        return (self.folder / "parley.log").read_text(errors="replace")[-5000:]


class Stage:
    """A house or a cottage, and everybody in it. Lives on one event loop."""

    def __init__(self, house: Any, seed: int, *, wired: bool = False) -> None:
        """Make a stage; ``wired`` puts a wire before each server, too.

        All wires are carried by this process: on a machine without time for it they are slower than what they carry.
        """
        self.house, self.wired = house, wired
        self.dice = random.Random(seed)
        self.journal = Journal()
        self.front = Wire()
        self.back: dict[str, Wire] = {}
        # Where the servers are reached; none in the embedded mode.
        self.ports: dict[str, int] = {}
        self.visitors: list[SessionClient] = []
        self.agents: list[SessionClient] = []
        self.desks: list[Desk] = []
        self.robot: Robot | None = None
        self.receiver: Receiver | None = None
        self.hook: Row = {}
        self.tasks: list[asyncio.Task[Any]] = []
        self.guests: list[asyncio.Task[None]] = []
        self.keys: Row = {}

    # -- set up --------------------------------------------------------------------------------------------------

    async def open(self) -> Stage:
        """Start everything; nobody is there yet."""
        house = self.house
        await self.front.open()
        if isinstance(house, House):
            servers = (house.servers.postgres, house.servers.redis, house.servers.rabbit)
            if self.wired:
                self.back = {server.name: await Wire(server.port).open() for server in servers}
            ports = {server.name: server.port for server in servers}
            ports |= {name: wire.port for name, wire in self.back.items()}
            self.ports = ports
            await asyncio.to_thread(house.prepare, self.url, **ports)
        else:
            house.prepare(self.url)
        self.front.targets = tuple(house.ports)
        starting = asyncio.to_thread(house.start)
        await asyncio.gather(starting, asyncio.to_thread(self._found))
        self.tasks.append(asyncio.create_task(self._keep()))
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.front.port}"

    def _found(self) -> None:
        """Make the workspace, its agents and its bot by the operators' commands, in one process."""
        departments = ("--department", "support", "--department", "robots")
        commands = [["create_workspace", "Acme", "--domain", "127.0.0.1", *departments]]
        person = ("--role", "supervisor", "--department", "support", "--max-chats", "500")
        commands += [["create_agent", "acme", f"{name}@example.com", "--name", name, *person] for name in _TEAM]
        if self.ports:
            commands.append(["create_bot", "acme", "helper", "--department", "robots"])
        lines = "\n".join(json.dumps([*command, "--json"]) for command in commands)
        clerk = subprocess.run(
            [sys.executable, "-m", "tests.clerk"],
            cwd=ROOT, env=self.house.env, input=lines, capture_output=True, text=True, check=True,
        )  # fmt: skip
        answers = [json.loads(line) for line in clerk.stdout.splitlines()]
        assert all(answer["code"] == 0 for answer in answers), answers
        made = [json.loads(answer["stdout"]) for answer in answers]
        self.keys, self.logins = made[0], made[1 : 1 + len(_TEAM)]
        if self.ports:
            self.bot = made[-1]
            self.house.change(f"UPDATE bots_bot SET deadline_seconds = {_BOT_DEADLINE}")

    async def _keep(self) -> None:
        """Start again what ends by itself, a second later, as the product's own supervisor does."""
        while True:
            await asyncio.sleep(1)
            for process in self.house.processes:
                process.revive()

    # -- who is there --------------------------------------------------------------------------------------------

    async def welcome(self, *, visitors: int, desks: int, agents: int, robots: int, pace: float) -> None:
        """Let so many visitors talk with agents at desks and agents with tokens, and so many with the bot.

        Each visitor says something every ``pace`` seconds on average.
        """
        self.pace = pace
        self.receiver = Receiver()
        self.hook = await self.ask("POST", "/v1/webhooks", {"url": self.receiver.url, "events": _EVENTS})
        if self.ports:
            broker = f"amqp://guest:guest@127.0.0.1:{self.ports['rabbit']}//"
            self.robot = Robot(broker, self.bot["topic"], self.journal)
        for login in self.logins[:desks]:
            desk = Desk(login["email"].split("@")[0], self.url, login, self.journal, self.luck())
            desk.on_visitor = self._answer
            self.desks.append(desk)
            await desk.sit_down()
            desk.start()
            desk.start_sending()
        await asyncio.gather(*(self.visitor(f"v{number}") for number in range(visitors)))
        await asyncio.gather(*(self.visitor(f"r{number}", "robots") for number in range(robots)))
        for number in range(agents):
            login, visitor = self.logins[number % len(self.logins)], self.visitors[number % len(self.visitors)]
            agent = SessionClient(
                f"t{number}", self.url, login["token"], visitor.session, self.journal, self.luck(), for_team=True
            )
            self.agents.append(agent)
            agent.start()
            agent.start_sending()
            self.tasks.append(asyncio.create_task(self._talk(agent, 2 * pace)))

    def luck(self) -> random.Random:
        return random.Random(self.dice.random())

    async def visitor(self, name: str, department: str = "") -> SessionClient:
        """Let somebody come, stay and talk."""
        client = await arrive(name, self.url, self.keys["publishableKey"], self.journal, self.luck(), department)
        self.visitors.append(client)
        client.start()
        client.start_sending()
        self.tasks.append(asyncio.create_task(self._talk(client, self.pace)))
        return client

    async def passer_by(self, name: str) -> None:
        """Let somebody come, say three things, end the chat and go."""
        client = await arrive(name, self.url, self.keys["publishableKey"], self.journal, self.luck())
        client.start()
        client.start_sending()
        for _ in range(3):
            client.say(client.chat)
            await asyncio.sleep(client.dice.uniform(0, 1))
        while client.queue:
            await asyncio.sleep(0.1)
        await client.end()
        client.timeline.counts = False
        await client.stop_sending()
        await client.stop()

    async def _talk(self, client: SessionClient, pace: float) -> None:
        while True:
            await asyncio.sleep(client.dice.expovariate(1 / pace))
            # Somebody who gets no answer does not talk on for ever.
            if len(client.queue) < 3:
                client.say(client.chat)

    def _answer(self, desk: Desk, chat: str, text: str) -> None:
        """Every chat has one desk that answers it, half of what is said."""
        mine = self.desks[int(chat, 16) % len(self.desks)] is desk
        if mine and desk.dice.random() < 0.5 and len(desk.queue) < 20:
            desk.say(chat)

    async def ask(self, method: str, path: str, body: Row | None = None) -> Row:
        """Call the server's REST with the secret key."""
        async with httpx2.AsyncClient(base_url=self.url, timeout=30, trust_env=False) as http:
            head = {"Authorization": f"Bearer {self.keys['secretKey']}"}
            answer = await http.request(method, path, json=body, headers=head)
            assert answer.status_code < 300, answer.text
            return answer.json()

    # -- the end -------------------------------------------------------------------------------------------------

    @property
    def senders(self) -> Iterable[Any]:
        return (*self.visitors, *self.agents, *self.desks)

    async def hush(self, seconds: float) -> None:
        """Say nothing new; wait until everything that was said is acknowledged, and everybody has heard it.

        What is not there after so many seconds is for the verdict to tell.
        """
        for task in self.tasks[1:]:
            task.cancel()
        await asyncio.gather(*self.tasks[1:], return_exceptions=True)
        for desk in self.desks:
            desk.on_visitor = lambda *_: None
        deadline, calm = now() + seconds, 0
        # Twice in a row, with a moment between: something may be on its way from one to the next, or come twice.
        while calm < 2 and now() < deadline:
            calm = calm + 1 if await asyncio.to_thread(self._settled) else 0
            await asyncio.sleep(0.5)

    def _settled(self) -> bool:
        """Whether nobody waits for anything."""
        if any(sender.queue for sender in self.senders) or (self.robot and not self.robot.idle):
            return False
        if self.house.rows(_OWED):
            return False
        confirmed = {said.body for said in self.journal.acknowledged if said.author == "bot"}
        if confirmed - {row["body"] for row in self.house.rows(_BOTS)}:
            return False
        heads = {row["uid"]: row for row in self.chats()}
        return all(self._complete(timeline, heads.get(timeline.chat)) for timeline in self.journal.timelines)

    def chats(self) -> list[Row]:
        """Every chat: uid (hex), last_seq, last_public_seq, status."""
        rows = self.house.rows("SELECT uid, last_seq, last_public_seq, status FROM chat_chat")
        return [{**row, "uid": hexed(row["uid"])} for row in rows]

    @staticmethod
    def _complete(timeline: Timeline, head: Row | None) -> bool:
        # A chat that the database has not is for the verdict to tell.
        newest = head["last_seq" if timeline.for_team else "last_public_seq"] if head else 0
        return not timeline.counts or timeline.last >= newest

    async def close(self) -> None:
        for task in (*self.tasks, *self.guests):
            task.cancel()
        await asyncio.gather(*self.tasks, *self.guests, return_exceptions=True)
        for sender in self.senders:
            await sender.stop_sending()
            await sender.stop()
        if self.robot:
            await asyncio.to_thread(self.robot.stop)
        if self.receiver:
            self.receiver.close()
        for wire in (self.front, *self.back.values()):
            await wire.close()
        await asyncio.to_thread(self.house.remove)


def hexed(uid: Any) -> str:
    """A uid as clients know it, whichever database it is from."""
    return str(uid).replace("-", "")
