"""Routes of intake."""

from django.urls import path

from tiplines.views import dispatches, mapping, quarantine, uploads

app_name = "tiplines"
urlpatterns = [
    path("dispatches/", dispatches.dispatches, name="dispatches"),
    path("dispatches/upload/", dispatches.upload, name="upload"),
    path("dispatches/upload/begin/", uploads.begin, name="upload-begin"),
    path("dispatches/upload/<str:key>/", uploads.chunk, name="upload-chunk"),
    path("dispatches/upload/<str:key>/finish/", uploads.finish, name="upload-finish"),
    path("dispatches/<int:dispatch_id>/", dispatches.dispatch, name="dispatch"),
    path("dispatches/<int:dispatch_id>/receipt.pdf", dispatches.receipt, name="receipt"),
    path("dispatches/<int:dispatch_id>/missing.csv", dispatches.missing, name="missing"),
    path("quarantine/", quarantine.items, name="quarantine"),
    path("quarantine/read-again/", quarantine.read_again, name="read-again"),
    path("quarantine/<int:item_id>/", quarantine.item, name="quarantine-item"),
    path("quarantine/<int:item_id>/replace/", quarantine.replace, name="replace"),
    path("quarantine/<int:item_id>/set-aside/", quarantine.set_aside, name="set-aside"),
    path("documents/<int:document_id>/columns/", mapping.columns, name="columns"),
]
