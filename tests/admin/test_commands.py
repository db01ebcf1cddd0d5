"""Commands in Django admin: made, kept in bounds, and their headers never shown."""

import pytest
from django.urls import reverse

from chat.models import Command

pytestmark = pytest.mark.django_db
SECRET = "Authorization: Bearer canary-of-headers"


def form(world, **fields):
    return {
        "workspace": world.workspace.pk, "name": "order_lookup", "title": "Order", "active": "on", "method": "GET",
        "url": "https://shop.example.com/orders/{value}", "new_headers": SECRET, "shown": "status = Status\r\ntotal",
        **fields,
    }  # fmt: skip


@pytest.fixture
def add(as_owner, world):
    def add(**fields):
        return as_owner.post(reverse("admin:chat_command_add"), form(world, **fields))

    return add


def test_an_owner_makes_a_command(add):
    assert add().status_code == 302
    command = Command.objects.get()
    assert (command.headers, command.shown) == (SECRET, ["status = Status", "total"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "order lookup"}, {"name": "<b>"}, {"name": ""}, {"title": ""}, {"method": "DELETE"},
        {"url": "http://shop.example.com/"}, {"url": "https://{value}/"}, {"url": "https://127.0.0.1/"},
        {"new_headers": "nonsense"}, {"new_headers": "Host: evil.example"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_nothing_stored(add, wrong):
    answer = add(**wrong)
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert not Command.objects.exists()


def test_a_name_is_there_once_in_a_workspace(add, world):
    Command.objects.create(workspace=world.elsewhere, name="order_lookup", title="Theirs")
    assert add().status_code == 302
    assert add().status_code == 200
    assert Command.objects.filter(workspace=world.workspace).count() == 1


def test_headers_are_never_shown_stay_when_empty_and_can_be_forgotten(add, as_owner, world):
    add()
    page = reverse("admin:chat_command_change", args=[Command.objects.get().pk])
    assert "canary-of-headers" not in as_owner.get(page).content.decode()
    as_owner.post(page, form(world, new_headers="", title="Renamed"))
    command = Command.objects.get()
    assert (command.title, command.headers) == ("Renamed", SECRET)
    as_owner.post(page, form(world, new_headers="X-Key: two"))
    assert Command.objects.get().headers == "X-Key: two"
    as_owner.post(page, form(world, new_headers="", forget_headers="on"))
    assert Command.objects.get().headers == ""


def test_headers_are_encrypted_in_the_database(add):
    from django.db import connection

    add()
    with connection.cursor() as cursor:
        cursor.execute("SELECT headers FROM chat_command")
        assert "canary" not in cursor.fetchone()[0]
