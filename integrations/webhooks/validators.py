"""What a subscription may say. On the model's fields, so that the admin and the services refuse the same."""

from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .. import addresses
from .names import EVENTS


def valid_address(url: str) -> None:
    """Raise ValidationError unless ``url`` is a complete https address without a login in it.

    Plain http passes where the operator allows private addresses. A number that is not public is refused here, for an
    early answer; the guard itself is at connect time, in :mod:`integrations.outgoing`.
    """
    parts = _split(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and addresses.private_allowed()):
        raise ValidationError(_("The address must begin with https://."))
    if parts.username is not None or parts.password is not None:
        raise ValidationError(_("Leave user name and password out of the address."))
    if _is_refused_number(parts.hostname or ""):
        raise ValidationError(_("This address is not reachable from the internet."))


def _split(url: str) -> SplitResult:
    problem = ValidationError(_("This is not a complete web address."))
    if not isinstance(url, str) or url != url.strip() or any(c.isspace() or ord(c) < 32 for c in url):
        raise problem
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise problem from None
    if not parts.hostname or port == 0:
        raise problem
    return parts


def _is_refused_number(host: str) -> bool:
    try:
        return not addresses.permits(host)
    except ValueError:
        return False  # a name


def valid_events(events: object) -> None:
    """Raise ValidationError unless this is a list of at least one known event, none of them twice."""
    if not isinstance(events, list) or not events:
        raise ValidationError(_("Choose at least one event."))
    for event in events:
        if event not in EVENTS:
            raise ValidationError(_("There is no event %(event)s."), params={"event": str(event)[:80]})
    if len(set(events)) != len(events):
        raise ValidationError(_("Name each event once."))
