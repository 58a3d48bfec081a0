"""Encrypt the secrets of all authenticator apps anew, with the first of FACTOR_KEYS.

Safe to run twice. After it the other keys may be taken out of FACTOR_KEYS.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.vault import CannotOpen


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = services.rotate_keys()
        except CannotOpen:
            raise CommandError(
                "A secret was locked with a key that is not in FACTOR_KEYS. Nothing was changed."
            ) from None
        self.stdout.write(f"{count} secrets are under the first key.")
