"""Find a Chromium for the browser tests, install one if there is none, else say how."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HELP = """No Chromium for the browser tests.
Install one (Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask chromium), or name it in
$NEURAL_LAB_CHROMIUM, or let Playwright fetch its own: python -m playwright install chromium"""


def system_chromium() -> str | None:
    """Path of `$NEURAL_LAB_CHROMIUM` or of a Chromium on the PATH."""
    named = os.environ.get("NEURAL_LAB_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    return next((path for path in map(shutil.which, NAMES) if path), None)


def playwright_chromium() -> str | None:
    """Path of the Chromium that Playwright installed for itself."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find() -> str | None:
    """Path of any usable Chromium."""
    return system_chromium() or playwright_chromium()


def main() -> int:
    """Print the path; 1 with instructions when there is none and none can be fetched."""
    path = find()
    if path is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
        path = find()
    print(path or HELP)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
