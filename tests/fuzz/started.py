# SPDX-License-Identifier: MIT
"""What stops a right image from starting, and what does not, by others' rules.

Each kind says itself what it does. What that rests on is a program that is not ours, run by hand on texts
of these kinds and not on each image: of scripts and labels U-Boot 2023.01 (qemu_arm of Debian's u-boot-qemu,
the image's first partition on a disk), of archives GNU tar 1.34, of modprobe.d modprobe of kmod 30 with the
folder as its own. What the kernel starts first stands in fs/exec.c and fs/binfmt_elf.c.
"""

from __future__ import annotations

import random
import struct
import tarfile
import zlib

from fuzz import test_modules
from fuzz.test_whole_images import Change, Parts, member
from unit.check.images import ALIASES, BOOTFS, ROOTFS, TREE, boot_scr, device_tree, program, uimage, zimage

LINES = """{settings}load {device}:1 ${{kernel_addr_r}} {kernel}
load {device}:1 ${{fdt_addr_r}} {tree}
setenv bootargs {words}root=/dev/mmcblk0p2 rootwait
{command} ${{kernel_addr_r}} - ${{fdt_addr_r}}
"""
LABELS = """timeout 10
default {name}
label {name}
    menu label {name}
    {word} {kernel}
    fdt {tree}
    append {words}root=/dev/mmcblk0p2 rootwait
"""


def script(dice: random.Random, **changes: str) -> str:
    """A script that starts the image's kernel, but for `changes`."""
    values = {
        "settings": dice.choice(["", "setenv loadaddr 0x81000000\n", "# ours\n\n"]),
        "device": dice.choice(["mmc 0", "${devtype} ${devnum}", "mmc ${devnum}"]),
        "kernel": dice.choice(["zImage", "/zImage"]),
        "tree": dice.choice([TREE, f"/{TREE}"]),
        "words": dice.choice(["", "quiet ", "console=ttymxc0,115200n8 "]),
        "command": "bootz",
    }
    return LINES.format(**{**values, **changes})


def labels(dice: random.Random, **changes: str) -> str:
    """An extlinux.conf that starts the image's kernel, but for `changes`."""
    values = {
        "name": dice.choice(["linux", "a", "primary"]),
        "word": dice.choice(["kernel", "linux", "KERNEL"]),
        "kernel": dice.choice(["/zImage", "../zImage"]),
        "tree": dice.choice([f"/{TREE}", f"../{TREE}"]),
        "words": dice.choice(["", "quiet "]),
    }
    return LABELS.format(**{**values, **changes})


def _put(a: Parts, text: str) -> None:
    a.boot["./boot.scr"] = boot_scr(text)


def _put_labels(a: Parts, text: str) -> None:
    a.boot["./extlinux/extlinux.conf"] = text.encode()


# --- U-Boot -----------------------------------------------------------------------------------------------


def windows_lines(a: Parts, dice: random.Random) -> None:
    if dice.random() < 0.5:
        _put(a, script(dice).replace("\n", "\r\n"))
    else:
        _put_labels(a, labels(dice).replace("\n", "\r\n"))


def packed_twice(a: Parts, dice: random.Random) -> None:
    inner = boot_scr(script(dice))
    a.boot["./boot.scr"] = uimage(struct.pack(">2I", len(inner), 0) + inner, 6)


def starts_nothing(a: Parts, dice: random.Random) -> None:
    kept = script(dice).splitlines(keepends=True)[: dice.randrange(3)]
    _put(a, dice.choice(["", "# to be written\n", "echo hello\n", *kept]))


