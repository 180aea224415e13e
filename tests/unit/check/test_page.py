# SPDX-License-Identifier: MIT
"""The page of a check in Debian's chromium; pictures and the print are in build/test-output."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from huawei_modem_check.image import check_image
from modem_image.check.page import to_html
from unit.browser import measured, picture, printed
from unit.check.images import ROOTFS, description, image_files, packed, tar, write_tar

SHOWN = """{
    fits: document.documentElement.scrollWidth <= innerWidth,
    drawn: [...document.querySelectorAll('figure')].map(figure => [
        figure.querySelector('code').innerText,
        [...figure.querySelectorAll('.key strong')].map(it => it.innerText),
        [...figure.querySelectorAll('.room')].map(it => Math.round(it.getBoundingClientRect().width * 1000
            / figure.querySelector('svg').getBoundingClientRect().width))]),
    found: [...document.querySelectorAll('details[open] summary code')].map(it => it.innerText),
    folded: [...document.querySelectorAll('table')].some(it => it.innerText.includes('SHA-256')
        && it.checkVisibility()),
    dark: getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)',
}"""


@pytest.mark.slow
def test_a_browser_shows_the_page_of_a_check(tmp_path: Path) -> None:
    """The flash to scale, open faults, folded sums; 400 pixels in the dark, 1200 in the light, and paper."""
    d = copy.deepcopy(description())
    boot, root = d["blockdevs"][0]["partitions"]
    boot["partition_size_nominal"] = 911  # a quarter of 3644 MiB
    root.update(partition_size_nominal=1822, want_maximised=False)
    files = {**image_files(), "image.json": json.dumps(d).encode()}
    files[ROOTFS] = packed(tar({"./etc/hostname": b"x"}), ROOTFS)  # no modules
    page = to_html([check_image(write_tar(tmp_path, files))])
    path, profile = tmp_path / "check.html", tmp_path / "profile"
    path.write_text(page)
    for width, scheme in ((400, "dark"), (1200, "light")):
        shown = json.loads(measured(page, profile, width, SHOWN, scheme))
        assert shown == {
            "fits": True,
            "drawn": [["mmcblk0", ["BOOT", "RFS", "free"], [250, 500, 250]]],
            "found": ["modules-missing"],
            "folded": False,
            "dark": scheme == "dark",
        }
        assert picture(path.as_uri(), profile, "check", width, scheme).stat().st_size > 15_000
    assert printed(path.as_uri(), profile, "check").read_bytes().startswith(b"%PDF")
