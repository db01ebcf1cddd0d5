"""The contract's addresses, below /v1/chat/."""

from django.urls import path, re_path

from .views import agents, analytics, messages, sessions, unknown, widget

_SESSION = "sessions/<str:session_id>"

urlpatterns = [
    path("sessions", sessions.Start.as_view()),
    path(_SESSION, sessions.Detail.as_view()),
    path(f"{_SESSION}/assign", sessions.Assign.as_view()),
    path(f"{_SESSION}/transfer", sessions.Transfer.as_view()),
    path(f"{_SESSION}/end", sessions.End.as_view()),
    path(f"{_SESSION}/messages", messages.Messages.as_view()),
    path(f"{_SESSION}/messages/<str:message_id>/read", messages.Read.as_view()),
    path(f"{_SESSION}/upload", messages.Upload.as_view()),
    path(f"{_SESSION}/typing", messages.Typing.as_view()),
    path("agents/online", agents.Online.as_view()),
    path("agents/<str:agent_id>/status", agents.Status.as_view()),
    path("agents/<str:agent_id>/workload", agents.Workload.as_view()),
    path("agents/<str:agent_id>/performance", analytics.Performance.as_view()),
    path("widget/config", widget.Config.as_view()),
    path("widget/analytics", widget.Analytics.as_view()),
    path("analytics/overview", analytics.Overview.as_view()),
    path("analytics/agents", analytics.Agents.as_view()),
    path("analytics/satisfaction", analytics.Satisfaction.as_view()),
    path("widget/events", widget.Events.as_view()),
    re_path(r"^(?P<session_id>session_[0-9a-f]{32})\Z", unknown.SocketDoor.as_view()),
    re_path(r"", unknown.Unknown.as_view()),
]
