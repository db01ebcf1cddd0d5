"""Standard Webhooks: the secret, the signature and the headers of one attempt."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
_SHORTEST = 16  # bytes; the standard's 24 for our own, some mercy for those that users bring


def new_secret() -> str:
    """Return a secret: ``whsec_`` and 24 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def secret_of(text: str) -> str:
    """Return a secret that a user brought in its standard form, or raise ValueError when it is too weak.

    Text without the prefix is taken as the key itself, so the receiver may verify with either form.
    """
    key = _key(text) if text.startswith(PREFIX) else text.encode()
    if len(key) < _SHORTEST:
        raise ValueError("too short")
    return PREFIX + base64.b64encode(key).decode()


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None


def headers(message_id: str, at: datetime, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """Return the three headers of an attempt made ``at``; one signature for each secret that is valid now."""
    seconds = str(int(at.timestamp()))
    signed = f"{message_id}.{seconds}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_signature(key, signed) for key in keys),
    }


def _signature(secret: str, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()
