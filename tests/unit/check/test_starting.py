# SPDX-License-Identifier: MIT
"""What U-Boot asks for and what is started then: boot.scr, the partition of /, init, modprobe.d."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from huawei_modem.report import Report, Verdict
from huawei_modem_check.boot_script import asked, needs_overlays
from huawei_modem_check.modprobe import kept_out
from unit.check.images import (
    BOOTFS,
    ROOTFS,
    boot_files,
    boot_scr,
    check_files,
    codes,
    image_files,
    module_files,
    packed,
    tar,
)

TORADEX = """# Image.gz in a comment
test -n ${root_part} || env set root_part 2
test -n ${kernel_image} || env set kernel_image zImage
test -n ${overlays_file} || env set overlays_file "overlays.txt"
if test ${kernel_image} = "fitImage"; then
    env set bootcmd_boot 'bootm ${kernel_addr_load}'
fi
env set rootfsargs_set 'env set rootfsargs "root=/dev/nfs ip=dhcp"'
env set rootfsargs_set 'run uuid_set && env set rootfsargs root=PARTUUID=${uuid} ro rootwait'
"""


def test_words_that_are_compared_are_not_asked_for() -> None:
    assert asked([TORADEX]) == (frozenset({"zImage"}), frozenset({2}))
    assert asked(["kernel_image=fitImage\nroot_part=3\n"]) == (frozenset({"fitImage"}), frozenset({3}))
    said = asked(["load mmc 0:1 $a zImage-${v}; setenv bootargs root=LABEL=x"])
    assert said == (frozenset({"zImage-$"}), None)
    assert needs_overlays(TORADEX) and not needs_overlays(TORADEX + "env set skip_fdt_overlays 1")


def boot(folder: Path, more: Mapping[str, bytes], kernel: str = "./zImage", **files: bytes) -> Report:
    held = boot_files()
    held[kernel] = held.pop("./zImage")
    return check_files(folder, {**image_files(), BOOTFS: packed(tar({**held, **more}), BOOTFS), **files})


@pytest.mark.parametrize(
    ("more", "kernel", "is_ok"),
    [
        ({"./boot.scr": boot_scr(TORADEX), "./overlays.txt": b"fdt_overlays=\n"}, "./zImage", True),
        ({"./boot.scr": boot_scr(TORADEX), "./overlays.txt": b""}, "./zImage-6", False),
        ({"./boot.scr": boot_scr(TORADEX)}, "./zImage", False),
        ({"./boot.scr": boot_scr(TORADEX)[:-1], "./overlays.txt": b""}, "./zImage", False),
        ({"./boot.scr": b"load mmc 0:1 zImage"}, "./zImage", False),
        ({"./boot.scr": boot_scr("load mmc 0:1 ${a} vmlinuz")}, "./vmlinuz", True),
        ({"./boot.scr": boot_scr("load mmc 0:1 ${a} /boot/vmlinuz-${version}")}, "./boot/vmlinuz-6.1", True),
        ({"./boot.scr": boot_scr("setenv bootargs root=/dev/mmcblk0p3")}, "./zImage", False),
        ({"./boot.scr": boot_scr("setenv bootargs root=/dev/mmcblk0p2")}, "./zImage", True),
        ({"./extlinux/extlinux.conf": b"KERNEL /uImage\nAPPEND root=/dev/mmcblk0p2\n"}, "./uImage", True),
        ({}, "./uImage", False),
    ],
)
def test_the_kernel_has_the_name_that_is_asked_for(
    tmp_path: Path, more: dict[str, bytes], kernel: str, is_ok: bool
) -> None:
    report = boot(tmp_path, more, kernel)
    assert (report.verdict is Verdict.OK) == is_ok, report.findings
    assert codes(report) == (set() if is_ok else {"tezi-layout"})


def test_an_environment_may_name_another_kernel(tmp_path: Path) -> None:
    described = json.loads(image_files()["image.json"]) | {"u_boot_env": "env.txt"}
    more = {"image.json": json.dumps(described).encode(), "env.txt": b"boot_file=uImage\n"}
    assert boot(tmp_path, {}, "./uImage", **more).verdict is Verdict.OK


def root(folder: Path, files: dict[str, bytes], *links: tuple[str, str]) -> Report:
    members = []
    for name, target in links:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = tarfile.SYMTYPE, target
        members.append(info)
    return check_files(folder, {**image_files(), ROOTFS: packed(tar(files, tuple(members)), ROOTFS)})


@pytest.mark.parametrize(
    ("more", "links", "is_ok"),
    [
        ({}, [], False),
        ({"./bin/sh": b"\x7fELF"}, [], False),
        ({"./usr/sbin/init": b"\x7fELF"}, [("./sbin", "usr/sbin")], True),
        ({"./lib/systemd/systemd": b"\x7fELF"}, [("./sbin/init", "../lib/systemd/systemd")], True),
        ({"./usr/lib/systemd/systemd": b"x"}, [("./usr/sbin/init", "/lib/systemd/systemd")], True),
        ({}, [("./sbin/init", "/lib/systemd/systemd")], False),
        ({}, [("./sbin/init", "init")], False),
        ({}, [("./sbin/init", "/opt/start")], True),
    ],
)
def test_the_kernel_finds_an_init(
    tmp_path: Path, more: dict[str, bytes], links: list[tuple[str, str]], is_ok: bool
) -> None:
    files = {name: data for name, data in module_files().items() if name != "./sbin/init"}
    assert codes(root(tmp_path, {**files, **more}, *links)) == (set() if is_ok else {"rootfs-incomplete"})


def test_a_driver_that_modprobe_keeps_out_is_a_fault(tmp_path: Path) -> None:
    report = root(tmp_path, {**module_files(), "./etc/modprobe.d/a.conf": b"blacklist huawei-cdc-ncm\n"})
    (finding,) = report.findings
    assert finding.title == "modprobe.d keeps the driver huawei_cdc_ncm from being loaded"


def test_what_is_in_force_of_modprobe_d() -> None:
    off, other = "blacklist option\n", "# blacklist option\noptions option debug=1\ninstall tun /sbin/x\n"
    drivers = ("option", "tun")
    assert list(kept_out({"r:etc/modprobe.d/a.conf": other, "r:lib/modprobe.d/a.conf": off}, drivers)) == []
    for text in (off, "install option /bin/false", "install \\\n option /bin/true"):
        assert [item[0] for item in kept_out({"r:lib/modprobe.d/b.conf": text}, drivers)] == ["option"]
