# SPDX-License-Identifier: MIT
"""mke2fs's -E (parse_extended_opts in misc/mke2fs.c of e2fsprogs 1.47.0)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from huawei_modem_check.installer.strtoul import blocks, number

if TYPE_CHECKING:
    from collections.abc import Callable

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NO_VALUE_NEEDED = {
    *("assume_storage_prezeroed", "discard", "lazy_itable_init", "lazy_journal_init"),
    *("no_copy_xattrs", "nodiscard", "packed_meta_blocks", "root_owner"),
}
_WHERE_ALONE = {"hash_seed", "stride", "stripe-width", "stripe_width"}
_NUMBERS = ("mmp_update_interval", "offset", "stride", "stripe-width", "stripe_width")


def leave_the_room(words: str) -> bool:
    """Whether all that -E says changes how a file system is made or laid out, and not how much it holds."""
    names = {item.partition("=")[0] for item in filter(None, words.split(","))}
    return names <= (_NO_VALUE_NEEDED | _WHERE_ALONE) - {"packed_meta_blocks"}


class RefusedError(Exception):
    """Why mke2fs makes no file system of it."""


def apply(words: str, features: set[str], size: int | None, block: int) -> None:
    """What -E says, and the features that come with it. Raises RefusedError; `size` and `block` are bytes."""
    flags = False
    for item in filter(None, words.split(",")):
        name, equals, value = item.partition("=")
        if not equals and name in _NO_VALUE_NEEDED:
            continue
        reason = _fault(name, value if equals else None, features, size, block)
        if reason:
            raise RefusedError(f"-E {item!r}: {reason}")
        flags = flags or name == "encoding_flags"
    if flags and "casefold" not in features:
        raise RefusedError("-E encoding_flags needs an encoding")


def _fault(name: str, value: str | None, features: set[str], size: int | None, block: int) -> str | None:
    if name in _MARKS:
        return _MARKS[name]
    if name in _NO_VALUE_NEEDED:
        owner = [number(part) for part in (value or "").split(":")]
        return "an owner is UID:GID" if name == "root_owner" and (len(owner) != 2 or None in owner) else None
    if value is None:
        return "has no value, or mke2fs does not know it"
    if name in ("desc_size", "desc-size") and "64bit" not in features:
        return "needs -O 64bit"
    if name == "offset" and number(value):
        return "the file system does not begin where its partition does"
    if name == "resize":
        most = blocks(value, block)
        small = not most or (size is not None and most <= size // block)
        return "not more than the file system has" if small else None
    if name == "encoding":
        features.add("casefold")
    if name == "quotatype" and "prj" in value:
        features.add("project")
    if name not in _VALUES:
        return "mke2fs does not know it"
    is_right, what = _VALUES[name]
    return None if is_right(value, block) else what


_MARKS = {
    "test_fs": "marks a file system for tests, which mount takes for another one",
    "android_sparse": "makes an image for Android, and not a file system",
}
_QUOTAS = {"usr", "grp", "prj", "usrquota", "grpquota", "prjquota"}
_VALUES: dict[str, tuple[Callable[[str, int], bool], str]] = {
    **dict.fromkeys(_NUMBERS, (lambda value, _block: number(value) is not None, "not a number")),
    **dict.fromkeys(
        ("desc_size", "desc-size"),
        (lambda value, _block: number(value) in (64, 128, 256, 512, 1024), "no size of a descriptor"),
    ),
    "num_backup_sb": (lambda value, _block: number(value) in (0, 1, 2), "0, 1 or 2"),
    "hash_seed": (lambda value, _block: bool(UUID.fullmatch(value)), "not a UUID"),
    "orphan_file_size": (lambda value, block: blocks(value, block) > 0, "not a size"),
    "quotatype": (lambda value, _block: set(value.split(":")) <= _QUOTAS, "not a type of quota"),
    "encoding": (lambda value, _block: value in ("utf8", "utf8-12.1"), "mke2fs knows utf8 and utf8-12.1"),
    "encoding_flags": (lambda _value, _block: True, ""),
}
"""Whether a value is right, given the size of a block, and what it is otherwise."""
