"""Routes of `cases`."""

from django.urls import URLPattern

from cases import triage_urls

app_name = "cases"
urlpatterns: list[URLPattern] = [*triage_urls.urlpatterns]
