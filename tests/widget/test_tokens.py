"""Visitor tokens: whose they are, how long, and what cannot be done to them."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from django.core import signing

from widget import tokens

pytestmark = pytest.mark.django_db


def test_a_token_is_its_visitors(world):
    token, _ = tokens.issue(world.visitor)
    assert tokens.read(token) == world.visitor


def test_it_may_be_the_name_of_a_subprotocol(world):
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", tokens.issue(world.visitor)[0])


def test_it_runs_out_after_thirty_days_and_a_new_one_starts_anew(world):
    now = time.time()
    token, expires_at = tokens.issue(world.visitor)
    assert abs(expires_at.timestamp() - now - timedelta(days=30).total_seconds()) < 5
    with time_machine.travel(now + 29 * 86400):
        assert tokens.read(token) == world.visitor
        renewed, _ = tokens.issue(world.visitor)
    with time_machine.travel(now + 31 * 86400):
        assert tokens.read(token) is None
        assert tokens.read(renewed) == world.visitor


def test_an_erased_visitors_token_is_dead(world):
    token, _ = tokens.issue(world.visitor)
    world.visitor.delete()
    assert tokens.read(token) is None


def test_a_token_does_not_follow_a_visitor_into_another_workspace(world):
    token, _ = tokens.issue(world.visitor)
    type(world.visitor).objects.filter(pk=world.visitor.pk).update(workspace=world.elsewhere)
    assert tokens.read(token) is None


def test_every_change_of_a_token_kills_it(world):
    token, _ = tokens.issue(world.visitor)
    for i in range(3, len(token) - 1):
        changed = token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :]
        assert tokens.read(changed) is None, i


def test_nothing_else_that_is_signed_here_is_a_token(world):
    uids = [world.workspace.uid.hex, world.visitor.uid.hex]
    others = [
        signing.dumps(uids),
        signing.TimestampSigner(salt="chat.files").sign_object(uids),
        signing.Signer(sep=".", salt="widget.visitor").sign_object(uids),
    ]
    assert [tokens.read(f"vt_{other}") for other in others] == [None] * 3


@pytest.mark.parametrize("payload", [[], ["x"], ["x", "y"], {"a": 1}, 7, None, [None, None]])
def test_a_signed_payload_of_another_shape_is_no_token(payload):
    signed = signing.TimestampSigner(sep=".", salt="widget.visitor").sign_object(payload)
    assert tokens.read(f"vt_{signed}") is None


def test_an_old_secret_key_still_counts_while_it_is_kept(world, settings):
    token, _ = tokens.issue(world.visitor)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10
    assert tokens.read(token) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert tokens.read(token) == world.visitor
