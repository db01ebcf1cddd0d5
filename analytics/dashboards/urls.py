"""Addresses below /inbox/analytics/."""

from django.urls import path

from ..weekly import views as weekly
from . import views

app_name = "analytics"
urlpatterns = [
    path("", views.report, {"name": "overview"}, name="overview"),
    path("chats", views.chats, name="chats"),
    path("weekly", weekly.choose, name="weekly"),
    path("weekly/stop/<str:token>", weekly.stop, name="weekly-stop"),
    path("<slug:name>.xlsx", views.xlsx, name="xlsx"),
    path("<slug:name>/<slug:table>.csv", views.csv, name="csv"),
    path("<slug:name>", views.report, name="report"),
]
