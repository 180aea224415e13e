# SPDX-License-Identifier: MIT
"""The text of a kernel's configuration, from whatever carries one."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from pathlib import Path

from huawei_modem_check.image import read_image
from huawei_modem_check.kernel_image import MAXIMUM_SIZE, is_zimage, read_kernel
from huawei_modem_kernel.dotconfig import parse_config, value_of
from modem_image.errors import InputError

ACCEPTED = (
    "a .config, config.gz, a zImage with IKCONFIG, an Easy Installer image, or a folder with kernel-config"
)
_CONFIG_MAXIMUM = 8 << 20
_HEAD = 0x40
_GZIP = b"\x1f\x8b"
_HEADER = re.compile(r"^# Linux/(\w+) ", re.MULTILINE)
# The symbol by which an architecture's Kconfig names itself, where it is not ARM's.
_OTHERS = ("X86", "ARM64", "RISCV", "MIPS", "PPC", "S390", "LOONGARCH", "SPARC")
_IN_FOLDER = ("kernel-config", ".config", "zImage")


def read_configuration(path: Path) -> tuple[str, str]:
    """The text of the configuration that `path` carries, and where it was found.

    Raises InputError when it carries none, or one that is not a complete configuration of a 32-bit Arm.
    """
    try:
        text, source = _found_in(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    _require_usable(text, source)
    return text, source


def decode(data: bytes, source: str) -> str:
    """The text of a configuration or a fragment. Raises InputError for what is not one line a setting."""
    if not data.strip():
        raise InputError(f"{source}: empty")
    if b"\0" in data:
        raise InputError(f"{source}: binary. Accepted is {ACCEPTED}")
    if b"\r" in data:
        raise InputError(
            f"{source}: lines end with CR LF, and the kernel's scripts take the CR for a part of the value\n"
            f"  do: sed -i 's/\\r$//' {source}"
        )
    return data.decode("utf-8", "replace")


def _found_in(path: Path) -> tuple[str, str]:
    if path.is_dir():
        return _found_in_folder(path)
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if is_zimage(head):
            return _of_kernel(head + file.read(MAXIMUM_SIZE), str(path))
        if head[:2] == _GZIP and (data := _gunzip(head + file.read(_CONFIG_MAXIMUM), path)) is not None:
            return decode(data, str(path)), str(path)
        if not _is_archive(head, path):
            return decode(head + file.read(_CONFIG_MAXIMUM), str(path)), str(path)
    return _of_image(path)


def _found_in_folder(folder: Path) -> tuple[str, str]:
    for name in _IN_FOLDER:
        if (folder / name).is_file():
            return _found_in(folder / name)
    if (folder / "image.json").is_file():
        return _of_image(folder)
    raise InputError(f"{folder}: holds none of {', '.join(_IN_FOLDER)}, image.json. Accepted is {ACCEPTED}")


def _of_kernel(data: bytes, source: str) -> tuple[str, str]:
    kernel = read_kernel(data, source)
    if kernel.problem:
        raise InputError(f"{source}: {kernel.problem}")
    if kernel.config is None:
        raise InputError(
            f"{source}: the kernel {kernel.release} carries no configuration (CONFIG_IKCONFIG is not set)\n"
            "  do: give its .config, or build with huawei-modem-provenance.cfg"
        )
    return kernel.config, f"{source} (IKCONFIG)"


def _of_image(path: Path) -> tuple[str, str]:
    try:
        image = read_image(path)
    except InputError as error:
        # What is no image either is told what this command takes, not what the check of images takes.
        reason = str(error).partition(". Accepted is")[0]
        raise InputError(f"{reason}: no text, no zImage and no image. Accepted is {ACCEPTED}") from error
    for kernel in image.kernels:
        if kernel.config is not None:
            return kernel.config, f"{path}: {kernel.source} (IKCONFIG)"
        if found := image.configs.get(kernel.release or "") or image.configs.get(""):
            return found[0], f"{path}: {found[1]}"
    raise InputError(
        f"{path}: no kernel in it carries its configuration (IKCONFIG), and no kernel-config lies beside one"
    )


def _gunzip(data: bytes, path: Path) -> bytes | None:
    """The content of a config.gz; None when it is a packed archive."""
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            content = stream.read(_CONFIG_MAXIMUM + 1)
    except (OSError, EOFError, zlib.error) as error:
        if path.suffix in (".tgz",) or ".tar" in path.suffixes:
            return None
        raise InputError(f"{path}: damaged or truncated gzip: {error}") from error
    if content[257:262] == b"ustar":
        return None
    if len(content) > _CONFIG_MAXIMUM:
        raise InputError(
            f"{path}: inflates to more than {_CONFIG_MAXIMUM >> 20} MiB: not a kernel configuration"
        )
    return content


def _is_archive(head: bytes, path: Path) -> bool:
    return b"\0" in head or ".tar" in path.suffixes or path.suffix == ".tgz" or head[:2] == _GZIP


def _require_usable(text: str, source: str) -> None:
    config = parse_config(text)
    if not config:
        raise InputError(f"{source}: no line of it sets a CONFIG_ symbol. Accepted is {ACCEPTED}")
    if value_of(config, "ARM") == "y":
        return
    header = _HEADER.search(text)
    other = header[1] if header else next((name for name in _OTHERS if value_of(config, name) == "y"), None)
    if other:
        raise InputError(f"{source}: a configuration for {other.lower()}; the Colibri iMX7 is 32-bit arm")
    raise InputError(
        f"{source}: not complete: CONFIG_ARM=y is not in it. Is it a defconfig or a fragment?\n"
        f"  do: modem-image kernel-config merge --tree DIR --base {source} makes it complete"
    )
