"""The app's start: each sign-in begins a session of ours."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from accounts.gate import begin_session

        user_logged_in.connect(begin_session, dispatch_uid="accounts.begin_session")
