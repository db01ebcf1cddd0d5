"""The contract's socket address (section 1.2)."""

from django.urls import path

from .consumer import SessionSocket

websocket_urlpatterns = [path("v1/chat/<str:session_id>", SessionSocket.as_asgi())]
