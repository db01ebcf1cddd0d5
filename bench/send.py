"""Sending measured: messages that are committed, on the agent's socket and acknowledged, beside what the machine can do.

    python bench/send.py [--rounds 3] [--seconds 8] [--pairs 50] [--webs 2] [--departments 50] [--receipts] [--subscriptions 0]
    python bench/send.py --rate 300: an open loop at a fixed rate, for the delay, beside a bare pair

Needs DATABASE_URL, REDIS_URL and BROKER_URL; makes a database of its own. The processes are those of the Procfile, with
as many webs as cores, each on a port of its own; half of the pairs have their two ends on different ones. By turns in
each round: pgbench with the write of one message as one statement, 16 clients (P); an echo through the same server
software; sending. ``--web`` names another server, e.g. --web 'uvicorn config.asgi:application --port {port} …'.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import ground

SERVE = "python manage.py serve --port {port}"
# With as long a queue of connections as our own server has: Twisted's own of 50 turns most of a crowd away.
_ENDPOINT = "tcp:port={port}:interface=127.0.0.1:backlog=4096"
ECHO = f"daphne --websocket_connect_timeout 60 -e {_ENDPOINT} echoing:application"
# One message as PostgreSQL's own statement: the chat's row takes the number and the summary, the message is inserted,
# whoever subscribes is owed.
STATEMENT = """\\set chat random(:first, :last)
WITH c AS (
  UPDATE chat_chat SET last_seq = last_seq + 1, last_public_seq = last_seq + 1, message_count = message_count + 1,
    last_message_at = now(), last_message_text = 'Where is my order, please? It was due on Monday.',
    last_message_by = 'visitor', unread_by_team = unread_by_team + 1, updated_at = now(), counted = false,
    unanswered_since = coalesce(unanswered_since, now())
  WHERE id = :chat AND status <> 'closed' RETURNING id, workspace_id, last_seq
), m AS (
  INSERT INTO chat_message (workspace_id, chat_id, uid, seq, public_prev, public, kind, author_kind, body, payload,
    client_id, created_at)
  SELECT workspace_id, id, gen_random_uuid(), last_seq, last_seq - 1, true, 'text', 'visitor',
    'Where is my order, please? It was due on Monday.', '{}', gen_random_uuid()::text, now() FROM c RETURNING workspace_id
)
INSERT INTO webhooks_delivery (workspace_id, subscription_id, uid, event, payload, created_at, owed_since, next_at, attempts)
SELECT s.workspace_id, s.id, gen_random_uuid(), 'message.sent', '{}', now(), now(), now(), 0
FROM webhooks_subscription s JOIN m ON s.workspace_id = m.workspace_id WHERE s.active AND s.events @> '["message.sent"]'
"""


def main() -> None:
    """Measure, print, write ``bench/send.json`` or ``bench/latency.json``."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        os.environ.update(
            PARLEY_DATA=folder, PARLEY_LOG_LEVEL="WARNING", PARLEY_SOCKET_FRAMES="1000000", SECRET_KEY="x" * 60,
            PARLEY_POOL_SIZE=os.environ.get("PARLEY_POOL_SIZE", "10"),
        )  # fmt: skip
        stack.enter_context(ground.own_database("send"))
        _measure(options, Path(folder), stack)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--webs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--departments", type=int, default=50, help="one: every agent's list shows every chat")
    parser.add_argument(
        "--receipts", action="store_true", help="the agent's inbox says that each message has reached it"
    )
    parser.add_argument("--subscriptions", type=int, default=0, help="webhooks that are owed each message")
    parser.add_argument("--rate", type=float, default=0, help="messages a second, by the clock")
    parser.add_argument("--web", default=SERVE)
    parser.add_argument("--echo", default=ECHO)
    parser.add_argument("--note", default="")
    return parser.parse_args()


# -- who takes part --------------------------------------------------------------------------------------------------


