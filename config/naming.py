"""Names that Django makes up from ours ("last message at", "chat tags"), so that the admin can translate them.

A field without a name of its own is called after its attribute, in English for everybody. A hundred written names would
drown the models; so the made-up ones become translatable here, and OWN_NAMES in borrowed_strings.py lists the words.
Migrations do not notice: they look at the names that were written.
"""

from collections.abc import Iterator

from django.apps import AppConfig, apps
from django.db.models import Field
from django.utils.translation import gettext_lazy

OURS = ("agents", "chat", "widget", "integrations")


def our_apps() -> Iterator[AppConfig]:
    """Yield the applications whose models are ours."""
    for app in apps.get_app_configs():
        if app.name.split(".")[0] in OURS:
            yield app


def unnamed_fields(app: AppConfig) -> Iterator[Field]:
    """Yield the fields that nobody named."""
    for model in app.get_models():
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            if field._verbose_name is None:  # type: ignore[attr-defined]  # what was written, before Django's guess
                yield field


def translate_names() -> None:
    """Make the guessed names of fields, models and applications lazy translations."""
    for app in our_apps():
        app.verbose_name = gettext_lazy(str(app.verbose_name))
        for field in unnamed_fields(app):
            field.verbose_name = gettext_lazy(str(field.verbose_name))
        for model in app.get_models():
            names = model._meta
            if "verbose_name" not in names.original_attrs:
                names.verbose_name = gettext_lazy(str(names.verbose_name))
                names.verbose_name_plural = gettext_lazy(str(names.verbose_name_plural))
