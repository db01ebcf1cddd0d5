"""Addresses below /inbox/."""

from django.urls import path

from . import answers, desk, pages, polling, verbs

app_name = "inbox"
urlpatterns = [
    path("", pages.chats, {"view": "mine"}, name="mine"),
    path("waiting", pages.chats, {"view": "waiting"}, name="waiting"),
    path("all", pages.chats, {"view": "all"}, name="all"),
    path("closed", pages.chats, {"view": "closed"}, name="closed"),
    path("frames", polling.frame, name="frames"),
    path("counts", pages.counts, name="counts"),
    path("tags", pages.tags, name="tags"),
    path("triggers", pages.triggers, name="triggers"),
    path("team", pages.team, name="team"),
    path("answers", answers.home, name="answers"),
    path("answers/find", answers.find, name="find-answers"),
    path("answers/new", answers.edit, name="new-answer"),
    path("answers/<str:uid>", answers.edit, name="answer"),
    path("answers/<str:uid>/delete", answers.delete, name="delete-answer"),
    path("workspace", desk.workspace, name="workspace"),
    path("presence", desk.presence, name="presence"),
    path("picture", desk.picture, name="picture"),
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
