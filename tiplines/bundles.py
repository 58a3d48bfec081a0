"""Which reports say the same and can be decided once for all: rule, without Django.

Two kinds: the reports of one batch (a company sends the accounts that shared one viral file in
several reports), and reports every file of which is marked viral or a meme and is the same file.
Whatever may be about a child in danger, or belongs to something known, is never bundled.
"""

from __future__ import annotations

from dataclasses import dataclass

VIRAL = frozenset({"potentialMeme", "viral"})
URGENT_FROM = 60
"""Points out of 100; the same line from which a tipline is shown as urgent."""
KEY_AT_MOST = 200  # characters
ALGORITHMS = ("sha256", "sha1", "md5", "sha512")
"""Of several hashes of one file the first of these is its key. Hashes that only say that two
pictures look alike are none.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    marks: frozenset[str]
    hashes: frozenset[str]
    """Each with its algorithm: `sha1:…`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the rule looks at in a report."""

    dispatch_id: int
    provider_key: str
    batched_reason: str = ""
    files: tuple[File, ...] = ()
    urgency: int = 0
    is_escalated: bool = False
    names_victim: bool = False
    is_supplement_or_parent: bool = False
    is_tied_to_a_case: bool = False
    came_back: bool = False


def bundle_key(traits: Traits) -> str:
    """What a report shares with the others of its bundle; empty for one that stands alone."""
    if (
        traits.urgency >= URGENT_FROM
        or traits.is_escalated
        or traits.names_victim
        or traits.is_supplement_or_parent
        or traits.is_tied_to_a_case
        or traits.came_back
    ):
        return ""
    if traits.batched_reason:
        key = f"batch/{traits.dispatch_id}/{traits.provider_key}/{traits.batched_reason}"
    else:
        shared = shared_hash(traits.files)
        key = f"file/{shared}" if shared else ""
    return key if len(key) <= KEY_AT_MOST else ""


def shared_hash(files: tuple[File, ...]) -> str:
    """The hash that all files share, if each is marked viral; else empty."""
    if not files or not all(VIRAL & file.marks for file in files):
        return ""
    common = frozenset.intersection(*(file.hashes for file in files))
    ranked = sorted(
        (ALGORITHMS.index(algorithm), value)
        for value in common
        if (algorithm := value.partition(":")[0]) in ALGORITHMS
    )
    return ranked[0][1] if ranked else ""
