"""The project's own checks."""

from importlib import import_module

from django.apps import AppConfig


class IfsoConfig(AppConfig):
    name = "ifso"

    def ready(self) -> None:
        import_module("ifso.routes")
        import_module("ifso.starting")
