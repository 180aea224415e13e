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

# Short options; a colon follows those with a value.
_MKE2FS = "b:ce:g:i:jl:m:no:qr:s:t:d:vC:DE:FG:I:J:KL:M:N:O:R:ST:U:Vz:"
_MKFS_FAT = "aA:b:cCD:f:F:g:h:i:Il:m:M:n:r:R:s:S:v"
_MKFS_NTFS = "c:CfFhHIl:L:n:p:qQs:S:TUvVz:"
_SHORT = {"ext2": _MKE2FS, "ext3": _MKE2FS, "ext4": _MKE2FS, "fat": _MKFS_FAT, "ntfs": _MKFS_NTFS}
_LONG = {
    "fat": {"codepage=", "help", "invariant", "mbr?", "offset=", "variant="},
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
_EXTENDED = {
    *("assume_storage_prezeroed", "desc-size", "desc_size", "discard", "encoding", "encoding_flags"),
    *("hash_seed", "lazy_itable_init", "lazy_journal_init", "mmp_update_interval", "no_copy_xattrs"),
    *("nodiscard", "num_backup_sb", "offset", "orphan_file_size", "packed_meta_blocks", "quotatype"),
    *(
        "resize",
        "root_owner",
        "root_selinux",
        "stride",
        "stripe-width",
        "stripe_width",
        "test_fs",
    ),
    *("android_sparse", "dioread_nolock"),
}
_FEATURES = {
    *("none", "64bit", "bigalloc", "casefold", "dir_index", "dir_nlink", "dir_prealloc", "ea_inode"),
    *("encrypt", "ext_attr", "extent", "extents", "extra_isize", "fast_commit", "filetype", "flex_bg"),
    *("has_journal", "huge_file", "imagic_inodes", "inline_data", "journal_dev", "large_dir", "large_file"),
    *("lazy_bg", "meta_bg", "metadata_csum", "metadata_csum_seed", "mmp", "orphan_file", "project"),
    *(
        "quota",
        "resize_inode",
        "sparse_super",
        "sparse_super2",
        "stable_inodes",
        "uninit_bg",
        "uninit_groups",
    ),
    *("verity", "mke2fs", "shared_blocks", "orphan_present", "snapshot_bitmap", "read-only"),
}
_MKE2FS_NUMBER = {"i": (1024, 67108864), "m": (0, 50), "g": (256, 65528), "I": (128, 4096), "N": (1, 2**32)}
_NOT_OF_A_DEVICE = {
    "C": "-C makes a file, and wants its size",
    "l": "-l reads a list of bad blocks from the installer's own memory",
}
_NTFS_CLUSTERS = (256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536)
_FAT_LABEL = re.compile(r'[*?.,;:/\\|+=<>\[\]"\x00-\x1f]')
_DD_KEYS = {
    *("bs", "cbs", "conv", "count", "ibs", "if", "iflag", "iseek", "obs", "of", "oflag", "oseek", "seek"),
    *("skip", "status"),
}
_DD_NUMBER = re.compile(r"([0-9]+)(c|w|b|kD|kB?|[KMGTPEZY]B?|[KMGTPEZY]iB)?(?:x([0-9]+))?")
_DD_UNITS = {
    "": 1,
    "c": 1,
    "w": 2,
    "b": 512,
    "kB": 1000,
    "KB": 1000,
    "k": 1 << 10,
    "K": 1 << 10,
    "KiB": 1 << 10,
    "MB": 1000**2,
    "M": 1 << 20,
    "MiB": 1 << 20,
    "GB": 1000**3,
    "G": 1 << 30,
    "GiB": 1 << 30,
}
_DD_CONVERSIONS = {
    *("ascii", "ebcdic", "ibm", "block", "unblock", "lcase", "ucase", "sparse", "swab", "sync"),
    *("excl", "nocreat", "notrunc", "noerror", "fdatasync", "fsync"),
}
_DD_STATUS = {"none", "noxfer", "progress"}
_DD_FLAGS = {
    *("append", "cio", "count_bytes", "direct", "directory", "dsync", "fullblock", "noatime", "nocache"),
    *("noctty", "nofollow", "nolinks", "nonblock", "seek_bytes", "skip_bytes", "sync"),
}
_NANDWRITE = "b:mNnopqrs:ai:l:OktfjuhV"
_NANDWRITE_LONG = {
    *("autoplace", "blockalign=", "forcejffs2", "forceyaffs", "help", "input-size=", "input-skip="),
    *("jffs2", "markbad", "noecc", "noskipbad", "oob", "onlyoob", "pad", "quiet", "raw", "start="),
    *("skip-bad-blocks-to-start", "version", "yaffs"),
}
SHELL = re.compile(r"[;&|<>`$()\n\r#*?\[\]{}!~]")
"""What a shell does more with than to split words."""
_EXPANDED = re.compile(r"[$`]")


def mkfs_fault(fstype: str, options: str) -> str | None:
    """Why mkfs fails with `options`, or makes nothing; None when it does not."""
    if not options:
        return None
    operands: list[str] = []
    for letter, value in _parsed(options.split(" "), _SHORT[fstype], _LONG.get(fstype, set())):
        if letter == "?":
            return f"mkfs.{fstype} knows no option {value!r}"
        if letter == ":":
            return f"option {value!r} takes the device for its value"
        if letter == "":
            operands.append(value)
        elif letter in _NOTHING_MADE[fstype] or letter in ("help", "version", "no-action", "license"):
            return f"with {letter!r} mkfs.{fstype} makes no file system"
        elif fstype == "ext4" and letter == "T":
            return "the installer gives mkfs.ext4 a -T of its own (-T default), and it takes one"
        elif (fstype.startswith("ext") and (reason := _mke2fs_fault(letter, value))) or (
            (fstype == "fat" and (reason := _mkfs_fat_fault(letter, value)))
            or (fstype == "ntfs" and (reason := _mkfs_ntfs_fault(letter, value)))
        ):
            return reason
    if operands:
        shown = "an empty word: two blanks, or one at an end" if operands[0] == "" else repr(operands[0])
        return f"mkfs.{fstype} takes {shown} for the device"
    return None


def label_fault(fstype: str, label: str, options: str = "") -> str | None:
    """Why mkfs does not take `label`; the installer itself drops one of more than 15 bytes."""
    size = len(label.encode("utf-8", "surrogateescape"))
    if fstype == "ntfs" and label and size <= 15 and _gives_label(options):
        return f"the label {label!r} is given once more in mkfs_options, and mkfs.ntfs takes one"
    if fstype != "fat" or not label or size > 15:
        return None
    if size > 11:
        return f"the label {label!r} is longer than the 11 characters of FAT"
    if _FAT_LABEL.search(label):
        return f"the label {label!r} has characters that FAT does not allow"
    if not label.isascii():
        return f"the label {label!r} has letters beyond ASCII, which mkfs.fat does not take in the C locale"
    return f"the label {label!r} is blank" if not label.strip() else None


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


def _mke2fs_fault(letter: str, value: str) -> str | None:
    if letter in "EoOl":
        return _not_mounted(letter, value)
    if letter == "e" and value not in ("continue", "remount-ro", "panic"):
        return f"{value!r} is not what to do about errors: continue, remount-ro or panic"
    if letter == "b":
        return None if value.lstrip("-") in ("1024", "2048", "4096") else f"{value!r} is no block size"
    if letter == "t" and value not in ("ext2", "ext3", "ext4", "ext4dev"):
        return f"mke2fs makes no {value!r} that can be mounted"
    if letter == "U" and value not in ("clear", "null", "random", "time"):
        uuid = re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value)
        return None if uuid else f"{value!r} is no UUID"
    if letter in _MKE2FS_NUMBER:
        low, high = _MKE2FS_NUMBER[letter]
        number = re.fullmatch(r"\s*[0-9]+(?:\.[0-9]+)?" if letter == "m" else r"\s*[0-9]+", value)
        if not number or not low <= float(value) <= high:
            return f"-{letter} {value!r} is not between {low} and {high}"
    return None


