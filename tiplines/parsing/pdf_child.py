"""The limited process in which PDFs are opened: `python -m tiplines.parsing.pdf_child`.

It reads requests from its standard input and answers on its standard output until the input ends:
    request  act (1 byte), length of the password, length of the document, password, document
    answer   b"+" or b"-", length, bytes: what the act gives, or the reason of a refusal as JSON
It can write no file, its memory is bounded, and the CPU time of each document too: what exceeds
them ends the process, and the parent starts another (`pdf_process.py`).
"""

from __future__ import annotations

import json
import resource
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO

from tiplines.parsing.limits import (
    PDF_CPU_SECONDS_AT_MOST,
    PDF_MEMORY_AT_MOST,
    UnreadableReport,
)

REQUEST = struct.Struct(">cIQ")
ANSWER = struct.Struct(">cQ")
READ, CLEAN, UNLOCK = b"r", b"c", b"u"
DONE, REFUSED = b"+", b"-"
OPEN_FILES_AT_MOST = 32


def main() -> None:
    limit_process()
    # Imported under the limits; the parent never loads these libraries.
    from tiplines.parsing import pdf_cleaning, pdf_text

    acts: dict[bytes, Callable[[bytes, str], bytes]] = {
        READ: lambda data, password: json.dumps(pdf_text.read_pages(data, password)).encode(),
        CLEAN: lambda data, _password: pdf_cleaning.text_only(data),
        UNLOCK: pdf_cleaning.unlocked,
    }
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while head := requests.read(REQUEST.size):
        act, password_length, length = REQUEST.unpack(head)
        password = requests.read(password_length).decode()
        data = requests.read(length)
        limit_document()
        try:
            answer(answers, DONE, acts[act](data, password))
        except UnreadableReport as error:
            answer(answers, REFUSED, json.dumps([error.reason, error.place]).encode())
        except MemoryError:
            reason = "the PDF needs more memory than any report does"
            answer(answers, REFUSED, json.dumps([reason, ""]).encode())


def answer(out: BinaryIO, kind: bytes, payload: bytes) -> None:
    out.write(ANSWER.pack(kind, len(payload)))
    out.write(payload)
    out.flush()


def limit_process() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (PDF_MEMORY_AT_MOST, PDF_MEMORY_AT_MOST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES_AT_MOST, OPEN_FILES_AT_MOST))


def limit_document() -> None:
    """Allow this much more CPU time from now on; beyond it the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + PDF_CPU_SECONDS_AT_MOST
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, most))


if __name__ == "__main__":
    main()
