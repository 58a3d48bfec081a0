"""Make the first administrator of a new system; every other officer is made on the pages.

The password is asked for on the terminal, or read from standard input.
"""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.utils import timezone

from accounts import services
from accounts.roles import Rank, Role


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", required=True, help="belt or PIS number")
        parser.add_argument("--name", required=True)
        parser.add_argument("--rank", required=True, choices=[rank.value for rank in Rank])

    def handle(self, *args: Any, **options: Any) -> None:
        asked = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        now = timezone.now()
        try:
            validate_password(asked)
            user = services.enlist(
                username=options["username"],
                full_name=options["name"],
                rank=Rank(options["rank"]),
                password=asked,
                by=None,
                at=now,
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        except IntegrityError:
            raise CommandError(f"There is an officer {options['username']} already.") from None
        services.post(
            user=user, role=Role.ADMINISTRATOR, from_on=timezone.localdate(), by=None, at=now
        )
        self.stdout.write(f"{user} may sign in as administrator.")
