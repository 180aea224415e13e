# SPDX-License-Identifier: MIT
"""What U-Boot asks for and what is started then: boot.scr, the partition of /, init, modprobe.d."""

from __future__ import annotations

import io
import json
import struct
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from huawei_modem.report import Report, Verdict
from huawei_modem_check.boot_script import Named, asked, needs_overlays
from huawei_modem_check.modprobe import kept_out
from huawei_modem_check.reader import Reader
from unit.check.images import (
    BOOTFS,
    ROOTFS,
    TREE,
    boot_files,
    boot_scr,
    check_files,
    codes,
    image_files,
    module_files,
    packed,
    program,
    tar,
    uimage,
    zimage,
)

TORADEX = """# Image.gz in a comment
test -n ${root_part} || env set root_part 2
test -n ${kernel_image} || env set kernel_image zImage
test -n ${overlays_file} || env set overlays_file "overlays.txt"
if test ${kernel_image} = "fitImage"; then
    env set bootcmd_boot 'bootm ${kernel_addr_load}'
else
    env set bootcmd_boot 'bootz ${kernel_addr_load} - ${fdt_addr_r}'
fi
env set rootfsargs_set 'env set rootfsargs "root=/dev/nfs ip=dhcp"'
env set rootfsargs_set 'run uuid_set && env set rootfsargs root=PARTUUID=${uuid} ro rootwait'
run bootcmd_boot
"""


def test_words_that_are_compared_are_not_asked_for() -> None:
    said = asked([TORADEX])
    assert (said.kernels, said.roots) == ({Named("zImage")}, {2})
    said = asked(["kernel_image=fitImage\nroot_part=3\n"])
    assert (said.kernels, said.roots) == ({Named("fitImage")}, {3})
    said = asked(["load mmc 0:1 $a zImage-${v}; setenv bootargs root=LABEL=x"])
    assert (said.kernels, said.roots) == ({Named("zImage-$", 1)}, None)
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
        ({"./boot.scr": boot_scr("load mmc 0:1 ${a} vmlinuz; bootz ${a}")}, "./vmlinuz", True),
        (
            {"./boot.scr": boot_scr("load mmc 0:1 ${a} /boot/vmlinuz-${version}; bootz ${a}")},
            "./boot/vmlinuz-6.1",
            True,
        ),
        ({"./boot.scr": boot_scr("setenv bootargs root=/dev/mmcblk0p3; boot")}, "./zImage", False),
        ({"./boot.scr": boot_scr("setenv bootargs root=/dev/mmcblk0p2; boot")}, "./zImage", True),
        (
            {"./extlinux/extlinux.conf": b"LABEL a\nKERNEL /uImage\nAPPEND root=/dev/mmcblk0p2\n"},
            "./uImage",
            True,
        ),
        ({}, "./uImage", False),
    ],
)
def test_the_kernel_has_the_name_that_is_asked_for(
    tmp_path: Path, more: dict[str, bytes], kernel: str, is_ok: bool
) -> None:
    report = boot(tmp_path, more, kernel)
    assert (report.verdict is Verdict.OK) == is_ok, report.findings
    assert codes(report) == (set() if is_ok else {"tezi-layout"})


LINES = f"""load mmc 0:1 ${{kernel_addr_r}} zImage
load mmc 0:1 ${{fdt_addr_r}} {TREE}
setenv bootargs root=/dev/mmcblk0p2
bootz ${{kernel_addr_r}} - ${{fdt_addr_r}}
"""
LABELS = f"default a\nlabel a\n kernel /zImage\n fdt /{TREE}\n append root=/dev/mmcblk0p2\n"
STARTED: list[tuple[str, str, str, bool]] = [
    ("", "", "./zImage", True),
    ("\n", "\r\n", "./zImage", False),
    (LINES, "# nothing\necho hello\n", "./zImage", False),
    (LINES, "", "./zImage", False),
    (" zImage", " /boot/zImage", "./zImage", False),
    (" zImage", " /boot/zImage", "./boot/zImage", True),
    (":1 ${kernel", ":2 ${kernel", "./zImage", False),
    (TREE, "imx7d-colibri-emmc-other.dtb", "./zImage", False),
    ("bootz", "bootm", "./zImage", False),
    (" zImage", " uImage # zImage", "./zImage", False),
    (" zImage", " ${image}", "./zImage", True),
    (
        "load mmc 0:1 ${kernel",
        "load mmc 0:1 ${loadaddr} zImage-new || load mmc 0:1 ${kernel",
        "./zImage",
        True,
    ),
    ("root=", "module_blacklist=pcspkr root=", "./zImage", True),
    ("setenv", "# nousb\nsetenv", "./zImage", True),
]