def half_a_script(a: Parts, dice: random.Random) -> None:
    """The list of sizes says less than there is."""
    text = script(dice).encode()
    a.boot["./boot.scr"] = uimage(struct.pack(">2I", dice.randrange(len(text) // 2), 0) + text, 6)


def another_folder(a: Parts, dice: random.Random) -> None:
    _put(a, script(dice, kernel=dice.choice(["/boot/zImage", "boot/zImage", "/kernel/zImage"])))


def another_partition(a: Parts, dice: random.Random) -> None:
    _put(a, script(dice).replace(":1 ${kernel", f":{dice.choice('234')} ${{kernel"))


def another_tree(a: Parts, dice: random.Random) -> None:
    name = dice.choice(["imx7d-colibri-emmc-aster.dtb", "imx7d-colibri-eval-v3.dtb", f"dtb/{TREE}"])
    if dice.random() < 0.5:
        _put(a, script(dice, tree=name))
    else:
        _put_labels(a, labels(dice, tree=f"/{name}"))


def another_command(a: Parts, dice: random.Random) -> None:
    if dice.random() < 0.5:
        _put(a, script(dice, command="bootm"))
    else:
        a.boot["./zImage"] = uimage(zimage())
        _put(a, script(dice))


def named_in_a_comment(a: Parts, dice: random.Random) -> None:
    other = dice.choice(["uImage", "fitImage", "vmlinuz"])
    _put(a, script(dice, kernel=f"{other} # {dice.choice(['not ', ''])}zImage"))


def settings_nobody_reads(a: Parts, dice: random.Random) -> None:
    _put(a, script(dice, kernel="uImage"))
    a.boot["./uEnv.txt"] = dice.choice([b"kernel_image=zImage\n", b"bootfile=zImage\nfdtfile=x.dtb\n"])


def label_without_kernel(a: Parts, dice: random.Random) -> None:
    _put_labels(a, labels(dice, kernel=dice.choice(["/uImage", "zImage", "/boot/zImage", "../../Image"])))


def header_for_another(a: Parts, dice: random.Random) -> None:
    """A uImage for another system or processor, or that says it is packed."""
    data = bytearray(uimage(a.boot.pop("./zImage")))
    place, values = dice.choice([(28, (2, 17)), (29, (3, 22)), (31, (1, 2, 3))])
    data[place], data[4:8] = dice.choice(values), bytes(4)
    data[4:8] = struct.pack(">I", zlib.crc32(data[:64]))
    a.boot["./uImage"] = bytes(data)
    _put(a, script(dice, kernel="uImage", command="bootm"))


def barred_by_the_command_line(a: Parts, dice: random.Random) -> None:
    words = ["module_blacklist=option ", "modprobe.blacklist=huawei-cdc-ncm,x ", "nousb ", "usbcore.nousb "]
    if dice.random() < 0.5:
        _put(a, script(dice, words=dice.choice(words)))
    else:
        _put_labels(a, labels(dice, words=dice.choice(words)))


# --- the root file system ---------------------------------------------------------------------------------


def init_of_another_machine(a: Parts, dice: random.Random) -> None:
    machine, wide = dice.choice([(183, True), (62, True), (3, False), (8, False), (243, True)])
    a.root["./sbin/init"] = program(machine, wide=wide)


def init_that_is_none(a: Parts, dice: random.Random) -> None:
    whole = a.root["./sbin/init"]
    a.root["./sbin/init"] = dice.choice([b"", b"exec /bin/sh\n", whole[: dice.randrange(1, 50)], bytes(100)])


def init_without_its_loader(a: Parts, dice: random.Random) -> None:
    loader = dice.choice(["/lib/ld-linux-armhf.so.3", "/lib/ld-linux.so.3", "/lib/ld-musl-armhf.so.1"])
    a.root["./sbin/init"] = program(loader=loader.encode())
    if dice.random() < 0.5:
        a.more[ROOTFS].append(member(f".{loader}", b"", tarfile.SYMTYPE, "ld-2.35.so"))


def init_of_an_initramfs(a: Parts, _dice: random.Random) -> None:
    a.root["./init"] = a.root.pop("./sbin/init")


def aliased_away(a: Parts, dice: random.Random) -> None:
    driver = dice.choice(["option", "huawei_cdc_ncm", "qmi_wwan"])
    pattern = dice.choice(["usb:v12D1*", "usb:*", dice.choice(ALIASES[driver])])
    a.root["./etc/modprobe.d/local.conf"] = f"alias {pattern} {dice.choice(['off', 'cdc_acm'])}\n".encode()


def in_a_file_of_aliases(a: Parts, dice: random.Random) -> None:
    driver = dice.choice(["option", "huawei_cdc_ncm", "qmi_wwan"])
    text = dice.choice([f"blacklist {driver}  # not here\n", f"blacklist\t{driver}\n"])
    a.root[f"./{dice.choice(['etc', 'lib'])}/modprobe.d/local.alias"] = text.encode()


# --- archives ---------------------------------------------------------------------------------------------


def in_the_place_of_a_folder(a: Parts, dice: random.Random) -> None:
    """A second archive put behind the first (tar -r): /lib became a link or a file."""
    path = dice.choice(["./lib", "./lib/modules", test_modules.PLACE])
    kind = dice.choice([tarfile.SYMTYPE, tarfile.REGTYPE, tarfile.FIFOTYPE])
    a.more[ROOTFS].append(member(path, b"", kind, "usr/lib"))


# --- right ones -------------------------------------------------------------------------------------------


def any_script(a: Parts, dice: random.Random) -> None:
    _put(a, script(dice))


def any_labels(a: Parts, dice: random.Random) -> None:
    second = dice.choice(["", labels(dice, kernel="/zImage.old"), "label rescue\n  kernel /rescue\n"])
    text = labels(dice)
    _put_labels(a, dice.choice([text + second, second + text, f"# kernel /uImage\n{text}"]))


def labels_and_then_a_script(a: Parts, dice: random.Random) -> None:
    _put_labels(a, labels(dice, kernel="/uImage"))
    _put(a, script(dice))


def the_next_one_first(a: Parts, dice: random.Random) -> None:
    first = "load mmc 0:1 ${kernel_addr_r} zImage-new"
    rest = "load mmc 0:1 ${kernel_addr_r} zImage"
    text = script(dice, device="mmc 0", kernel="zImage")
    _put(
        a, text.replace(rest, dice.choice([f"{first} || {rest}", f"if {first}; then true; else {rest}; fi"]))
    )


def a_tree_of_its_own_name(a: Parts, dice: random.Random) -> None:
    name = dice.choice(["colibri.dtb", "our-board.dtb"])
    a.boot[f"./{name}"] = a.boot.pop(f"./{TREE}")
    _put(a, script(dice, tree=name))


def in_a_uimage(a: Parts, dice: random.Random) -> None:
    a.boot["./uImage"] = uimage(a.boot.pop("./zImage"))
    _put(a, script(dice, kernel="uImage", command="bootm"))


def with_a_tree_behind_it(a: Parts, dice: random.Random) -> None:
    a.boot["./zImage"] += device_tree()
    _put(a, script(dice))


def words_that_bar_nothing(a: Parts, dice: random.Random) -> None:
    words = ["module_blacklist=pcspkr ", "modprobe.blacklist=option_other ", "usbcore.autosuspend=-1 "]
    _put(a, script(dice, words=dice.choice(words), settings="# nousb\n"))


def switched_off_again(a: Parts, dice: random.Random) -> None:
    a.root["./lib/modprobe.d/sticks.conf"] = b"blacklist option\n"
    if dice.random() < 0.5:
        a.more[ROOTFS].append(member("./etc/modprobe.d/sticks.conf", b"", tarfile.SYMTYPE, "/dev/null"))
    else:
        a.root["./etc/modprobe.d/sticks.conf"] = dice.choice([b"", b"# blacklist option\n"])


def not_in_force(a: Parts, dice: random.Random) -> None:
    name = dice.choice([".sticks.conf", "sticks.conf.bak", "README", "sticks.conf~"])
    a.root[f"./etc/modprobe.d/{name}"] = b"blacklist option\n"


def not_understood(a: Parts, dice: random.Random) -> None:
    """What modprobe passes over, or takes for a module of another name."""
    text = dice.choice(
        [
            'blacklist "option"\n',
            "blacklist option\r\n",
            "blacklist option.ko\n",
            "# x \\\nblacklist option\n",
        ]
    )
    a.root["./etc/modprobe.d/sticks.conf"] = text.encode()


def init_in_a_script(a: Parts, dice: random.Random) -> None:
    a.root["./sbin/init"] = dice.choice([b"#!/bin/sh\nexec /lib/systemd/systemd\n", b"#! /bin/busybox sh\n"])


def init_with_its_loader(a: Parts, dice: random.Random) -> None:
    loader = "/lib/ld-linux-armhf.so.3"
    a.root["./sbin/init"] = program(loader=loader.encode())
    if dice.random() < 0.5:
        a.root[f".{loader}"] = program()
    else:
        target = "arm-linux-gnueabihf/ld-linux-armhf.so.3"
        a.more[ROOTFS].append(member(f".{loader}", b"", tarfile.SYMTYPE, target))


def written_over(a: Parts, dice: random.Random) -> None:
    """Later members of the same path, and folders announced again."""
    path = test_modules.path_of(dice.choice(test_modules.DRIVERS))
    a.more[ROOTFS] += [member("./lib", b"", tarfile.DIRTYPE), member(path, a.root[path])]
    a.more[BOOTFS].append(member("./zImage", a.boot["./zImage"]))


DAMAGED: tuple[Change, ...] = (
    *(windows_lines, packed_twice, starts_nothing, half_a_script, another_folder, another_partition),
    *(another_tree, another_command, named_in_a_comment, settings_nobody_reads, label_without_kernel),
    *(header_for_another, barred_by_the_command_line, init_of_another_machine, init_that_is_none),
    *(init_without_its_loader, init_of_an_initramfs, aliased_away, in_a_file_of_aliases),
    in_the_place_of_a_folder,
)
RIGHT: tuple[Change, ...] = (
    *(any_script, any_labels, labels_and_then_a_script, the_next_one_first, a_tree_of_its_own_name),
    *(in_a_uimage, with_a_tree_behind_it, words_that_bar_nothing, switched_off_again, not_in_force),
    *(not_understood, init_in_a_script, init_with_its_loader, written_over),
)
