# SPDX-License-Identifier: MIT
"""Rows as in rows.py, of changes that were made at random and that the check judged otherwise at first.

Measured on 2026-11-30 on qt-tezi 37bc583: its JSON, dto and write-thread sources, unchanged but for the
paths of devices, with Qt 5.15, sfdisk, mkfs, tar, dd and libubootenv of Debian 12 on loop devices.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from typing import Any

from corpus.installer.draft import BOOTFS, ROOTFS, Draft, nand
from corpus.installer.rows import (
    Row,
    boot_content,
    disk,
    listed,
    raw_boot,
    renamed,
    root_content,
    with_file,
    written,
)
from unit.check.images import boot_files, module_files, packed, tar


def u_boot_between(a: Draft) -> None:
    """U-Boot between the table and the first partition, as on an i.MX6."""
    a.boot0({})
    del a.d["blockdevs"][1]
    a.disk["content"] = {"rawfile": {"filename": "u-boot.imx", "dd_options": "seek=2"}}


def u_boot_over_table(a: Draft) -> None:
    u_boot_between(a)
    a.disk["table_type"] = "gpt"


def in_folder(name: str) -> Callable[[Draft], None]:
    """The root file system below `parts`, and image.json has it as `name`."""

    def apply(a: Draft) -> None:
        a.rename_rootfs(f"parts/{ROOTFS}")
        a.root["content"]["filename"] = name

    return apply


def small_ubifs(size_kib: int) -> Callable[[Draft], None]:
    """A volume of this size, with a file in it; mkfs.ubifs 2.1.5 says that 17 blocks are the least."""

    def apply(a: Draft) -> None:
        content = {"filesystem_type": "ubifs", "filelist": ["note.txt"]}
        a.files["note.txt"] = b"x"
        a.volumes.insert(0, {"name": "data", "size_kib": size_kib, "content": content})

    return apply


def kernel_in_folder(a: Draft) -> None:
    a.files["a b/zImage"] = a.files.pop("zImage")
    a.volume("kernel")["content"] = {"rawfile": {"filename": "a b/zImage"}}


def ntfs(**content: Any) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        more = {"partition_size_nominal": 16, "content": {"filesystem_type": "ntfs", **content}}
        a.disk["partitions"].append(more)

    return apply


def nearly_full(a: Draft) -> None:
    """15 MiB in 16 MiB of ext4, whose journal takes 4."""
    a.root["want_maximised"] = False
    a.files[ROOTFS] = packed(tar({**module_files(), "./big": bytes(15 << 20)}), ROOTFS)


def nearly_full_by_the_class(a: Draft) -> None:
    """The same with the options of Toradex's class."""
    nearly_full(a)
    a.root["content"]["mkfs_options"] = "-E nodiscard"


def renamed_volume(old: str, new: str) -> Callable[[Draft], None]:
    return lambda a: a.volume(old).update(name=new)


def root_volume_in_the_environment(a: Draft) -> None:
    a.volume("rootfs")["name"] = "rootfs-a"
    a.d["u_boot_env"] = "env.txt"
    a.files["env.txt"] = b"ubiargs=ubi.mtd=ubi root=ubi0:rootfs-a rootfstype=ubifs\n"


def skippable_first(a: Draft) -> None:
    """As pzstd writes: a frame that holds nothing but a number comes before the first."""
    name = ROOTFS.replace(".xz", ".zst")
    a.rename_rootfs(name, b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + packed(a.rootfs_tar(), name))


def empty_files(number: int) -> Callable[[Draft], None]:
    """In 16 MiB of ext4, which has 1,024 inodes; 11 are its own, and the image's modules take some."""

    def apply(a: Draft) -> None:
        a.root["want_maximised"] = False
        a.files[ROOTFS] = packed(tar({**module_files(), **{f"./f{i}": b"" for i in range(number)}}), ROOTFS)

    return apply


