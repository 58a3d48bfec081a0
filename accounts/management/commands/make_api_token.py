"""Make a key by which a machine acts as an officer on one route. The key is printed once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import services
from accounts.access import table
from accounts.models import User


class Command(BaseCommand):
    help = "Make a key by which a machine acts as an officer on one route; it is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--officer", required=True, metavar="USERNAME")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument("--route", default="api:dispatches", help="the one route it opens")

    def handle(self, *args: Any, **options: Any) -> None:
        routes = sorted(name for name in table() if name.startswith("api:"))
        if options["route"] not in routes:
            raise CommandError(f"The route must be one of: {', '.join(routes)}")
        try:
            officer = User.objects.get(username=options["officer"], is_active=True)
        except User.DoesNotExist as error:
            raise CommandError("No officer of this number may sign in.") from error
        key = services.make_token(
            officer=officer, name=options["name"], route=options["route"], at=timezone.now()
        )
        self.stdout.write(key)