def _not_mounted(letter: str, value: str) -> str | None:
    """Words that mke2fs does not know, or that make what the installer's kernel does not mount."""
    if letter == "E" and any(item.startswith("encoding") for item in value.split(",")):
        return "a file system with an encoding cannot be mounted by the installer's kernel (CONFIG_UNICODE)"
    if letter == "o" and value.lower() not in ("linux", "0"):
        return f"{value!r} is not Linux: the installer's kernel does not mount its file system"
    if letter == "E":
        unknown = [item for item in value.split(",") if item and item.partition("=")[0] not in _EXTENDED]
        return f"mke2fs knows no extended option {unknown[0]!r}" if unknown else None
    if letter == "O":
        names = [item.lstrip("^+-").lower() for item in value.split(",") if item]
        unknown = [name for name in names if name not in _FEATURES and not name.startswith("feature_")]
        if any(item.lstrip("+").lower() == "casefold" for item in value.split(",")):
            return "a file system with casefold cannot be mounted by the installer's kernel (CONFIG_UNICODE)"
        return f"mke2fs knows no feature {unknown[0]!r}" if unknown else None
    if letter == "l":
        return f"{value!r} would be a list of bad blocks in the installer's own memory"
    return None


def _mkfs_fat_fault(letter: str, value: str) -> str | None:
    if letter in _NOT_OF_A_DEVICE:
        return _NOT_OF_A_DEVICE[letter]
    if letter == "F" and value not in ("12", "16", "32"):
        return f"{value!r} is not a size of FAT: 12, 16 or 32"
    if letter == "s" and value not in ("1", "2", "4", "8", "16", "32", "64", "128"):
        return f"{value!r} sectors are no cluster"
    if letter == "S" and value not in ("512", "1024", "2048", "4096", "8192", "16384", "32768"):
        return f"{value!r} is not a size of a sector"
    if letter == "R" and value in ("0", "1"):
        return f"{value!r} reserved sectors are too few for FAT32: 2"
    if letter == "n":
        return f"the label {value!r} is longer than 11" if len(value) > 11 else label_fault("fat", value)
    if letter == "i" and not re.fullmatch(r"(0[xX])?[0-9a-fA-F]{1,8}", value):
        return f"{value!r} is no volume id"
    if letter == "M" and not re.fullmatch(r"0[xX][fF][089a-fA-F]|24[089]|25[0-5]", value):
        return f"{value!r} is not a type of medium: 0xf0, or 0xf8 to 0xff"
    if letter in "fhgrRbD" and not re.fullmatch(r"[0-9]+(/[0-9]+)?|0[xX][0-9a-fA-F]+", value):
        return f"-{letter} {value!r} is not a number"
    return None


