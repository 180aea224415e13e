# SPDX-License-Identifier: MIT
"""The page of a feed in a real browser. On demand: Debian's chromium is a download of 113 MB."""

from __future__ import annotations

import shutil
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from modem_image import PROJECT
from modem_image.serve.http import FeedServer
from modem_image.serve.transfers import Transfers
from unit.release.test_release import image, release

SCREENSHOT = PROJECT / "build" / "test-output" / "feed.png"
BROWSER = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,800")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    feed = tmp_path / "feed"
    assert release(feed, image(tmp_path, "1.0")) == 0
    server = FeedServer(("127.0.0.1", 0), feed, Transfers(lambda _line: None))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.on_demand
def test_chromium_shows_the_page(address: str, tmp_path: Path) -> None:
    """The screenshot is kept: build/test-output/feed.png."""
    assert shutil.which(BROWSER[0]), "apt-get install chromium"
    SCREENSHOT.parent.mkdir(parents=True, exist_ok=True)
    SCREENSHOT.unlink(missing_ok=True)
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    browser = [*BROWSER, profile]
    shown = [*browser, f"--screenshot={SCREENSHOT}", address]
    subprocess.run(shown, check=True, capture_output=True, timeout=120)
    width, height = struct.unpack(">II", SCREENSHOT.read_bytes()[16:24])
    assert (width, height) == (1000, 800)
    page = subprocess.run(
        [*browser, "--dump-dom", address], check=True, capture_output=True, text=True, timeout=120
    ).stdout
    for text in ("Release 1.0", "1.0-Tezi_1.0", "image_list.json"):
        assert text in page
