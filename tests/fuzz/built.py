# SPDX-License-Identifier: MIT
"""What happens to images while they are built and copied: damage to whole images, and right ones as teams
make them."""

from __future__ import annotations

import gzip
import lzma
import random
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from fuzz import test_modules
from fuzz.test_whole_images import Change, Parts, member
from unit.check.images import (
    BOOTFS,
    FLAGS,
    RELEASE,
    ROOTFS,
    boot_scr,
    kernel_xz,
    module,
    packed,
    program,
    tar,
    zimage,
)

PLACE = f"./lib/modules/{RELEASE}"
DRIVERS = test_modules.DRIVERS
# After boot.cmd.in of Toradex and after what teams write, in fewer lines.
_LIKE_TORADEX = """
test -n ${{root_part}} || env set root_part {root}
test -n ${{kernel_image}} || env set kernel_image {kernel}
test -n ${{overlays_file}} || env set overlays_file "overlays.txt"
test ${{boot_devtype}} = "mmc" && env set load_cmd 'load ${{boot_devtype}} ${{boot_devnum}}:${{boot_part}}'
if test ${{kernel_image}} = "fitImage"; then
    env set bootcmd_boot 'bootm ${{kernel_addr_load}}#conf-${{fdtfile}}'
else
    env set bootcmd_boot 'bootz ${{kernel_addr_r}} - ${{fdt_addr_r}}'
fi
env set uuid_set 'part uuid ${{root_devtype}} ${{root_devnum}}:${{root_part}} uuid'
env set rootfsargs_set 'run uuid_set && env set rootfsargs root=PARTUUID=${{uuid}} ro rootwait'
run load_overlays_file && run bootcmd_boot
"""
_SHORT = """# starts {other} no more
setenv bootargs console=ttymxc0,115200 root=/dev/mmcblk0p{root} rw rootwait
load mmc 0:1 ${{kernel_addr_r}} {kernel}
load mmc 0:1 ${{fdt_addr_r}} ${{soc}}-colibri-emmc-${{fdt_board}}.dtb
bootz ${{kernel_addr_r}} - ${{fdt_addr_r}}
"""


def _script(a: Parts, dice: random.Random, kernel: str = "zImage", root: int = 2) -> None:
    """A script that asks for these, and what it needs beside them."""
    a.boot["./overlays.txt"] = b"fdt_overlays=\n"
    template = dice.choice([_LIKE_TORADEX, _SHORT])
    a.boot["./boot.scr"] = boot_scr(template.format(kernel=kernel, root=root, other="uImage"))


# --- what U-Boot loads ------------------------------------------------------------------------------------


def script_of_another_kernel(a: Parts, dice: random.Random) -> None:
    _script(a, dice, dice.choice(["uImage", "fitImage", "Image.gz", "vmlinuz", "zImage-6.1"]))


def script_of_another_root(a: Parts, dice: random.Random) -> None:
    _script(a, dice, root=dice.choice([1, 3, 4]))


def script_damaged(a: Parts, dice: random.Random) -> None:
    _script(a, dice)
    data = a.boot["./boot.scr"]
    flipped = bytearray(data)
    flipped[dice.randrange(64, len(data))] ^= 0x20
    a.boot["./boot.scr"] = dice.choice(
        [data[: dice.randrange(len(data))], bytes(flipped), bytes(len(data)), data[64:]]
    )


def script_without_overlays(a: Parts, _dice: random.Random) -> None:
    a.boot["./boot.scr"] = boot_scr(_LIKE_TORADEX.format(kernel="zImage", root=2))


def kernel_of_another_name(a: Parts, dice: random.Random) -> None:
    if dice.random() < 0.5:
        _script(a, dice)
    a.boot["./" + dice.choice(["uImage", "zImage-" + RELEASE, "vmlinuz", "boot/zImage-" + RELEASE])] = (
        a.boot.pop("./zImage")
    )


def partition_put_before(a: Parts, dice: random.Random) -> None:
    """A partition for data before the root file system, or before all."""
    content = {"filesystem_type": dice.choice(["ext4", "fat"]), "label": "DATA"}
    a.partitions.insert(
        dice.choice([0, 1]), {"partition_size_nominal": 16, "want_maximised": False, "content": content}
    )


# --- the root file system ---------------------------------------------------------------------------------


