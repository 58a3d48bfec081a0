"""The machine interface of intake: POST a dispatch, get its receipt.

A key made for `api:dispatches` opens these two addresses and nothing else: it sends, and it reads
the receipts of what was sent with the same officer's keys.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import ApiToken, User
from accounts.scope import scoped
from audit.services import record
from tiplines import inbox
from tiplines.models import Dispatch
from tiplines.models.dispatch import Channel
from tiplines.services.receipts import receipt_of
from tiplines.services.receiving import DuplicateDispatch, KeyReused, receive_files

KEY_CHARACTERS = 200


def officer_of(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # OfficerOnDuty admits nobody else
    return request.user


class Dispatches(APIView):
    """`POST` multipart with `file` (once or more), and where known `reference` and `sender`.

    201 with the receipt; 200 with `repeated: true` when the same bytes were received before. With
    the header `Idempotency-Key`: 409 when that key came before with other bytes.
    """

    parser_classes = (MultiPartParser,)

    def post(self, request: Request) -> Response:
        uploads = request.FILES.getlist("file")
        if not uploads:
            raise ValidationError({"file": ["Send the dispatch as the field 'file'."]})
        with scoped(officer_of(request)):
            return self.take_in(request, uploads)

    def take_in(self, request: Request, uploads: list[Any]) -> Response:
        try:
            dispatch = receive_files(
                files=[(each.name, Path(each.temporary_file_path())) for each in uploads],
                name=uploads[0].name if len(uploads) == 1 else f"{uploads[0].name}.zip",
                channel=Channel.API,
                by=officer_of(request),
                at=timezone.now(),
                reference=request.POST.get("reference", ""),
                sender=request.POST.get("sender", ""),
                key=key_of(request),
            )
        except DuplicateDispatch as repeated:
            return Response(receipt_of(repeated.held.pk) | {"repeated": True})
        except KeyReused as refusal:
            return Response(
                {"refused": "key-reused", "reason": f"Nothing was stored: {refusal}."},
                status=status.HTTP_409_CONFLICT,
            )
        except inbox.NotText:
            raise ValidationError({"file": ["Not text: media are refused at the door."]}) from None
        receipt = receipt_of(dispatch.pk) | {"repeated": False}
        return Response(receipt, status=status.HTTP_201_CREATED)


def key_of(request: Request) -> str:
    """The idempotency key, "" if none was sent. Raises ValidationError for one that is unfit."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > KEY_CHARACTERS or not key.isprintable():
        raise ValidationError(
            {"Idempotency-Key": [f"At most {KEY_CHARACTERS} printable characters."]}
        )
    return key


class Receipt(APIView):
    """`GET` the receipt of a dispatch as it stands now."""

    def get(self, request: Request, dispatch_id: int) -> Response:
        officer = officer_of(request)
        with scoped(officer):
            dispatches = Dispatch.objects.visible_to(officer)
            if isinstance(request.auth, ApiToken):
                dispatches = dispatches.filter(received_by=officer)
            held = get_object_or_404(dispatches, pk=dispatch_id)
            subject = f"dispatch:{held.pk}"
            record(verb="receipt.taken", subject=subject, actor=officer, at=timezone.now())
            return Response(receipt_of(held.pk))
