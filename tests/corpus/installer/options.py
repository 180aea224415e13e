# SPDX-License-Identifier: MIT
"""Options for mkfs, dd, nandwrite and sfdisk as a person may write them, right and wrong, at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence


def numbers(*right: str) -> tuple[str, ...]:
    """Right numbers of an option, among what strtoul reads or does not."""
    return (*right, "", "x", "0", "-1", "0x400", "1k", "010", "1e3", "4.5", "99999999999", "+4")


_FEATURES = [
    "64bit",
    "bigalloc",
    "casefold",
    "dir_index",
    "ea_inode",
    "encrypt",
    "ext_attr",
    "extent",
    "extents",
    "extra_isize",
    "fast_commit",
    "filetype",
    "flex_bg",
    "has_journal",
    "huge_file",
    "inline_data",
    "journal_dev",
    "large_dir",
    "large_file",
    "meta_bg",
    "metadata_csum",
    "metadata_csum_seed",
    "mmp",
    "none",
    "nosuch",
    "orphan_file",
    "project",
    "quota",
    "resize_inode",
    "sparse_super",
    "sparse_super2",
    "stable_inodes",
    "uninit_bg",
    "verity",
    "Extents",
    "read-only",
    "shared_blocks",
]
_EXTENDED: dict[str, Sequence[str]] = {
    "desc_size": ("64", "32", "65", "1024"),
    "hash_seed": ("12345678-1234-1234-1234-123456789abc", "x"),
    "lazy_itable_init": numbers("1"),
    "mmp_update_interval": numbers("2"),
    "num_backup_sb": ("0", "2", "3"),
    "offset": ("0", "1024", "x"),
    "packed_meta_blocks": numbers("1"),
    "quotatype": ("usrquota", "prjquota", "user"),
    "resize": ("2000000", "100", "3G", "x"),
    "root_owner": ("0:0", "0", "x:y", ":"),
    "stride": numbers("2"),
    "stripe_width": numbers("4"),
    **dict.fromkeys(("nodiscard", "discard", "no_copy_xattrs", "nosuch", "root_selinux"), ("1", "")),
    **dict.fromkeys(("test_fs", "android_sparse"), ("",)),
    "encoding": ("utf8", "x"),
    "encoding_flags": ("strict",),
}
_MKE2FS: dict[str, Sequence[str]] = {
    "b": numbers("1024", "2048", "4096", "512", "65536", "-2048"),
    "C": numbers("8192", "65536"),
    "e": ("continue", "panic", "x"),
    "g": numbers("256", "8192", "32768", "100", "65536"),
    "G": numbers("16", "1", "3"),
    "i": numbers("1024", "8192", "1023", "67108865"),
    "I": numbers("128", "256", "512", "100", "8192"),
    "J": ("size=4", "size=1", "size=x", "size=100000", "location=0", "x", "size", "size=4,location=0"),
    "L": ("x", "TOOLONGLABELFOREXT4x"),
    "m": numbers("1", "50", "51", "0.5", ".5"),
    "N": numbers("100", "10000", "5000000", "4294967296"),
    "o": ("Linux", "hurd", "Lites", "x", "0"),
    "r": ("0", "1", "2", "x"),
    "t": ("ext2", "ext3", "ext4", "xfs", "small", ""),
    "T": ("small", "news", "default", "nosuch"),
    "U": ("random", "clear", "x", "12345678-1234-1234-1234-123456789abc", "12345678"),
    **dict.fromkeys("FjqvcKDnVhs", ()),
}
_MKFS_FAT: dict[str, Sequence[str]] = {
    "b": numbers("1", "6", "32"),
    "D": numbers("128", "0x80", "256"),
    "f": numbers("1", "2", "5"),
    "F": numbers("12", "16", "32"),
    "g": ("255/63", "255", "0/1", "65536/1", "0xff/0x3f"),
    "h": numbers("2048", "4294967296"),
    "i": ("12345678", "xyz", "123456789", "0xABCD"),
    "M": numbers("0xf8", "240", "0xf1", "0370"),
    "n": ("ABC", "TOOLONGLABEL", "a.b", "A*B", "-x"),
    "r": numbers("16", "512", "15", "100"),
    "R": numbers("1", "2", "32", "65535", "65536"),
    "s": numbers("1", "8", "128", "3"),
    "S": numbers("512", "4096", "8192", "100"),
    **dict.fromkeys("AaCIvx", ()),
}
_MKFS_FAT_LONG = (
    *("--invariant", "--mbr", "--mbr=y", "--mbr=x", "--codepage=850", "--codepage=x", "--codepage 437"),
    *("--variant=atari", "--variant=x", "--offset=0", "--offset=63", "--help", "--nosuch", "1000", "x"),
)
_DD: dict[str, Sequence[str]] = {
    "bs": (
        "512",
        "1k",
        "1K",
        "1m",
        "1M",
        "0",
        "",
        "1kB",
        "1KiB",
        "2x512",
        "0x200",
        "+512",
        "1c",
        "3",
        "2x2x2",
    ),
    "seek": ("0", "2", "-1", "x", "1k", "10000", "2x2"),
    "skip": ("0", "1", "100000"),
    "count": ("0", "1", "1000", "1k", "x"),
    "conv": (
        *("fsync", "notrunc", "sync", "excl", "nocreat", "swab", "lcase,ucase", "block,unblock", "", "x"),
        *("ascii", "ascii,ebcdic", "excl,nocreat", "fsync,fdatasync", "FSYNC"),
    ),
    "oflag": ("dsync", "sync", "append", "seek_bytes", "fullblock", "directory", "x", "cio", "nolinks"),
    "iflag": ("fullblock", "count_bytes", "skip_bytes", "directory", "x"),
    "ibs": ("512", "0", "x"),
    "obs": ("512", "4096", "0"),
    "cbs": ("80", "0"),
    "status": ("none", "noxfer", "x", "none,noxfer"),
    "oseek": ("1", "x"),
}
_NANDWRITE = (
    *(
        "-p",
        "-q",
        "-m",
        "-N",
        "-n",
        "-o",
        "-a",
        "-k",
        "-j",
        "-l 5",
        "--pad",
        "--oob",
        "--noecc",
        "--autoplace",
    ),
    *(
        "--skip-bad-blocks-to-start",
        "--raw",
        "--version",
        "-h",
        "--",
        "x",
        "-s 1024",
        "-s 0x400",
        "-s x",
        "-s",
    ),
    *(
        "--start=2048",
        "--start=",
        "--start 4096",
        "--st=8",
        "--input-size=512",
        "--input-size=x",
        "-b 3",
        "-b 2",
    ),
)
TYPES = (
    *("83", "0c", "0x83", "linux", "swap", "L", "S", "E", "X", "5", "0f", "85", "extended", "Extended", "ee"),
    *(
        "junk",
        "",
        "00",
        "105",
        "1da",
        "83 ",
        "u",
        "V",
        "home",
        "uefi",
        "Linux",
        "linux-raid",
        "linux-root-arm",
    ),
    *(
        "efi-system",
        "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
        "0FC63DAF",
        "5 5",
        '"5"',
        "5,",
        "Ex",
        "-5",
        "raid",
    ),
)
"""Types of a partition."""


def _options(
    rng: random.Random, letters: dict[str, Sequence[str]], other: Callable[[random.Random], str | None]
) -> str:
    words = []
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        word = other(rng)
        if word is None:
            letter = rng.choice(sorted(letters))
            values = letters[letter]
            word = f"-{letter}{rng.choice(' ,').strip(',')}{rng.choice(values)}" if values else f"-{letter}"
        words.append(word)
    return " ".join(words)


def _features_or_extended(rng: random.Random) -> str | None:
    kind = rng.random()
    if kind < 0.2:
        names = [rng.choice(("", "", "^", "+")) + rng.choice(_FEATURES) for _ in range(rng.choice((1, 2, 3)))]
        return "-O " + ",".join(names)
    if kind < 0.4:
        names = rng.choices(sorted(_EXTENDED), k=rng.choice((1, 1, 2)))
        values = [name + rng.choice(("", f"={rng.choice(_EXTENDED[name])}")) for name in names]
        return "-E " + ",".join(values)
    return None


def mke2fs_options(rng: random.Random) -> str:
    """Options for mkfs.ext2, mkfs.ext3 or mkfs.ext4."""
    return _options(rng, _MKE2FS, _features_or_extended)


def mkfs_fat_options(rng: random.Random) -> str:
    """Options for mkfs.fat."""
    return _options(rng, _MKFS_FAT, lambda r: r.choice(_MKFS_FAT_LONG) if r.random() < 0.15 else None)


def dd_options(rng: random.Random) -> str:
    """Operands for dd, without those that name other files."""
    keys = rng.choices(sorted(_DD), k=rng.choice((1, 2, 2, 3)))
    words = [f"{key}={rng.choice(_DD[key])}" for key in keys]
    return " ".join([*words, *(["--"] if rng.random() < 0.05 else [])])


def nandwrite_options(rng: random.Random) -> str:
    """Options for nandwrite."""
    return " ".join(rng.choices(_NANDWRITE, k=rng.choice((1, 1, 2, 3))))
