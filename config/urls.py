"""Every address of the product, one line a surface."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from . import demo_site, docs, health, metrics

# One login for everybody: with the second step, and the limits of account pages.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", RedirectView.as_view(url="/inbox/"), name="home"),
    path("inbox/analytics/", include("analytics.dashboards.urls")),
    path("inbox/developers/", include("integrations.developers.urls")),
    path("inbox/exports/", include("chat.exports.urls")),
    path("inbox/", include("chat.inbox.urls")),
    path("", include("agents.pictures")),
    path("", include("chat.receiving")),
    path("", include("chat.files")),
    path("", include("integrations.partner.pages")),
    path("v1/chat/", include("integrations.live_chat.urls")),
    path("api/v1/", include("integrations.history.urls")),
    path("api/", include("integrations.partner.urls")),
    path("bots/", include("integrations.chatbots.urls")),
    path("v1/", include("integrations.chatflow.urls")),
    path("widget/", include("widget.urls")),
    path("admin/", admin.site.urls),
    # Nobody changes the address by which an admin gave them a seat; so no second addresses either.
    path("accounts/email/", RedirectView.as_view(pattern_name="account_change_password")),
    path("accounts/", include("allauth.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.view, name="metrics"),
    path("docs/", docs.index, name="docs"),
    path("docs/api/<slug:name>/", docs.contract, name="docs-contract"),
    path("docs/api/<slug:name>/openapi.json", docs.openapi, name="docs-openapi"),
    path("docs/<slug:name>/", docs.page, name="docs-page"),
    path("demo-site/", demo_site.page, name="demo-site"),
    path("demo-site/orders/<str:number>", demo_site.order),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.failed"
