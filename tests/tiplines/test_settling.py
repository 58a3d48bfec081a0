"""Whatever officers do with quarantine, in any order: nothing is lost and all is recorded."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from accounts.roles import Role
from audit.models import Event
from tests.factories import NOON, make_officer
from tests.tiplines.intake import bring, work, zip_of
from tests.tiplines.test_quarantine import FILES, JPEG, LIST, REPORT, check_law, on_disk
from tiplines import inbox
from tiplines.models import Document, QuarantineItem, Receipt
from tiplines.models.dispatch import DocumentState, Settlement
from tiplines.services import quarantine

pytestmark = pytest.mark.django_db


class World:
    """Dispatches of good, bad and half-good documents, and what may be done with them."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.draw = random.Random(seed)
        self.folder = folder
        self.at: datetime = NOON
        self.serial = 0
        self.officers = [make_officer(), make_officer(Role.SUPERVISOR)]
        self.acts: list[Callable[[], object]] = [
            *(self.bring,) * 2,
            *(self.work,) * 4,
            *(self.read_again,) * 4,
            *(self.replace,) * 3,
            *(self.set_aside,) * 2,
        ]

    def number(self) -> str:
        return str(990_000_000 + self.draw.randint(1, 40))

    def content(self) -> tuple[str, bytes]:
        """Name and bytes of a document, good, bad or something of both."""
        self.serial += 1
        match self.draw.randrange(5):
            case 0:
                return f"{self.serial}.json", b'{"reportId": '
            case 1:
                return f"{self.serial}.csv", LIST.replace(b"990000002", self.number().encode())
            case 2:
                return f"{self.number()}/{self.serial}.xml", self.draw.choice([REPORT, FILES[:-9]])
            case 3:
                return f"{self.serial}.jpg", JPEG
            case _:
                return f"{self.serial}.json", b'{"reportId": "%s"}' % self.number().encode()

    def bring(self) -> None:
        whole = zip_of(dict(self.content() for _ in range(self.draw.randint(1, 5))))
        bring(self.draw.choice([whole, whole, whole[:-20]]), at=self.at)

    def work(self) -> None:
        work(at=self.at)

    def some(self) -> list[int]:
        """Open ones mostly, settled ones too."""
        rows = QuarantineItem.objects.all()
        rows = rows.open() if self.draw.random() < 0.8 else rows
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        return self.draw.sample(keys, min(len(keys), self.draw.randint(1, 3)))

    def read_again(self) -> None:
        quarantine.read_again(item_ids=self.some(), by=self.draw.choice(self.officers), at=self.at)

    def replace(self) -> None:
        name, content = self.content()
        if self.draw.random() < 0.3:
            content, name = zip_of(dict(self.content() for _ in range(3))), "more.zip"
        for item_id in self.some()[:1]:
            quarantine.replace(
                item_id=item_id,
                path=on_disk(self.folder, content),
                name=name,
                by=self.draw.choice(self.officers),
                at=self.at,
            )

    def set_aside(self) -> None:
        quarantine.set_aside(
            item_ids=self.some(),
            reason="no report",
            whole=self.draw.random() < 0.5,
            by=self.draw.choice(self.officers),
            at=self.at,
        )


REFUSALS = (
    quarantine.NothingOpen,
    quarantine.NotKept,
    quarantine.CannotReplace,
    inbox.NotText,
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_sequence_of_acts_loses_a_document(seed: int, tmp_path: Path) -> None:
    world = World(seed, tmp_path)
    done = 0

    for _ in range(60):
        world.at += timedelta(minutes=5)
        with suppress(*REFUSALS):
            world.draw.choice(world.acts)()
            done += 1
        check_law()

    world.work()
    check_law()
    assert done > 30
    assert not Document.objects.filter(state=DocumentState.WAITING).exists()
    assert set(Settlement) == set(
        QuarantineItem.objects.exclude(settlement="").values_list("settlement", flat=True)
    )
    assert Event.objects.filter(verb__startswith="quarantine.").count() == (
        QuarantineItem.objects.exclude(settlement="").count()
    )
    assert Receipt.objects.exists()
