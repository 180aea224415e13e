# SPDX-License-Identifier: MIT
"""Small images made by hand, healthy until a test breaks them."""

from __future__ import annotations

import bz2
import functools
import gzip
import hashlib
import io
import json
import lzma
import struct
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from huawei_modem.report import Report, Severity
from huawei_modem_check.image import check_image
from huawei_modem_check.rules import required_modules
from huawei_modem_kernel.fragments import layer_asks
from unit.helper.test_modules import elf


def program(machine: int = 40, loader: bytes = b"", wide: bool = False) -> bytes:
    """A program as elf(5) lays it out: its header, and one of a segment that names its loader."""
    size, entry, word = (64, 56, "Q") if wide else (52, 32, "I")
    ident = b"\x7fELF" + bytes([1 + wide, 1, 1]) + bytes(9)
    counts = (size, entry, bool(loader), 0, 0, 0)
    header = ident + struct.pack(f"<HHI3{word}I6H", 2, machine, 1, 0, size, 0, 0, *counts)
    segment = struct.pack(f"<II{word}" if wide else "<II", *((3, 4) if wide else (3,)), size + entry)
    return header + segment.ljust(entry, b"\0") + loader + b"\0"


RELEASE = "6.1.0-test"
FOLDER = "bench-Tezi_0.1.0"
ROOTFS = "bench.rootfs.tar.xz"
BOOTFS = "bench.bootfs.tar.xz"
TREE = "imx7d-colibri-emmc-iris-v2.dtb"
INIT = {"./sbin/init": program()}
CONFIG = "".join(f"CONFIG_{item.symbol}={item.value}\n" for item in layer_asks() if item.value != "n")


def by_tool(*command: str) -> Callable[[bytes], bytes]:
    def pack(data: bytes) -> bytes:
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout

    return pack


# What is packed is mostly the same: packing it anew took most of the time of the tests of the check.
_KEPT = 64


@functools.lru_cache(_KEPT)
def kernel_xz(data: bytes) -> bytes:
    return lzma.compress(data, check=lzma.CHECK_CRC32, preset=0)


def kernel_lzma(data: bytes) -> bytes:
    return lzma.compress(data, lzma.FORMAT_ALONE)


PACKINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "xz": kernel_xz,
    "lzma": kernel_lzma,
    "lzo": by_tool("lzop", "-c"),
    "lz4": by_tool("lz4", "-l", "-c"),
    "zstd": by_tool("zstd", "-qc"),
}


def inflated_kernel(release: str = RELEASE, config: str | None = None) -> bytes:
    banner = f"Linux version {release} (builder@host) (gcc 12) #1 SMP\n\0".encode()
    ikconfig = b"IKCFG_ST" + gzip.compress(config.encode(), mtime=0) + b"IKCFG_ED" if config else b""
    noise = hashlib.shake_256(b"kernel").digest(200_000)
    return noise + banner + noise + ikconfig + bytes(1000)


@functools.lru_cache(_KEPT)
def zimage(
    release: str = RELEASE, packing: str = "xz", config: str | None = None, table: bool = True
) -> bytes:
    """A small zImage."""
    inflated = inflated_kernel(release, config)
    return zimage_of(inflated, packing, PACKINGS[packing](inflated), table)


def zimage_of(inflated: bytes, packing: str, payload: bytes, table: bool = True) -> bytes:
    """A zImage as arch/arm/boot/compressed lays it out: header, some code, payload, size, table."""
    # For gzip the size is the last word of the payload itself; for the others the build appends it.
    appended = b"" if packing == "gzip" else struct.pack("<I", len(inflated))
    start = 0x200
    size_at = start + len(payload) + len(appended) - 4
    end = size_at + 4 + 20
    header = bytes(0x24) + struct.pack("<6I", 0x016F2818, 0, end, 0x04030201, 0x45454545, size_at + 4)
    words = (5, 0x5A534C4B if table else 0, size_at, 0, 0)
    return header.ljust(start, b"\0") + payload + appended + struct.pack("<5I", *words)


def fdt(nodes: Mapping[str, Any]) -> bytes:
    """A flattened device tree; a nested mapping is a node, bytes are a property."""
    names = bytearray()

    def node(name: str, content: Mapping[str, Any]) -> bytes:
        out = bytearray(struct.pack(">I", 1) + aligned(name.encode() + b"\0"))
        for key, value in content.items():
            if isinstance(value, bytes):
                out += struct.pack(">3I", 3, len(value), len(names)) + aligned(value)
                names.extend(key.encode() + b"\0")
            else:
                out += node(key, value)
        return bytes(out + struct.pack(">I", 2))

    structure = node("", nodes) + struct.pack(">I", 9)
    places = (56, 56 + len(structure), 40)  # structure, names, an empty memory reservation map
    total = places[1] + len(names)
    header = struct.pack(">10I", 0xD00DFEED, total, *places, 17, 16, 0, len(names), len(structure))
    return header + bytes(16) + structure + bytes(names)


def aligned(data: bytes) -> bytes:
    return data.ljust((len(data) + 3) & ~3, b"\0")


def device_tree(*compatible: str) -> bytes:
    names = compatible or ("toradex,colibri-imx7d-emmc-iris-v2", "toradex,colibri-imx7d-emmc", "fsl,imx7d")
    return fdt({"compatible": b"".join(name.encode() + b"\0" for name in names), "soc": {"ranges": b""}})


