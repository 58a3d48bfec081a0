"""The watched folder: complete files in it come in by themselves and are moved aside.

`taken/` holds what is now a dispatch, `refused/` what is none, with the reason beside it. A worker
may be killed at any point: a file that came in and was not moved yet is the same dispatch again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from tiplines import inbox
from tiplines.models.dispatch import Channel
from tiplines.services.receiving import DuplicateDispatch, receive_paths

UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
NOT_TEXT = "Not text: pictures and videos are never taken in.\n"
Look = dict[str, tuple[int, int]]
"""Size in bytes and time of change in nanoseconds, by name."""

logger = logging.getLogger(__name__)


def take_watched(*, at: datetime) -> int:
    """Take in each file that has not changed since the last look; return how many were moved."""
    if settings.WATCHED is None:
        return 0
    folder: Path = settings.WATCHED
    before = last_look()
    now = look_at(folder)
    remember(now)
    return sum(take(folder / name, at=at) for name in sorted(now) if before.get(name) == now[name])


def look_at(folder: Path) -> Look:
    """The plain files that may be complete; folders, links, hidden and unfinished ones are not."""
    found: Look = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            is_awaited = entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED)
            if not is_awaited and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(FileNotFoundError):
                    found[entry.name] = stamp_of(Path(entry.path))
    return found


def stamp_of(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def take(path: Path, *, at: datetime) -> bool:
    """Receive one file and move it aside. False when it changed meanwhile or cannot be opened."""
    try:
        stamp = stamp_of(path)
        try:
            dispatch = receive_paths(paths=[path], channel=Channel.WATCHED, by=None, at=at)
        except DuplicateDispatch as repeated:
            dispatch = repeated.held
        except inbox.NotText:
            move(path, "refused", path.name)
            (path.parent / "refused" / f"{path.name}.reason.txt").write_text(NOT_TEXT)
            return True
        if stamp_of(path) != stamp:
            return False
        move(path, "taken", f"{dispatch.pk}-{path.name}")
    except FileNotFoundError:  # another worker was faster
        return False
    except OSError:
        logger.warning("watched file not taken", exc_info=True)
        return False
    return True


def move(path: Path, folder: str, name: str) -> None:
    target = path.parent / folder
    target.mkdir(exist_ok=True)
    path.replace(target / name)


def last_look() -> Look:
    try:
        kept = json.loads(memory().read_text())
    except (FileNotFoundError, ValueError):  # nothing is known: one look more
        return {}
    return {name: (size, changed) for name, (size, changed) in kept.items()}


def remember(look: Look) -> None:
    draft = memory().with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(look))
    draft.replace(memory())


def memory() -> Path:
    return Path(settings.DATA) / "watched.json"
