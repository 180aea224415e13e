# SPDX-License-Identifier: MIT
"""What U-Boot reads beside kernel and tree (boot.scr, extlinux.conf, uEnv.txt), and what it loads then.

A script is not run: the words of its statements are read, but for those that a `test` compares. What is
not known of a path (a variable) may be anything. Layout of boot.scr: include/image.h of U-Boot, a uImage of
type 6 whose content begins with a list of sizes; `source` runs the first of them (cmd/source.c).
What Toradex's script does: boot.cmd.in of its u-boot-distro-boot recipe (`kernel_image`, `root_part`,
`overlays_file`).
"""

from __future__ import annotations

import posixpath
import re
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from huawei_modem_check import fdt
from huawei_modem_check.facts import BootText
from huawei_modem_check.uimage import SCRIPT, UIMAGE_MAGIC, read_uimage

FILES = re.compile(r"(?:boot/)?(?:boot\.scr|boot\.scr\.uimg|uEnv\.txt|overlays\.txt|extlinux/extlinux\.conf)")
KERNEL_NAME = r"(?:[zu]?Image|fitImage|vmlinu[xz])"
DEFAULT_KERNEL, DEFAULT_ROOT = "zImage", 2
"""What U-Boot starts where nobody says otherwise: boot_file and emmcfinduuid of its colibri_imx7.h."""

_LONGEST = 100  # characters of a name
_STATEMENT = re.compile(r"\n|;|&&|\|\||\bthen\b|\belse\b|\bdo\b")
_COMMENT = re.compile(r"(?<=\s)#[^'\"\n]*$", re.MULTILINE)
_COMPARED = re.compile(r"\s*(?:#|echo\b|(?:(?:if|elif|elseif|while|until)\s+)?(?:test\b|\[))")
_KERNEL = re.compile(rf"(?<![\w.-]){KERNEL_NAME}(?:[-._][\w.+-]*)?\$?")
_TREE = re.compile(r"fdt_?file|[^\s\"'=]*\.dtb\b")
_LOAD = re.compile(
    r"\b(?:fat|ext[24])?load\s+(?P<device>\S+)\s+\S*?(?::(?P<number>\d+))?\s+\S+\s+(?P<path>[^\s\"'\\]+)"
)
_STARTS = re.compile(
    r"\b(?:boot(?:(?P<kind>[mzi])|efi|elf|flow|p)?|go|sysboot|run|source)\b|^\s*\$", re.MULTILINE
)
# From the network, from memory or from NAND: other ways to start that the same text holds.
_ROOT_DEVICE = re.compile(r"\broot=(?!/dev/nfs\b|/dev/ram|ubi)(?P<value>[^\s\"']+)")
_PARTITION = re.compile(r"/dev/mmcblk\d+p(\d+)")
_ROOT_NUMBER = re.compile(
    r"\b(?:root_part|rootpart|mmcrootpart|emmcrootpart|mmcroot_part)[ =]\s*(?P<value>\S+)"
)
_OVERLAYS = re.compile(r"\boverlays_file[ =]\s*[\"']?overlays\.txt")
_WINDOWS = re.compile(r"^[ \t]*[^#\s][^\n]*\r$", re.MULTILINE)
_KEYS = (("kernel", "linux", "fit"), ("fdt", "devicetree"))
_ELSEWHERE = re.compile(r"^[ \t]*(?:menu[ \t]+)?(?:include|localboot)\b", re.IGNORECASE | re.MULTILINE)
_LABEL = re.compile(r"^[ \t]*label\b", re.IGNORECASE | re.MULTILINE)


class Named(NamedTuple):
    """A file that a text has U-Boot load, as far as it is known.

    A `path` without a leading slash is a name in whatever folder; one that ends in `$` is a beginning.
    """

    path: str
    partition: int | None = None

    def is_at(self, partition: int, path: str) -> bool:
        """Whether it is the file at `path`, from the root of `partition`."""
        if self.partition not in (None, partition):
            return False
        here = path if self.path.startswith("/") else path.rpartition("/")[2]
        return here.startswith(self.path[:-1]) if self.path.endswith("$") else here == self.path


class Asked(NamedTuple):
    """What the texts ask for: kernels, trees, and numbers of the partition that becomes /.

    Empty where they say nothing, None where it cannot be seen. `commands` are the last letters of bootz,
    bootm and booti.
    """

    kernels: frozenset[Named]
    roots: frozenset[int] | None
    trees: frozenset[Named] | None = None
    commands: frozenset[str] = frozenset()


class Label(NamedTuple):
    """One way to start of an extlinux.conf: paths from the root of its partition."""

    kernel: str
    tree: str | None


