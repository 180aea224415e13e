# SPDX-License-Identifier: MIT
"""Every kind of input gives the same verdict as the Easy Installer tar of the same build."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from huawei_modem.report import Verdict
from huawei_modem_check.image import Given, check_image, read_image
from huawei_modem_check.reader import Reader
from huawei_modem_check.sources import read_into, subjects
from huawei_modem_check.streams import ArchiveError
from modem_image.errors import InputError
from unit.check.images import (
    CONFIG,
    PACKINGS,
    RELEASE,
    by_tool,
    codes,
    device_tree,
    image_files,
    module_files,
    packed,
    tar,
    write_tar,
    zimage,
)

STATUS = (
    b"Package: ofono\nStatus: install ok installed\nVersion: 1.31-3\n\nPackage: connman\nVersion: 1.41-2\n"
)


def zipped(files: Mapping[str, bytes], folder: str = "bench/") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{folder}{name}", content)
    return buffer.getvalue()


def root_files(kernel: bytes | None = None) -> dict[str, bytes]:
    """A root file system that holds its own kernel, as on a Debian system."""
    boot = {f"./boot/vmlinuz-{RELEASE}": kernel or zimage(), f"./boot/config-{RELEASE}": CONFIG.encode()}
    return {**boot, **module_files(), "./var/lib/dpkg/status": STATUS}


def write_tree(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def deploy(folder: Path, rootfs: Mapping[str, bytes]) -> Path:
    """A deploy folder as BitBake leaves it: files with a time, links to the newest, older ones beside."""
    files = {
        "zImage--6.1-r0-20260101000000.bin": zimage("6.0.0-older"),
        "zImage--6.1-r0-20260201000000.bin": zimage(),
        "bench-20260201000000.rootfs.tar.xz": packed(tar(rootfs), "x.xz"),
        "bench-20260101000000.rootfs.tar.xz": packed(tar(module_files("6.0.0-older")), "x.xz"),
        "imx7d-colibri-emmc-iris-v2.dtb": device_tree(),
        "modules-colibri-imx7-emmc.tgz": packed(tar(module_files()), "x.gz"),
        "kernel-config": CONFIG.encode(),
    }
    write_tree(folder, files)
    (folder / "zImage").symlink_to("zImage--6.1-r0-20260201000000.bin")
    (folder / "bench.rootfs.tar.xz").symlink_to("bench-20260201000000.rootfs.tar.xz")
    return folder


def test_a_zip_is_as_good_as_the_tar(tmp_path: Path) -> None:
    path = tmp_path / "image.zip"
    path.write_bytes(zipped(image_files()))
    assert check_image(path).findings == ()


def test_a_damaged_zip_is_no_image(tmp_path: Path) -> None:
    path = tmp_path / "image.zip"
    path.write_bytes(zipped(image_files())[:-5000])
    with pytest.raises(InputError, match="damaged or truncated"):
        check_image(path)


def test_a_flipped_bit_in_a_zip_is_damage(tmp_path: Path) -> None:
    content = bytearray(zipped(image_files()))
    content[len(content) // 2] ^= 1
    path = tmp_path / "image.zip"
    path.write_bytes(content)
    assert check_image(path).verdict is Verdict.FAULT


def test_a_zip_that_leaves_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "image.zip"
    path.write_bytes(zipped({**image_files(), "../../passwd": b"x"}))
    assert codes(check_image(path)) == {"tezi-name-unsafe"}


def test_a_link_in_a_zip_is_no_file_of_the_image(tmp_path: Path) -> None:
    path = tmp_path / "image.zip"
    path.write_bytes(zipped(image_files()))
    entry = zipfile.ZipInfo("bench/logo.png")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert codes(check_image(path)) == {"tezi-name-unsafe"}


@pytest.mark.parametrize("ending", ["tar", "tar.xz", "tar.gz", "tar.bz2", "tar.zst", "tar.lz4", "tar.lzo"])
def test_a_root_file_system_with_its_kernel(tmp_path: Path, ending: str) -> None:
    extra = {"lz4": PACKINGS["lz4"], "lzo": by_tool("lzop", "-c")}
    packing = ending.rpartition(".")[2]
    pack = extra.get(packing, lambda data: packed(data, f"x.{packing}"))
    path = tmp_path / f"rootfs.{ending}"
    path.write_bytes(pack(tar(root_files())))
    assert check_image(path).findings == ()


def test_the_frame_format_of_lz4_too(tmp_path: Path) -> None:
    path = tmp_path / "rootfs.tar.lz4"
    path.write_bytes(by_tool("lz4", "-c")(tar(root_files())))
    assert check_image(path).findings == ()


def test_a_folder_with_a_root_file_system(tmp_path: Path) -> None:
    report = check_image(write_tree(tmp_path, root_files()))
    assert report.findings == ()
    assert [folder["count"] for folder in report.facts["modules"]] == [4]


def test_another_kernel_in_a_folder_is_seen(tmp_path: Path) -> None:
    report = check_image(write_tree(tmp_path, root_files(zimage("6.1.0-other"))))
    assert codes(report) == {"modules-mismatch"}


def test_a_root_file_system_alone_does_not_show_enough(tmp_path: Path) -> None:
    path = tmp_path / "rootfs.tar"
    path.write_bytes(tar(module_files()))
    report = check_image(path)
    assert report.verdict is Verdict.INSUFFICIENT_DATA
    assert report.findings[0].remedy == ("modem-image check ROOTFS --kernel zImage",)


@pytest.mark.parametrize(("release", "found"), [(RELEASE, set()), ("6.1.0-other", {"modules-mismatch"})])
def test_the_kernel_may_lie_elsewhere(tmp_path: Path, release: str, found: set[str]) -> None:
    path = tmp_path / "rootfs.tar"
    path.write_bytes(tar(module_files()))
    kernel = tmp_path / "any-name"
    kernel.write_bytes(zimage(release, config=CONFIG))
    assert codes(check_image(path, given=Given(kernel))) == found


def test_a_truncated_root_file_system_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "rootfs.tar"
    path.write_bytes(tar(root_files()).rstrip(b"\0")[:-100])
    assert "tezi-file-corrupt" in codes(check_image(path))


def test_a_deploy_folder_counts_the_newest_build(tmp_path: Path) -> None:
    report = check_image(deploy(tmp_path, module_files()))
    assert report.findings == ()
    assert [kernel["release"] for kernel in report.facts["kernels"]] == [RELEASE]


def test_a_deploy_folder_with_a_stale_root_file_system(tmp_path: Path) -> None:
    assert codes(check_image(deploy(tmp_path, module_files("6.0.0-older")))) == {"modules-mismatch"}


def test_the_images_of_a_deploy_folder_are_what_is_checked(tmp_path: Path) -> None:
    image = write_tar(deploy(tmp_path, module_files()), image_files())
    assert subjects(tmp_path) == [image]


def test_a_folder_of_anything_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match="holds no image that can be checked"):
        check_image(tmp_path)


def test_the_packages_of_a_root_file_system_are_read(tmp_path: Path) -> None:
    image = read_image(write_tree(tmp_path, root_files()))
    assert image.packages == {"ofono": "1.31-3", "connman": "1.41-2"}


@pytest.mark.parametrize(("packed", "size"), [(False, 1 << 40), (True, 9 << 30)], ids=["folder", "tar"])
def test_a_file_that_no_module_can_hold_is_refused_unread(tmp_path: Path, packed: bool, size: int) -> None:
    """A terabyte of nothing is a tar of 30 KiB, and takes hours to be read. Packing one takes tar seconds."""
    folder = tmp_path / "image"
    folder.mkdir()
    (folder / "image.json").write_text("{}")
    with (folder / "u-boot-env").open("wb") as environment:
        environment.truncate(size)
    path = folder
    if packed:
        path = tmp_path / "image.tar"
        subprocess.run(["tar", "-S", "-C", tmp_path, "-cf", path, "image"], check=True)
    said = "holes of more than 8 GiB" if packed else "u-boot-env: 1024 GiB; a file of an image has at most 16"
    with pytest.raises(ArchiveError, match=said):
        read_into(Reader(), path)
