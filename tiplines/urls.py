"""Routes of intake."""

from django.urls import path

from tiplines.views import dispatches

app_name = "tiplines"
urlpatterns = [
    path("dispatches/", dispatches.dispatches, name="dispatches"),
    path("dispatches/upload/", dispatches.upload, name="upload"),
    path("dispatches/<int:dispatch_id>/", dispatches.dispatch, name="dispatch"),
]
