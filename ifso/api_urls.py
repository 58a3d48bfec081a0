"""Routes of the JSON interface, version 1. One name, so that one key opens both: intake alone."""

from django.urls import path

from tiplines.api import Dispatches, Receipt

app_name = "api"
urlpatterns = [
    path("dispatches", Dispatches.as_view(), name="dispatches"),
    path("dispatches/<int:dispatch_id>", Receipt.as_view(), name="dispatches"),
]