def read_text(data: bytes, source: str, file: str) -> BootText:
    """The text of one of FILES."""
    name = source.rpartition(":")[2].rpartition("/")[2]
    problem, content = None, data
    if data.startswith(UIMAGE_MAGIC):
        read = read_uimage(data)
        problem, content = read.problem, _first_script(read.content)
        if problem is None and read.kind != SCRIPT:
            problem = f"a uImage of type {read.kind}, and a script is type {SCRIPT}"
    elif data.startswith(fdt.MAGIC):  # a script in a FIT: not read here
        return BootText(source, "", file)
    elif name.startswith("boot.scr"):
        problem = "this is not a uImage"
    text = content.decode("utf-8", "replace")
    if problem is None and b"\0" in content:
        problem = "this is not a text"
    elif problem is None and not name.endswith(".txt") and _WINDOWS.search(text):
        problem = (
            "its lines end as Windows ends them, and U-Boot takes the carriage return for part of a name"
        )
    elif problem is None and name.startswith("boot.scr") and not any(map(_STARTS.search, statements(text))):
        problem = "a script that starts nothing"
    return BootText(source, "" if problem else text, file, problem)


def _first_script(content: bytes) -> bytes:
    """The first of the scripts in a uImage."""
    sizes = 0
    while content[sizes : sizes + 4].strip(b"\0"):
        sizes += 4
    start = sizes + 4
    return content[start : start + struct.unpack_from(">I", content)[0]] if sizes else b""


def asked(texts: Iterable[str]) -> Asked:
    """What all of `texts` ask for together."""
    every = [statement for text in texts for statement in statements(text)]
    named = [each for statement in every for each in _named(statement)]
    trees = [each for each in named if each.path.endswith(".dtb") or each.path == "$"]
    commands = {match["kind"] for text in every for match in _STARTS.finditer(text)}
    return Asked(
        frozenset(each for each in named if each not in trees),
        _roots(every),
        None if Named("$") in trees else frozenset(trees),
        frozenset(kind for kind in commands if kind),
    )


def _named(statement: str) -> Iterator[Named]:
    """Kernels and trees that a statement names; a tree whose name is not known is `$`."""
    load = _LOAD.search(statement)
    if load is not None and load["device"] != "mmc" and "$" not in load["device"]:
        return  # from another medium
    partition = int(load["number"]) if load and load["number"] else None
    path = "" if load is None else load["path"]
    if path and "$" not in path:
        if _KERNEL.match(path.rpartition("/")[2]) or path.endswith(".dtb"):
            yield Named(posixpath.normpath(f"/{path}").replace("//", "/")[:_LONGEST], partition)
        return
    for name in _KERNEL.findall(path or statement):
        yield Named(name[:_LONGEST], partition)
    for name in _TREE.findall(path or statement):
        yield Named(name[:_LONGEST] if name.endswith(".dtb") and "$" not in name else "$", partition)


def _roots(statements: Iterable[str]) -> frozenset[int] | None:
    roots: set[int] = set()
    for statement in statements:
        for match in _ROOT_DEVICE.finditer(statement):
            number = _PARTITION.fullmatch(match["value"])
            if number:
                roots.add(int(number[1]))
            elif "${uuid}" not in match["value"]:
                return None
        for match in _ROOT_NUMBER.finditer(statement):
            value = match["value"].strip("\"'\\")
            if value.isdigit():
                roots.add(int(value))
    return frozenset(roots)


def labels(text: BootText) -> list[Label] | None:
    """The ways to start of an extlinux.conf (boot/pxe_utils.c); None for another text.

    None too where it leads elsewhere: nothing is known then. A path without a leading slash begins in the
    folder of the file.
    """
    path = text.source.rpartition(":")[2]
    if not path.endswith("extlinux.conf") or _ELSEWHERE.search(text.text):
        return None
    found: list[Label] = []
    for part in _LABEL.split(text.text)[1:]:
        lines = (line.split() for line in part.splitlines()[1:])
        values = {words[0].lower(): words[1] for words in lines if len(words) > 1}
        kernel, tree = (next((values[key] for key in keys if key in values), None) for keys in _KEYS)
        if kernel:
            folder = f"/{path.rpartition('/')[0]}"
            kernel, tree = (
                posixpath.normpath(posixpath.join(folder, name.partition("#")[0])) if name else None
                for name in (kernel, tree)
            )
            found.append(Label(kernel or "", tree))
    return found


def needs_overlays(text: str) -> bool:
    """Whether it is Toradex's script, which does not go on without overlays.txt."""
    return bool(_OVERLAYS.search(text)) and not re.search(r"skip_fdt_overlays[ =]\s*1\b", text)


def statements(text: str) -> Iterator[str]:
    """The statements of a script, but for comments, what is printed and what is compared."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return (
        part for part in _STATEMENT.split(_COMMENT.sub("", "\n".join(lines))) if not _COMPARED.match(part)
    )
