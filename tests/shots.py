"""Screenshots of the desks in both languages: `./dev shots [FOLDER]`, while the demo is up.

Those in `docs/` are made in a checkout without a boundary layer beside it, as its licence is not
stated.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ifso.settings")
django.setup()

from ifso.demo import PASSWORD  # noqa: E402
from tests.chromium import launch_options  # noqa: E402

HOME = Path(__file__).resolve().parents[1]
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
# file name, officer, how to get there
DESKS = (
    ("triage", "analyst", "queue/"),
    ("district", "rohini", "desk/"),
    ("board", "supervisor", "board/?period=all"),
)


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HOME / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    kept = Path(os.environ["IFSO_DATA"]) / "address"
    if not kept.exists():
        print("The demo is not running: start it with ./dev up", file=sys.stderr)  # noqa: T201
        return 1
    address = kept.read_text().strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for language in ("en", "hi"):
            for name, officer, path in DESKS:
                page = signed_in(browser, address, officer, language, WIDE)
                page.goto(address + path)
                page.wait_for_load_state("networkidle")
                if name == "triage":
                    page.locator("[data-row] a[data-open]").first.wait_for()
                page.screenshot(path=folder / f"{name}-{language}.png")
                page.set_viewport_size(PHONE)  # type: ignore[arg-type]
                page.screenshot(path=folder / f"{name}-{language}-phone.png")
                page.context.close()
        browser.close()
    print(f"screenshots in {folder}")  # noqa: T201
    return 0


def signed_in(
    browser: Browser, address: str, officer: str, language: str, size: dict[str, int]
) -> Page:
    page = browser.new_context(viewport=size, reduced_motion="reduce").new_page()  # type: ignore[arg-type]
    page.goto(address + "sign-in/")
    page.fill("input[name=username]", officer)
    page.fill("input[name=password]", PASSWORD)
    page.locator("button.button--primary").click()
    page.wait_for_load_state("networkidle")
    switch = page.locator(f"button[name=language][value={language}]")
    if switch.count():  # it offers the other language only
        switch.first.click()
        page.wait_for_load_state("networkidle")
    return page


if __name__ == "__main__":
    raise SystemExit(main())
