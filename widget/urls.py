"""The widget's addresses, below /widget/. The script's is documented and may never change."""

from django.urls import path

from . import views

urlpatterns = [
    path("chat-widget.js", views.loader, name="widget-loader"),
    path("page.js", views.page, name="widget-page"),
    path("frame/", views.frame, name="widget-frame"),
]
