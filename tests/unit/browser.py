# SPDX-License-Identifier: MIT
"""Debian's chromium without a window: what a page shows, and a picture of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from modem_image import PROJECT
from patience import PATIENCE

SCREENSHOTS = PROJECT / "build" / "test-output"
"""Where pictures are kept, for people to look at."""
_OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
_SCHEMES = {"dark": 0, "light": 1}


def chromium(address: str, profile: Path, *options: str) -> str:
    """What chromium prints for this address. Without chromium the test fails, and says what to do."""
    assert shutil.which("chromium"), "apt-get install --no-install-recommends chromium"
    command = ["chromium", *_OPTIONS, f"--user-data-dir={profile}", *options, address]
    # Its own home: it writes below $HOME too.
    environment = {**os.environ, "HOME": str(profile), "XDG_CONFIG_HOME": str(profile)}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=3 * PATIENCE, env=environment
    )
    return done.stdout


def picture(address: str, profile: Path, name: str, width: int, scheme: str = "light") -> Path:
    """A picture of the page, `width` pixels wide, in build/test-output."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}-{width}-{scheme}.png"
    options = [f"--window-size={width},2400", f"--blink-settings=preferredColorScheme={_SCHEMES[scheme]}"]
    chromium(address, profile, *options, f"--screenshot={path}")
    return path


def printed(address: str, profile: Path, name: str) -> Path:
    """The page as it is printed, a PDF in build/test-output."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.pdf"
    chromium(address, profile, "--no-pdf-header-footer", f"--print-to-pdf={path}")
    return path


def measured(page: str, profile: Path, width: int, expression: str, scheme: str = "light") -> str:
    """The value of a JavaScript expression in the page (its HTML), shown `width` pixels wide."""
    script = f"<script>document.title = 'measured:' + JSON.stringify({expression})</script>"
    path = profile.with_name(f"{profile.name}-{width}.html")
    path.write_text(page.replace("</body>", f"{script}</body>"))
    options = [f"--window-size={width},900", f"--blink-settings=preferredColorScheme={_SCHEMES[scheme]}"]
    shown = chromium(path.as_uri(), profile, *options, "--dump-dom")
    return shown.partition("<title>measured:")[2].partition("</title>")[0]
