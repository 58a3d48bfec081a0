"""Routes of `tiplines`."""

from django.urls import URLPattern

app_name = "tiplines"
urlpatterns: list[URLPattern] = []
