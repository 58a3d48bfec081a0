"""The sealer: gives each event its place in the chain and signs checkpoints."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from audit import checkpoints, sealing

log = logging.getLogger(__name__)
PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    help = "Seal the events of the record as they come. One process; a second one waits."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="seal what is due and end")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            key = checkpoints.signing_key()
        except checkpoints.NoKey as refusal:
            raise CommandError(str(refusal)) from refusal
        stop = threading.Event()
        if options["once"]:
            with sealing.alone(wait=lambda: pause(stop)):
                checkpoints.write_out(key)
                count, _place = sealing.seal_all()
                checkpoints.make_due(key, at=timezone.now())
            self.stdout.write(f"sealed {count}")
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            try:
                seal_until(stop, key)
            except (DatabaseError, InterfaceError):
                log.warning("sealing pauses: the database does not answer", exc_info=True)
                connection.close()
                stop.wait(PAUSE_SECONDS)
            except Stopped:
                return


def seal_until(stop: threading.Event, key: Ed25519PrivateKey) -> None:
    """Every second, until `stop`; from the beginning of the record whenever it starts anew."""
    with sealing.alone(wait=lambda: pause(stop)):
        checkpoints.write_out(key)
        place = sealing.START
        while not stop.is_set():
            _count, place = sealing.seal_all(place)
            checkpoints.make_due(key, at=timezone.now())
            stop.wait(PAUSE_SECONDS)


class Stopped(Exception):
    """We were asked to end while another sealer was at work."""


def pause(stop: threading.Event) -> None:
    if stop.wait(PAUSE_SECONDS):
        raise Stopped
