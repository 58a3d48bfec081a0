"""The site's routes. Who may take which stands in `ifso/access.py`."""

from django.urls import include, path

from ifso import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("api/v1/", include("ifso.api_urls")),
    path("", include("accounts.urls")),
    path("", include("tiplines.urls")),
    path("", include("cases.urls")),
    path("", include("operations.urls")),
]
handler403 = "ifso.views.forbidden"
handler404 = "ifso.views.not_found"
handler500 = "ifso.views.failed"
