"""/healthz and /readyz, also with something broken."""

import pytest
from django.db.migrations.recorder import MigrationRecorder

from config import checks


def test_healthz_answers_without_the_database(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "product": "parley"}


@pytest.mark.django_db
def test_readyz_names_everything_that_the_product_stands_on(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "broker": "ok", "channel_layer": "ok"},
    }


@pytest.mark.django_db
def test_a_missing_migration_is_not_ready(client):
    MigrationRecorder.Migration.objects.filter(app="chat").delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert "not applied" in answer.json()["checks"]["migrations"]
    assert answer.json()["checks"]["broker"] == "ok"


def test_a_finding_is_one_line_whatever_is_raised():
    def check():
        raise RuntimeError("first line\nsecond line")

    assert checks.run("thing", check).trouble == "first line"


def test_a_finding_never_shows_a_password():
    assert checks._address("amqp://parley:swordfish@mq:5672/x") == "amqp://mq:5672/x"


def test_the_address_of_the_product_leads_to_the_inbox(client):
    assert client.get("/")["Location"] == "/inbox/"
