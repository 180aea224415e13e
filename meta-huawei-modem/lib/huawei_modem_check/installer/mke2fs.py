# SPDX-License-Identifier: MIT
"""What mkfs.ext2, mkfs.ext3 and mkfs.ext4 refuse, and which of their file systems Linux does not mount.

Follows misc/mke2fs.c of e2fsprogs 1.47.0 (PRS, parse_extended_opts, parse_journal_opts, parse_fs_type) with
the mke2fs.conf that comes with it, in its order: each option for itself, features, extended options, and what
does not go together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from huawei_modem_check.installer.mke2fs_extended import UUID, RefusedError, apply, leave_the_room
from huawei_modem_check.installer.strtoul import blocks, number

SHORT = "b:ce:g:i:jl:m:no:qr:s:t:d:vC:DE:FG:I:J:KL:M:N:O:R:ST:U:Vz:"
"""Short options for getopt; a colon follows those with a value."""

_BASE = frozenset({"sparse_super", "large_file", "filetype", "resize_inode", "dir_index", "ext_attr"})
_OWN = {
    "ext3": {"has_journal"},
    "ext4": {
        *("has_journal", "extent", "huge_file", "flex_bg", "metadata_csum", "64bit", "dir_nlink"),
        "extra_isize",
    },
}
_FEATURES = {
    *("64bit", "bigalloc", "casefold", "dir_index", "dir_nlink", "ea_inode", "encrypt", "ext_attr", "extent"),
    *("extra_isize", "fast_commit", "filetype", "flex_bg", "has_journal", "huge_file", "inline_data"),
    *("journal_dev", "large_dir", "large_file", "meta_bg", "metadata_csum", "metadata_csum_seed", "mmp"),
    *("orphan_file", "project", "quota", "resize_inode", "sparse_super", "sparse_super2", "stable_inodes"),
    *("uninit_bg", "verity"),
}
_SAME = {"extents": "extent", "uninit_groups": "uninit_bg", "fname_encoding": "casefold"}
# Types of mke2fs.conf, with what they change: the size of a block, and of an inode.
_TYPES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("ext2", "ext3", "ext4", "big", "huge", "news", "largefile", "largefile4"), (0, 0)),
    **dict.fromkeys(("small", "floppy"), (1024, 0)),
    "hurd": (4096, 128),
}
_SYSTEMS = ("linux", "gnu", "hurd", "freebsd", "lites")
_INSTALLERS_OWN = {"d": "a folder to copy", "l": "a list of bad blocks", "z": "a file to undo it"}
_PAGE = 4096  # bytes: larger blocks are refused, for the processor's pages have this size
_INODE_OLD, _INODE_NEW = 128, 256  # bytes


@dataclass
class _Options:
    """What the command line says; sizes are bytes, 0 and None stand for not said."""

    block: int = 0
    cluster: int = 0
    group: int = 0
    flex: int = 0
    ratio: int = 0
    inode: int = 0
    inodes: int = 0
    journal: int = 0
    fast_commit: int = 0
    revision: int = 1
    sparse: bool | None = None
    type: str | None = None
    usage: str | None = None
    force: bool = False
    features: list[str] = field(default_factory=list)
    extended: str = ""


def fault(fstype: str, found: Iterable[tuple[str, str]], size: int | None = None) -> str | None:
    """Why mkfs.`fstype` fails with the options `found`, or makes what cannot be mounted; None if neither.

    `size` is that of the partition in bytes, None where it is not known. The installer's own options are
    taken into account: "-O ^metadata_csum" and "-T default" for ext4 (multiimagewritethread.cpp:944-946).
    """
    try:
        options, features, block = _read(fstype, found, size)
        apply(options.extended, features, size, block)
        _together(options, features, block)
        _sized(options, features, size, block)
    except RefusedError as reason:
        return str(reason)
    return _unmountable(features)


_NUMERIC: dict[str, tuple[str, bool, Callable[[int], bool], str]] = {
    "b": ("block", True, lambda count: 1024 <= abs(count) <= 65536, "a block size: 1024, 2048 or 4096"),
    "C": ("cluster", True, lambda count: 1024 < count <= 512 << 20, "a size of a cluster"),
    "g": ("group", False, lambda count: count % 8 == 0, "a multiple of 8"),
    "G": ("flex", False, lambda count: 0 < count < 1 << 32 and not count & (count - 1), "a power of 2"),
    "i": ("ratio", True, lambda count: 1024 <= count <= 65536 * 1024, "between 1024 and 67108864"),
    "I": ("inode", False, lambda count: count >= 0, "a number"),
    "N": ("inodes", False, lambda count: count < 1 << 32, "a number below 2 to the 32nd"),
    "r": ("revision", False, lambda count: count <= 1, "revision 0 or 1"),
}
"""Name in _Options, whether a unit may follow, what is right, and how that is called."""


class Geometry(NamedTuple):
    """What a file system is made of: bytes of a block and of an inode, and how many inodes there are.

    `journal` is in bytes, None where mke2fs chooses it by the size. `is_known` is false where other options
    change what is left for files.
    """

    block: int
    inode: int
    inodes: int
    journal: int | None
    features: frozenset[str]
    is_known: bool = True


def geometry(fstype: str, found: Iterable[tuple[str, str]], size: int) -> Geometry:
    """What mkfs.`fstype` makes of a partition of `size` bytes with options in which there is no fault."""
    options, features, block = _read(fstype, found, size)
    ratio = options.ratio or max(_ratio(options, size), block)
    unusual = not {*_usages(options, size)} <= {"small", "floppy", "default"}
    other = options.group or options.flex or options.type or unusual or "bigalloc" in features
    journal = options.journal << 20 if options.journal > 0 else None if "has_journal" in features else 0
    return Geometry(
        block,
        options.inode or _INODE_NEW,
        options.inodes or size // ratio,
        journal,
        frozenset(features),
        not (other or options.cluster or options.fast_commit or not options.revision)
        and leave_the_room(options.extended),
    )


def _usages(options: _Options, size: int | None) -> list[str]:
    if options.usage is not None:
        return options.usage.split(",")
    if size is None or size >= 512 << 20:
        return ["default"]
    return ["small" if size >= 3 << 20 else "floppy"]


def _ratio(options: _Options, size: int) -> int:
    return {"small": 4096, "floppy": 8192}.get(_usages(options, size)[-1], 16384)


def _read(fstype: str, found: Iterable[tuple[str, str]], size: int | None) -> tuple[_Options, set[str], int]:
    """The options, the features that are on, and the size of a block."""
    options = _begun(fstype)
    for letter, value in found:
        _take(options, letter, value)
    return options, *_featured(options, fstype, size)


def _begun(fstype: str) -> _Options:
    """With what the installer itself gives, and what the program's name means."""
    options = _Options(journal=-1 if fstype == "ext3" else 0)
    if fstype == "ext4":
        options.features.append("^metadata_csum")
        options.usage = "default"
    return options