def _people(options: argparse.Namespace, ports: list[int]) -> tuple[list[dict[str, Any]], tuple[int, int]]:
    """Make the pairs, each a visitor whose chat an agent has, and as many chats for pgbench; return both."""
    from django.conf import settings
    from django.test import Client

    from agents.ids import encode
    from chat.access import Actor
    from chat.services import assigning, starting
    from config.demo.factories import (
        AgentFactory,
        DepartmentFactory,
        SubscriptionFactory,
        VisitorFactory,
        WorkspaceFactory,
    )
    from widget import tokens

    workspace = WorkspaceFactory()
    departments = [DepartmentFactory(workspace=workspace) for _ in range(options.departments)]
    for n in range(options.subscriptions):
        SubscriptionFactory(workspace=workspace, url=f"https://receiver.invalid/{n}", events=["message.sent"])
    plans, others = [], []
    for n in range(options.pairs * 2):
        visitor, department = VisitorFactory(workspace=workspace), departments[n % len(departments)]
        actor = Actor.of_visitor(visitor)
        chat = starting.start(workspace=workspace, visitor=visitor, actor=actor, department=department).chat
        if n >= options.pairs:
            others.append(chat.pk)
            continue
        agent = AgentFactory(workspace=workspace, departments=[department], online=True)
        assigning.assign(chat, agent, Actor.system(workspace.pk))
        browser = Client()
        browser.force_login(agent.user)
        cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
        here, there = ports[n % len(ports)], ports[(n // len(ports)) % len(ports)]
        token, _until = tokens.issue(visitor)
        origin = f"http://127.0.0.1:{there}"
        plans.append({
            "chat": chat.uid.hex,
            "receipts": options.receipts,
            "visitor": {
                "port": here,
                "path": f"/v1/chat/{encode('session', chat.uid)}",
                "headers": {"Authorization": f"Bearer {token}"},
            },
            "agent": {
                "port": there,
                "path": "/inbox/socket",
                "headers": {"Origin": origin, "Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"},
            },
        })  # fmt: skip
    return plans, (others[0], others[-1])


# -- processes -------------------------------------------------------------------------------------------------------


class Processes:
    """What was started, by name, and how much of a core each took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, list[subprocess.Popen[Any]]] = {}

    def start(self, name: str, command: str, **options: Any) -> subprocess.Popen[Any]:
        """Start a command of this Python's own folder."""
        words = shlex.split(command)
        words[0] = sys.executable if words[0] == "python" else str(Path(sys.executable).with_name(words[0]))
        if not Path(words[0]).exists():
            words[0] = shlex.split(command)[0]
        options.setdefault("stdout", (self.folder / f"{name}.log").open("ab"))
        options.setdefault(
            "env", {**os.environ, "PYTHONPATH": f"{ground.ROOT / 'bench'}:{os.environ.get('PYTHONPATH', '')}"}
        )
        options["stderr"] = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(words, cwd=ground.ROOT, **options)  # noqa: S603  the Procfile's words and ours
        self.running.setdefault(name, []).append(process)
        return process

    def stop(self) -> None:
        """End all, in order, then for certain."""
        processes = [process for group in self.running.values() for process in group]
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self) -> str:
        """What they complained of."""
        return "\n".join(f"{p.name}: {p.read_text()[-2000:]}" for p in self.folder.glob("*.log") if p.stat().st_size)

    def used(self, database: str) -> dict[str, float]:
        """Return the seconds of processor time by name; of PostgreSQL, those of this database's connections."""
        seconds = {name: sum(_seconds(p.pid) for p in group) for name, group in self.running.items()}
        seconds["postgresql"] = sum(_seconds(pid) for pid in _backends(database))
        return seconds


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _backends(database: str) -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if words.startswith("postgres:") and f" {database} " in words:
                yield int(folder.name)


class Traffic:
    """The load generator, which takes one order at a time."""

    def __init__(self, processes: Processes) -> None:
        command = f"python {ground.ROOT / 'bench' / 'traffic.py'}"
        self.process = processes.start("generator", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.processes = processes

    def order(self, do: str, **order: Any) -> dict[str, Any]:
        """Have something done and return what came of it."""
        assert self.process.stdin and self.process.stdout
        print(json.dumps({"do": do, **order}), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"the generator ended\n{self.processes.log()}")
        return json.loads(answer)


@contextmanager
def _house(options: argparse.Namespace, folder: Path, ports: list[int]) -> Iterator[Processes]:
    """Everything that the Procfile names, and one echo for each web."""
    processes = Processes(folder)
    try:
        for line in (ground.ROOT / "Procfile").read_text().splitlines():
            name, _, command = line.partition(":")
            if name != "web":
                processes.start(name, command)
        for web, echo in zip(ports[::2], ports[1::2], strict=True):
            os.environ["PORT"] = str(web)
            processes.start("web", options.web.format(port=web))
            processes.start("echo", options.echo.format(port=echo))
        _wait_for([*ports[::2]], processes)
        yield processes
    finally:
        processes.stop()


def _wait_for(ports: list[int], processes: Processes) -> None:
    until = time.monotonic() + 300
    for port in ports:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                pass
            if time.monotonic() > until or any(p.poll() is not None for p in processes.running["web"]):
                sys.exit(f"the web processes did not start\n{processes.log()}")
            time.sleep(0.2)


# -- measuring -------------------------------------------------------------------------------------------------------


def _measure(options: argparse.Namespace, folder: Path, stack: ExitStack) -> None:
    from django.conf import settings
    from django.db import connection

    from tests.product import free_port

    database = settings.DATABASES["default"]["NAME"]
    ports = [free_port() for _ in range(2 * options.webs)]
    plans, others = _people(options, ports[::2])
    processes = stack.enter_context(_house(options, folder, ports))
    traffic = Traffic(processes)
    bare = processes.start(
        "pair", f"python {ground.ROOT / 'bench' / 'traffic.py'} pair", stdout=subprocess.PIPE, text=True
    )
    bare_port = int(bare.stdout.readline())
    ends = [
        {end: {"port": bare_port, "path": f"/{end[0]}/{n}", "headers": {}} for end in ("visitor", "agent")}
        for n in range(options.pairs)
    ]
    traffic.order("open", group="bare", kind="pair", plans=ends)
    traffic.order("open", group="pairs", kind="pair", plans=plans)
    traffic.order(
        "open",
        group="echo",
        kind="echo",
        plans=[{"port": ports[1::2][n % options.webs], "path": "/"} for n in range(options.pairs)],
    )
    rounds: list[dict[str, dict[str, float]]] = []
    loop = {"do": "rate", "rate": options.rate} if options.rate else {"do": "closed"}
    traffic.order(**loop, group="pairs", seconds=3)  # warm
    for _ in range(options.rounds):
        taken: dict[str, dict[str, float]] = {}
        if options.rate:
            taken["bare"] = traffic.order(**loop, group="bare", seconds=options.seconds)
        else:
            taken["pgbench"] = _pgbench(folder, database, others, options.seconds)
            taken["echo"] = traffic.order("closed", group="echo", seconds=min(4, options.seconds))
        before, began = processes.used(database), time.monotonic()
        taken["send"] = traffic.order(**loop, group="pairs", seconds=options.seconds)
        after, took = processes.used(database), time.monotonic() - began
        taken["send"] |= {f"core_{name}": (after[name] - before[name]) / took for name in after}
        # Holds also on a machine that is busy with something else.
        product = sum(v for k, v in taken["send"].items() if k.startswith("core_") and k != "core_generator")
        taken["send"]["processor_ms"] = 1000 * product / taken["send"]["rate"]
        rounds.append(taken)
        _print_round(taken)
    _check(connection, plans)
    _print_all(options, rounds)
    connection.close()


def _pgbench(folder: Path, database: str, chats: tuple[int, int], seconds: float) -> dict[str, float]:
    """Return transactions a second of the one statement, 16 clients, and the processor's milliseconds of each.

    The processor's time is that of pgbench and its connections, which end with it: read just before.
    """
    from django.db import connection

    script = folder / "one.sql"
    script.write_text(STATEMENT)
    server = connection.settings_dict
    words = ["pgbench", "-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", str(int(seconds)), "-f", str(script)]
    words += ["-D", f"first={chats[0]}", "-D", f"last={chats[1]}", "-h", server["HOST"], "-p", str(server["PORT"])]
    words += ["-U", server["USER"], database]
    environment = {**os.environ, "PGPASSWORD": server["PASSWORD"] or ""}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, text=True, env=environment, **pipes)  # noqa: S603
    others, began = {pid: _seconds(pid) for pid in _backends(database)}, time.monotonic()
    time.sleep(max(0.5, int(seconds) - 1))
    used = _seconds(process.pid) + sum(_seconds(pid) - others.get(pid, 0) for pid in _backends(database))
    share = used / (time.monotonic() - began)
    said, complaint = process.communicate()
    for line in said.splitlines():
        if line.startswith("tps = "):
            rate = float(line.split()[2])
            return {"rate": rate, "processor_ms": 1000 * share / rate}
    sys.exit(f"pgbench: {complaint}")


def _check(connection: Any, plans: list[dict[str, Any]]) -> None:
    """The database has what was acknowledged, numbered without a gap."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT c.id, c.last_seq, count(m.id) AS n, max(m.seq) AS top FROM chat_chat c"
            " JOIN chat_message m ON m.chat_id = c.id WHERE c.uid = ANY(%s::uuid[]) GROUP BY c.id) x"
            " WHERE n <> last_seq OR top <> last_seq",
            [[plan["chat"] for plan in plans]],
        )
        if wrong := cursor.fetchone()[0]:
            sys.exit(f"{wrong} chats have gaps in their numbers")


def _print_round(taken: dict[str, dict[str, float]]) -> None:
    send = taken["send"]
    cores = "  ".join(f"{k[5:]} {v:.2f}" for k, v in send.items() if k.startswith("core_") and v >= 0.005)
    other = taken.get("pgbench") or taken["bare"]
    said = (
        f"P {other['rate']:.0f}/s  echo {taken['echo']['rate']:.0f}/s"
        if "pgbench" in taken
        else f"bare p50 {other['delay_p50']:.1f} p99 {other['delay_p99']:.1f} ms"
    )
    print(
        f"{said}  send {send['rate']:.0f}/s p50 {send['delay_p50']:.1f} p99 {send['delay_p99']:.1f} ms  load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"  {send['processor_ms']:.2f} ms of processor a message{', P ' + format(other['processor_ms'], '.2f') if 'pgbench' in taken else ''}; cores: {cores}",
        flush=True,
    )


def _print_all(options: argparse.Namespace, rounds: list[dict[str, dict[str, float]]]) -> None:
    def middle(what: str, figure: str) -> float:
        return statistics.median(taken[what][figure] for taken in rounds)

    summary = {f"send_{name}": middle("send", name) for name in rounds[0]["send"]}
    if options.rate:
        for name in ("delay_p50", "delay_p90", "delay_p99"):
            summary[f"bare_{name}"] = middle("bare", name)
            print(f"{name}: {summary[f'send_{name}']:.2f} ms; bare pair {summary[f'bare_{name}']:.2f} ms")
    else:
        summary["pgbench_rate"], summary["echo_rate"] = middle("pgbench", "rate"), middle("echo", "rate")
        ratios = [taken["send"]["rate"] / taken["pgbench"]["rate"] for taken in rounds]
        summary["of_P"] = statistics.median(ratios)
        summary["of_echo"] = statistics.median(taken["send"]["rate"] / taken["echo"]["rate"] for taken in rounds)
        summary["P_processor_ms"] = middle("pgbench", "processor_ms")
        print(f"send {summary['send_rate']:.0f}/s = {summary['of_P']:.3f} P (of {min(ratios):.3f} to {max(ratios):.3f}), {summary['of_echo']:.3f} of an echo;"
              f" p50 {summary['send_delay_p50']:.1f} p99 {summary['send_delay_p99']:.1f} ms")  # fmt: skip
    ground.write("latency" if options.rate else "send", {"options": vars(options), "median": summary, "rounds": rounds})


if __name__ == "__main__":
    main()