def half_copied(a: Parts, dice: random.Random) -> None:
    """Whatever the copy got: not the links, not the last folders."""
    del a.root["./sbin/init"]
    if dice.random() < 0.6:
        target = dice.choice(
            ["../lib/systemd/systemd", "/usr/lib/systemd/systemd", "init.sysvinit", "/bin/busybox"]
        )
        a.more[ROOTFS].append(member("./sbin/init", b"", tarfile.SYMTYPE, target))
    elif dice.random() < 0.5:
        a.root["./bin/sh"] = b"\x7fELF"


def two_places(a: Parts, dice: random.Random) -> None:
    """Some of the modules below /usr/lib, and /lib is a folder of its own."""
    for driver in dice.sample(DRIVERS, dice.randrange(1, len(DRIVERS))):
        path = test_modules.path_of(driver)
        a.root[path.replace("./lib/", "./usr/lib/")] = a.root.pop(path)


def loops(a: Parts, dice: random.Random) -> None:
    if dice.random() < 0.5:
        path = test_modules.path_of(dice.choice(DRIVERS))
        del a.root[path]
        target = dice.choice(
            [path.rpartition("/")[2], "../drivers/" + path.rpartition("/")[2], "/" + path[2:]]
        )
        a.more[ROOTFS].append(member(path, b"", tarfile.SYMTYPE, target))
        return
    a.root = {name.replace("./lib/", "./usr/lib/", 1): data for name, data in a.root.items()}
    a.more[ROOTFS].append(
        member("./lib", b"", tarfile.SYMTYPE, dice.choice(["lib", "usr/lib/../../lib", "../lib"]))
    )


def folder_linked_to_nothing(a: Parts, dice: random.Random) -> None:
    a.root = {name: data for name, data in a.root.items() if not name.startswith(PLACE)}
    a.more[ROOTFS].append(
        member(PLACE, b"", tarfile.SYMTYPE, dice.choice(["../../opt/modules", "current", "/m"]))
    )


def of_two_builds(a: Parts, dice: random.Random) -> None:
    for driver in dice.sample(DRIVERS, dice.randrange(1, len(DRIVERS))):
        flags = dice.choice(["SMP preempt mod_unload ARMv7 p2v8 ", "SMP mod_unload modversions ARMv7 p2v8 "])
        a.root[test_modules.path_of(driver)] = module(RELEASE, driver, flags)


def of_two_releases(a: Parts, dice: random.Random) -> None:
    """A driver of another kernel in updates/, which depmod prefers."""
    driver = dice.choice(DRIVERS)
    a.root[f"{PLACE}/updates/{driver}.ko"] = module(dice.choice(["6.1.0", "6.6.1-other"]), driver, FLAGS)
    _depmod(a)


def depmod_not_run(a: Parts, dice: random.Random) -> None:
    driver = dice.choice(DRIVERS)
    path = test_modules.path_of(driver)
    kind = dice.randrange(3)
    if kind == 0:  # moved by a later package
        a.root[path.replace("/kernel/", "/extra/")] = a.root.pop(path)
    elif kind == 1:
        a.root[path + ".xz"] = kernel_xz(a.root.pop(path))
    else:  # an index from before most of them were installed
        for name in ("dep", "dep.bin", "alias", "alias.bin", "symbols", "symbols.bin"):
            a.root.pop(f"{PLACE}/modules.{name}", None)
        kept = {name: data for name, data in a.root.items() if driver not in name}
        a.root = {**_with_index(kept), **a.root}


