"""New workspaces and their departments."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from ..errors import Invalid, Taken, Unknown
from ..models import Department, Workspace
from ..models.workspace import valid_timezone
from ..slugs import free_slug
from . import audit


@dataclass(frozen=True)
class NewWorkspace:
    """A workspace that was just made, and the secret by which its site vouches for customers."""

    workspace: Workspace
    identity_secret: str
    departments: Sequence[Department]


@transaction.atomic
def create_workspace(
    name: str, *, departments: Iterable[str] = (), language: str = "en", timezone: str = "UTC"
) -> NewWorkspace:
    """Create a workspace and a department for each of these slugs. Its own slug comes from the name.

    Raises Invalid for an empty name, an unknown language or time zone, a bad slug.
    """
    name = name.strip()
    if not name or len(name) > 120:
        raise Invalid(_("Give the workspace a name of 1 to 120 characters."), "name")
    if language not in dict(settings.LANGUAGES):
        raise Invalid(_("%(code)s is not one of the languages.") % {"code": language}, "language")
    checked(valid_timezone, timezone, "timezone")
    secret = secrets.token_urlsafe(32)
    workspace = Workspace.objects.create(
        name=name,
        slug=free_slug(name, lambda slug: Workspace.objects.filter(slug=slug).exists()),
        language=language,
        timezone=timezone,
        identity_secret=secret,
    )
    return NewWorkspace(workspace, secret, [create_department(workspace, slug) for slug in departments])


@transaction.atomic
def rotate_identity_secret(workspace: Workspace, keep_old_for: timedelta) -> str:
    """Give the workspace a new identity secret and return it. Tokens of the old one are believed for a while."""
    row = Workspace.objects.select_for_update().get(pk=workspace.pk)
    row.previous_identity_secret = row.identity_secret if keep_old_for else ""
    row.previous_identity_secret_until = now() + keep_old_for if keep_old_for else None
    row.identity_secret = secrets.token_urlsafe(32)
    row.save(update_fields=["identity_secret", "previous_identity_secret", "previous_identity_secret_until"])
    audit.note(row, audit.IDENTITY_ROTATED)
    return row.identity_secret


def create_department(workspace: Workspace, slug: str, name: str = "") -> Department:
    """Create a department; without a name it is called like its slug. Raises Invalid or Taken."""
    if len(slug) > 60:
        raise Invalid(_("A department's slug has at most 60 characters."), "departments")
    checked(validate_slug, slug, "departments")
    if workspace.departments.filter(slug=slug).exists():
        raise Taken(_("There is already a department %(slug)s.") % {"slug": slug}, "departments")
    name = name or slug.replace("-", " ").replace("_", " ").strip().capitalize() or slug
    return Department.objects.create(workspace=workspace, slug=slug, name=name)


def departments_by_slug(workspace: Workspace, slugs: Iterable[str]) -> list[Department]:
    """Return the departments with these slugs, in this order. Raises Unknown for the first one that is not there."""
    found = {department.slug: department for department in workspace.departments.all()}
    wanted = list(dict.fromkeys(slugs))
    for slug in wanted:
        if slug not in found:
            raise Unknown(
                _("%(workspace)s has no department %(slug)s.") % {"workspace": workspace.slug, "slug": slug},
                "departments",
            )
    return [found[slug] for slug in wanted]


def checked(validator: Callable[[str], object], value: str, field: str) -> None:
    """Run one of Django's validators; what it refuses is Invalid."""
    try:
        validator(value)
    except ValidationError as error:
        raise Invalid(error.messages[0], field) from error