@pytest.mark.parametrize(("old", "new", "kernel", "starts"), STARTED)
def test_a_script_starts_what_u_boot_starts(
    tmp_path: Path, old: str, new: str, kernel: str, starts: bool
) -> None:
    """Each row was seen on U-Boot 2023.01 of Debian (qemu_arm), the last two but for the command line."""
    report = boot(tmp_path, {"./boot.scr": boot_scr(LINES.replace(old, new))}, kernel)
    assert codes(report) == (set() if starts else {"tezi-layout"})


@pytest.mark.parametrize(
    ("old", "new", "starts"),
    [
        ("", "", True),
        ("\n", "\r\n", False),
        ("zImage", "uImage", False),
        (TREE, "imx7d-colibri-emmc-other.dtb", False),
        ("/zImage", "../zImage", True),
        ("/zImage", "zImage", False),
        ("default a", "label b\n kernel /uImage", True),
        ("default a", "# kernel /uImage", True),
        ("kernel /zImage", "fit /zImage", True),
        ("kernel /zImage", "localboot 1", True),
        ("label a\n", "menu include more.conf\nlabel a\n", True),
    ],
)
def test_a_label_starts_what_u_boot_starts(tmp_path: Path, old: str, new: str, starts: bool) -> None:
    text = LABELS.replace(old, new).encode()
    report = boot(tmp_path, {"./extlinux/extlinux.conf": text})
    assert codes(report) == (set() if starts else {"tezi-layout"})
    if not starts:
        both = {"./extlinux/extlinux.conf": LABELS.replace("zImage", "uImage").encode()}
        assert not codes(boot(tmp_path, {**both, "./boot.scr": boot_scr(LINES)}))


def test_a_script_that_is_packed_twice_starts_nothing(tmp_path: Path) -> None:
    twice = uimage(struct.pack(">2I", 200, 0) + boot_scr(LINES), 6)
    assert codes(boot(tmp_path, {"./boot.scr": twice})) == {"tezi-layout"}


def test_a_file_that_no_script_reads_asks_for_nothing(tmp_path: Path) -> None:
    script = LINES.replace(" zImage", " uImage")
    more = {"./boot.scr": boot_scr(script), "./uEnv.txt": b"kernel_image=zImage\n"}
    assert codes(boot(tmp_path, more)) == {"tezi-layout"}


@pytest.mark.parametrize(("at", "value"), [(28, 2), (29, 22), (31, 1)])
def test_bootm_looks_at_the_header_of_a_uimage(tmp_path: Path, at: int, value: int) -> None:
    """System, processor and packing."""
    data = bytearray(uimage(zimage()))
    script = {"./boot.scr": boot_scr(LINES.replace("bootz", "bootm").replace("zImage", "uImage"))}
    assert not codes(boot(tmp_path, {**script, "./uImage": bytes(data)}, "./zImage.old"))
    data[at], data[4:8] = value, bytes(4)
    data[4:8] = struct.pack(">I", zlib.crc32(data[:64]))
    held = {**boot_files(), **script, "./uImage": bytes(data)}
    del held["./zImage"]
    report = check_files(tmp_path, {**image_files(), BOOTFS: packed(tar(held), BOOTFS)})
    assert codes(report) == {"kernel-unreadable"}


