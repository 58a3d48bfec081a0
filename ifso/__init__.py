"""The project: puts the parts together. It imports every app; no app imports it."""

from ifso.celery import app as celery_app

__all__ = ["celery_app"]
