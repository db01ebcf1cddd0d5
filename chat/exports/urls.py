"""Addresses below /inbox/exports/."""

from django.urls import path

from . import views

app_name = "exports"
urlpatterns = [
    path("", views.home, name="home"),
    path("<str:uid>/file", views.file, name="file"),
    path("<str:uid>/cancel", views.cancel, name="cancel"),
    path("<str:uid>/retry", views.retry, name="retry"),
    path("<str:uid>/remove", views.remove, name="remove"),
]
