# SPDX-License-Identifier: MIT
"""The options of the programs that the installer passes image.json's words to.

mkfs.ext2/3/4 of e2fsprogs 1.47 and mkfs.fat of dosfstools 4.2 get them split at each single blank
(multiimagewritethread.cpp:983-986): two blanks in a row, or one at an end, make an empty operand, which they
take for the device. dd and nandwrite get them through the shell (1209, 1229).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from huawei_modem_check.installer import mke2fs, mkfat
from huawei_modem_check.installer.dd import SHELL
from huawei_modem_check.installer.strtoul import decimal, number

# Short options; a colon follows those with a value.
_MKFS_NTFS = "c:CfFhH:IlL:np:qQs:S:TUvVz:"
_SHORT = {**dict.fromkeys(("ext2", "ext3", "ext4"), mke2fs.SHORT), "fat": mkfat.SHORT, "ntfs": _MKFS_NTFS}
_LONG = {
    "fat": mkfat.LONG,
    "ntfs": {
        *("debug", "fast", "force", "help", "license", "no-action", "no-indexing", "quick", "quiet"),
        *("use-boot-sector", "verbose", "version", "with-uuid", "zero-time", "enable-compression"),
        *("cluster-size=", "heads=", "label=", "mft-zone-multiplier=", "partition-start="),
        *("sector-size=", "sectors-per-track="),
    },
}
# With these they print something and make nothing.
# With -S mke2fs writes superblocks around whatever is there.
_NOTHING_MADE = {"ext2": "nSV", "ext3": "nSV", "ext4": "nSV", "fat": "", "ntfs": "hnVl"}
_NTFS_CLUSTERS = (256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)
_NANDWRITE = "b:mNnoOps:akqhV"
_NANDWRITE_LONG = {
    *("autoplace", "blockalign=", "help", "input-size=", "input-skip=", "markbad", "noecc", "noskipbad"),
    *("onlyoob", "oob", "pad", "quiet", "skip-all-ffs", "skip-bad-blocks-to-start", "start=", "version"),
}


def mkfs_fault(fstype: str, options: str, size: int | None = None) -> str | None:
    """Why mkfs fails with `options` on a partition of `size` bytes, or makes nothing; None if neither."""
    if not options:
        return None
    operands: list[str] = []
    found: list[tuple[str, str]] = []
    for letter, value in _parsed(options.split(" "), _SHORT[fstype], _LONG.get(fstype, set())):
        if letter == "?":
            return f"mkfs.{fstype} knows no option {value!r}"
        if letter == ":":
            return f"option {value!r} takes the device for its value"
        if letter == "":
            operands.append(value)
        elif letter in _NOTHING_MADE[fstype] or letter in ("help", "version", "no-action", "license"):
            return f"with {letter!r} mkfs.{fstype} makes no file system"
        elif fstype == "ntfs" and (reason := _mkfs_ntfs_fault(letter, value)):
            return reason
        found.append((letter, value))
    if operands:
        shown = "an empty word: two blanks, or one at an end" if operands[0] == "" else repr(operands[0])
        return f"mkfs.{fstype} takes {shown} for the device"
    if fstype == "fat":
        return mkfat.fault(found, size)
    return mke2fs.fault(fstype, found, size) if fstype.startswith("ext") else None


def ext_geometry(fstype: str, options: str, size: int) -> mke2fs.Geometry | None:
    """What mkfs.ext2, ext3 or ext4 makes with `options`, None when there is a fault in these."""
    if mkfs_fault(fstype, options, size):
        return None
    words = options.split(" ") if options else []
    return mke2fs.geometry(fstype, _parsed(words, _SHORT[fstype], set()), size)


def label_fault(fstype: str, label: str, options: str = "") -> str | None:
    """Why mkfs does not take `label`; the installer itself drops one of more than 15 bytes."""
    size = len(label.encode("utf-8", "surrogateescape"))
    if fstype == "ntfs" and label and size <= 15 and _gives_label(options):
        return f"the label {label!r} is given once more in mkfs_options, and mkfs.ntfs takes one"
    if fstype != "fat" or not label or size > 15:
        return None
    return mkfat.label_fault(label)


def _gives_label(options: str) -> bool:
    found = _parsed(options.split(" "), _SHORT["ntfs"], _LONG["ntfs"]) if options else []
    return any(letter in ("L", "label") for letter, _value in found)


def _parsed(words: list[str], short: str, long: set[str]) -> Iterator[tuple[str, str]]:
    """Options and values as getopt_long permutes them.

    "" is an operand, "?" unknown, ":" without its value.
    """
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            yield from (("", rest) for rest in waiting)
            return
        if word.startswith("--") and long:
            yield _long(word[2:], long, waiting)
            continue
        if not word.startswith("-") or word == "-":
            yield "", word
            continue
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            place = short.find(letter)
            if letter == ":" or place < 0:
                yield "?", f"-{letter}"
                return
            if short[place + 1 : place + 2] != ":":
                yield letter, ""
                continue
            if not letters and not waiting:
                yield ":", f"-{letter}"
                return
            yield letter, letters or waiting.pop(0)
            letters = ""


def _long(word: str, known: set[str], waiting: list[str]) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    matches = sorted(item for item in known if item.rstrip("=?").startswith(name))
    exact = [item for item in matches if item.rstrip("=?") == name] or matches
    if len(exact) != 1 or (equals and not exact[0].endswith(("=", "?"))):
        return "?", f"--{word}"
    if exact[0].endswith("=") and not equals:
        if not waiting:
            return ":", f"--{word}"
        value = waiting.pop(0)
    return exact[0].rstrip("=?"), value


def _mkfs_ntfs_fault(letter: str, value: str) -> str | None:
    known = {"c": _NTFS_CLUSTERS, "s": _NTFS_CLUSTERS[:5], "z": (1, 2, 3, 4)}.get(
        {"cluster-size": "c", "sector-size": "s", "mft-zone-multiplier": "z"}.get(letter, letter)
    )
    if known and (not re.fullmatch("[0-9]+", value) or decimal(value) not in known):
        return f"{letter} {value!r} is none of {', '.join(map(str, known))}"
    if letter in ("p", "H", "S", "partition-start", "heads", "sectors-per-track") and not re.fullmatch(
        r"[0-9]+|0[xX][0-9a-fA-F]+", value
    ):
        return f"{letter} {value!r} is not a number"
    return None


class NandOptions(NamedTuple):
    """What nandwrite of mtd-utils 2.1.5 makes of its options.

    `fault` says why it fails, or writes nothing of use. `start` is where the first byte goes; `skipped` are
    bytes of the file that are left out at its begin, `limit` how many are read at most.
    """

    fault: str | None = None
    start: int = 0
    skipped: int = 0
    limit: int | None = None


def nand_options(options: str) -> NandOptions:
    """What nandwrite makes of `options`; the installer gives --quiet and --pad as well (line 1229)."""
    try:
        words = shlex.split(SHELL.split(options, maxsplit=1)[0])
    except ValueError as err:
        return NandOptions(f"the shell does not read it: {err}")
    found = NandOptions()
    seen: set[str] = set()
    align = "1"
    for letter, value in _parsed(words, _NANDWRITE, _NANDWRITE_LONG):
        if reason := _nandwrite_fault(letter, value):
            return NandOptions(reason)
        if letter in ("s", "start"):
            found = found._replace(start=number(value) or 0)
        elif letter == "input-skip":
            found = found._replace(skipped=number(value) or 0)
        elif letter == "input-size":
            found = found._replace(limit=number(value) or None)
        elif letter in ("b", "blockalign"):
            align = value
        seen.add(letter)
    # It looks at the last one alone (nandwrite.c:process_options).
    if not re.match(r"\s*\+?0*(1|2|4|8|16|32|64)(?!\d)", align):
        return NandOptions(f"-b {align!r} is not a power of 2")
    if seen & {"a", "autoplace"} and seen & {"n", "noecc"}:
        return NandOptions("nandwrite does not combine --autoplace and --noecc")
    return found


def _nandwrite_fault(letter: str, value: str) -> str | None:
    by_letter = {
        "?": f"nandwrite knows no option {value!r}",
        ":": f"option {value!r} takes the device for its value",
        "": f"nandwrite takes {value!r} for the device",
        **dict.fromkeys(("h", "help", "V", "version"), f"with {letter!r} nandwrite writes nothing"),
        **dict.fromkeys(("o", "oob"), "nandwrite does not pad what has out-of-band data, and --pad is given"),
        **dict.fromkeys(("O", "onlyoob"), "nandwrite writes the out-of-band area alone"),
    }
    if letter in by_letter:
        return by_letter[letter]
    if letter in ("s", "start", "input-size", "input-skip"):
        count = number(value) if value else None
        if count is None or count >= 1 << 63:
            return f"{letter} {value!r} is not a number"
    return None
