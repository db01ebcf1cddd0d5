"""Secrets that must be read again (to check a signature) are stored encrypted under SECRET_KEY."""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache
def _fernet(*keys: str) -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"parley:" + k.encode()).digest())) for k in keys]
    )


def _current() -> MultiFernet:
    return _fernet(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


class SealedField(models.TextField):
    """Text that is encrypted in the database and plain in Python. Cannot be searched."""

    def get_prep_value(self, value):
        return value and _current().encrypt(value.encode()).decode()

    def from_db_value(self, value, expression, connection):
        return value and _current().decrypt(value.encode()).decode()
