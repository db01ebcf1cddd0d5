"""Secrets stay where they were shown: not in logs, not in error pages, not in any later answer."""

import logging

import pytest
from django.test import Client

from config.demo.factories import AgentTokenFactory, PublishableKeyFactory, SecretKeyFactory, SubscriptionFactory
from widget import tokens

from .callers import call

pytestmark = pytest.mark.django_db
PAGES = [
    "/inbox/developers/", "/inbox/developers/website", "/inbox/developers/webhooks", "/inbox/developers/activity",
    "/admin/keys/secretkey/", "/admin/widget/publishablekey/", "/admin/agents/agenttoken/", "/admin/agents/auditentry/",
    "/admin/webhooks/subscription/", "/admin/agents/workspace/",
]  # fmt: skip
CONTRACTS = ["/v1/chat/agents/online", "/v1/chat/nothing", "/v1/chats", "/v1/webhooks", "/v1/nothing", "/api/nothing"]


def broken(*args, **kwargs):
    raise RuntimeError("broken")


def test_no_secret_reaches_a_log_an_error_or_a_later_answer(world, caplog, capfd, monkeypatch):
    key, hook = SecretKeyFactory(workspace=world.workspace), SubscriptionFactory(workspace=world.workspace)
    token, page = AgentTokenFactory(agent=world.owner).secret, PublishableKeyFactory(workspace=world.workspace).secret
    visitor = tokens.issue(world.visitor)[0]
    reset = "canary-0123456789abcdef"
    secrets = [key.secret, token, page, visitor, hook.secret, world.workspace.identity_secret, reset]
    answers = []
    browser = Client(raise_request_exception=False)
    browser.force_login(world.owner.user)
    with caplog.at_level(logging.DEBUG):
        for bearer in secrets[:5]:
            for path in CONTRACTS:
                answers.append(call(f"{path}?token={bearer}&apiKey={bearer}", bearer))
                answers.append(call(path, bearer, "POST", bearer))
        answers += [browser.get(path) for path in PAGES]
        answers += [browser.get(f"/nothing?secret={secret}") for secret in secrets]
        browser.get(f"/accounts/password/reset/key/1-{reset}/")
        monkeypatch.setattr("chat.queries.loads", broken)
        monkeypatch.setattr("integrations.developers.guard.contexts.frame", broken)
        failures = [
            call(f"{CONTRACTS[0]}?token={key.secret}", key.secret),
            browser.get(f"{PAGES[0]}?token={key.secret}"),
        ]
    assert [answer.status_code for answer in failures] == [500, 500]
    said = [answer.content.decode() + str(answer.headers) for answer in [*answers, *failures]]
    written = [record.getMessage() + str(record.exc_text or "") for record in caplog.records] + list(capfd.readouterr())
    assert any("request_failed" in text for text in written)
    for secret in secrets:
        assert not any(secret in text for text in [*said, *written]), secret[:4]