def _take(options: _Options, letter: str, value: str) -> None:
    if letter == "m":
        _take_percent(value)
    elif letter in _NUMERIC:
        _take_number(options, letter, value)
    elif letter in "ER":
        # The last one counts; mke2fs forgets the others without a word.
        options.extended = value
    elif letter == "O":
        options.features.append(value)
    elif letter == "s":
        options.sparse = bool(re.match(r"\s*\+?0*[1-9]", value))
    elif letter == "F":
        options.force = True
    elif letter in "jJ":
        _take_journal(options, value)
    elif letter in "tT":
        _take_type(options, letter, value)
    elif reason := _word_fault(letter, value):
        raise RefusedError(reason)


def _word_fault(letter: str, value: str) -> str | None:
    if letter == "e" and value not in ("continue", "remount-ro", "panic"):
        return f"{value!r} is not what to do about errors: continue, remount-ro or panic"
    if letter in _INSTALLERS_OWN:
        return f"-{letter} {value!r} is {_INSTALLERS_OWN[letter]} in the installer's own memory"
    if letter == "o" and value.lower() not in _SYSTEMS and not value[:1].isdigit():
        return f"mke2fs knows no system {value!r}"
    is_uuid = value in ("clear", "null", "random", "time") or UUID.fullmatch(value)
    return f"{value!r} is not a UUID" if letter == "U" and not is_uuid else None


def _take_type(options: _Options, letter: str, value: str) -> None:
    if letter == "T" and options.usage == "default":
        raise RefusedError("the installer gives mkfs.ext4 a -T of its own (-T default), and it takes one")
    name = "type" if letter == "t" else "usage"
    if getattr(options, name) is not None:
        raise RefusedError(f"mke2fs takes -{letter} once")
    setattr(options, name, value)


def _take_number(options: _Options, letter: str, value: str) -> None:
    name, with_unit, is_right, what = _NUMERIC[letter]
    count = _int32(blocks(value)) if with_unit else number(value)
    if count is None or not is_right(count):
        raise RefusedError(f"-{letter} {value!r} is not {what}")
    setattr(options, name, _int32(count) if letter == "I" else count)


