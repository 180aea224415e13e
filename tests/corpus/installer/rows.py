# SPDX-License-Identifier: MIT
"""What Easy Installer does with an image.json, a row a change.

Measured on qt-tezi 37bc583: its own JSON and dto classes with Qt 5.15, the install step as a dry run with
real xz, tar, mkfs, sfdisk and dd. `installer` is what it does:

installs; refused (image.json is not accepted); greyed (listed, cannot be chosen); before-erase (fails, the
old
system is still there); after-erase (fails, the old system is gone); silent (reported as installed, something
was not written).

`judged` is why the check's verdict is another one. Without it the check says ok for what installs and for
nothing else.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from typing import Any, NamedTuple

from corpus.installer.draft import BOOTFS, ROOTFS, TREE, Draft, device_tree, emmc, nand, zimage
from unit.check.images import by_tool, module_files, packed, tar


class Row(NamedTuple):
    """`change` changes what `base` made."""

    name: str
    installer: str
    change: Callable[[Draft], Any]
    judged: str = ""
    base: Callable[[], Draft] = emmc

    def draft(self) -> Draft:
        draft = self.base()
        self.change(draft)
        return draft


def top(**changes: Any) -> Callable[[Draft], None]:
    return lambda a: a.d.update(changes)


def without(name: str) -> Callable[[Draft], None]:
    return lambda a: a.d.pop(name)


def written(change: Callable[[bytes], bytes]) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        a.write = change

    return apply


def with_file(name: str, content: bytes, **changes: Any) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        a.d.update(changes)
        a.files[name] = content

    return apply


def renamed(name: str, pack: Callable[[bytes], bytes] | None = None) -> Callable[[Draft], None]:
    return lambda a: a.rename_rootfs(name, pack(a.rootfs_tar()) if pack else None)


def disk(**changes: Any) -> Callable[[Draft], None]:
    return lambda a: a.disk.update(changes)


def boot(**changes: Any) -> Callable[[Draft], None]:
    return lambda a: a.boot.update(changes)


def root(**changes: Any) -> Callable[[Draft], None]:
    return lambda a: a.root.update(changes)


def boot_content(**changes: Any) -> Callable[[Draft], None]:
    return lambda a: a.boot["content"].update(changes)


def root_content(**changes: Any) -> Callable[[Draft], None]:
    return lambda a: a.root["content"].update(changes)


def raw_boot(**rawfile: Any) -> Callable[[Draft], None]:
    return lambda a: a.raw_boot(**rawfile)


def five_partitions(a: Draft) -> None:
    a.disk["table_type"] = "gpt"
    for number in range(3):
        content = {"label": f"D{number}", "filesystem_type": "ext4"}
        more = {"partition_size_nominal": 64, "want_maximised": False, "content": content}
        a.disk["partitions"].append(more)


def both_first(a: Draft) -> None:
    a.boot["requires_partition_number"] = a.root["requires_partition_number"] = 1


def small_root(a: Draft) -> None:
    a.root.update(partition_size_nominal=1, want_maximised=False)
    big = packed(tar({**module_files(), "./big": bytes(3_000_000)}), ROOTFS)
    a.files[ROOTFS] = big


def offset_and_seek(a: Draft) -> None:
    a.d["config_format"] = 5
    a.raw_boot(dd_options="seek=2", offset=1024)


def for_another_module(a: Draft) -> None:
    a.raw_boot(dd_options="seek=2")
    other = {"filename": "other.imx", "product_ids": ["0027"]}
    a.d["blockdevs"][1]["content"]["rawfiles"].append(other)


def zip_of_files(a: Draft) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("etc/hostname", "x")
    a.rename_rootfs("bench.rootfs.zip", buffer.getvalue())


def loose_boot_files(a: Draft) -> None:
    del a.boot["content"]["filename"], a.files[BOOTFS]
    a.boot["content"]["filelist"] = ["zImage", TREE]
    a.files.update({"zImage": zimage(), TREE: device_tree()})


def listed(
    entry: str, number: int | None = None, partition: str = "boot", **files: bytes
) -> Callable[[Draft], None]:
    def apply(a: Draft) -> None:
        if number is not None:
            a.d["config_format"] = number
        getattr(a, partition)["content"]["filelist"] = [entry]
        a.files.update({name.replace("__", "."): content for name, content in files.items()})

    return apply


def two_modules(a: Draft) -> None:
    other = nand()
    a.d["autoinstall"] = other.d["autoinstall"] = True
    a.files.update({name: content for name, content in other.files.items() if name != ROOTFS})
    a.files["image-nand.json"] = json.dumps(other.d).encode()


ROWS: tuple[Row, ...] = (
    # --- parse -----------------------------------------------------------------------------------------
    Row("config_format-int", "installs", top(config_format=2)),
    Row("config_format-space", "installs", top(config_format=" 2")),
    Row("config_format-0", "installs", top(config_format=0)),
    Row("config_format-minus", "installs", top(config_format=-1)),
    Row("config_format-underscore", "refused", top(config_format="0_2")),
    Row("config_format-true", "refused", top(config_format=True)),
    Row("config_format-missing", "refused", without("config_format")),
    Row("description-missing", "refused", without("description")),
    Row("autoinstall-1", "refused", top(autoinstall=1)),
    Row("autoinstall-string-1", "refused", top(autoinstall="1")),
    Row("autoinstall-True-cap", "refused", top(autoinstall="True")),
    Row("autoinstall-null", "refused", top(autoinstall=None)),
    Row("name-number", "refused", top(name=5)),
    Row("name-empty", "installs", top(name="")),
    Row("version-null", "refused", top(version=None)),
    Row("bom", "refused", written(lambda text: b"\xef\xbb\xbf" + text)),
    Row("comment", "refused", written(lambda text: b"// c\n" + text)),
    Row("latin1", "refused", written(lambda text: text.replace(b'"Bench"', b'"Ger\xe4t"'))),
    Row("nul-behind", "refused", written(lambda text: text + b"\0")),
    Row("duplicate-key", "greyed", written(lambda text: text[:-1] + b',"config_format":"9"}')),
    Row("duplicate-key-bad-first", "refused", written(lambda text: b'{"config_format":"x",' + text[1:])),
    Row("root-is-list", "greyed", written(lambda text: b"[" + text + b"]")),
    Row("big-number", "refused", written(lambda text: text.replace(b"1.5", b"1e400"))),
    Row("validate-false-bad-type", "installs", top(validate=False, autoinstall="perhaps")),
    Row("unknown-field", "installs", top(foo={"bar": 1})),
    Row("lone-surrogate", "refused", written(lambda text: text.replace(b'"Bench"', b'"\\ud800x"'))),
    # --- list ------------------------------------------------------------------------------------------
    Row("pid-int", "greyed", top(supported_product_ids=[39])),
    Row(
        "pid-pid8-range-validate-false", "installs", top(supported_product_ids=["00391100-"], validate=False)
    ),
    Row("pid-others-too", "installs", top(supported_product_ids=["0027", "0039"])),
    Row("pid-newline", "greyed", top(supported_product_ids=["0039\n"])),
    Row(
        "two-autoinstall-for-different-modules",
        "installs",
        two_modules,
    ),
    Row("image-json-backup", "installs", with_file("image.json.bak", b"{")),
    Row("image-old.json-broken", "installs", with_file("image-old.json", b"{")),
    Row("imagelist-html", "installs", with_file("images.json", b"[]")),
    # --- partition -------------------------------------------------------------------------------------
    Row("five-partitions-gpt", "installs", five_partitions),
    Row("too-big-for-emmc", "before-erase", root(partition_size_nominal=8000)),
    Row("table-mbr", "installs", disk(table_type="mbr")),
    Row("table-GPT", "before-erase", disk(table_type="GPT")),
    Row("table-foo", "before-erase", disk(table_type="foo")),
    Row("same-partition-number", "before-erase", both_first),
    Row("offset_in_sectors-low", "before-erase", boot(offset_in_sectors=2048)),
    Row("size-as-text-MiB", "before-erase", boot(partition_size_nominal="16 MiB")),
    Row("size-missing", "before-erase", lambda a: a.boot.pop("partition_size_nominal")),
    Row("want_maximised-yes", "installs", root(want_maximised="yes")),
    Row("blockdevs-empty", "silent", top(blockdevs=[])),
    Row("blockdev-emmc", "installs", disk(name="emmc")),
    Row("blockdev-sda", "before-erase", disk(name="sda")),
    # --- make file systems -----------------------------------------------------------------------------
    Row("fat-label-lower", "installs", boot_content(label="boot")),
    Row("mkfs-bad-option", "after-erase", root_content(mkfs_options="--nonsense")),
    Row("mkfs-double-space", "after-erase", root_content(mkfs_options="-E  nodiscard")),
    Row("mkfs-trailing-space", "after-erase", root_content(mkfs_options="-E nodiscard ")),
    Row("content-without-fstype", "silent", lambda a: a.root["content"].pop("filesystem_type")),
    Row("fstype-EXT4", "refused", root_content(filesystem_type="EXT4")),
    Row("fstype-vfat", "refused", boot_content(filesystem_type="vfat")),
    # --- write -----------------------------------------------------------------------------------------
    Row("root-rootfs-too-small", "after-erase", small_root),
    Row(
        "rawfiles-with-ext4",
        "silent",
        lambda a: (
            root_content(rawfiles=[{"filename": "u-boot.imx"}])(a),
            a.files.update({"u-boot.imx": b"x"}),
        ),
    ),
    Row("u-boot-good", "installs", raw_boot(dd_options="seek=2")),
    Row(
        "u-boot-single-rawfile",
        "installs",
        lambda a: a.boot0({"rawfile": {"filename": "u-boot.imx", "dd_options": "seek=2"}}),
    ),
    Row("dd-bad-option", "after-erase", raw_boot(dd_options="seek 2")),
    Row("dd-injection", "installs", raw_boot(dd_options="seek=2; echo pwned")),
    Row("offset-and-seek", "after-erase", offset_and_seek),
    Row("offset-format2", "installs", raw_boot(offset=1024)),
    Row("offset-0-format2", "installs", raw_boot(dd_options="seek=2", offset=0)),
    Row("rawfile-for-other-product-missing", "installs", for_another_module),
    Row("rawfile-product-ids-string", "installs", raw_boot(dd_options="seek=2", product_ids="0039")),
    Row("rawfile-product-ids-39", "refused", raw_boot(dd_options="seek=2", product_ids=["39"])),
    Row(
        "rawfiles-object",
        "refused",
        lambda a: a.boot0({"filesystem_type": "raw", "rawfiles": {"filename": "u-boot.imx"}}),
    ),
    Row(
        "rawfile-string",
        "installs",
        lambda a: a.boot0({"filesystem_type": "raw", "rawfile": "u-boot.imx"}),
        judged="cat '' fails (dto/contentinfo.cpp:26, multiimagewritethread.cpp:1183): a dry run passed over"
        " the empty name",
    ),
    Row("rootfs.tgz", "after-erase", renamed("bench.rootfs.tgz", gzip.compress)),
    Row("rootfs.tar-but-xz", "after-erase", renamed("bench.rootfs.tar")),
    Row("rootfs.tar.gz-but-xz", "after-erase", renamed("bench.rootfs.tar.gz")),
    Row("rootfs.txz", "after-erase", renamed("bench.rootfs.txz")),
    Row("rootfs.TAR.XZ", "after-erase", renamed("bench.rootfs.TAR.XZ")),
    Row("rootfs.tar.zst", "installs", renamed("bench.rootfs.tar.zst", lambda t: packed(t, "x.zst"))),
    Row("rootfs.tar.lz4", "installs", renamed("bench.rootfs.tar.lz4", by_tool("lz4", "-c"))),
    Row(
        "rootfs.tar.lzma",
        "after-erase",
        renamed("bench.rootfs.tar.lzma", lambda t: lzma.compress(t, lzma.FORMAT_ALONE)),
    ),
    Row("rootfs.tar.bz2", "installs", renamed("bench.rootfs.tar.bz2", bz2.compress)),
    Row("rootfs.tar.lzo", "installs", renamed("bench.rootfs.tar.lzo", by_tool("lzop", "-c"))),
    Row("rootfs.zip-of-files", "after-erase", zip_of_files),
    Row("rootfs-truncated", "after-erase", renamed(ROOTFS, lambda t: lzma.compress(t)[:-500])),
    Row("rootfs-with-space", "installs", renamed("my rootfs.tar.xz")),
    Row("rootfs-umlaut", "installs", renamed("rootfs-\u00e4.tar.xz")),
    Row("rootfs-paren", "installs", renamed("rootfs(1).tar.xz")),
    Row("filelist-format2-dest", "installs", listed("boot.scr:/sub", boot__scr=b"x")),
    Row(
        "filelist-format3-dest-unpack",
        "installs",
        listed(
            "docker.tar.xz:/var/lib/docker:true",
            3,
            "root",
            docker__tar__xz=packed(tar({"a": b"x"}), "x.xz"),
        ),
    ),
    Row("filelist-unpack-not-archive", "after-erase", listed("boot.scr:/:true", 3, "root", boot__scr=b"x")),
    Row("filelist-missing", "after-erase", listed("boot.scr")),
    Row("filelist-dest-dotdot", "installs", listed("boot.scr:../../../etc:false", 3, boot__scr=b"x")),
    Row("filelist-only-boot", "installs", loose_boot_files),
    # --- files for people, environment, scripts ----------------------------------------------------------
    Row("icon-missing", "installs", top(icon="icon.png")),
    Row("icon-url", "installs", top(icon="http://tezi.toradex.com/icon.png")),
    Row("icon-no-png", "installs", with_file("icon.png", b"no png", icon="icon.png")),
    Row("license-missing", "before-erase", top(license="l.html")),
    Row("marketing-missing", "before-erase", top(marketing="m.tar")),
    Row("u_boot_env-missing", "after-erase", top(u_boot_env="env.txt")),
    Row("prepare-empty-string", "installs", top(prepare_script="")),
    Row(
        "wrapup-bash",
        "installs",
        with_file(
            "wrapup.sh",
            b"#!/bin/bash\nif [[ $1 == 0039 ]]; then arr=(a b); fi\n",
            wrapup_script="wrapup.sh",
        ),
        judged="BusyBox's ash does not parse it, and it runs after the flash is written; the dry run ran no"
        " scripts",
    ),
    Row(
        "wrapup-crlf",
        "installs",
        with_file(
            "wrapup.sh",
            b"#!/bin/sh\r\nif true; then\r\n echo ok\r\nfi\r\nexit 0\r\n",
            wrapup_script="wrapup.sh",
        ),
        judged="BusyBox's ash does not parse it; the dry run ran no scripts",
    ),
    # --- NAND --------------------------------------------------------------------------------------------
    Row("nand-kernel-too-big", "after-erase", lambda a: a.volume("kernel").update(size_kib=64), base=nand),
    Row(
        "nand-volumes-too-big",
        "after-erase",
        lambda a: a.volume("m4firmware").update(size_kib=600000),
        base=nand,
    ),
    Row("nand-one-more-byte", "installs", lambda a: a.files.update({"u-boot-nand.imx": b"x"}), base=nand),
    Row(
        "nand-two-maximised",
        "installs",
        lambda a: a.volumes.append({"name": "data", "content": {"filesystem_type": "ubifs"}}),
        base=nand,
        judged="ubimkvol: UBI device does not have free logical eraseblocks (mtd-utils 2.1.5); -m took them"
        " all",
    ),
    Row(
        "nand-rootfs-before-maximised",
        "installs",
        lambda a: a.volumes.insert(0, a.volumes.pop()),
        base=nand,
        judged="ubimkvol: no free logical eraseblocks are left for the volumes behind one without size_kib",
    ),
    Row(
        "nand-raw-filename",
        "silent",
        lambda a: a.volume("kernel").update(content={"filename": "zImage"}),
        base=nand,
    ),
    Row("nand-type-fixed", "refused", lambda a: a.volume("kernel").update(type="fixed"), base=nand),
    Row(
        "nand-static-ubifs",
        "installs",
        lambda a: a.volume("rootfs").update(type="static"),
        base=nand,
        judged="the kernel mounts UBIFS on a static volume read-only, and nothing can be unpacked into it",
    ),
    Row("nand-size-string", "installs", lambda a: a.volume("kernel").update(size_kib="8192"), base=nand),
    Row("nand-size-float", "refused", lambda a: a.volume("kernel").update(size_kib=8192.5), base=nand),
    Row(
        "nand-emmc-id-too",
        "installs",
        lambda a: a.d["supported_product_ids"].append("0039"),
        base=nand,
        judged="measured on the NAND module; 0039 has no NAND and is promised this image too",
    ),
    Row("nand-both", "refused", lambda a: a.d.update(blockdevs=emmc().d["blockdevs"]), base=nand),
    Row(
        "nand-duplicate-volume",
        "installs",
        lambda a: a.volumes.append({"name": "kernel", "size_kib": 128}),
        base=nand,
        judged="UBI refuses a second volume of one name, and no room is left for it either",
    ),
    Row("nand-name-missing", "refused", lambda a: a.d["mtddevs"][0].pop("name"), base=nand),
)
