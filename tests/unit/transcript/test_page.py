# SPDX-License-Identifier: MIT
"""The doctor's page in Debian's chromium; pictures and the print are in build/test-output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unit.browser import measured, picture, printed
from unit.transcript.test_command import TREE, Run, run  # noqa: F401  a fixture

SHOWN = """{
    fits: document.documentElement.scrollWidth <= innerWidth,
    title: document.querySelector('h1').innerText,
    next: document.querySelector('.next').innerText.startsWith('Next:'),
    drivers: [...document.querySelectorAll('.tree td.ok, .tree td.error')].map(it => it.innerText),
    found: [...document.querySelectorAll('summary code')].map(it => it.innerText),
    course: [...document.querySelectorAll('.course tr')].map(it => it.cells[0].innerText).slice(1),
    dark: getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)',
}"""

COURSE = """\
[   10.000001] usb 1-1: New USB device found, idVendor=12d1, idProduct=1506, bcdDevice= 1.02
Jan 10 10:00:14 board chat[300]: +CREG: 0,1
Jan 10 10:00:15 board chat[300]: +CME ERROR: 10
Jan 10 10:00:16 board chat[300]: +CME ERROR: SIM not inserted
[   50.000001] usb 1-1: USB disconnect, device number 5
"""


@pytest.mark.slow
def test_a_browser_shows_the_doctors_page(run: Run, tmp_path: Path) -> None:  # noqa: F811
    """What to do, the tree with its drivers, what was found; 400 pixels in the dark, 1200, and paper."""
    path, profile = tmp_path / "page.html", tmp_path / "profile"
    run("--html", path, text=COURSE + TREE)
    for width, scheme in ((400, "dark"), (1200, "light")):
        shown = json.loads(measured(path.read_text(), profile, width, SHOWN, scheme))
        assert shown["fits"] and shown["next"]
        assert shown["title"].startswith("Doctor: ")
        assert {"option", "no driver"} <= set(shown["drivers"])
        assert "net-driver-id-gap" in shown["found"]
        assert shown["course"] == ["stick plugged in", "registered", "sim-missing, 2 times", "stick gone"]
        assert shown["dark"] == (scheme == "dark")
        assert picture(path.as_uri(), profile, "doctor", width, scheme).stat().st_size > 15_000
    assert printed(path.as_uri(), profile, "doctor").read_bytes().startswith(b"%PDF")
