"""Users: the person behind seats in one or several workspaces."""

import secrets

from django.conf import settings
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from ..errors import Invalid
from ..models import Role, User
from .workspaces import checked


def find_or_create(email: str) -> tuple[User, str | None]:
    """Return the user with this address and None, or a new one and the password made for them. Raises Invalid."""
    email = email.strip().lower()
    checked(validate_email, email, "email")
    known = User.objects.filter(email=email).first()
    if known:
        return known, None
    password = secrets.token_urlsafe(12)
    return User.objects.create_user(email, password), password


def set_language(user: User, language: str) -> None:
    """Choose the language of inbox, admin and mails; empty follows the browser. Raises Invalid."""
    if language and language not in dict(settings.LANGUAGES):
        raise Invalid(_("%(code)s is not one of the languages.") % {"code": language}, "language")
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language


def end_sessions(user: User) -> None:
    """Log the user out everywhere: sessions of an older epoch are over."""
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])


def follow_seats(user: User | None) -> None:
    """Open Django admin for owners and admins, close it for others; end the sessions of who has no seat left."""
    if user is None:
        return
    seats = user.agents.active()
    staff = user.is_superuser or seats.filter(role__in=[Role.OWNER, Role.ADMIN]).exists()
    if user.is_staff != staff:
        user.is_staff = staff
        user.save(update_fields=["is_staff"])
    if not user.is_superuser and not seats.exists():
        end_sessions(user)
