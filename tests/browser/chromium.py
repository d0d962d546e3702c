"""Where the browser is that the tests drive."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-headless-shell", "google-chrome", "chromium-browser")


def chromium() -> Path | None:
    """The browser's program: ``YIJIANSHI_BROWSER``, the system's, or Playwright's own."""
    for candidate in (os.environ.get("YIJIANSHI_BROWSER"), *map(shutil.which, NAMES)):
        if candidate and Path(candidate).exists():
            return Path(candidate)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    if own.exists():
        return own
    return next(iter(own.parents[2].glob("chromium_headless_shell-*/*/*headless*shell")), None)
