"""Parley's own processes: those of the Procfile, on servers of our own, or the one process of the embedded mode."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

from tests.product import ROOT

from .servers import Server, until

# The limits on callers have tests of their own; here one address is everybody.
FREE = {
    "PARLEY_ALLOW_PRIVATE_WEBHOOKS": "1",
    "PARLEY_KEY_PER_MINUTE": "1000000",
    "PARLEY_KEY_PER_SECOND": "10000",
    "PARLEY_STARTS_PER_MINUTE": "100000",
    # What a killed relay had in hand is taken over after twice this.
    "PARLEY_WEBHOOK_TIMEOUT_SECONDS": "3",
    "PYTHONUNBUFFERED": "1",
}


class Process(Server):
    """One process of Parley."""

    def __init__(self, name: str, words: list[str], folder: Path, env: dict[str, str]) -> None:
        super().__init__(folder)
        self.name = name
        self.words = words
        self.environment = env
        self.wanted = False
        # How often it ended by itself, which a process may do only while something that it stands on is away.
        self.ended = 0
        self.lock = threading.Lock()

    def command(self) -> list[str]:
        program, *rest = self.words
        prefix = [sys.executable] if program == "python" else [str(Path(sys.executable).with_name(program))]
        return [*prefix, *rest, *(["--host", "127.0.0.1", "--port", str(self.port)] if self.serves else [])]

    @property
    def serves(self) -> bool:
        """Whether it is one that clients connect to."""
        return "serve" in self.words

    def env(self) -> dict[str, str]:
        return {**self.environment, "PORT": str(self.port)}

    def spawn(self) -> None:
        command, self.wanted = self.command(), True
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.env(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def answers(self) -> bool:
        """Whether it serves; of one that serves nobody, whether it runs."""
        if not self.serves:
            return self.process is not None and self.process.poll() is None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=20) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def wait(self) -> None:
        until(lambda: self.revive() or self.answers(), f"{self.name} did not start (see {self.folder})")

    def revive(self) -> None:
        """Start it again if it has ended by itself, as whatever supervises the Procfile does."""
        with self.lock:
            if self.wanted and self.process is not None and self.process.poll() is not None:
                self.ended += 1
                self.spawn()

    def kill(self) -> None:
        self.wanted = False
        super().kill()

    def stop(self) -> int:
        """SIGTERM, and wait for its end. Returns how it ended."""
        self.wanted, code = False, 0
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            code = self.process.wait(60)
            self.process = None
        return code

    @property
    def memory(self) -> int:
        """Bytes of memory that it holds."""
        assert self.process is not None
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def processes(folder: Path, env: dict[str, str], webs: int) -> list[Process]:
    """Return the processes of the Procfile, not started; so many that serve."""
    made = []
    for line in (ROOT / "Procfile").read_text().splitlines():
        name, _, command = line.partition(":")
        words = shlex.split(command)
        if "serve" in words:
            words = words[: words.index("--host")]
            made += [Process(f"{name}.{number}", words, folder, env) for number in range(1, webs + 1)]
        else:
            made.append(Process(name, words, folder, env))
    return made


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of an installation whose data folder this is."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    return {**os.environ, **FREE, "PARLEY_DATA": str(data), **more}
