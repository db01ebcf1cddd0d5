"""The examples of a contract's document, replayed: files of the dialect's package, which its docs page shows too.

``Document("live_chat")["2.1-start-session.request"]`` is one of them. ``Replay`` sends them with the document's ids put
for ours, ``demand_like`` compares the answer with the documented one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import httpx2

import integrations

ROOT = Path(integrations.__file__).parent
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
# An id as the documents write them: session_123456789, chat_abc123. Ours have a uid in hex there.
_ID = re.compile(r"([a-z]+_)(?=[a-z]*\d)[a-z0-9]+\Z")
_ERRORS_MEAN = "the document's example and the answer differ at"


class Document:
    """The example files of one dialect, by name without ``.json``."""

    def __init__(self, dialect: str) -> None:
        self.folder = ROOT / dialect / "examples"

    def __getitem__(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_text())

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(path.name.removesuffix(".json") for path in self.folder.glob("*.json")))


class Replay:
    """A client that speaks as a document shows. ``ids`` holds what the document calls something, and what we do."""

    def __init__(self, base_url: str, token: str, ids: dict[str, str] | None = None) -> None:
        self.base_url = base_url
        self.token = token
        self.ids = dict(ids or {})

    def call(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        """Send one request, demand its status, and return what the answer says (None when it says nothing)."""
        text = json.dumps(body, ensure_ascii=False) if body is not None else ""
        for documented, ours in self.ids.items():
            path, text = path.replace(documented, ours), text.replace(documented, ours)
        answer = httpx2.request(
            method,
            self.base_url + path,
            content=text.encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            timeout=20,
        )
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None


def demand_like(documented: Any, actual: Any, varying: Collection[str] = (), where: str = "") -> None:
    """Fail unless the answer has every documented name, with the same value.

    For a time, an id, and the names in ``varying`` (they depend on chance, on the moment, on the machine) it is enough
    that the value is of the same type. One documented row of a list stands for every row.
    """
    if isinstance(documented, dict):
        assert isinstance(actual, dict), f"{_ERRORS_MEAN} {where}: {actual!r}"
        missing = set(documented) - set(actual)
        assert not missing or where.rpartition(".")[2] in varying, f"{_ERRORS_MEAN} {where}: {missing} missing"
        for key, value in documented.items():
            if key in actual:
                demand_like(value, actual[key], varying, f"{where}.{key}")
    elif isinstance(documented, list) and documented and isinstance(documented[0], dict):
        assert isinstance(actual, list) and actual, f"{_ERRORS_MEAN} {where}: {actual!r}"
        for item in actual:
            demand_like(documented[0] if len(documented) == 1 else item, item, varying, f"{where}.0")
    else:
        assert _is_like(documented, actual, where.rpartition(".")[2] in varying), f"{_ERRORS_MEAN} {where}: {actual!r}"


def _is_like(documented: Any, actual: Any, varies: bool) -> bool:
    if varies and (actual is None or documented is None):
        return True
    if isinstance(documented, list):
        return isinstance(actual, list)
    if isinstance(documented, str) and _TIME.match(documented):
        return isinstance(actual, str) and bool(_TIME.match(actual))
    if isinstance(documented, str) and (id_ := _ID.match(documented)):
        return bool(re.match(id_.group(1) + r"[0-9a-f]{32}\Z", str(actual)))
    if varies:
        # 12 and 12.5 are numbers both.
        return type(actual) is type(documented) or {type(actual), type(documented)} <= {int, float}
    return bool(actual == documented)