@pytest.mark.parametrize("words", ["module_blacklist=option,tun", "modprobe.blacklist=qmi-wwan", "nousb"])
def test_the_command_line_keeps_drivers_out(tmp_path: Path, words: str) -> None:
    script = boot_scr(LINES.replace("root=", f"{words} root="))
    assert codes(boot(tmp_path, {"./boot.scr": script})) == {"modules-missing"}


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
        ({"./bin/sh": program()}, [], False),
        ({"./usr/sbin/init": program()}, [("./sbin", "usr/sbin")], True),
        ({"./lib/systemd/systemd": program()}, [("./sbin/init", "../lib/systemd/systemd")], True),
        ({"./usr/lib/systemd/systemd": program()}, [("./usr/sbin/init", "/lib/systemd/systemd")], True),
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


@pytest.mark.parametrize(
    ("init", "more", "why"),
    [
        (program(), [], ""),
        (b"#!/bin/sh\nexec /sbin/real\n", [], ""),
        (program(183, wide=True), [], "for the machine 183"),
        (b"", [], "neither a program nor a script"),
        (b"exec /bin/sh\n", [], "neither a program nor a script"),
        (program()[:20], [], "neither a program nor a script"),
        (program(loader=b"/lib/ld-linux-armhf.so.3"), [], "needs /lib/ld-linux-armhf.so.3"),
        (program(loader=b"/lib/ld-linux-armhf.so.3"), [("./lib/ld-linux-armhf.so.3", "ld-2.31.so")], "needs"),
        (program(loader=b"/lib/ld-musl-armhf.so.1"), [("./lib/ld-musl-armhf.so.1", "libc.so")], ""),
    ],
)
def test_the_init_is_one_that_the_kernel_starts(
    tmp_path: Path, init: bytes, more: list[tuple[str, str]], why: str
) -> None:
    report = root(tmp_path, {**module_files(), "./sbin/init": init}, *more)
    assert codes(report) == ({"rootfs-incomplete"} if why else set())
    assert why in "".join(proof.text for item in report.findings for proof in item.evidence)


def test_an_init_of_an_initramfs_is_none_of_a_disk(tmp_path: Path) -> None:
    files = {name: data for name, data in module_files().items() if name != "./sbin/init"}
    assert codes(root(tmp_path, {**files, "./init": program()})) == {"rootfs-incomplete"}


def test_a_driver_that_modprobe_keeps_out_is_a_fault(tmp_path: Path) -> None:
    report = root(tmp_path, {**module_files(), "./etc/modprobe.d/a.conf": b"blacklist huawei-cdc-ncm\n"})
    (finding,) = report.findings
    assert finding.title == "modprobe.d keeps the driver huawei_cdc_ncm from being loaded"


STICK = "usb:v12D1p*d*dc*dsc*dp*icFFisc02ip01in*"
OTHERS = ("alias usb:v12D1* off", "alias usb:v12D1p*ip01in* qmi-wwan")


def test_what_is_in_force_of_modprobe_d() -> None:
    off, other = "blacklist option\n", "# blacklist option\noptions option debug=1\ninstall tun /sbin/x\n"
    drivers: dict[str, tuple[str, ...]] = {"option": (STICK,), "tun": ()}
    assert list(kept_out({"r:etc/modprobe.d/a.conf": other, "r:lib/modprobe.d/a.conf": off}, drivers)) == []
    for text in (off, "install option /bin/false", "install \\\n option /bin/true", *OTHERS):
        assert [item[0] for item in kept_out({"r:lib/modprobe.d/b.conf": text}, drivers)] == ["option"]


def test_of_two_archives_of_a_name_the_last_counts() -> None:
    reader = Reader()
    for more in (
        {"./etc/modprobe.d/a.conf": b"blacklist option\n", "./boot/config-6.1": b"CONFIG_A=y\n"},
        {},
    ):
        reader.take(ROOTFS, io.BytesIO(packed(tar({**module_files(), **more}), ROOTFS)))
    image = reader.image("x")
    assert (image.modprobe, image.configs, len(image.folders)) == ({}, {}, 1)
