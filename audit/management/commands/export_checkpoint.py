"""The last checkpoint as a text to hand on: the signed note, the key and how to check it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import checkpoints
from audit.models import Checkpoint

HOW_TO = """
How to check
  1. The lines above, up to the line that begins with a dash, are signed. The second is the number
     of events, the third the hash of the last one. The key below signed them (Ed25519).
  2. Keep this text and the key where nobody who runs the database can change them.
  3. Later, on the server: manage.py verify_audit --checkpoint THIS-FILE --keys KEY-FILE
     It ends with 0 if the record still holds exactly these events, and names the first that
     differs if not.

कैसे जाँचें
  1. ऊपर की पंक्तियाँ, डैश से शुरू होने वाली पंक्ति तक, हस्ताक्षरित हैं। दूसरी पंक्ति घटनाओं की संख्या है,
     तीसरी अंतिम घटना का हैश। नीचे दी गई कुंजी (Ed25519) से हस्ताक्षर हुआ है।
  2. यह पाठ और कुंजी वहाँ रखें जहाँ डेटाबेस चलाने वाला कोई इन्हें बदल न सके।
  3. बाद में, सर्वर पर: manage.py verify_audit --checkpoint यह-फ़ाइल --keys कुंजी-फ़ाइल
     0 पर समाप्त होने का अर्थ है कि अभिलेख में ठीक यही घटनाएँ हैं; अन्यथा पहली भिन्न घटना बताई जाती है।
"""


class Command(BaseCommand):
    help = "Write out the last checkpoint with its key and how to check it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", type=int, help="another than the last")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Checkpoint.objects.order_by("-size")
        if options["size"] is not None:
            rows = rows.filter(size=options["size"])
        row = rows.first()
        if row is None:
            raise CommandError("there is no such checkpoint yet")
        self.stdout.write(row.note)
        for key in checkpoints.known_keys():
            self.stdout.write(f"key {key.id.hex()}: {key}")
        self.stdout.write(HOW_TO)
