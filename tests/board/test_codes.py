# SPDX-License-Identifier: MIT
"""Each code of an image or of Easy Installer, by the bench image with one thing wrong in it.

Of its root file system only what the check looks at is kept, so that each takes no more than its kernel does.
"""

from __future__ import annotations

import io
import json
import lzma
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huawei_modem_check.image import check_image
from huawei_modem_check.rules import Wanted
from modem_image import PROJECT

from .conftest import Run

pytestmark = pytest.mark.bench
Files = dict[str, bytes]
Edit = Callable[["Parts"], object]
BOOT, ROOT = "huawei-modem-image-bench.bootfs.tar", "huawei-modem-image-bench.rootfs.tar"
WARNINGS = {"kernel-symbol-unverified", "gadget-symbol-confused"}
KEPT = re.compile(r"\./(boot|usr/lib/modules|var/lib/dpkg/status)(/|$)")


class Parts:
    """The image's files, and those in its two archives, for one to be changed."""

    def __init__(self, description: dict[str, Any], boot: Files, root: Files) -> None:
        self.description = description
        self.boot = dict(boot)
        self.root = dict(root)
        self.files: Files = {}
        self.absent: set[str] = set()

    def place(self, ending: str) -> str:
        (name,) = [name for name in self.root if name.endswith(ending)]
        return name

    def replace(self, ending: str, old: bytes, new: bytes) -> None:
        name = self.place(ending)
        assert old in self.root[name]
        self.root[name] = self.root[name].replace(old, new)

    def set(self, symbol: str, line: str) -> None:
        """The line of a symbol in the kernel's configuration."""
        name = next(name for name in self.root if name.startswith("./boot/config-"))
        text, count = re.subn(
            rf"^(# )?CONFIG_{symbol}(=| is not set).*$", line, self.root[name].decode(), flags=re.MULTILINE
        )
        assert count == 1, symbol
        self.root[name] = text.encode()

    def unset(self, symbol: str) -> None:
        self.set(symbol, f"# CONFIG_{symbol} is not set")

    def write(self, folder: Path) -> Path:
        files = {
            "image.json": json.dumps(self.description).encode(),
            BOOT: packed(self.boot),
            ROOT: packed(self.root),
        }
        for name, content in {**files, **self.files}.items():
            if name not in self.absent:
                (folder / name).write_bytes(content)
        return folder


def packed(files: Files) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if any(name.startswith("./usr/lib/modules") for name in files):
            merged = tarfile.TarInfo("./lib")
            merged.type, merged.linkname = tarfile.SYMTYPE, "usr/lib"
            archive.addfile(merged)
    return out.getvalue()


def unpacked(data: bytes, wanted: re.Pattern[str]) -> Files:
    files = {}
    with tarfile.open(fileobj=lzma.open(io.BytesIO(data)), mode="r|") as archive:
        for member in archive:
            if member.isreg() and wanted.match(member.name):
                content = archive.extractfile(member)
                assert content
                files[member.name] = content.read()
    return files


@pytest.fixture(scope="module")
def sound(hot_plug: Run) -> tuple[str, Files, Files, Files]:
    (path,) = (PROJECT / "build" / "bench").glob("*-Tezi_*.tar")
    files = {}
    with tarfile.open(path) as archive:
        for member in archive:
            if content := archive.extractfile(member):
                files[member.name.rpartition("/")[2]] = content.read()
    boot = unpacked(files.pop(f"{BOOT}.xz"), re.compile(""))
    root = unpacked(files.pop(f"{ROOT}.xz"), KEPT)
    root["./sbin/init"] = b"#!/bin/sh\n"  # in place of the link to systemd, which is not kept
    del files["SHA256SUMS"]
    return files.pop("image.json").decode().replace(".tar.xz", ".tar"), files, boot, root


@pytest.fixture
def parts(sound: tuple[str, Files, Files, Files]) -> Parts:
    description, files, boot, root = sound
    made = Parts(json.loads(description), boot, root)
    made.files = dict(files)
    return made


WANTED = Wanted(with_bench=True)


def found(folder: Path) -> dict[str, str]:
    """Codes with their severities; of one code the gravest."""
    findings = sorted(
        check_image(folder, wanted=WANTED).findings, key=lambda item: item.severity.value == "error"
    )
    return {item.code: item.severity.value for item in findings}


