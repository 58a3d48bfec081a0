"""`./dev check`: every check that needs no server, one after the other, all of them even if one
fails.
"""

import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def main() -> int:
    templates = sorted(str(path) for path in (HOME / "templates").rglob("*.html"))
    steps: dict[str, list[str]] = {
        "ruff check": [f"{BIN}/ruff", "check", ".", "dev"],
        "ruff format": [f"{BIN}/ruff", "format", "--check", ".", "dev"],
        "import contracts": [f"{BIN}/lint-imports", "--no-cache"],
        "templates: djade": [f"{BIN}/djade", "--check", "--target-version", "5.2", *templates],
        "templates: djhtml": [f"{BIN}/djhtml", "--check", "--tabwidth", "2", *templates],
        "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        "system check": [sys.executable, "manage.py", "check"],
        "types": [f"{BIN}/mypy", "."],
        **{
            f"supply: {name}": [sys.executable, "-m", "ifso.embedded.supply", name]
            for name in ("pins", "secrets", "parts")
        },
    }
    failed = []
    for name, command in steps.items():
        began = time.monotonic()
        done = subprocess.run(command, cwd=HOME, check=False, capture_output=True, text=True)
        verdict = "FAILED" if done.returncode else "ok    "
        print(f"{verdict} {name} ({time.monotonic() - began:.1f} s)", flush=True)
        if done.returncode:
            print(done.stdout + done.stderr)
            failed.append(name)
    print(f"check: {len(steps) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
