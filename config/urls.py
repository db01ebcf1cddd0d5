"""Every address of the product, one line a surface."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from . import demo_site, docs, health, metrics

urlpatterns = [
    path("", RedirectView.as_view(url="/inbox/"), name="home"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.view, name="metrics"),
    path("docs/", docs.index, name="docs"),
    path("docs/<slug:name>/", docs.page, name="docs-page"),
    path("demo-site/", demo_site.page, name="demo-site"),
]

for _prefix, _module in {
    "inbox/": "chat.inbox.urls",
    "": "chat.files",
    "v1/chat/": "integrations.live_chat.urls",
    "widget/": "widget.urls",
}.items():
    if find_spec(_module):
        urlpatterns.append(path(_prefix, include(_module)))

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.failed"
