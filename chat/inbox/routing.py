"""The inbox's socket address."""

from django.urls import path

from .consumer import InboxSocket

websocket_urlpatterns = [path("inbox/socket", InboxSocket.as_asgi())]
