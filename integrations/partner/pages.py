"""The page behind an invitation's link. Looking at it does nothing: mail programs look at links before people do."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agents.models import User

from . import invitations


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what one is invited to; on a POST, become its owner and choose a password or sign in."""
    partner = invitations.find(token)
    if partner is None:
        return render(request, "partner/invitation.html", {"partner": None}, status=404)
    if request.method != "POST":
        return render(request, "partner/invitation.html", {"partner": partner})
    new = invitations.accept(partner)
    if new and new.password and new.agent.user:
        return redirect(_choosing_a_password(new.agent.user))
    return redirect("/inbox/")


def _choosing_a_password(user: User) -> str:
    """Return the address at which allauth lets somebody choose who has forgotten theirs."""
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})


urlpatterns = [path("invitations/<str:token>", invitation, name="partner-invitation")]