def test_the_image_as_it_is(parts: Parts, tmp_path: Path) -> None:
    assert found(parts.write(tmp_path)) == {
        "kernel-symbol-missing": "warning",
        # Our own scripts ask the module what it is: how that goes is known there alone.
        "tezi-installation": "info",
    }


def other_folder(parts: Parts) -> None:
    parts.root = {name.replace("/modules/6.", "/modules/5."): data for name, data in parts.root.items()}


def folder_left_over(parts: Parts) -> None:
    parts.root["./usr/lib/modules/5.4.193/kernel/option.ko"] = parts.root[parts.place("/option.ko")]


def without_module(name: str) -> Edit:
    def edit(parts: Parts) -> None:
        place = parts.place(f"/{name}.ko")
        del parts.root[place]
        line = re.escape(place.split("/", 5)[5])
        index = parts.place("/modules.dep")
        parts.root[index] = re.sub(rf"(?m)^{line}:.*\n".encode(), b"", parts.root[index])

    return edit


def symbols_of_another_kernel(parts: Parts) -> None:
    text = b"0x00000001\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n"
    parts.root = {"./boot/Module.symvers": text, **parts.root}


def two_that_install_themselves(parts: Parts) -> None:
    parts.description["autoinstall"] = True
    parts.files["image-2.json"] = json.dumps(parts.description).encode()


def in_sums(parts: Parts) -> None:
    parts.files["SHA256SUMS"] = b"0" * 64 + b"  prepare.sh\n"


def first_content(parts: Parts) -> dict[str, Any]:
    content: dict[str, Any] = parts.description["blockdevs"][0]["partitions"][0]["content"]
    return content


def without_config(parts: Parts) -> None:
    parts.root = {name: data for name, data in parts.root.items() if not name.startswith("./boot/config-")}


def without_device_trees(parts: Parts) -> None:
    parts.boot = {name: data for name, data in parts.boot.items() if not name.endswith(".dtb")}


def cut(parts: Parts) -> None:
    parts.boot["./zImage"] = parts.boot["./zImage"][:3_000_000]


def flipped(parts: Parts) -> None:
    kernel = bytearray(parts.boot["./zImage"])
    kernel[len(kernel) // 2] ^= 0x10
    parts.boot["./zImage"] = bytes(kernel)


def gadget(parts: Parts) -> None:
    parts.unset("USB_NET_RNDIS_HOST")
    parts.set("USB_ETH_RNDIS", "CONFIG_USB_ETH_RNDIS=y")


@pytest.mark.parametrize(
    ("code", "edit"),
    [
        ("modules-mismatch", other_folder),
        ("modules-mismatch", lambda it: it.replace("/option.ko", b"vermagic=6.1.0", b"vermagic=6.1.9")),
        ("modules-missing", without_module("option")),
        ("modules-missing", lambda it: it.root.update({it.place("/option.ko"): b"\x7fELF"})),
        ("modules-stale", folder_left_over),
        ("modules-index-broken", lambda it: it.root.pop(it.place("/option.ko"))),
        ("modules-symbol-mismatch", symbols_of_another_kernel),
        ("kernel-unreadable", cut),
        ("kernel-unreadable", flipped),
        ("kernel-symbol-missing", lambda it: it.unset("USB_SERIAL_OPTION")),
        ("kernel-symbol-unverified", without_config),
        ("gadget-symbol-confused", gadget),
        ("ppp-filter-missing", lambda it: it.unset("PPP_FILTER")),
        ("tun-missing", without_module("tun")),
        ("device-tree-missing", without_device_trees),
        ("tezi-schema", lambda it: it.description.pop("name")),
        ("tezi-format-too-new", lambda it: it.description.update(config_format=6)),
        ("tezi-file-missing", lambda it: it.absent.add("wrapup.sh")),
        ("tezi-file-corrupt", in_sums),
        ("tezi-file-corrupt", lambda it: it.files.update({"wrapup.sh": b"#!/bin/sh\nif true\n"})),
        ("tezi-name-unsafe", lambda it: first_content(it).update(filename="a'b.tar")),
        ("tezi-product-id", lambda it: it.description.update(supported_product_ids=["0032"])),
        ("tezi-autoinstall-ambiguous", two_that_install_themselves),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_code(parts: Parts, tmp_path: Path, code: str, edit: Edit) -> None:
    edit(parts)
    codes = found(parts.write(tmp_path))
    assert codes[code] == ("warning" if code in WARNINGS else "error")
