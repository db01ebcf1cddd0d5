"""Addresses below /inbox/."""

from django.urls import path

from . import desk, pages, verbs

app_name = "inbox"
urlpatterns = [
    path("", pages.chats, {"view": "mine"}, name="mine"),
    path("waiting", pages.chats, {"view": "waiting"}, name="waiting"),
    path("all", pages.chats, {"view": "all"}, name="all"),
    path("closed", pages.chats, {"view": "closed"}, name="closed"),
    path("counts", pages.counts, name="counts"),
    path("tags", pages.tags, name="tags"),
    path("team", pages.team, name="team"),
    path("workspace", desk.workspace, name="workspace"),
    path("presence", desk.presence, name="presence"),
    path("preferences", desk.preferences, name="preferences"),
    path("files/<str:uid>", desk.file, name="file"),
    path("chats/<str:uid>", pages.chat, name="chat"),
    path("chats/<str:uid>/timeline", pages.timeline, name="timeline"),
    path("chats/<str:uid>/assign/form", pages.assign_form, name="assign"),
    path("chats/<str:uid>/transfer/form", pages.transfer_form, name="transfer"),
    path("chats/<str:uid>/files", verbs.upload, name="upload"),
    path("chats/<str:uid>/visitor", verbs.visitor, name="visitor"),
    path("chats/<str:uid>/<str:name>", verbs.verb, name="verb"),
]
