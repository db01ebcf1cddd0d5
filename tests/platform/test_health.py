"""/healthz and /readyz."""

import pytest


def test_healthz_answers_without_the_database(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "product": "parley"}


@pytest.mark.django_db
def test_readyz_names_everything_that_the_product_stands_on(client):
    answer = client.get("/readyz")
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "broker": "ok", "channel_layer": "ok"},
    }


def test_world(world):
    assert world.operator.workspace != world.outsider.workspace
