"""Routes of the JSON interface, version 1. What one key opens has one name: intake, or nexuses."""

from django.urls import path

from cases.api import Nexuses, OneNexus
from tiplines.api import Dispatches, Receipt

app_name = "api"
urlpatterns = [
    path("dispatches", Dispatches.as_view(), name="dispatches"),
    path("nexuses", Nexuses.as_view(), name="nexuses"),
    path("nexuses/<int:nexus_id>", OneNexus.as_view(), name="nexuses"),
    path("dispatches/<int:dispatch_id>", Receipt.as_view(), name="dispatches"),
]
