"""What went wrong with an export, as a sentence."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PROBLEMS = {
    "failed": _("Something went wrong while the file was written. Try again; if it goes on, tell your administrator."),
    "storage": _("The file could not be stored. Try again in a while."),
    "killed": _("The server was interrupted several times while the file was written. Try again, or take fewer days."),
    "left": _("You may not take the history away any more."),
}