def behind_the_end(size: int, ending: str = ".xz") -> Callable[[Draft], None]:
    """Another archive behind the first, as cat makes of two; tar stops after the first."""

    def apply(a: Draft) -> None:
        name = ROOTFS.removesuffix(".xz") + ending.removesuffix(".tar")
        a.rename_rootfs(
            name, packed(a.rootfs_tar() + tar({"./more": bytes(range(256)) * (size // 256)}), name)
        )

    return apply


def count(blocks: int) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        a.raw_boot(dd_options=f"count={blocks}")
        a.files["u-boot.imx"] = bytes(400_000)

    return apply


def gpt_type(kind: str) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        a.disk["table_type"] = "gpt"
        a.boot["partition_type"] = kind

    return apply


def bzip2_and(junk: bytes) -> Callable[[Draft], None]:
    return renamed("root.tar.bz2", lambda tree: bz2.compress(tree) + junk)


def by_xz_of_old(tree: bytes) -> bytes:
    return lzma.compress(tree, lzma.FORMAT_ALONE)


def gzip_and(junk: bytes) -> Callable[[Draft], None]:
    return renamed("root.tar.gz", lambda tree: gzip.compress(tree) + junk)


def nested(deep: int) -> Callable[[Draft], None]:
    return written(lambda text: text[:-1] + b', "x": ' + b"[" * deep + b"]" * deep + b"}")


def script(text: bytes) -> Callable[[Draft], None]:
    return with_file("s.sh", text, prepare_script="s.sh")


def same_device_again(a: Draft) -> None:
    again = {"partition_size_nominal": 16, "content": {"filesystem_type": "ext4"}}
    a.d["blockdevs"].append({"name": "emmc", "partitions": [again]})


def many_files(a: Draft) -> None:
    """7.5 MiB in 8 MiB of ext2, of which 0.55 are tables."""
    a.root.update(want_maximised=False, partition_size_nominal=8)
    a.root["content"]["filesystem_type"] = "ext2"
    big = {f"./big{number}": bytes(156_000) for number in range(50)}
    a.files[ROOTFS] = packed(tar({**module_files(), **big}), ROOTFS)


def up_to_the_reserve(a: Draft) -> None:
    """58.2 MiB in 64 MiB of ext4: mke2fs leaves 58.9, and Linux keeps 1.3 of these."""
    a.root.update(want_maximised=False, partition_size_nominal=64)
    a.files[ROOTFS] = packed(tar({**module_files(), "./big": bytes(61_000_000)}), ROOTFS)


def in_boot(name: str) -> Callable[[Draft], None]:
    """One more file in the archive of the boot partition."""

    def apply(a: Draft) -> None:
        a.files[BOOTFS] = packed(tar({**boot_files(), name: b"x"}), BOOTFS)

    return apply


def in_root(*names: str) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        a.files[ROOTFS] = packed(tar({**module_files(), **dict.fromkeys(names, b"x")}), ROOTFS)

    return apply


def kind_of_root(kind: str) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        a.root["partition_type"] = kind

    return apply


def nand_u_boot(options: str) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        raw = {"filename": "u-boot-nand.imx", "nandwrite_options": options}
        a.d["mtddevs"][0]["content"] = {"rawfile": raw}

    return apply


MEASURED: tuple[Row, ...] = (
    Row("fat-one-reserved-sector", "after-erase", boot_content(mkfs_options="-R 1")),
    Row("fat-mbr-with-value", "installs", boot_content(mkfs_options="--mbr=y")),
    Row("ext4-encoding", "after-erase", root_content(mkfs_options="-E encoding=utf8")),
    Row("ext4-other-system", "after-erase", root_content(mkfs_options="-o x")),
    Row("ntfs-label-twice", "after-erase", ntfs(label="x", mkfs_options="-L x")),
    Row("ntfs-cluster", "after-erase", ntfs(mkfs_options="-c x")),
    Row("ntfs-heads", "installs", ntfs(mkfs_options="-H 255")),
    Row("ext4-without-its-journals-room", "after-erase", nearly_full),
    Row("ext4-without-its-journals-room-by-the-class", "after-erase", nearly_full_by_the_class),
    *(
        Row(
            f"nand-{name}-in-another-volume",
            "installs",
            renamed_volume(name, f"{name}-2"),
            judged="the installer does not ask what U-Boot reads: ubi read kernel and dtb, root=ubi0:rootfs",
            base=nand,
        )
        for name in ("kernel", "dtb", "rootfs")
    ),
    Row("nand-root-volume-in-the-environment", "installs", root_volume_in_the_environment, base=nand),
    Row("ext4-out-of-inodes", "after-erase", empty_files(1100)),
    Row("ext4-with-the-inodes", "installs", empty_files(900)),
    Row("two-archives-in-one", "after-erase", behind_the_end(200 << 10)),
    Row("two-archives-in-one-not-packed", "after-erase", behind_the_end(1200 << 10, ".tar")),
    Row("a-little-behind-the-end", "installs", behind_the_end(1 << 10)),
    Row("zstd-skippable-frame-first", "installs", skippable_first),
    Row("script-awk-begin", "installs", script(b"awk 'BEGIN{exit 0}'\n")),
    Row("dd-no-block", "after-erase", count(0)),
    Row("dd-unknown-flag", "after-erase", raw_boot(dd_options="oflag=nosuch")),
    Row("dd-computed-by-the-shell", "installs", raw_boot(dd_options="seek=$((1+1))")),
    Row("device-with-a-dot", "installs", disk(name="./mmcblk0")),
    Row("device-with-a-slash", "before-erase", disk(name="mmcblk0/")),
    Row("u-boot-before-the-partitions", "installs", u_boot_between),
    Row("u-boot-over-the-gpt", "silent", u_boot_over_table),
    Row("two-slashes", "installs", in_folder(f"parts//{ROOTFS}")),
    Row("dot-and-slash", "installs", in_folder(f"./parts/./{ROOTFS}")),
    Row("nand-kernel-in-a-folder", "installs", kernel_in_folder, base=nand),
    Row("script-with-a-quote", "installs", with_file("s'.sh", b"exit 0\n", wrapup_script="s'.sh")),
    Row("script-with-a-dash", "installs", with_file("-s.sh", b"exit 0\n", prepare_script="-s.sh")),
    Row("ext4-superblocks-alone", "after-erase", root_content(mkfs_options="-O bigalloc -S")),
    Row("ext4-usage-type-twice", "after-erase", root_content(mkfs_options="-T small")),
    Row("ext3-usage-type", "installs", root_content(filesystem_type="ext3", mkfs_options="-T small")),
    Row("fat-label-with-umlauts", "after-erase", boot_content(label="ÄÖÜ")),
    Row("ext4-label-with-umlauts", "installs", root_content(label="ÄÖÜ")),
    Row("gpt-type-with-a-blank", "installs", gpt_type("uefi ")),
    Row("copied-to-an-umlaut", "installs", listed("x-ä.txt:/nosuch", 2, "root", **{"x-ä.txt": b"data"})),
    Row("another-archive-is-damaged", "installs", with_file("old.tar.xz", b"\xfd7zXZ\0cut")),
    Row("bzip2-with-garbage-behind", "installs", bzip2_and(b"junk")),
    Row("older-format-of-xz", "installs", renamed("root.tar.xz", by_xz_of_old)),
    Row("lzma-that-is-cut", "after-erase", renamed("root.tar.xz", lambda tree: by_xz_of_old(tree)[:-9])),
    Row("gzip-with-garbage-behind", "after-erase", gzip_and(b"junkjunk")),
    Row("script-in-bashs-substitution", "before-erase", script(b"x=a\necho ${x^^} >/dev/null\n")),
    Row("script-ends-in-bashs-command", "before-erase", script(b"true\ndeclare -A x\n")),
    Row(
        "script-that-quotes-bash",
        "installs",
        script(b"echo '${x^^}' >/dev/null # ${x,,}\ncat <<X\nshopt\nX\n"),
    ),
    Row("script-that-asks-first", "installs", script(b"shopt -s nullglob 2>/dev/null || :\n")),
    Row("script-that-is-a-program", "before-erase", script(b"\x7fELF\x01\x01\x01\0\0\0")),
    Row("fat-type-of-medium", "after-erase", boot_content(mkfs_options="-M 0x10")),
    Row("fat-fixed-disk", "installs", boot_content(mkfs_options="-M 0xf8")),
    Row("ext4-casefold", "after-erase", root_content(mkfs_options="-O casefold")),
    Row("ext4-bad-blocks", "after-erase", root_content(mkfs_options="-l /nosuch")),
    Row("ext4-errors", "after-erase", root_content(mkfs_options="-e x")),
    Row("ext4-errors-remount", "installs", root_content(mkfs_options="-e remount-ro")),
    Row("ext4-number-behind-a-line-break", "installs", root_content(mkfs_options="-m\n0")),
    Row("fat-as-a-file", "after-erase", boot_content(mkfs_options="-C")),
    Row("fat-bad-blocks", "after-erase", boot_content(mkfs_options="-l /nosuch")),
    Row("dd-small-m", "after-erase", raw_boot(dd_options="bs=1m")),
    Row("nested-six-hundred-deep", "installs", nested(600)),
    Row("error-script-as-on-windows", "installs", with_file("e.sh", b"true\r\n", error_script="e.sh")),
    Row(
        "ext2-size-of-descriptors",
        "after-erase",
        root_content(filesystem_type="ext2", mkfs_options="-E desc_size=64"),
    ),
    Row("dos-extended", "after-erase", kind_of_root("E")),
    Row("same-device-again", "silent", same_device_again),
    Row("ext2-without-its-tables-room", "after-erase", many_files),
    Row("script-that-exits-with-no-number", "before-erase", script(b"exit 0x")),
    Row("script-that-exits-with-a-failure", "before-erase", script(b"true\nexit 3\n")),
    Row("nand-options-from-before", "after-erase", nand_u_boot("-j"), base=nand),
    Row("nand-block-of-three", "after-erase", nand_u_boot("--blockalign=3"), base=nand),
    Row("nand-block-that-is-mended", "installs", nand_u_boot("-b x --blockalign=2"), base=nand),
    Row("nand-block-that-is-spoilt", "after-erase", nand_u_boot("-b 2 -b x"), base=nand),
    Row("script-that-ends-with-not-true", "before-erase", script(b"echo a >/dev/null\n! true\n")),
    Row("ext4-without-what-linux-keeps", "after-erase", up_to_the_reserve),
    Row("fat-same-name-in-another-case", "silent", in_boot("./zimage")),
    Row("fat-name-too-long", "after-erase", in_boot("./" + "x" * 256)),
    Row("ext4-name-too-long", "after-erase", in_root("./" + "x" * 256)),
    Row("ext4-names-in-two-cases", "installs", in_root("./etc/a", "./etc/A")),
    Row("ubifs-of-16-blocks", "after-erase", small_ubifs(16 * 124), base=nand),
    Row("ubifs-of-17-blocks", "installs", small_ubifs(17 * 124), base=nand),
)
