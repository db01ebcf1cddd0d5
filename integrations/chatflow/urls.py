"""The contract's addresses, below /v1/. Whatever else is asked there gets this contract's 404."""

from django.urls import path, re_path

from .views import agents, analytics, base, chats, files, triggers, webhooks, widget

_CHAT = "chats/<str:chat_id>"
_WEBHOOK = "webhooks/<str:webhook_id>"
_DELIVERY = f"{_WEBHOOK}/deliveries/<str:delivery_id>"

urlpatterns = [
    path("chats", chats.Chats.as_view()),
    path(_CHAT, chats.Chat.as_view()),
    path(f"{_CHAT}/messages", chats.Messages.as_view()),
    path("agents", agents.Agents.as_view()),
    path("agents/<str:agent_id>/stats", agents.Stats.as_view()),
    path("webhooks", webhooks.Webhooks.as_view()),
    path(_WEBHOOK, webhooks.Webhook.as_view()),
    path(f"{_WEBHOOK}/rotate-secret", webhooks.RotateSecret.as_view()),
    path(f"{_WEBHOOK}/resume", webhooks.Resume.as_view()),
    path(f"{_WEBHOOK}/test", webhooks.Test.as_view()),
    path(f"{_WEBHOOK}/replay", webhooks.ReplayRange.as_view()),
    path(f"{_WEBHOOK}/deliveries", webhooks.Deliveries.as_view()),
    path(_DELIVERY, webhooks.Delivery.as_view()),
    path(f"{_DELIVERY}/replay", webhooks.Replay.as_view()),
    path("analytics/overview", analytics.Overview.as_view()),
    path("analytics/agents", analytics.ByAgent.as_view()),
    path("widget/config", widget.Config.as_view()),
    path("automation/triggers", triggers.Triggers.as_view()),
    path("automation/triggers/<str:trigger_id>", triggers.Trigger.as_view()),
    path("files/upload-url", files.UploadUrl.as_view()),
    path("files/confirm", files.Confirm.as_view()),
    re_path(r"", base.Unknown.as_view()),
]
