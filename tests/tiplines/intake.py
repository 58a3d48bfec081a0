"""Dispatches for tests, and a worker that runs in the test itself."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nexus.services.linking import link_next
from tests.factories import NOON
from tiplines.models import Dispatch
from tiplines.models.dispatch import Channel
from tiplines.services.assessing import assess_next
from tiplines.services.finishing import finish_dispatches
from tiplines.services.placing import locate_next
from tiplines.services.reading import read_next
from tiplines.services.receiving import receive, unpack_next


def json_report(number: str = "990000001", **changes: Any) -> dict[str, Any]:
    """A police-side JSON report of an invented person."""
    return {
        "reportId": number,
        "dateReceived": "2026-10-20T10:00:00Z",
        "reportedInformation": {
            "reportingEsp": {"espName": "Google"},
            "incidentSummary": {
                "incidentType": "Online Enticement of Children for Sexual Acts",
                "incidentDateTime": "2026-10-18T18:45:00Z",
            },
            "reportedPeople": {
                "reportedPersons": [
                    {
                        "firstName": "Ravi",
                        "lastName": "Nair",
                        "espUserId": f"user-{number}",
                        "emails": {"emails": [{"value": f"r{number}@example.com"}]},
                        "addresses": {
                            "addresses": [
                                {
                                    "street1": "B-12, Prashant Vihar",
                                    "city": "Delhi",
                                    "postalCode": "110085",
                                    "country": "IN",
                                }
                            ]
                        },
                    }
                ]
            },
        },
    } | changes


def zip_of(files: Mapping[str, bytes | dict[str, Any]]) -> bytes:
    """The same bytes for the same files, whenever it is made."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(
                zipfile.ZipInfo(name),
                content if isinstance(content, bytes) else json.dumps(content).encode(),
                zipfile.ZIP_DEFLATED,
            )
    return target.getvalue()


def bring(content: bytes, *, name: str = "dispatch.zip", at: datetime = NOON) -> Dispatch:
    return receive(source=io.BytesIO(content), name=name, channel=Channel.COMMAND, by=None, at=at)


def work(*, at: datetime = NOON, located: bool = False) -> None:
    """Do all that is due. Locating needs a gazetteer, so only where a test asks for it."""
    steps = [unpack_next, read_next, assess_next, link_next, *([locate_next] if located else [])]
    for step in steps:
        while step(at=at):
            pass
    finish_dispatches(at=at)
