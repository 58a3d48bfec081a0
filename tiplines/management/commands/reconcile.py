"""Prove the conservation law for each dispatch and in total; exit 1 when it does not hold.

received = quarantined + set aside + already held + new versions + awaiting decision + with a
holder + ended
"""

from typing import Any

from django.core.management.base import BaseCommand

from tiplines.services.reconciling import reconcile

COLUMNS = (
    *("received", "quarantined", "set_aside", "already_held", "new_versions"),
    *("awaiting", "held", "ended", "documents_waiting"),
)


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = reconcile()
        self.stdout.write("dispatch  " + "  ".join(name.replace("_", " ") for name in COLUMNS))
        for account in accounts:
            counts = "  ".join(f"{getattr(account, name):>{len(name)}}" for name in COLUMNS)
            self.stdout.write(
                f"{account.dispatch_id:>8}  {counts}  {'holds' if account.holds else ''}"
            )
            for fault in account.faults:
                self.stdout.write(f"          does not hold: {fault}")
        total = {name: sum(getattr(each, name) for each in accounts) for name in COLUMNS}
        counts = "  ".join(f"{total[name]:>{len(name)}}" for name in COLUMNS)
        self.stdout.write(f"   total  {counts}")
        if not all(account.holds for account in accounts):
            raise SystemExit(1)
        self.stdout.write(f"The conservation law holds for {len(accounts)} dispatches.")
