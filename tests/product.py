"""The real product for tests: `manage.py serve` in a process of its own, with its own data folder and database."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 90


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Product:
    """One installation of Parley. `start`, `stop`, `kill` and `start` again keep its data and its port."""

    def __init__(self, folder: Path, template: "Template") -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.other_origin = f"http://localhost:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}"
        self.env = {
            **os.environ,
            "PARLEY_DATA": str(folder),
            "PARLEY_STATIC": str(template.static),
            "PORT": str(self.port),
            "PARLEY_URL": self.url,
            "PARLEY_ALLOW_PRIVATE_WEBHOOKS": "1",
            # One key is many callers in these stories; the limits have tests of their own.
            "PARLEY_KEY_PER_MINUTE": "100000",
            "PARLEY_KEY_PER_SECOND": "10000",
            "PARLEY_STARTS_PER_MINUTE": "100000",
            "PYTHONUNBUFFERED": "1",
        }
        self.database_url = template.copy_into(folder)
        if self.database_url:
            self.env["DATABASE_URL"] = self.database_url
        self.process: subprocess.Popen[bytes] | None = None
        self.clerk: subprocess.Popen[str] | None = None
        self.log = folder / "serve.log"

    def manage(self, *arguments: str, check: bool = True, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """Run a management command in this installation."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(f"manage.py {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def manage_json(self, *arguments: str) -> dict[str, Any]:
        """Run a command with --json and return its one object (tests/clerk.py: the start of Python is shared)."""
        if self.clerk is None:
            self.clerk = subprocess.Popen(
                [sys.executable, "-m", "tests.clerk"],
                cwd=ROOT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        assert self.clerk.stdin and self.clerk.stdout
        print(json.dumps([*arguments, "--json"]), file=self.clerk.stdin, flush=True)
        done = json.loads(self.clerk.stdout.readline())
        assert done["code"] == 0, f"manage.py {' '.join(arguments)}: {done}"
        return json.loads(done["stdout"])

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command and do not wait for it: `serve --with-worker` unless another is given."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *(arguments or ("serve", "--with-worker"))],
                cwd=ROOT, env=self.env, stdout=log, stderr=log,
            )  # fmt: skip
        return self.process

    def start(self, *arguments: str) -> "Product":
        """Start the server with worker, beat and relay inside (or another command), and wait until it is ready."""
        process = self.spawn(*arguments)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise AssertionError(f"the product ended with {process.returncode}:\n{self.log.read_text()}")
            if self.get("/readyz")[0] == 200:
                return self
            time.sleep(0.1)
        raise AssertionError(f"the product did not start:\n{self.log.read_text()}")

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """Return status and body of a GET; status 0 when nobody answers."""
        request = urllib.request.Request(self.url + path, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def stop(self, timeout: float = 30) -> int:
        """Ask it to end (SIGTERM) and return its exit code."""
        return self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        self._end(signal.SIGKILL, 10)

    def remove(self) -> None:
        """End it and delete what it kept."""
        self.kill()
        if self.clerk:
            self.clerk.communicate(timeout=30)  # the end of its input is its end
            self.clerk = None
        if self.database_url:
            drop_database(self.database_url)

    def _end(self, signal_number: int, timeout: float) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(signal_number)
        return process.wait(timeout)


class Template:
    """A migrated, empty database and the static files, made once a test run; each product gets a copy.

    ``folder`` is shared by the run's processes: the first one makes what is in it, and the last one removes it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self.url = os.environ.get("DATABASE_URL", "")
        self.count = 0
        self.static = folder / "static"
        if self.url:
            self.url = _renamed(self.url, f"template_{_run(folder)}")
        with self._alone() as users:
            if not users:
                self._make()
            self._users.write_text(str(users + 1))

    def _make(self) -> None:
        env = {**os.environ, "PARLEY_DATA": str(self.folder), "PARLEY_STATIC": str(self.static)}
        env |= {"DATABASE_URL": create_database(self.url)} if self.url else {}
        quiet = subprocess.DEVNULL
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=env, check=True, stdout=quiet)

    @property
    def _users(self) -> Path:
        return self.folder / "users"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[int]:
        """Hold the template; yields how many processes use it. PostgreSQL copies a database for one at a time, too."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield int(self._users.read_text()) if self._users.exists() else 0

    def copy_into(self, folder: Path) -> str:
        """Give a product its copy. Returns its DATABASE_URL, or an empty text in embedded mode."""
        self.count += 1
        if self.url:
            with self._alone():
                return create_database(_renamed(self.url, f"{os.getpid()}_{self.count}"), template=self.url)
        shutil.copyfile(self.folder / "parley.sqlite3", folder / "parley.sqlite3")
        return ""

    def remove(self) -> None:
        """Delete it, unless another process uses it still."""
        with self._alone() as users:
            self._users.write_text(str(users - 1))
            if users == 1 and self.url:
                drop_database(self.url)


def _run(folder: Path) -> str:
    """Return a short name of this test run: PostgreSQL's names have 63 characters."""
    return f"{zlib.crc32(str(folder).encode()):08x}"


def create_database(url: str, template: str = "") -> str:
    """Create the PostgreSQL database that ``url`` names, and return ``url``."""
    drop_database(url)
    suffix = f' TEMPLATE "{_name(template)}"' if template else ""
    with _server(url) as connection:
        connection.execute(f'CREATE DATABASE "{_name(url)}"{suffix}')
    return url


def drop_database(url: str) -> None:
    """Drop the PostgreSQL database that ``url`` names, whoever is still connected."""
    with _server(url) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')


def _server(url: str) -> psycopg.Connection:
    return psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True)


def _name(url: str) -> str:
    return urlsplit(url).path.strip("/")


def _renamed(url: str, suffix: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{_name(url)}_{suffix}"))
