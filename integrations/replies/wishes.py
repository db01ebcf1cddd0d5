"""Does a visitor ask for a person? The usual words in our languages, and a workspace's own. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from chat.folding import words_of

# Anywhere in a message.
_PHRASES = (
    "real person", "real human", "human agent", "live agent", "talk to a human", "talk to a person", "talk to someone",
    "talk to an agent", "speak to a human", "speak to a person", "speak to someone", "speak to an agent",
    "speak with a human", "talk with a human", "connect me to a person", "connect me to an agent",
    "customer service representative", "not a bot",
    "gặp nhân viên", "gặp người tư vấn", "người thật", "nhân viên tư vấn", "tư vấn viên", "tổng đài viên",
    "nói chuyện với người", "nói chuyện với nhân viên", "chat với nhân viên", "gặp tư vấn",
    "operator bilan", "odam bilan", "inson bilan", "jonli odam", "tirik odam", "xodim bilan", "operatorga ulang",
    "operator kerak", "operatorni chaqiring", "mutaxassis bilan",
)  # fmt: skip
# Alone, as the whole message.
_ALONE = frozenset(
    (
        "human", "person", "agent", "operator", "representative", "support", "nhân viên", "nhan vien", "người", "odam",
        "inson", "xodim",
    )
)  # fmt: skip


def asks_for_person(text: str, own: Iterable[str] = ()) -> bool:
    """Whether the message asks for a person. ``own`` are further words, matched anywhere as whole words.

    With marks they are told apart (``người thật`` is a person, ``người thất vọng`` somebody disappointed); a message
    that was typed without any is compared without.
    """
    said = _plain(text)
    return said in _ALONE or any(_holds(text, phrase) for phrase in (*_PHRASES, *own))


def _holds(text: str, phrase: str) -> bool:
    words, wanted = _marked(text), _marked(phrase)
    if text.isascii():
        words, wanted = words_of(text), words_of(phrase)
    return bool(wanted) and f" {' '.join(wanted)} " in f" {' '.join(words)} "


def _marked(text: str) -> list[str]:
    """The words with their accents, in one spelling."""
    bare = unicodedata.normalize("NFC", text.casefold()).translate(dict.fromkeys(map(ord, "ʻʼ'’‘`")))
    return "".join(c if c.isalnum() else " " for c in bare).split()


def _plain(text: str) -> str:
    return " ".join(_marked(text))
