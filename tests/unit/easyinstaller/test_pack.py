# SPDX-License-Identifier: MIT
"""Packing: Toradex's eMMC layout, the same bytes for the same input, whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from modem_image import PROJECT
from modem_image.easyinstaller.image_json import ImageSpec, boot_partition_mib
from modem_image.easyinstaller.pack import pack
from modem_image.errors import InputError, MissingError

SPEC = ImageSpec("bench", "0.1.0", "Bench image", "For tests", timestamp=1_700_000_000)
MIB = 1 << 20


@pytest.fixture
def rootfs(tmp_path: Path) -> Path:
    path = tmp_path / "rootfs.tar"
    with tarfile.open(path, "w") as archive:
        for number in range(3):
            content = os.urandom(MIB // 4) + bytes(4 * MIB)
            member = tarfile.TarInfo(f"./file{number}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def boot_files(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "zImage").write_bytes(b"kernel" * 1000)
    (tmp_path / "x.dtbo").write_bytes(b"overlay")
    return {"zImage": tmp_path / "zImage", "overlays/x.dtbo": tmp_path / "x.dtbo"}


def members(image: Path) -> dict[str, bytes]:
    with tarfile.open(image) as archive:
        files = [member for member in archive if member.isfile()]
        return {member.name: archive.extractfile(member).read() for member in files}  # type: ignore[union-attr]


def test_the_tar_holds_one_flat_folder_with_what_image_json_names(
    tmp_path: Path, rootfs: Path, boot_files: dict[str, Path]
) -> None:
    image = pack(SPEC, rootfs, boot_files, tmp_path)
    assert image.name == "bench-Tezi_0.1.0.tar"
    files = members(image)
    assert list(files)[:2] == ["bench-Tezi_0.1.0/image.json", "bench-Tezi_0.1.0/SHA256SUMS"]
    description = json.loads(files["bench-Tezi_0.1.0/image.json"])
    assert description["config_format"] == "2"
    assert description["supported_product_ids"] == ["0039"]
    assert description["release_date"] == "2023-11-14"
    (device,) = description["blockdevs"]
    boot, root = device["partitions"]
    assert (boot["content"]["filesystem_type"], root["content"]["filesystem_type"]) == ("FAT", "ext4")
    assert (boot["want_maximised"], root["want_maximised"]) == (False, True)
    assert {f"bench-Tezi_0.1.0/{part['content']['filename']}" for part in (boot, root)} < set(files)
    assert root["content"]["uncompressed_size"] == rootfs.stat().st_size / MIB


def test_the_archives_hold_what_went_in(tmp_path: Path, rootfs: Path, boot_files: dict[str, Path]) -> None:
    files = members(pack(SPEC, rootfs, boot_files, tmp_path))
    unpacked = subprocess.run(
        ["xz", "-dc"], input=files["bench-Tezi_0.1.0/bench.rootfs.tar.xz"], capture_output=True, check=True
    ).stdout
    assert unpacked == rootfs.read_bytes()
    with tarfile.open(fileobj=io.BytesIO(files["bench-Tezi_0.1.0/bench.bootfs.tar.xz"])) as bootfs:
        assert bootfs.getnames() == [".", "./overlays", "./overlays/x.dtbo", "./zImage"]
        assert {(member.uid, member.gid, member.mtime) for member in bootfs} == {(0, 0, SPEC.timestamp)}


def test_sha256sums_lists_every_other_file(tmp_path: Path, rootfs: Path, boot_files: dict[str, Path]) -> None:
    (tmp_path / "kernel-config").write_text("CONFIG_TUN=m\n")
    extra = {"kernel-config": tmp_path / "kernel-config"}
    files = members(pack(SPEC, rootfs, boot_files, tmp_path, extra))
    listing = files.pop("bench-Tezi_0.1.0/SHA256SUMS").decode()
    prefix = len("bench-Tezi_0.1.0/")
    expected = {name[prefix:]: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert {line[66:]: line[:64] for line in listing.splitlines()} == expected


def test_the_same_input_gives_the_same_bytes(
    tmp_path: Path, rootfs: Path, boot_files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pack(SPEC, rootfs, boot_files, tmp_path).read_bytes()
    for path in (rootfs, *boot_files.values()):
        os.utime(path, (1, 1))
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    reversed_files = dict(reversed(boot_files.items()))
    (tmp_path / "again").mkdir()
    assert pack(SPEC, rootfs, reversed_files, tmp_path / "again").read_bytes() == first


def test_u_boot_goes_to_block_2_of_the_boot_area(
    tmp_path: Path, rootfs: Path, boot_files: dict[str, Path]
) -> None:
    (tmp_path / "u-boot.imx").write_bytes(b"u-boot")
    spec = dataclasses.replace(SPEC, u_boot="u-boot.imx")
    files = members(pack(spec, rootfs, boot_files, tmp_path, {"u-boot.imx": tmp_path / "u-boot.imx"}))
    boot_area = json.loads(files["bench-Tezi_0.1.0/image.json"])["blockdevs"][1]
    assert boot_area["name"] == "mmcblk0boot0"
    assert boot_area["content"]["rawfiles"] == [{"filename": "u-boot.imx", "dd_options": "seek=2"}]


@pytest.mark.parametrize(
    ("size", "expected"), [(0, 16), (MIB, 16), (5 * MIB, 24), (9 * MIB, 48), (16 * MIB, 96)]
)
def test_boot_partition_size(size: int, expected: int) -> None:
    assert boot_partition_mib(size) == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "a'b"}, "take as a command"),
        ({"name": "../b"}, "leaves the folder"),
        ({"u_boot": "u-boot.imx"}, "not among its extra files"),
    ],
)
def test_a_spec_that_cannot_work_is_refused(
    tmp_path: Path, rootfs: Path, boot_files: dict[str, Path], change: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        pack(dataclasses.replace(SPEC, **change), rootfs, boot_files, tmp_path)  # type: ignore[arg-type]


def test_a_path_out_of_the_boot_partition_is_refused(
    tmp_path: Path, rootfs: Path, boot_files: dict[str, Path]
) -> None:
    with pytest.raises(InputError, match="not a path inside"):
        pack(SPEC, rootfs, {**boot_files, "../x": rootfs}, tmp_path)


def test_a_missing_file_is_named(tmp_path: Path, boot_files: dict[str, Path]) -> None:
    with pytest.raises(InputError, match=r"absent\.tar: no such file"):
        pack(SPEC, tmp_path / "absent.tar", boot_files, tmp_path)


def test_without_xz_the_package_is_named(
    tmp_path: Path, rootfs: Path, boot_files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingError, match="apt-get install xz-utils"):
        pack(SPEC, rootfs, boot_files, tmp_path)
    assert not list(tmp_path.glob(".bench*"))


def can_mount() -> bool:
    probe = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return shutil.which("unshare") is not None and subprocess.run(probe, capture_output=True).returncode == 0


PACK_INTO = """
import sys
from pathlib import Path
from modem_image.easyinstaller.pack import ImageSpec, pack
from modem_image.errors import UserError

spec, rootfs, kernel, out = sys.argv[1:]
try:
    pack(eval(spec), Path(rootfs), {"zImage": Path(kernel)}, Path(out))
except UserError as err:
    print(err)
print(list(Path(out).iterdir()))
"""


@pytest.mark.skipif(not can_mount(), reason="no private mounts here (unshare --user --mount)")
def test_a_full_disk_leaves_nothing_and_says_so(
    tmp_path: Path, rootfs: Path, boot_files: dict[str, Path]
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    script = 'mount -t tmpfs -o size=256k none "$1" && shift && exec "$@"'
    command = [sys.executable, "-c", PACK_INTO, repr(SPEC), rootfs, boot_files["zImage"], small]
    result = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "-", small, *command],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT / "scripts")},
    )
    assert result.returncode == 0, result.stderr
    message, left = result.stdout.splitlines()
    assert message.endswith("the disk is full; nothing was written. Make room and try again.")
    assert left == "[]"
