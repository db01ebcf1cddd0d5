"""The Procfile's processes as children of one: for `make run` in services mode. Production has its own supervisor."""

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import structlog
from django.conf import settings

logger = structlog.get_logger("parley.supervisor")
_STOP_SECONDS = 25
_RESTART_SECONDS = 1


class Supervisor:
    """Starts every process, starts again whichever ends, and stops all of them at SIGTERM or SIGINT."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self.ready = ready
        self.stopping = threading.Event()
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def run(self) -> int:
        """Run until told to stop; returns the exit code: 1 when the web process could not start at all."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        commands = processes()
        for name, command in commands.items():
            self.children[name] = _spawn(command)
        announced = False
        while not self.stopping.wait(0.2):
            if not announced and _answers():
                announced = True
                self.ready()
            if not announced and self.children["web"].poll() is not None:
                self._stop_all()
                return 1  # it has said why
            self._revive(commands)
        self._stop_all()
        return 0

    def _revive(self, commands: dict[str, list[str]]) -> None:
        for name, child in self.children.items():
            if child.poll() is not None and not self.stopping.wait(_RESTART_SECONDS):
                logger.warning("process_ended", process=name, code=child.returncode)
                self.children[name] = _spawn(commands[name])

    def _stop_all(self) -> None:
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()


def processes() -> dict[str, list[str]]:
    """Return the Procfile's commands by name, to be run by the Python that runs us."""
    commands = {}
    for line in (settings.BASE_DIR / "Procfile").read_text().splitlines():
        name, _, command = line.partition(":")
        words = shlex.split(command)
        prefix = [sys.executable] if words[0] == "python" else [str(Path(sys.executable).with_name(words[0]))]
        commands[name] = [*prefix, *words[1:]]
    commands["web"] = [*commands["web"][:-1], "127.0.0.1"]
    return commands


def _spawn(command: list[str]) -> subprocess.Popen[bytes]:
    # A session of its own: a Ctrl-C in the terminal comes to us alone, and we stop the children in order.
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ, start_new_session=True)  # noqa: S603


def _answers() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.PORT}/healthz", timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
