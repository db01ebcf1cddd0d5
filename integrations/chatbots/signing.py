"""HMAC-SHA256 of a body with the client secret, in hex (the contract's section 2.10)."""

from __future__ import annotations

import base64
import hashlib
import hmac


def signature(secret: str, body: bytes) -> str:
    """Return the signature of a body; no body is signed as an empty one."""
    return _digest(secret, body).hex()


def is_signature(text: str, secret: str, body: bytes) -> bool:
    """Whether ``text`` signs the body, in hex or base64: the contract does not say which. In constant time."""
    digest = _digest(secret, body)
    given = text.strip().encode("utf-8", "replace")
    in_hex = hmac.compare_digest(given.lower(), digest.hex().encode())
    return hmac.compare_digest(given, base64.b64encode(digest)) or in_hex


def _digest(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()
