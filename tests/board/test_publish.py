# SPDX-License-Identifier: MIT
"""The image that came up on the emulated board, published and fetched as a module would fetch it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from huawei_modem_check.image import check_image

from .conftest import LAUNCHER, PROJECT, Run

pytestmark = pytest.mark.bench
PRODUCT = ("0039", "V1.1A", "02345678")


@pytest.fixture(scope="module")
def feed(hot_plug: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (image,) = (PROJECT / "build" / "bench").glob("*-Tezi_*.tar")
    folder = tmp_path_factory.mktemp("publish") / "feed"
    command = [LAUNCHER, "release", image, "--out", folder, "--lock", PROJECT / "kas/scarthgap/base.lock.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def address(feed: Path) -> Iterator[str]:
    command = [LAUNCHER, "serve", feed, "--address", "127.0.0.1", "--port", "0", "--no-mdns"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        match = re.search(r"http://\S+?:\d+", server.stderr.readline())
        assert match
        yield match[0]
        server.terminate()


@pytest.fixture
def fetched(address: str, tmp_path: Path) -> Path:
    """The folder of the image, every file by curl, the largest in two pieces."""
    fetch = ["curl", "--silent", "--show-error", "--fail"]

    def text(url: str) -> str:
        return subprocess.run([*fetch, url], capture_output=True, text=True, check=True).stdout

    (relative,) = json.loads(text(f"{address}/image_list.json"))["images"]
    base = f"{address}/{relative.removesuffix('image.json')}"
    for line in text(f"{base}SHA256SUMS").splitlines():
        name = line[66:]
        path = tmp_path / name
        if name.endswith(".rootfs.tar.xz"):
            subprocess.run([*fetch, "--range", "0-9999999", "--output", path, base + name], check=True)
        subprocess.run([*fetch, "--continue-at", "-", "--output", path, base + name], check=True)
    (tmp_path / "SHA256SUMS").write_text(text(f"{base}SHA256SUMS"))
    return tmp_path


def prepare(folder: Path) -> tuple[int, str]:
    """The installer's first script, under the shell of the installer."""
    command = ["busybox", "ash", folder / "prepare.sh", *PRODUCT, folder]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_what_a_module_fetches_is_what_was_proven(fetched: Path, hot_plug: Run) -> None:
    assert hot_plug.status == 0
    assert check_image(fetched).exit_status == 0
    assert prepare(fetched)[0] == 0


def test_a_damaged_image_is_refused_before_anything_is_written(fetched: Path) -> None:
    (rootfs,) = fetched.glob("*.rootfs.tar.xz")
    content = bytearray(rootfs.read_bytes())
    content[len(content) // 2] ^= 1
    rootfs.write_bytes(content)
    status, shown = prepare(fetched)
    assert (status, f"Nothing was written. {rootfs.name} is damaged." in shown) == (1, True)
