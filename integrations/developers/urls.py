"""Addresses below /inbox/developers/."""

from django.urls import path

from . import activity, keys, webhooks, website

app_name = "developers"
_HOOK = "webhooks/<str:uid>"

urlpatterns = [
    path("", keys.home, name="home"),
    path("keys/new", keys.new_secret, name="new-key"),
    path("keys/<str:uid>", keys.change, name="key"),
    path("keys/<str:kind>/<str:uid>/rotate", keys.rotate, name="rotate-key"),
    path("keys/<str:kind>/<str:uid>/revoke", keys.revoke, name="revoke-key"),
    path("website", website.home, name="website"),
    path("website/keys/new", keys.new_page, name="new-page-key"),
    path("website/domains/<str:uid>", website.domains, name="domains"),
    path("website/identity", website.identity, name="identity"),
    path("webhooks", webhooks.home, name="webhooks"),
    path("webhooks/new", webhooks.new, name="new-webhook"),
    path(_HOOK, webhooks.detail, name="webhook"),
    path(f"{_HOOK}/resume", webhooks.resume, name="resume"),
    path(f"{_HOOK}/test", webhooks.test, name="test"),
    path(f"{_HOOK}/rotate", webhooks.rotate, name="rotate-webhook"),
    path(f"{_HOOK}/delete", webhooks.delete, name="delete-webhook"),
    path(f"{_HOOK}/replay", webhooks.replay_range, name="replay-range"),
    path(f"{_HOOK}/deliveries/<str:delivery_uid>", webhooks.delivery, name="delivery"),
    path(f"{_HOOK}/deliveries/<str:delivery_uid>/replay", webhooks.replay, name="replay"),
    path("activity", activity.home, name="activity"),
]
