"""A large file comes in chunk by chunk, and goes on where it broke off. Spoken by `upload.js`."""

from __future__ import annotations

from django.conf import settings
from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import OfficerRequest
from tiplines import drafts, inbox
from tiplines.drafts import Draft
from tiplines.forms import BeginUploadForm
from tiplines.models.dispatch import Channel
from tiplines.services.receiving import DuplicateDispatch, receive_files


@require_POST
def begin(request: OfficerRequest) -> JsonResponse:
    """201 with the address to send chunks to and how large they may be; 422 with the reason."""
    form = BeginUploadForm(request.POST)
    if not form.is_valid():
        return refused(_("The name or the size of the file is missing."))
    try:
        draft = drafts.begin(
            officer_id=request.user.pk,
            name=form.cleaned_data["name"],
            size_bytes=form.cleaned_data["size"],
            reference=form.cleaned_data["reference"],
            sender=form.cleaned_data["sender"],
        )
    except drafts.TooLarge:
        return refused(too_large())
    return JsonResponse(state_of(draft), status=201)


@require_http_methods(["GET", "POST"])
def chunk(request: OfficerRequest, key: str) -> JsonResponse:
    """`GET`: how far it has come. `POST` the bytes from `?offset=`: how far it is now.

    409 with the true offset when the chunk does not fit on the end; 404 when there is no such
    upload of this officer's.
    """
    try:
        draft = drafts.draft_of(key, officer_id=request.user.pk)
        if request.method == "POST":
            drafts.add(draft, request.body, at_offset=offset_of(request))
    except drafts.NoSuchDraft:
        return JsonResponse({"reason": gone()}, status=404)
    except drafts.OutOfStep as step:
        return JsonResponse(state_of(draft) | {"offset": step.offset}, status=409)
    except drafts.TooLarge:
        return refused(too_large())
    except inbox.NotText:
        return refused(_("This is not text. Pictures and videos are never taken in."))
    return JsonResponse(state_of(draft))


@require_POST
def finish(request: OfficerRequest, key: str) -> JsonResponse:
    """Make a dispatch of it. Safe twice: the same bytes are the same dispatch."""
    try:
        draft = drafts.draft_of(key, officer_id=request.user.pk)
    except drafts.NoSuchDraft:
        return JsonResponse({"reason": gone()}, status=404)
    if not draft.is_whole:
        return JsonResponse(state_of(draft), status=409)
    try:
        dispatch = receive_files(
            files=[(draft.name, draft.path)],
            name=draft.name,
            channel=Channel.BROWSER,
            by=request.user,
            at=timezone.now(),
            reference=draft.reference,
            sender=draft.sender,
        )
    except DuplicateDispatch as repeated:
        dispatch = repeated.held
    except inbox.NotText:
        drafts.drop(draft)
        return refused(_("This is not text. Pictures and videos are never taken in."))
    drafts.drop(draft)
    href = reverse("tiplines:dispatch", kwargs={"dispatch_id": dispatch.pk})
    return JsonResponse({"dispatch": href})


def state_of(draft: Draft) -> dict[str, object]:
    return {
        "offset": draft.offset,
        "chunk_bytes": settings.UPLOAD_CHUNK_BYTES,
        "chunks": reverse("tiplines:upload-chunk", kwargs={"key": draft.key}),
        "finish": reverse("tiplines:upload-finish", kwargs={"key": draft.key}),
    }


def offset_of(request: OfficerRequest) -> int:
    text = request.GET.get("offset", "")
    return int(text) if text.isdecimal() and len(text) < 15 else -1


def refused(reason: str) -> JsonResponse:
    return JsonResponse({"reason": reason}, status=422)


def gone() -> str:
    return _("This upload is no longer kept. Send the file again.")


def too_large() -> str:
    most = settings.DISPATCH_MAX_BYTES // 1024**3
    return _("A dispatch may have at most %(most)s GiB.") % {"most": most}
