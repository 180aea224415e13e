# SPDX-License-Identifier: MIT
"""The bench image as a whole: the same bytes for the same input, and only what it should hold."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import pytest

from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.image.build import build_image

from .conftest import Run

pytestmark = pytest.mark.bench


def test_same_input_same_bytes(hot_plug: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made anew from the same packages at another time and place, by somebody with other settings."""
    for kind in ("kernel", "root"):
        shutil.copytree(cache_root() / kind, tmp_path / kind, symlinks=True)
    for name, value in {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "5"}.items():
        monkeypatch.setenv(name, value)
    before = os.umask(0o077)
    try:
        again = build_image(load_board(host_mirror()), Cache(tmp_path))
    finally:
        os.umask(before)
    published = hot_plug.folder.parent / again.name
    assert again.read_bytes() == published.read_bytes()


def test_one_module_folder_of_the_kernels_release(hot_plug: Run) -> None:
    (path,) = hot_plug.folder.parent.glob("*-Tezi_*.tar")
    with tarfile.open(path) as tezi:
        (rootfs,) = [member for member in tezi if member.name.endswith(".rootfs.tar.xz")]
        source = tezi.extractfile(rootfs)
        assert source is not None
        with tarfile.open(fileobj=source, mode="r|xz") as tar:
            names = [member.name for member in tar]
    folders = {name.split("/")[4] for name in names if name.startswith("./usr/lib/modules/")}
    assert folders == {hot_plug.report["facts"]["status"]["kernel"]["release"]}
    assert not [name for name in names if name.startswith(("./usr/share/doc/", "./var/cache/apt/"))]
