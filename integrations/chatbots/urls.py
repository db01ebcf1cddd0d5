"""The contract's addresses, below /bots/."""

from django.urls import path, re_path

from . import views

urlpatterns = [
    path("list_routing_statuses", views.ListRoutingStatuses.as_view(), name="bots-statuses"),
    path("get_chat", views.GetChat.as_view(), name="bots-chat"),
    path("actions", views.Actions.as_view(), name="bots-actions"),
    re_path(r"", views.Unknown.as_view()),
]