def uimage(content: bytes, kind: int = 2) -> bytes:
    """What mkimage makes of a kernel, or of a script as type 6."""
    fields = (0, len(content), 0x80800000, 0x80800000, zlib.crc32(content), 5, 2, kind, 0, b"Linux")
    blank = struct.pack(">7I4B32s", 0x27051956, 0, *fields)
    return blank[:4] + struct.pack(">I", zlib.crc32(blank)) + blank[8:] + content


def boot_scr(text: str) -> bytes:
    return uimage(struct.pack(">2I", len(text), 0) + text.encode(), 6)


FLAGS = "SMP mod_unload ARMv7 p2v8 "
ALIASES = {
    "option": ("usb:v12D1p*d*dc*dsc*dp*icFFisc02ip01in*", "usb:v12D1p*d*dc*dsc*dp*icFFisc02ip02in*"),
    "huawei_cdc_ncm": ("usb:v12D1p*d*dc*dsc*dp*icFFisc02ip16in*", "usb:v12D1p*d*dc*dsc*dp*icFFisc02ip46in*"),
    "qmi_wwan": ("usb:v12D1p*d*dc*dsc*dp*icFFisc01ip09in*",),
}


def module(release: str | None = RELEASE, name: str = "", flags: str = FLAGS) -> bytes:
    vermagic = f"vermagic={release} {flags}\0" if release else ""
    aliases = "".join(f"alias={alias}\0" for alias in ALIASES.get(name, ()))
    named = f"name={name}\0" if name else ""
    return elf(f"license=GPL\0{aliases}depends=\0{named}{vermagic}".encode())


def module_files(release: str = RELEASE, built_for: str | None = None) -> dict[str, bytes]:
    """A folder of modules with every driver that is required, and its index."""
    place = f"./lib/modules/{release}"
    paths = [f"kernel/drivers/{name}.ko" for name in required_modules()]
    index = "".join(f"{path}:\n" for path in paths).encode()
    modules = {f"{place}/{path}": module(built_for or release) for path in paths}
    return {**INIT, **modules, f"{place}/modules.dep": index, f"{place}/modules.builtin": b""}


@functools.cache
def depmod_files(release: str = RELEASE) -> Mapping[str, bytes]:
    """A folder of modules with the index that depmod of kmod makes of it."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root, "lib", "modules", release)
        for driver in required_modules():
            path = folder / "kernel" / "drivers" / f"{driver}.ko"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(module(release, driver))
        (folder / "modules.builtin").write_bytes(b"")
        (folder / "modules.order").write_bytes(b"")
        subprocess.run(["depmod", "-b", root, release], check=True, capture_output=True)
        found = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {**INIT, **{f"./{path.relative_to(root)}": path.read_bytes() for path in found}}


def tar(files: Mapping[str, bytes], extra: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member in extra:
            archive.addfile(member)
    return buffer.getvalue()


@functools.lru_cache(_KEPT)
def packed(archive: bytes, name: str) -> bytes:
    """`archive` compressed as the ending of `name` says."""
    ending = name.rpartition(".")[2]
    pack = {
        "xz": lambda data: lzma.compress(data, preset=0),
        "gz": lambda data: gzip.compress(data, mtime=0),
        "bz2": bz2.compress,
        "zst": PACKINGS["zstd"],
        "tar": bytes,
    }[ending]
    return bytes(pack(archive))


def description(**changes: Any) -> dict[str, Any]:
    """image.json in the eMMC layout."""

    def partition(label: str, kind: str, name: str) -> dict[str, Any]:
        content = {"label": label, "filesystem_type": kind, "filename": name, "uncompressed_size": 1.5}
        return {"partition_size_nominal": 16, "want_maximised": kind == "ext4", "content": content}

    partitions = [partition("BOOT", "FAT", BOOTFS), partition("RFS", "ext4", ROOTFS)]
    return {
        "config_format": "2",
        "autoinstall": False,
        "name": "Bench",
        "description": "For tests",
        "supported_product_ids": ["0039"],
        "blockdevs": [{"name": "mmcblk0", "partitions": partitions}],
        **changes,
    }


def boot_files(kernel: bytes | None = None) -> dict[str, bytes]:
    """The files of the BOOT partition."""
    return {"./zImage": zimage() if kernel is None else kernel, f"./{TREE}": device_tree()}


def image_files(
    kernel: bytes | None = None,
    rootfs: Mapping[str, bytes] | None = None,
    json_changes: Mapping[str, Any] | None = None,
    config: str | None = CONFIG,
) -> dict[str, bytes]:
    """The files of an image's folder, healthy unless an argument says otherwise."""
    files = {
        "image.json": json.dumps(description(**(json_changes or {}))).encode(),
        BOOTFS: packed(tar(boot_files(kernel)), BOOTFS),
        ROOTFS: packed(tar(rootfs if rootfs is not None else module_files()), ROOTFS),
    }
    return files if config is None else {**files, "kernel-config": config.encode()}


def with_sums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return {**files, "SHA256SUMS": sums.encode()}


def write_tar(folder: Path, files: Mapping[str, bytes]) -> Path:
    path = folder / f"{FOLDER}.tar"
    path.write_bytes(tar({f"{FOLDER}/{name}": content for name, content in files.items()}))
    return path


def check_files(folder: Path, files: Mapping[str, bytes]) -> Report:
    return check_image(write_tar(folder, files))


def codes(report: Report) -> set[str]:
    """The codes of the errors in `report`."""
    return {finding.code for finding in report.findings if finding.severity is Severity.ERROR}
