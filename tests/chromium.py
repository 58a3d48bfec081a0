"""The Chromium of the machine, for browser tests and screenshots."""

from __future__ import annotations

import os
import shutil
from typing import Any

# The browser talks to nobody but the page; the sandbox cannot be had as root.
QUIET = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


def find() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def launch_options() -> dict[str, Any]:
    """For Playwright's `launch`. Raises RuntimeError when there is no Chromium."""
    path = find()
    if path is None:
        raise RuntimeError("No Chromium on this machine. As root: apt-get install -y chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": path, "args": [*QUIET, *sandbox], "headless": True}
