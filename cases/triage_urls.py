"""Routes of the triage desk."""

from django.urls import path

from cases.views import search, triage

urlpatterns = [
    path("queue/", triage.queue, name="queue"),
    path("tiplines/<str:number>/", triage.tipline, name="tipline"),
    path("decide/", triage.decide, name="decide"),
    path("undo/", triage.undo, name="undo"),
    path("search/", search.search, name="search"),
]
