"""The contract's socket address."""

from django.urls import path

from .consumer import CustomerSocket

websocket_urlpatterns = [path("ws", CustomerSocket.as_asgi())]
