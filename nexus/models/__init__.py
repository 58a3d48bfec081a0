from .groups import (
    Folded,
    Joined,
    Lineage,
    Membership,
    Nexus,
    Run,
    Tie,
    Tier,
    Worth,
    in_nexus,
)
from .judgement import OF_NEXUSES, OF_TIPLINES, OF_VALUES, Judged, Judgement, Verdict

__all__ = [
    "OF_NEXUSES",
    "OF_TIPLINES",
    "OF_VALUES",
    "Folded",
    "Joined",
    "Judged",
    "Judgement",
    "Lineage",
    "Membership",
    "Nexus",
    "Run",
    "Tie",
    "Tier",
    "Verdict",
    "Worth",
    "in_nexus",
]
