"""PostgreSQL, Redis and RabbitMQ of our own, from Debian's binaries, on ports and folders of their own."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from tests.product import free_port

_START_SECONDS = 300
_ROOT = os.geteuid() == 0
_QUIET = subprocess.DEVNULL


class Missing(Exception):
    """A program that is needed is not on this machine."""


def find(*places: str) -> str:
    """Return the program at the last of these places (patterns) that has it. Raises Missing."""
    for place in places:
        if found := sorted(Path("/").glob(place.lstrip("/"))):
            return str(found[-1])
    raise Missing(f"none of {', '.join(places)} is here")


class Server:
    """One process that is started, killed as by a power cut, and started again on the same data."""

    name = ""
    # Debian's PostgreSQL refuses to run as root, and brings a person of its own.
    person: str | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def env(self) -> dict[str, str]:
        return dict(os.environ)

    def answers(self) -> bool:
        raise NotImplementedError

    def spawn(self) -> None:
        """Start it; `wait` says when it answers."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.folder, env=self.env(), stdin=_QUIET, stdout=log, stderr=log,
                user=self.person if _ROOT else None, extra_groups=[] if _ROOT and self.person else None,
                start_new_session=True,
            )  # fmt: skip

    def wait(self) -> None:
        until(self.answers, f"{self.name} did not start")

    def kill(self) -> None:
        """SIGKILL to it and to all that it has started, all at once."""
        process, self.process = self.process, None
        if process is None:
            return
        offspring = children(process.pid)
        for pid in (process.pid, *offspring):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        until(lambda: not any(alive(pid) for pid in offspring), f"{self.name} did not die")


class Postgres(Server):
    """A cluster with one database, durable as it is by default."""

    name = "postgres"
    person = "postgres"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.bin = Path(find("/usr/lib/postgresql/*/bin/postgres", "/usr/local/pgsql/bin/postgres")).parent
        self.data = folder / "postgres"
        self.user = "parley"
        self.url = f"postgres://{self.user}@127.0.0.1:{self.port}/parley"
        self.server = f"postgres://{self.user}@127.0.0.1:{self.port}/postgres"
        self.data.mkdir()
        if _ROOT:
            shutil.chown(self.data, self.person)
        subprocess.run(
            [self.bin / "initdb", "-D", self.data, "-U", self.user, "--auth=trust", "--no-sync", "-E", "UTF8",
             "--locale=C.UTF-8"],
            check=True, stdout=_QUIET, cwd="/", user=self.person if _ROOT else None,
        )  # fmt: skip

    def command(self) -> list[str]:
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.data}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.bin / "postgres"), "-D", str(self.data), *settings]

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.Error):
            psycopg.connect(self.server, connect_timeout=3).close()
            return True
        return False

    def create(self, like: str = "") -> None:
        """Create the database: empty, or as the one with this address is."""
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE parley")
        if like:
            dump = [self.bin / "pg_dump", "--no-owner", "--no-privileges", like]
            copy = subprocess.run(dump, check=True, stdout=subprocess.PIPE).stdout
            subprocess.run(
                [self.bin / "psql", "-qX", "-v", "ON_ERROR_STOP=1", self.url], input=copy, check=True, stdout=_QUIET
            )


class Redis(Server):
    """Keeps nothing: what it forgets when it is killed must be worth nothing."""

    name = "redis"

    def command(self) -> list[str]:
        program = find("/usr/bin/redis-server", "/usr/local/bin/redis-server")
        return [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False


class Rabbit(Server):
    """A node with a name server (epmd) of its own, so that no other node of this machine notices."""

    name = "rabbit"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.node_port, self.epmd_port = free_port(), free_port()
        self.epmd = subprocess.Popen(
            [find("/usr/bin/epmd", "/usr/local/bin/epmd"), "-port", str(self.epmd_port), "-address", "127.0.0.1"],
            stdout=_QUIET, stderr=_QUIET,
        )  # fmt: skip

    def command(self) -> list[str]:
        # Not the wrapper in /usr/sbin: it would change to a user who may not read our folder.
        return [find("/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server")]

    def env(self) -> dict[str, str]:
        home = self.folder / "rabbit"
        home.mkdir(exist_ok=True)
        mine = {
            "NODENAME": "chaos@localhost", "NODE_IP_ADDRESS": "127.0.0.1", "NODE_PORT": self.port,
            "DIST_PORT": self.node_port, "MNESIA_BASE": home / "data", "LOG_BASE": home / "log",
            "ENABLED_PLUGINS_FILE": home / "plugins", "CONFIG_FILE": home / "none", "CONF_ENV_FILE": home / "none.conf",
            "PID_FILE": home / "pid", "SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }  # fmt: skip
        names = {f"RABBITMQ_{name}": str(value) for name, value in mine.items()}
        epmd = {"ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        return {**os.environ, **names, **epmd, "HOME": str(home)}

    def answers(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            # Between our choice and its start a connection of somebody else was given the port.
            self.node_port = free_port()
            self.spawn()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
            line.settimeout(2)
            line.sendall(b"AMQP\x00\x00\x09\x01")
            return bool(line.recv(1))
        return False

    def remove(self) -> None:
        self.kill()
        self.epmd.kill()
        self.epmd.wait()


class Servers:
    """The three of them, in a folder that PostgreSQL's person can enter, too."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"parley-chaos-{getpass.getuser()}-"))
        self.folder.chmod(0o755)
        self.rabbit, self.redis, self.postgres = Rabbit(self.folder), Redis(self.folder), Postgres(self.folder)
        for server in (self.rabbit, self.redis, self.postgres):
            server.spawn()
        try:
            self.postgres.wait()
        except AssertionError:
            self.remove()
            raise

    def wait(self) -> None:
        self.redis.wait()
        self.rabbit.wait()

    def remove(self) -> None:
        for server in (self.postgres, self.redis):
            server.kill()
        self.rabbit.remove()
        shutil.rmtree(self.folder, ignore_errors=True)


def children(pid: int) -> list[int]:
    """Return the process ids of all that descend from this one."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (thread / "children").read_text().split()):
                found += [child, *children(child)]
    return found


def alive(pid: int) -> bool:
    """Whether the process runs: one that is dead and not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def until(true: Callable[[], Any], otherwise: str, seconds: float = _START_SECONDS) -> None:
    """Wait until something holds. Raises AssertionError with ``otherwise`` when it never does."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)
