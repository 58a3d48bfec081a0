"""The machine interface of intake: POST a dispatch, get its receipt."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from tiplines import inbox
from tiplines.models.dispatch import Channel
from tiplines.services.receipts import receipt_of
from tiplines.services.receiving import DuplicateDispatch, receive_files


class Dispatches(APIView):
    """`POST` multipart with `file` (once or more), and where known `reference` and `sender`.

    201 with the receipt; 200 with `repeated: true` when the same bytes were received before.
    """

    parser_classes = (MultiPartParser,)

    def post(self, request: Request) -> Response:
        uploads = request.FILES.getlist("file")
        officer = request.user
        assert isinstance(officer, User)  # noqa: S101  # OfficerOnDuty admits nobody else
        if not uploads:
            raise ValidationError({"file": ["Send the dispatch as the field 'file'."]})
        try:
            dispatch = receive_files(
                files=[(each.name, Path(each.temporary_file_path())) for each in uploads],
                name=uploads[0].name if len(uploads) == 1 else f"{uploads[0].name}.zip",
                channel=Channel.API,
                by=officer,
                at=timezone.now(),
                reference=request.POST.get("reference", ""),
                sender=request.POST.get("sender", ""),
            )
        except DuplicateDispatch as repeated:
            return Response(receipt_of(repeated.held.pk) | {"repeated": True})
        except inbox.NotText:
            raise ValidationError({"file": ["Not text: media are refused at the door."]}) from None
        receipt = receipt_of(dispatch.pk) | {"repeated": False}
        return Response(receipt, status=status.HTTP_201_CREATED)
