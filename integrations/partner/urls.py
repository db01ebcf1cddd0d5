"""The contract's addresses, below /api/. A customer's id is the partner's own, so it may have slashes."""

from django.urls import path, re_path

from . import views

urlpatterns = [
    path("partner/register", views.Register.as_view()),
    path("partner/conversations", views.Conversations.as_view()),
    path("partner/conversations/<path:customer_id>", views.CustomersConversations.as_view()),
    path("partner/messages", views.Messages.as_view()),
    path("partner/messages/<str:conversation_id>", views.ConversationsMessages.as_view()),
    path("partner/messages/<str:number>/read", views.Read.as_view()),
    path("customers/<path:customer_id>", views.Customer.as_view()),
    re_path(r"", views.Unknown.as_view()),
]
