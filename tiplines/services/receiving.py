"""A dispatch comes in: kept, listed document by document, and queued for reading."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.services import record
from tiplines import inbox, nudges
from tiplines.models import Dispatch
from tiplines.models.dispatch import Channel
from tiplines.services.cleaning import clean
from tiplines.services.unpacking import unpack

LEAVINGS_KEPT = timedelta(hours=6)  # longer than any upload takes


class DuplicateDispatch(Exception):
    """The very same bytes were received before; nothing has changed."""

    def __init__(self, held: Dispatch) -> None:
        super().__init__(f"already received as dispatch {held.pk}")
        self.held = held


class KeyReused(Exception):
    """The idempotency key was used for other bytes; nothing has changed."""

    def __init__(self, held: Dispatch) -> None:
        super().__init__(f"the key belongs to dispatch {held.pk}, which holds other bytes")
        self.held = held


def receive(
    *,
    source: IO[bytes],
    name: str,
    channel: Channel,
    by: User | None,
    at: datetime,
    reference: str = "",
    sender: str = "",
    key: str = "",
) -> Dispatch:
    """Keep what `source` holds and queue it.

    `key` is the sender's own for this dispatch, once for each officer. Of two that come at the same
    moment one is stored. Raises DuplicateDispatch, KeyReused, or inbox.NotText.
    """
    sha256, size = inbox.take_in(source, name)
    check_key(key, by=by, sha256=sha256)
    try:
        with transaction.atomic():
            dispatch = Dispatch.objects.create(
                reference=clean(reference, 200),
                sender=clean(sender, 200),
                channel=channel,
                name=inbox.clean_name(name)[-255:],
                sha256=sha256,
                size_bytes=size,
                key=key,
                received_at=at,
                received_by=by,
            )
            record(
                verb="dispatch.received",
                subject=f"dispatch:{dispatch.pk}",
                actor=by,
                at=at,
                detail={"channel": channel.value, "bytes": size, "sha256": sha256},
            )
            transaction.on_commit(partial(nudges.send, nudges.UNPACK))
    except IntegrityError:
        check_key(key, by=by, sha256=sha256)
        held = Dispatch.objects.get(sha256=sha256)
        if held.unpacked_at is not None:
            inbox.incoming(sha256).unlink(missing_ok=True)
        with transaction.atomic():
            record(verb="dispatch.repeated", subject=f"dispatch:{held.pk}", actor=by, at=at)
        raise DuplicateDispatch(held) from None
    return dispatch


def check_key(key: str, *, by: User | None, sha256: str) -> None:
    """Raise KeyReused when the officer's key stands for a dispatch of other bytes."""
    held = Dispatch.objects.filter(received_by=by, key=key).first() if key else None
    if held is not None and held.sha256 != sha256:
        raise KeyReused(held)


def receive_paths(
    *,
    paths: Sequence[Path],
    channel: Channel,
    by: User | None,
    at: datetime,
    reference: str = "",
    sender: str = "",
) -> Dispatch:
    """Receive one file as it is, or several files and folders as one dispatch."""
    files = list(inbox.walk(paths))
    is_one_file = len(paths) == 1 and paths[0].is_file()
    return receive_files(
        files=files,
        name=paths[0].name if is_one_file else f"{paths[0].name or 'folder'}.zip",
        channel=channel,
        by=by,
        at=at,
        reference=reference,
        sender=sender,
    )


def receive_files(
    *,
    files: Sequence[tuple[str, Path]],
    name: str,
    channel: Channel,
    by: User | None,
    at: datetime,
    reference: str = "",
    sender: str = "",
    key: str = "",
) -> Dispatch:
    """Receive files on disk under the names given: one as it is, several packed into one dispatch.

    Raises DuplicateDispatch, KeyReused, or inbox.NotText for a single file that is no text.
    """
    with contextlib.ExitStack() as stack:
        if len(files) == 1 and files[0][0] == name:
            source: IO[bytes] = stack.enter_context(files[0][1].open("rb"))
        else:
            folder = settings.FILE_UPLOAD_TEMP_DIR
            source = stack.enter_context(tempfile.TemporaryFile(dir=folder))
            inbox.as_one_file(apart(files), source)
            source.seek(0)
        return receive(
            source=source,
            name=name,
            channel=channel,
            by=by,
            at=at,
            reference=reference,
            sender=sender,
            key=key,
        )


def apart(files: Sequence[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """The same with every name once: of equal names each further one gets a folder of its own."""
    seen: Counter[str] = Counter()
    named = []
    for name, path in files:
        seen[name] += 1
        named.append((name if seen[name] == 1 else f"{seen[name]}/{name}", path))
    return named


# In the worker


def unpack_next(*, at: datetime) -> bool:
    """List the documents of the smallest dispatch that is still packed; False if there is none.

    Safe to run twice and to be killed: rows and pack appear together or not at all.
    """
    with transaction.atomic():
        dispatch = (
            Dispatch.objects.still_packed()
            .select_for_update(skip_locked=True)
            .order_by("size_bytes", "pk")
            .first()
        )
        if dispatch is None:
            return False
        unpack(dispatch, at=at)
        transaction.on_commit(partial(nudges.send, nudges.READ))
    inbox.incoming(dispatch.sha256).unlink(missing_ok=True)
    return True


def tidy(*, at: datetime) -> int:
    """Remove uploads that never became a dispatch; return how many."""
    needed = set(Dispatch.objects.still_packed().values_list("sha256", flat=True))
    return inbox.remove_leavings(before=at - LEAVINGS_KEPT, needed=needed)
