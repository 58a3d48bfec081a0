"""Print what is kept of one tipline: as it lies, with protected persons covered and no source; or,
with a purpose, everything that was told. Then the output holds names: handle it as the case itself.
"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.forms.models import model_to_dict
from django.utils import timezone

from audit.services import record
from tiplines.models import Tipline
from tiplines.models.sealable import Sealable


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        parser.add_argument("--json", action="store_true", help="as JSON (the only form there is)")
        parser.add_argument("--purpose", default="", help="why names are needed; goes on record")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tipline = Tipline.objects.get(number=options["number"])
        except Tipline.DoesNotExist:
            raise CommandError(f"no tipline {options['number']}") from None
        purpose = options["purpose"].strip()
        record(
            verb="tipline.printed",
            subject=f"tipline:{tipline.number}",
            actor=None,
            at=timezone.now(),
            detail={"purpose": purpose} if purpose else {},
        )

        def told(row: Sealable) -> dict[str, Any]:
            return columns(row) | (row.inside() if purpose else {})

        everything = model_to_dict(tipline) | {
            "versions": [
                columns(each)
                | ({"source": each.source, "difference": each.difference} if purpose else {})
                for each in tipline.versions.order_by("number")
            ],
            "parties": [told(each) for each in tipline.parties.order_by("position")],
            "files": [told(each) for each in tipline.files.order_by("position")],
            "addresses": [told(each) for each in tipline.addresses.order_by("pk")],
            "identifiers": [
                told(each) | {"kind": each.identifier.kind, "value": told(each.identifier)["value"]}
                for each in tipline.sightings.select_related("identifier").order_by("pk")
            ],
            "candidates": [
                model_to_dict(each)
                | {
                    "district": each.district.code,
                    "station": each.station.code if each.station else None,
                }
                for each in tipline.candidates.select_related("district", "station").order_by(
                    "rank"
                )
            ],
            "decisions": [model_to_dict(each) for each in tipline.decisions.order_by("pk")],
            "receipts": [model_to_dict(each) for each in tipline.receipts.order_by("pk")],
        }
        self.stdout.write(
            json.dumps(everything, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
        )


def columns(row: Model) -> dict[str, Any]:
    """The columns of a row but its seals."""
    return {name: value for name, value in model_to_dict(row).items() if "sealed" not in name}
