# SPDX-License-Identifier: MIT
"""The page of a release, and the drawing of the flash on it."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from huawei_modem_check.flash_plan import devices
from modem_image.check.drawing import DrawnDevice, drawn
from unit.browser import measured, picture
from unit.check.images import description
from unit.release.feeds import LOCK, image, named, release

MIB = 1 << 20
URL = "https://example.org/feed/"
LONG = "a-file-with-a-name-of-some-length.txt"


def sizes(
    description: dict[str, Any], files: dict[str, int] | None = None
) -> dict[str, list[tuple[str, float]]]:
    return {
        device.name: [(part.label, round(part.size, 2)) for part in device.parts]
        for device in devices(description, files or {})
    }


def on_paper(description: dict[str, Any], files: dict[str, int]) -> list[DrawnDevice]:
    plan = [dataclasses.asdict(device) for device in devices(description, files)]
    ((_document, drawing),) = drawn({"flash": [{"document": "image.json", "devices": plan}]})
    return drawing


def test_the_emmc_is_drawn_to_scale() -> None:
    boot0 = {
        "name": "mmcblk0boot0",
        "content": {
            "filesystem_type": "raw",
            "rawfiles": [{"filename": "u-boot.imx", "dd_options": "seek=2"}],
        },
    }
    document = description(blockdevs=[*description()["blockdevs"], boot0])
    assert sizes(document, {"u-boot.imx": 700 << 10}) == {
        "mmcblk0": [("BOOT", 16.0), ("RFS", 3628.0)],
        "mmcblk0boot0": [("U-Boot", 1.0)],
    }
    (emmc, _boot0) = on_paper(document, {"u-boot.imx": 700 << 10})
    boot, root = emmc.parts
    assert boot.width == pytest.approx(6, abs=0.5)  # 16 of 3644 MiB would be too narrow to be seen
    assert (root.x, root.x + root.width) == (boot.width, pytest.approx(1000, abs=0.2))
    assert boot.fill == pytest.approx(boot.width * 1.5 / 16)


def test_what_nobody_takes_is_free() -> None:
    document = description()
    document["blockdevs"][0]["partitions"][1]["want_maximised"] = False
    assert sizes(document)["mmcblk0"] == [("BOOT", 16.0), ("RFS", 16.0), ("free", 3612.0)]


def test_nand_volumes() -> None:
    volumes = [
        {
            "name": "kernel",
            "size_kib": 8192,
            "type": "static",
            "content": {"rawfile": {"filename": "zImage"}},
        },
        {"name": "rootfs", "content": {"filesystem_type": "ubifs", "uncompressed_size": 100}},
    ]
    mtd = [
        {"name": "u-boot1", "content": {"rawfile": {"filename": "u-boot.imx"}}},
        {"name": "ubi", "ubivolumes": volumes},
    ]
    document = {"supported_product_ids": ["0033"], "mtddevs": mtd}
    assert sizes(document, {"u-boot.imx": MIB, "zImage": 6 * MIB}) == {
        "u-boot1": [("u-boot.imx", 1.5)],
        "ubi": [("kernel", 8.0), ("rootfs", 504.0)],
    }


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"blockdevs": 3, "mtddevs": {}},
        {"blockdevs": [None, {"partitions": [3, {"partition_size_nominal": "x", "content": []}]}]},
        {
            "blockdevs": [
                {"name": "mmcblk0", "partitions": [{"partition_size_nominal": 1e400, "content": None}]}
            ]
        },
        {"mtddevs": [{"ubivolumes": [{"size_kib": -1}]}]},
        {"supported_product_ids": [[]], "blockdevs": [{"name": [], "content": {"rawfiles": [{}]}}]},
    ],
)
def test_a_layout_that_is_none_is_not_drawn(document: dict[str, Any]) -> None:
    for device in on_paper(document, {}):
        assert all(part.width >= 0 for part in device.parts)


def test_everything_is_on_the_page(tmp_path: Path, key: str) -> None:
    feed, lock = tmp_path / "feed", tmp_path / "kas.lock.yml"
    lock.write_text(LOCK)
    one = named(tmp_path, "one", "1.0")
    (tmp_path / "one.spdx.json").write_text("{}")
    assert release(feed, one, named(tmp_path, "two", "1.0"), "--sign", key, "--lock", lock) == 0
    assert release(feed, named(tmp_path, "one", "1.1"), "--url", URL, "--sign", key) == 0
    first = (feed / "releases" / "1.0" / "index.html").read_text()
    assert "one, two 1.0" in first
    assert "one.spdx.json" in first
    assert "gpg --verify" in first
    page = (feed / "index.html").read_text()
    for part in (
        "Colibri iMX7D 1GB (eMMC) 0039",
        "What changed since 1.0",
        '<code>two</code></td><td class="detail">removed',
        "https://example.org/feed/image_list.json",
        'href="releases/1.0/index.html"',
        "<svg",
    ):
        assert part in page, part
    for target in re.findall(r'href="([^"#:]+)"', page):
        assert (feed / target).exists(), target
    for target in re.findall(r'href="([^"#:]+)"', (feed / "latest" / "index.html").read_text()):
        assert (feed / "releases" / "1.1" / target).exists(), target
    for text in (page, first):
        assert "<script" not in text
        assert not re.search(r'(?:src|href)="(?:https?:)?//(?!example\.org)', text)
    sums = json.loads((feed / "latest" / "check.json").read_text())[0]["facts"]["files"]
    assert all(file["sha256"] in page for file in sums.values())


def test_names_are_no_markup(tmp_path: Path) -> None:
    described = json.dumps(description(version="1.0", name="<b>x</b>", description="<i>y</i>")).encode()
    assert release(tmp_path / "feed", image(tmp_path, "1.0", **{"image.json": described})) == 0
    page = (tmp_path / "feed" / "index.html").read_text()
    assert "<b>x" not in page and "<i>y" not in page


def test_the_page_of_the_bench_s_image_warns_of_it(tmp_path: Path) -> None:
    marked = json.dumps(description(version="1.0", huawei_modem_bench_image=True)).encode()
    assert release(tmp_path / "feed", image(tmp_path, "1.0", **{"image.json": marked}), "--bench") == 0
    page = (tmp_path / "feed" / "index.html").read_text()
    assert "boots on no module" in page
    assert "modem-image flash --bench" in page


@pytest.mark.slow
def test_a_browser_shows_the_page(tmp_path: Path) -> None:
    """In Debian's chromium, wide and narrow, light and dark; pictures are in build/test-output."""
    feed, profile = tmp_path / "feed", tmp_path / "profile"
    assert release(feed, image(tmp_path, "1.0")) == 0
    assert release(feed, image(tmp_path, "1.1", **{LONG: b"x" * 5000})) == 0
    page = (feed / "latest" / "index.html").read_text()
    wanted = """{
        fits: document.documentElement.scrollWidth <= innerWidth,
        title: document.querySelector('h1').innerText,
        changed: [...document.querySelectorAll('#changes tr')].map(row => row.innerText.replace(/\\s+/, ' ')),
        drawn: [...document.querySelectorAll('rect')].filter(it => it.getBoundingClientRect().width).length,
        folded: document.querySelector('.image details table').checkVisibility(),
        back: getComputedStyle(document.body).backgroundColor,
    }"""
    shown = json.loads(measured(page, profile, 400, wanted))
    assert shown == {
        "fits": True,
        "title": "Bench 1.1",
        "changed": [f"{LONG} added"],
        "drawn": shown["drawn"],
        "folded": False,
        "back": "rgb(255, 255, 255)",
    }
    assert shown["drawn"] >= 2
    for width, scheme in ((1200, "light"), (400, "dark")):
        path = picture((feed / "latest" / "index.html").as_uri(), profile, "release", width, scheme)
        assert path.stat().st_size > 20_000
