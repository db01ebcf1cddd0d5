"""The sentences that the scripts say: translated here, so that there is one catalogue."""

from django.utils.translation import gettext as _


def catalogue() -> dict[str, str]:
    """Return the scripts' strings in the active language; ``{name}`` marks what a script fills in."""
    return {**_times(), **_list(), **_conversation(), **_composer(), **_connection(), **_people()}


def _times() -> dict[str, str]:
    return {
        "now": _("now"),
        "minutes": _("{n}m"),
        "hours": _("{n}h"),
        "days": _("{n}d"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
    }


def _list() -> dict[str, str]:
    return {
        "waiting": _("Waiting"),
        "parked": _("Waits until you open"),
        "parked_note": _("Waiting until you open: {n}"),
        "closed": _("Closed"),
        "with_agent": _("With {name}"),
        "unread": _("{n} unread"),
        "triggered": _("Answered the trigger “{name}”"),
        "file": _("File"),
        "loading": _("Loading…"),
        "load_failed": _("This could not be loaded."),
        "retry": _("Try again"),
        "new_message_from": _("New message from {name}"),
        "new_waiting": _("{name} is waiting"),
        "titles_mine": _("My chats"),
    }


def _conversation() -> dict[str, str]:
    return {
        "sending": _("Sending…"),
        "queued": _("Waiting for the connection"),
        "failed": _("Not sent"),
        "sent": _("Sent"),
        "delivered": _("Delivered"),
        "read": _("Read"),
        "resend": _("Send again"),
        "discard": _("Discard"),
        "new_messages": _("New messages"),
        "newest": _("Newest messages"),
        "typing": _("{name} is typing…"),
        "typing_preview": _("{name} is typing:"),
        "chat_no": _("Chat #{no}"),
        "says": _("{name}: {text}"),
        "no_chat_title": _("No chat selected"),
        "gone": _("This chat is with others now and has left your list."),
        "on_site": _("On the site now"),
        "last_seen": _("Last seen"),
        "visitor": _("Visitor"),
        "integration": _("Integration"),
        "automatic": _("Automatic: {name}"),
        "only_visitor": _("A button for the visitor"),
        "picked": _("The visitor chose this"),
    }


def _composer() -> dict[str, str]:
    return {
        "write_reply": _("Write a reply…"),
        "write_note": _("Write a note for your team…"),
        "send": _("Send"),
        "add_note": _("Add note"),
        "reply_hint": _("{name} will see this"),
        "note_hint": _("Only your team will see this"),
        "uploading": _("Uploading {name}"),
        "remove_file": _("Remove {name}"),
        "upload_failed": _("{name} could not be uploaded."),
        "suggestion_came": _("There is a suggested answer."),
        "answers_none": _("No saved answer fits."),
        "too_many_files": _("At most {n} files in one message."),
    }


def _connection() -> dict[str, str]:
    return {
        "offline": _("You are offline. What you write is kept and sent when the connection is back."),
        "reconnecting": _("Connection lost. Trying again…"),
        "reconnected": _("Connected again"),
        "retry_now": _("Try now"),
        "signed_out": _("You have been signed out."),
        "sign_in": _("Sign in"),
        "request_failed": _("That did not work. Check your connection and try again."),
        "desktop_denied": _("Your browser does not allow notifications for this site."),
    }


def _people() -> dict[str, str]:
    return {
        "available": _("Available"),
        "busy": _("Busy"),
        "away": _("Away"),
        "offline_status": _("Offline"),
    }
