"""Names of our models and fields, also those that Django makes up: in the reader's language."""

from datetime import datetime

import pytest
from django.utils import translation
from django.utils.formats import localize

from chat.models import Chat, Visitor
from config.borrowed_strings import OWN_NAMES
from config.messages import catalogue, languages, strings
from config.naming import our_apps, unnamed_fields


def made_up() -> set[str]:
    """Return the English names that nobody wrote."""
    with translation.override("en"):
        fields = {str(field.verbose_name) for app in our_apps() for field in unnamed_fields(app)}
        models = {
            str(name)
            for app in our_apps()
            for model in app.get_models()
            for name in (model._meta.verbose_name, model._meta.verbose_name_plural)
        }
        return fields | models | {str(app.verbose_name) for app in our_apps() if list(app.get_models())}


@pytest.mark.parametrize("language", languages())
def test_each_is_in_the_catalogue(language):
    said = {text for _context, text in strings(catalogue(language))}
    assert sorted(made_up() - said) == []


def test_none_is_listed_that_no_model_has_any_more():
    assert sorted(set(OWN_NAMES) - made_up()) == []


def test_a_column_speaks_the_readers_language():
    with translation.override("vi"):
        assert str(Chat._meta.get_field("last_message_at").verbose_name) == "tin cuối lúc"
    with translation.override("uz"):
        assert str(Chat._meta.get_field("workspace").verbose_name) == "ish maydoni"


@pytest.mark.parametrize(("language", "written"), [("vi", "06:56 22/11/2026"), ("uz", "22.11.2026 06:56")])
def test_a_moment_in_a_table_is_short(language, written):
    with translation.override(language):
        assert localize(datetime(2026, 11, 22, 6, 56)) == written


def test_a_person_has_another_kind_of_name_than_a_thing():
    with translation.override("uz"):
        assert str(Visitor._meta.get_field("name").verbose_name) == "ism"
        assert str(Chat._meta.get_field("workspace").related_model._meta.get_field("name").verbose_name) == "nomi"
