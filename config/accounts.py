"""How people get an account: an admin invites them, nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitedOnly(DefaultAccountAdapter):
    """Allauth without public sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False, always: `agents.services.team` makes people."""
        return False
