"""What may be kept of a PDF: text, and nothing else. Opened in the limited process only.

Nothing of an encrypted PDF is kept, because nobody can tell what is in it: an officer brings it
again with its password (`unlocked_pdf`), or without protection.
"""

from __future__ import annotations

from tiplines.parsing import pdf_process


def text_only(data: bytes) -> bytes:
    """Return the PDF without images, thumbnails, embedded files, sound, film or scripts.

    One that has none of these comes back byte for byte; one that opens without a password comes
    back unencrypted. Raises UnreadableReport, with the reason, for one that cannot be looked into.
    """
    return pdf_process.text_only(data)


def unlocked_pdf(data: bytes, password: str) -> bytes:
    """Return the PDF unencrypted and with text only, fit to be kept.

    Raises UnreadableReport if the password does not open it. The password is not kept anywhere.
    """
    return pdf_process.unlocked(data, password)