def _int32(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def _take_percent(value: str) -> None:
    """As strtod reads it: an empty text is 0."""
    text = value.strip(" \t\n\v\f\r") if value[:1].isspace() else value
    if re.fullmatch(r"[+-]?0[xX][0-9a-fA-F]+", text):
        share = float(max(-1, min(int(text, 16), 51)))
    elif re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|", text, re.ASCII):
        share = float(text or 0)
    else:
        raise RefusedError(f"-m {value!r} is not a number")
    if share < 0 or share > 50:
        raise RefusedError(f"-m {value!r} is not between 0 and 50")


def _take_journal(options: _Options, value: str) -> None:
    options.journal = options.journal or (0 if value else -1)
    for item in filter(None, value.split(",")):
        name, equals, text = item.partition("=")
        if name == "v1_superblock" or (name == "location" and equals):
            continue
        if name == "device":
            raise RefusedError(f"-J {item!r}: a journal on another device")
        count = number(text) if equals else None
        if name not in ("size", "fast_commit_size") or count is None:
            raise RefusedError(f"mke2fs knows no option {item!r} of a journal")
        if name == "size":
            options.journal = _int32(count)
        else:
            options.fast_commit = _int32(count)


def _featured(options: _Options, fstype: str, size: int | None) -> tuple[set[str], int]:
    """The features that are on, and the size of a block."""
    main = options.type if options.type is not None else fstype
    if main not in _TYPES and not options.force:
        raise RefusedError(f"mke2fs makes no {main!r}")
    features = set(_BASE) | _OWN.get(main, set()) if options.revision else set()
    for text in options.features:
        _edit(features, text)
    if not options.revision and (features or options.journal):
        raise RefusedError("-r 0: a file system of that revision has no features and no journal")
    if options.sparse is not None:
        _edit(features, "sparse_super" if options.sparse else "^sparse_super")
    if options.journal:
        features.add("has_journal")
    return features, _block_size(options, size)


def _block_size(options: _Options, size: int | None) -> int:
    if options.block > 0:
        return 1 << (options.block.bit_length() - 1)
    sizes = [_TYPES[name][0] for name in _usages(options, size) if name in _TYPES and _TYPES[name][0]]
    return max(sizes[-1] if sizes else 4096, -options.block)


def _edit(features: set[str], text: str) -> None:
    """Add and take away what -O says; words are parted by commas and blanks."""
    for word in re.split(r"[,\s]+", text.strip(", \t\n")) if text.strip(", \t\n") else []:
        if word.lower() in ("none", "clear"):
            features.clear()
            continue
        name = word[1:] if word[:1] in ("-", "^", "+") else word
        known = _SAME.get(name.lower(), name.lower())
        if known not in _FEATURES:
            raise RefusedError(f"mke2fs knows no feature {name!r}")
        if word[0] in "-^":
            features.discard(known)
        else:
            features.add(known)


def _together(options: _Options, features: set[str], block: int) -> None:
    """What does not go with each other."""
    if block > _PAGE and not options.force:
        raise RefusedError(f"blocks of {block} bytes are larger than a page")
    extents = [name for name in ("64bit", "bigalloc") if name in features]
    if extents and "extent" not in features:
        raise RefusedError(f"{extents[0]} needs -O extent")
    if options.cluster and "bigalloc" not in features:
        raise RefusedError("-C needs -O bigalloc")
    if options.cluster and options.cluster < block:
        raise RefusedError("clusters are smaller than blocks")
    if "resize_inode" in features and ("meta_bg" in features or "sparse_super" not in features):
        raise RefusedError("resize_inode goes neither with meta_bg nor without sparse_super")
    if options.group and not 256 <= options.group <= 8 * block:
        raise RefusedError(f"-g {options.group} is not between 256 and {8 * block}")
    if options.flex and "flex_bg" not in features:
        raise RefusedError("-G needs -O flex_bg")
    inode = options.inode or _TYPES.get(options.usage or "", (0, 0))[1] or _INODE_NEW
    if not _INODE_OLD <= inode <= block or inode & (inode - 1):
        raise RefusedError(f"-I {inode} is not a power of 2 between 128 and {block}")
    needs = [name for name in ("inline_data", "project") if name in features]
    if inode == _INODE_OLD and needs:
        raise RefusedError(f"inodes of 128 bytes are too small for {needs[0]}")


def _sized(options: _Options, features: set[str], size: int | None, block: int) -> None:
    """What does not go with the size of the partition, and features that mke2fs looks at as late."""
    if "metadata_csum_seed" in features and "metadata_csum" not in features:
        raise RefusedError("metadata_csum_seed needs -O metadata_csum")
    if "orphan_file" in features and "has_journal" not in features:
        raise RefusedError("orphan_file needs -O has_journal")
    if options.journal > 0:
        journal = options.journal * (1 << 20) // block
        if not 1024 <= journal <= 10_240_000 or (size is not None and journal > size // block // 2):
            raise RefusedError(f"a journal of {options.journal} MiB is too small or too large")
    if size is not None and options.inodes * (options.inode or _INODE_NEW) >= size:
        raise RefusedError(f"{options.inodes} inodes are too many for the partition")


def _unmountable(features: set[str]) -> str | None:
    if "casefold" in features:
        return "a file system with an encoding cannot be mounted by the installer's kernel (CONFIG_UNICODE)"
    quota = [name for name in ("quota", "project") if name in features]
    if quota:
        return f"{quota[0]}: the installer's kernel mounts none with quotas (CONFIG_QUOTA, CONFIG_QFMT_V2)"
    if "journal_dev" in features:
        return "journal_dev makes a journal, and not a file system"
    return None
