# SPDX-License-Identifier: MIT
"""What U-Boot reads beside kernel and tree (boot.scr, extlinux.conf, uEnv.txt), and what it loads then.

The script is not run: its words are read, but for those that a `test` compares. Layout of boot.scr:
include/image.h of U-Boot, a uImage of type 6 whose content begins with a list of sizes.
What Toradex's script does: boot.cmd.in of its u-boot-distro-boot recipe (`kernel_image`, `root_part`,
`overlays_file`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from huawei_modem_check import fdt
from huawei_modem_check.facts import BootText
from huawei_modem_check.uimage import SCRIPT, UIMAGE_MAGIC, content_of

FILES = re.compile(r"(?:boot/)?(?:boot\.scr|boot\.scr\.uimg|uEnv\.txt|overlays\.txt|extlinux/extlinux\.conf)")
KERNEL_NAME = r"(?:[zu]?Image|fitImage|vmlinu[xz])"
DEFAULT_KERNEL, DEFAULT_ROOT = "zImage", 2
"""What U-Boot starts where nobody says otherwise: boot_file and emmcfinduuid of its colibri_imx7.h."""

_LONGEST = 100  # characters of a name
_STATEMENT = re.compile(r"\n|;|&&|\|\||\bthen\b|\belse\b|\bdo\b")
_COMPARED = re.compile(r"\s*(?:#|echo\b|(?:(?:if|elif|elseif|while|until)\s+)?(?:test\b|\[))")
_KERNEL = re.compile(rf"(?<![\w.-]){KERNEL_NAME}(?:[-._][\w.+-]*)?\$?")
# From the network, from memory or from NAND: other ways to start that the same text holds.
_ROOT_DEVICE = re.compile(r"\broot=(?!/dev/nfs\b|/dev/ram|ubi)(?P<value>[^\s\"']+)")
_PARTITION = re.compile(r"/dev/mmcblk\d+p(\d+)")
_ROOT_NUMBER = re.compile(
    r"\b(?:root_part|rootpart|mmcrootpart|emmcrootpart|mmcroot_part)[ =]\s*(?P<value>\S+)"
)
_OVERLAYS = re.compile(r"\boverlays_file[ =]\s*[\"']?overlays\.txt")


class Asked(NamedTuple):
    """What the texts ask for: names of kernels (one that ends in `$` is a beginning), and numbers of the
    partition that becomes /. Empty where they say nothing, None where it cannot be seen."""

    kernels: frozenset[str]
    roots: frozenset[int] | None


def read_text(data: bytes, source: str, file: str) -> BootText:
    """The text of one of FILES."""
    if not data.startswith(UIMAGE_MAGIC):
        if data.startswith(fdt.MAGIC):  # a script in a FIT: not read here
            return BootText(source, "", file)
        if b"\0" in data or "boot.scr" in source.rpartition("/")[2]:
            return BootText(source, "", file, "this is not a uImage")
        return BootText(source, data.decode("utf-8", "replace"), file)
    kind, content, problem = content_of(data)
    if problem is None and kind != SCRIPT:
        problem = f"a uImage of type {kind}, and a script is type {SCRIPT}"
    sizes = 0
    while content[sizes : sizes + 4].strip(b"\0"):
        sizes += 4
    return BootText(source, content[sizes + 4 :].decode("utf-8", "replace"), file, problem)


def asked(texts: Iterable[str]) -> Asked:
    """What all of `texts` ask for together."""
    every = [statement for text in texts for statement in _statements(text)]
    kernels = frozenset(name[:_LONGEST] for statement in every for name in _KERNEL.findall(statement))
    roots: set[int] = set()
    for statement in every:
        for match in _ROOT_DEVICE.finditer(statement):
            number = _PARTITION.fullmatch(match["value"])
            if number:
                roots.add(int(number[1]))
            elif "${uuid}" not in match["value"]:
                return Asked(kernels, None)
        for match in _ROOT_NUMBER.finditer(statement):
            value = match["value"].strip("\"'\\")
            if value.isdigit():
                roots.add(int(value))
    return Asked(kernels, frozenset(roots))


def needs_overlays(text: str) -> bool:
    """Whether it is Toradex's script, which does not go on without overlays.txt."""
    return bool(_OVERLAYS.search(text)) and not re.search(r"skip_fdt_overlays[ =]\s*1\b", text)


def is_asked_for(name: str, kernels: frozenset[str]) -> bool:
    """Whether a kernel of this name is among those that are asked for."""
    return any(name.startswith(each[:-1]) if each.endswith("$") else name == each for each in kernels)


def _statements(text: str) -> Iterator[str]:
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return (part for part in _STATEMENT.split("\n".join(lines)) if not _COMPARED.match(part))