def packed_and_damaged(a: Parts, dice: random.Random) -> None:
    ending, pack = dice.choice(PACKINGS)
    _pack_modules(a, ending, pack)
    path = test_modules.path_of(dice.choice(DRIVERS)) + ending
    data = a.root[path]
    other = gzip.compress(b"x") if ending == ".xz" else lzma.compress(b"x")
    a.root[path] = dice.choice([data[: len(data) // 2], b"", other, data[:20] + bytes(8) + data[28:]])


def never_loaded(a: Parts, dice: random.Random) -> None:
    """modprobe.d keeps a driver of sticks away."""
    driver = dice.choice(["option", "huawei_cdc_ncm", "qmi_wwan"])
    line = dice.choice(
        [f"blacklist {driver}", f"install {driver} /bin/false", f"  blacklist  {driver.replace('_', '-')}"]
    )
    folder = dice.choice(["etc", "lib", "usr/lib"])
    a.root[f"./{folder}/modprobe.d/{dice.choice(['blacklist', '10-local'])}.conf"] = (
        f"# ours\n{line}\n".encode()
    )


def part_of_an_archive(a: Parts, dice: random.Random) -> None:
    """split, and only the first piece, or the pieces in the wrong order."""
    archive = dice.choice([BOOTFS, ROOTFS])

    def split(data: bytes) -> bytes:
        at = len(data) * dice.randrange(1, 9) // 10
        return dice.choice([data[:at], data[at:], data[at:] + data[:at]])

    a.changes[archive] = split


def second_archive_gone(a: Parts, dice: random.Random) -> None:
    modules_apart(a, dice)
    if dice.random() < 0.5:
        del a.files["modules.tar.xz"]
    else:
        a.partitions[1]["content"]["filelist"] = []


# --- right ones -------------------------------------------------------------------------------------------


def script_and_overlays(a: Parts, dice: random.Random) -> None:
    _script(a, dice)


def script_with_its_own_names(a: Parts, dice: random.Random) -> None:
    name = dice.choice(["zImage-6.1", "vmlinuz", "zImage.bin"])
    _script(a, dice, name)
    a.boot[f"./{name}"] = a.boot.pop("./zImage")


def root_in_the_third(a: Parts, dice: random.Random) -> None:
    content = {"filesystem_type": "ext4", "label": "DATA"}
    a.partitions.insert(1, {"partition_size_nominal": 16, "want_maximised": False, "content": content})
    _script(a, dice, root=3)


def init_by_a_link(a: Parts, dice: random.Random) -> None:
    del a.root["./sbin/init"]
    target, path = dice.choice(
        [
            ("../lib/systemd/systemd", "./lib/systemd/systemd"),
            ("/bin/busybox", "./bin/busybox"),
            ("init.sysvinit", "./sbin/init.sysvinit"),
        ]
    )
    a.root[path] = program()
    a.more[ROOTFS].append(member("./sbin/init", b"", tarfile.SYMTYPE, target))


def modules_packed(a: Parts, dice: random.Random) -> None:
    _pack_modules(a, *dice.choice(PACKINGS))


def modules_apart(a: Parts, _dice: random.Random) -> None:
    """Root file system and modules as two archives for one partition."""
    apart = {name: data for name, data in a.root.items() if name.startswith("./lib/modules")}
    a.root = {name: data for name, data in a.root.items() if name not in apart}
    a.files["modules.tar.xz"] = packed(tar(apart), "modules.tar.xz")
    a.d["config_format"] = 3
    a.partitions[1]["content"]["filelist"] = ["modules.tar.xz:/:true"]


def other_words_in_modprobe_d(a: Parts, dice: random.Random) -> None:
    line = dice.choice(
        ["# blacklist option", "blacklist pcspkr", "options option debug=1", "alias wwan option"]
    )
    a.root["./etc/modprobe.d/local.conf"] = line.encode() + b"\n"


def a_second_kernel(a: Parts, dice: random.Random) -> None:
    """Of another release, under a name that no script asks for, with its modules."""
    _script(a, dice)
    a.boot["./zImage.old"] = zimage()


PACKINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    (".xz", lambda data: lzma.compress(data, check=lzma.CHECK_CRC32)),
    (".zst", lambda data: packed(data, "x.zst")),
]


def _pack_modules(a: Parts, ending: str, pack: Callable[[bytes], bytes]) -> None:
    a.root = {
        (name + ending if name.endswith(".ko") else name): (pack(data) if name.endswith(".ko") else data)
        for name, data in a.root.items()
    }
    _depmod(a)


def _depmod(a: Parts) -> None:
    a.root = _with_index(a.root)


def _with_index(tree: dict[str, bytes]) -> dict[str, bytes]:
    """`tree` with the index that depmod makes of it."""
    with tempfile.TemporaryDirectory() as root:
        for name, data in tree.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        subprocess.run(["depmod", "-b", root, RELEASE], check=True, capture_output=True)
        files = (path for path in sorted(Path(root).rglob("*")) if path.is_file())
        return {f"./{path.relative_to(root)}": path.read_bytes() for path in files}


DAMAGED: tuple[Change, ...] = (
    *(script_of_another_kernel, script_of_another_root, script_damaged, script_without_overlays),
    *(kernel_of_another_name, partition_put_before, half_copied, two_places, loops, folder_linked_to_nothing),
    *(of_two_builds, of_two_releases, depmod_not_run, packed_and_damaged, never_loaded, part_of_an_archive),
    second_archive_gone,
)
RIGHT: tuple[Change, ...] = (
    *(script_and_overlays, script_with_its_own_names, root_in_the_third, init_by_a_link, modules_packed),
    *(modules_apart, other_words_in_modprobe_d, a_second_kernel),
)
