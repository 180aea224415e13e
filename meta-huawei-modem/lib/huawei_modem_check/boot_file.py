# SPDX-License-Identifier: MIT
"""Whatever U-Boot may start: a zImage, a plain or compressed Image, a uImage, a FIT image.

Layouts: include/image.h (uImage) and doc/usage/fit of U-Boot; Documentation/arch/arm64/booting.rst.
"""

from __future__ import annotations

import dataclasses
import hashlib
import sys
import zlib
from collections.abc import Iterator
from typing import Any

from huawei_modem_check import fdt, limits, uimage
from huawei_modem_check.facts import DeviceTree, Kernel
from huawei_modem_check.inflate import FORMATS, DamagedError, format_of
from huawei_modem_check.kernel_image import Scanner, is_zimage, read_kernel

_ARM64_MAGIC = b"ARM\x64"
_CHUNK = 1 << 20
_CODE = 4096


def read_boot_file(data: bytes, source: str) -> tuple[tuple[Kernel, ...], tuple[DeviceTree, ...]]:
    """The kernels in a file, damage among the facts, and the device trees of a FIT image.

    Raises MissingError when the tool for a compression is not installed here.
    """
    if data.startswith(fdt.MAGIC):
        return _fit(data, source)
    if data.startswith(uimage.UIMAGE_MAGIC):
        return (_uimage(data, source),), ()
    return (_kernel(data, source),), ()


def read_device_tree(data: bytes, source: str) -> DeviceTree:
    """What a .dtb says it is for; damage is a fact too."""
    try:
        root = fdt.parse_fdt(data).get("", {})
    except DamagedError as err:
        return DeviceTree(source, (), str(err))
    return DeviceTree(source, fdt.strings(root.get("compatible", b"")))


def _kernel(data: bytes, source: str) -> Kernel:
    packing = format_of(data[:64])
    # Text may quote a banner; a kernel has zeros among its first instructions.
    if is_zimage(data) or (packing is None and b"\0" not in data[:_CODE]):
        return read_kernel(data, source)
    scanner = Scanner()
    try:
        chunks = FORMATS[packing].inflate(memoryview(data)) if packing else _pieces(data)
        for chunk in chunks:
            scanner.feed(chunk)
    except DamagedError as err:
        return Kernel(source, packing, problem=f"{packing}: {err}", kind="Image")
    if scanner.release:
        found = (scanner.release, scanner.banner, scanner.config)
        return Kernel(source, packing, *found, kind="Image", flags=scanner.flags)
    if packing or data[0x38:0x3C] == _ARM64_MAGIC:
        return Kernel(source, packing, problem="no kernel inside: it names no release", kind="Image")
    return read_kernel(data, source)


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))


def _uimage(data: bytes, source: str) -> Kernel:
    read = uimage.read_uimage(data)
    problem = read.problem
    if problem is None and read.kind != uimage.KERNEL:
        problem = f"a uImage of type {read.kind}, and a kernel is type {uimage.KERNEL}"
    elif problem is None:
        problem = _not_for_bootm(read)
    if problem:
        return Kernel(source, problem=problem, kind="uImage")
    return dataclasses.replace(_kernel(read.content, source), kind="uImage")


def _not_for_bootm(read: uimage.UImage) -> str | None:
    """Why bootm refuses a kernel by its header (boot/bootm.c, image_check_target_arch in boot/image.c)."""
    if read.system != uimage.LINUX:
        return f"a uImage for the system {read.system}, and Linux is {uimage.LINUX}"
    if is_zimage(read.content):
        if read.cpu != uimage.ARM:
            return f"a zImage in a uImage for the processor {read.cpu}, and ARM is {uimage.ARM}"
        if read.packing:
            return f"the uImage's header says packing {read.packing}, and its content is a zImage as it is"
    return None


def _fit(data: bytes, source: str) -> tuple[tuple[Kernel, ...], tuple[DeviceTree, ...]]:
    try:
        tree = fdt.parse_fdt(data)
    except DamagedError as err:
        return (Kernel(source, problem=str(err), kind="FIT"),), ()
    kernels: list[Kernel] = []
    trees: list[DeviceTree] = []
    for path, node in tree.items():
        kind = node.get("type", b"").rstrip(b"\0")
        if not path.startswith("/images/") or path.count("/") != 2 or kind not in (b"kernel", b"flat_dt"):
            continue
        place = f"{source}:{path.rpartition('/')[2]}"
        content = _fit_content(data, node)
        problem = _fit_damage(path, tree, content)
        if kind == b"kernel":
            kernel = Kernel(place, problem=problem) if problem else _kernel(content, place)
            kernels.append(dataclasses.replace(kernel, kind="FIT"))
        else:
            trees.append(DeviceTree(place, (), problem) if problem else read_device_tree(content, place))
        if len(kernels) + len(trees) >= limits.FIT_IMAGES:
            kernels.append(Kernel(source, problem=f"more than {limits.FIT_IMAGES} images", kind="FIT"))
            break
    if not kernels:
        kernels.append(Kernel(source, problem="a FIT image without a kernel", kind="FIT"))
    return tuple(kernels), tuple(trees)


def _fit_content(data: bytes, node: dict[str, bytes]) -> bytes:
    """The bytes of an image of a FIT, which lie in its node or behind the tree."""
    if "data" in node:
        return node["data"]
    size = int.from_bytes(node.get("data-size", b""), "big")
    if "data-position" in node:
        start = int.from_bytes(node["data-position"], "big")
    else:
        behind = (int.from_bytes(data[4:8], "big") + 3) & ~3
        start = behind + int.from_bytes(node.get("data-offset", b""), "big")
    return data[start : start + size]


def _fit_damage(path: str, tree: fdt.Tree, content: bytes) -> str | None:
    for name, node in tree.items():
        if not name.startswith(f"{path}/hash") or "value" not in node:
            continue
        algorithm = node.get("algo", b"").rstrip(b"\0").decode("ascii", "replace")
        if algorithm == "crc32":
            digest = zlib.crc32(content).to_bytes(4, "big")
        elif algorithm in ("md5", "sha1", "sha256", "sha384", "sha512"):
            digest = _digest(algorithm, content)
        else:
            continue
        if digest != node["value"]:
            return f"the {algorithm} of {path} is wrong"
    return None


def _digest(algorithm: str, content: bytes) -> bytes:
    # Python 3.8 does not know the keyword, by which a host in FIPS mode still offers md5 and sha1.
    options: dict[str, Any] = {"usedforsecurity": False} if sys.version_info >= (3, 9) else {}
    return hashlib.new(algorithm, content, **options).digest()