def _mkfs_ntfs_fault(letter: str, value: str) -> str | None:
    known = {"c": _NTFS_CLUSTERS, "s": _NTFS_CLUSTERS[:5], "z": (1, 2, 3, 4)}.get(
        {"cluster-size": "c", "sector-size": "s", "mft-zone-multiplier": "z"}.get(letter, letter)
    )
    if known and (not value.isdigit() or int(value) not in known):
        return f"{letter} {value!r} is none of {', '.join(map(str, known))}"
    if letter in ("p", "H", "S", "partition-start", "heads", "sectors-per-track") and not re.fullmatch(
        r"[0-9]+|0[xX][0-9a-fA-F]+", value
    ):
        return f"{letter} {value!r} is not a number"
    return None


class DdOptions:
    """What dd_options make of `dd of=DEVICE`: `fault` says why it fails; sizes are bytes."""

    def __init__(self, options: str) -> None:
        self.fault: str | None = None
        self.redirected = False
        self.is_open = bool(_EXPANDED.search(options))
        """Whether the shell makes the operands of something that is known only when it runs."""
        self._values: dict[str, int] = {}
        if self.is_open:
            return
        try:
            words = shlex.split(SHELL.split(options, 1)[0])
        except ValueError as err:
            self.fault = f"the shell does not read it: {err}"
            return
        for word in words:
            self.fault = self.fault or self._take(word)

    def _take(self, word: str) -> str | None:
        key, equals, value = word.partition("=")
        if word in ("--help", "--version"):
            self.redirected = True
            return None
        if not equals or key not in _DD_KEYS:
            return f"dd knows no operand {word!r}"
        if key in ("if", "of"):
            self.redirected = True
        elif key == "conv":
            unknown = [item for item in value.split(",") if item not in _DD_CONVERSIONS]
            return f"dd knows no conversion {unknown[0]!r}" if unknown else None
        elif key == "status":
            return None if value in _DD_STATUS else f"dd knows no status {value!r}"
        elif key in ("iflag", "oflag"):
            unknown = [item for item in value.split(",") if item not in _DD_FLAGS]
            return f"dd knows no flag {unknown[0]!r}" if unknown else None
        else:
            return self._number({"oseek": "seek", "iseek": "skip"}.get(key, key), value)
        return None

    def _number(self, key: str, value: str) -> str | None:
        match = _DD_NUMBER.fullmatch(value)
        if not match:
            return f"{key}={value}: no number"
        number = int(match[1]) * _DD_UNITS.get(match[2] or "", 1 << 40) * int(match[3] or 1)
        if key in ("bs", "ibs", "obs", "cbs") and number == 0:
            return f"{key}={value}: dd takes no size of 0"
        self._values[key] = number
        return None

    @property
    def start(self) -> int:
        """Where the first byte is written."""
        size = self._values.get("bs", self._values.get("obs", 512))
        return self._values.get("seek", 0) * size

    @property
    def limit(self) -> int | None:
        """How many bytes are written at most."""
        if "count" not in self._values:
            return None
        return self._values["count"] * self._values.get("bs", self._values.get("ibs", 512))


def nandwrite_fault(options: str) -> str | None:
    """Why nandwrite fails with `options`, or writes nothing."""
    try:
        words = shlex.split(SHELL.split(options, 1)[0])
    except ValueError as err:
        return f"the shell does not read it: {err}"
    for letter, value in _parsed(words, _NANDWRITE, _NANDWRITE_LONG):
        if letter == "?":
            return f"nandwrite knows no option {value!r}"
        if letter == ":":
            return f"option {value!r} takes the device for its value"
        if letter == "":
            return f"nandwrite takes {value!r} for the device"
        if letter in ("help", "version", "h", "V"):
            return f"with {letter!r} nandwrite writes nothing"
    return None
