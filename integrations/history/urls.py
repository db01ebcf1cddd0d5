"""The export's address, below /api/v1/."""

from django.urls import path, re_path

from . import views

urlpatterns = [
    path("chats", views.Chats.as_view(), name="history"),
    re_path(r"", views.Unknown.as_view()),
]
