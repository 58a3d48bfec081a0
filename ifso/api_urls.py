"""Routes of the JSON interface, version 1."""

from django.urls import path

from tiplines.api import Dispatches

app_name = "api"
urlpatterns = [path("dispatches", Dispatches.as_view(), name="dispatches")]
