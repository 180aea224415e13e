# SPDX-License-Identifier: MIT
"""`modem-image serve` as a process: what it says, that it is found by mDNS, how it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import zeroconf

from modem_image.cli import main
from modem_image.serve.announce import SERVICE, service_info
from unit.release.test_release import image, release

PROJECT = Path(__file__).resolve().parents[3]
LOOPBACK = "127.0.0.1"
COMMAND = "import sys; from modem_image.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed"
    assert release(path, image(tmp_path, "1.0")) == 0
    return path


@pytest.fixture
def process(feed: Path) -> Iterator[subprocess.Popen[str]]:
    arguments = ["serve", str(feed), "--port", "0", "--address", LOOPBACK, "--name", "bench.feed"]
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=PROJECT / "scripts",
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        yield running
        running.kill()


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stderr is not None
    return [process.stderr.readline() for _line in range(count)]


def test_a_module_finds_the_feed_and_its_images(process: subprocess.Popen[str]) -> None:
    """The way of the installer: browse, read the TXT records, put the URL together, follow the list."""
    said = lines(process, 2)
    assert "announced as: bench feed" in said[1]
    browser = zeroconf.Zeroconf(interfaces=[LOOPBACK])
    try:
        info = browser.get_service_info(SERVICE, f"bench feed.{SERVICE}", timeout=8000)
    finally:
        browser.close()
    assert info is not None
    texts = info.decoded_properties
    assert (texts["name"], texts["enabled"], texts["https"]) == ("bench.feed", "1", "0")
    assert info.parsed_addresses() == [LOOPBACK]
    base = f"http://{info.parsed_addresses()[0]}:{info.port}"
    with urllib.request.urlopen(f"{base}{texts['path']}") as answer:  # noqa: S310  our own
        (relative,) = json.load(answer)["images"]
    with urllib.request.urlopen(f"{base}/{relative}") as answer:  # noqa: S310  our own
        assert json.load(answer)["name"] == "Bench"


def test_it_ends_well_when_interrupted(process: subprocess.Popen[str]) -> None:
    (first, _announced) = lines(process, 2)
    assert re.search(r"http://127\.0\.0\.1:\d+/image_list\.json", first)
    process.send_signal(signal.SIGINT)
    _out, rest = process.communicate(timeout=20)
    assert (process.returncode, rest.splitlines()[-1]) == (0, "no longer served")


def test_a_folder_without_a_release_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(tmp_path)]) == 2
    assert "make one: modem-image release" in capsys.readouterr().err


def test_a_port_that_is_taken(feed: Path, process: subprocess.Popen[str]) -> None:
    (first, _announced) = lines(process, 2)
    match = re.search(r":(\d+)/", first)
    assert match
    assert main(["serve", str(feed), "--port", match[1], "--address", LOOPBACK, "--no-mdns"]) == 2


def test_a_long_name_fits_a_label() -> None:
    info = service_info("é" * 60, 80, [LOOPBACK])
    assert len(info.name.removesuffix(f".{SERVICE}").encode()) <= 63
