# SPDX-License-Identifier: MIT
"""The right files of the deploy folder are handed out, whole, with sums that match."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from modem_image.errors import FaultError
from modem_image.made import MARK
from modem_image.yocto import artefacts

IMAGE, MACHINE = "huawei-modem-image", "colibri-imx7-emmc"
STAMPED = f"{IMAGE}-{MACHINE}.rootfs-20260102030405"


def deploy(build: Path, machine: str, files: dict[str, str | None]) -> Path:
    """A deploy folder with these files; the name a link goes to, or None for a file."""
    folder = build / "tmp" / "deploy" / "images" / machine
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in files.items():
        if target is None:
            (folder / name).write_text(name)
        else:
            (folder / name).symlink_to(target)
    return folder


TEZI = {
    f"{STAMPED}-Tezi_5.0.15.tar": None,
    f"{STAMPED}-Tezi.tar": f"{STAMPED}-Tezi_5.0.15.tar",
    f"{STAMPED}.manifest": None,
    f"{IMAGE}-{MACHINE}.rootfs.manifest": f"{STAMPED}.manifest",
    f"{STAMPED}.tar.xz": None,
    f"{IMAGE}-{MACHINE}.rootfs.tar.xz": f"{STAMPED}.tar.xz",
    f"{IMAGE}-{MACHINE}.rootfs.spdx.tar.zst": f"{STAMPED}.spdx.tar.zst",
    "core-image-minimal-colibri-imx7-emmc.rootfs.manifest": f"{STAMPED}.manifest",
    "zImage--6.6.127": None,
    "zImage": "zImage--6.6.127",
}


def names(files: Iterable[Path]) -> list[str]:
    return [path.name for path in files]


def test_an_easy_installer_image_holds_the_rest(tmp_path: Path) -> None:
    """A dangling link, a part of the tar and another recipe's image are not handed out."""
    deploy(tmp_path, MACHINE, TEZI)
    found = names(artefacts.collect(tmp_path, MACHINE, IMAGE).files)
    assert found == [f"{STAMPED}-Tezi_5.0.15.tar", f"{IMAGE}-{MACHINE}.rootfs.manifest"]


def test_the_newest_of_several_is_taken(tmp_path: Path) -> None:
    folder = deploy(tmp_path, MACHINE, TEZI)
    old = folder / f"{IMAGE}-{MACHINE}.rootfs-20270101000000-Tezi_5.0.15.tar"
    old.write_text("old")
    os.utime(old, (1, 1))
    installer = artefacts.collect(tmp_path, MACHINE, IMAGE).installer
    assert installer is not None
    assert installer.name == f"{STAMPED}-Tezi_5.0.15.tar"


def test_without_easy_installer_image_and_kernel_are_handed_out(tmp_path: Path) -> None:
    files = {
        f"{IMAGE}-qemuarm.rootfs-1.ext4": None,
        f"{IMAGE}-qemuarm.rootfs.ext4": f"{IMAGE}-qemuarm.rootfs-1.ext4",
        f"{IMAGE}-qemuarm64.rootfs.ext4": f"{IMAGE}-qemuarm.rootfs-1.ext4",
        "zImage-1": None,
        "zImage": "zImage-1",
    }
    deploy(tmp_path, "qemuarm", files)
    assert names(artefacts.collect(tmp_path, "qemuarm", IMAGE).files) == [
        f"{IMAGE}-qemuarm.rootfs.ext4",
        "zImage",
    ]


@pytest.mark.parametrize(
    ("machine", "files"), [(MACHINE, TEZI), ("qemuarm", {f"{IMAGE}-qemuarm.rootfs-1.ext4": None})]
)
def test_the_image_is_what_is_attested(tmp_path: Path, machine: str, files: dict[str, str | None]) -> None:
    deploy(tmp_path, machine, files)
    (found,) = tmp_path.glob(artefacts.attested(machine, IMAGE))
    assert not found.is_symlink()


def test_the_provenance_goes_with_them(tmp_path: Path) -> None:
    deploy(tmp_path, MACHINE, TEZI)
    (tmp_path / "attestation").mkdir()
    (tmp_path / "attestation" / "kas-build.provenance.json").write_text("{}")
    assert names(artefacts.collect(tmp_path, MACHINE, IMAGE).files)[-1] == "kas-build.provenance.json"


def test_a_build_without_an_image_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FaultError, match="left no tmp/deploy/images/qemuarm"):
        artefacts.collect(tmp_path, "qemuarm", IMAGE)
    deploy(tmp_path, "qemuarm", {"other": None})
    with pytest.raises(FaultError, match=f"left no {IMAGE}"):
        artefacts.collect(tmp_path, "qemuarm", IMAGE)


def sums_match(folder: Path) -> bool:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, check=False
    )
    return done.returncode == 0


def test_copies_have_sums_and_replace_the_former_ones(tmp_path: Path) -> None:
    folder, output = (
        deploy(tmp_path, MACHINE, {"a-1.tar": None, "a-2.tar": None, "m": None}),
        tmp_path / "out",
    )
    artefacts.publish([folder / "a-1.tar", folder / "m"], output)
    (output / "check.json").write_text("someone else's")
    published = artefacts.publish([folder / "a-2.tar", folder / "m"], output)
    assert names(published) == ["a-2.tar", "m", "SHA256SUMS"]
    assert sorted(names(list(output.iterdir()))) == [MARK, "SHA256SUMS", "a-2.tar", "check.json", "m"]
    assert sums_match(output)


def test_a_failure_leaves_no_sums_that_lie(tmp_path: Path) -> None:
    folder, output = deploy(tmp_path, MACHINE, {"a.tar": None}), tmp_path / "out"
    artefacts.publish([folder / "a.tar"], output)
    (folder / "a.tar").write_text("changed")
    with pytest.raises(FileNotFoundError):
        artefacts.publish([folder / "a.tar", folder / "missing"], output)
    assert sorted(names(list(output.iterdir()))) == [MARK, "a.tar"]
