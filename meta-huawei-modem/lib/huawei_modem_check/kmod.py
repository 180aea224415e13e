# SPDX-License-Identifier: MIT
"""The index of a folder of modules as kmod reads it: modules.*.bin, which modprobe and udev open, and
nothing else.

Layout: libkmod/libkmod-index.h of kmod 30. A trie, big-endian: magic number, version, and the place of the
root; the highest bits of a place say which parts the node has.
"""

from __future__ import annotations

import functools
import re
import struct
from collections.abc import Iterator

from huawei_modem_check import limits
from huawei_modem_check.inflate import DamagedError

_MAGIC, _VERSION = 0xB007F457, 0x00020001
_HEADER = struct.Struct(">III")
_PREFIX, _VALUES, _CHILDREN = 0x80000000, 0x40000000, 0x20000000
_PLACE = 0x0FFFFFFF
_TOTAL = 16 * limits.MIB  # characters of all keys on the way; of Debian's modules.alias a million
_OUTSIDE_BRACKETS = re.compile(r"\[[^\]]*\]|-")


def parse_index(data: bytes) -> dict[str, list[str]]:
    """Every key of an index with its values. Raises DamagedError for what kmod does not read."""
    try:
        magic, version, root = _HEADER.unpack_from(data)
        if magic != _MAGIC or version >> 16 != _VERSION >> 16:
            raise DamagedError("no index of kmod: its magic number or version is another")
        return {key: values for key, values in _walk(data, root) if values}
    except (struct.error, IndexError, ValueError) as err:
        raise DamagedError(f"no whole index: {err}") from err


def _walk(data: bytes, root: int) -> Iterator[tuple[str, list[str]]]:
    """In a tree no two nodes share a byte: what reads more than there is leads back to itself."""
    waiting = [(root, "")]
    unread, room = len(data), _TOTAL
    while waiting:
        offset, key = waiting.pop()
        start = place = offset & _PLACE
        if offset & _PREFIX:
            end = data.index(b"\0", place)
            key += data[place:end].decode("utf-8", "replace")
            place = end + 1
        if offset & _CHILDREN:
            first, last = data[place], data[place + 1]
            children = struct.unpack_from(f">{max(0, last - first + 1)}I", data, place + 2)
            waiting += [(child, key + chr(at)) for at, child in enumerate(children, first) if child]
            place += 2 + 4 * len(children)
            room -= len(children) * (len(key) + 1)
        if offset & _VALUES:
            values: list[str] = []
            (count,) = struct.unpack_from(">I", data, place)
            place += 4
            for _ in range(count):
                end = data.index(b"\0", place + 4)
                values.append(data[place + 4 : end].decode("utf-8", "replace"))
                place = end + 1
            yield key, values
        unread -= place - start
        if unread < 0 or room < 0:
            raise DamagedError("an index that has no end")


def normal(name: str) -> str:
    """A name or pattern as kmod compares it: a dash is an underscore, but for those in brackets."""
    if "[" not in name:  # as nearly every name: an image has tens of thousands
        return name.replace("-", "_")
    return _OUTSIDE_BRACKETS.sub(lambda match: "_" if match[0] == "-" else match[0], name)


@functools.lru_cache(maxsize=4)
def aliases_in(text: str) -> frozenset[tuple[str, str]]:
    """Pattern and module of each line of a modules.alias, of which several rules ask."""
    lines = (line.split() for line in text.splitlines())
    return frozenset(
        (normal(words[1]), normal(words[2])) for words in lines if len(words) == 3 and words[0] == "alias"
    )


def differences(name: str, binary: bytes | None, text: str | None) -> list[str]:
    """How the .bin of an index differs from its text, both of which depmod writes; empty when it does not."""
    if binary is None:
        return [f"{name}.bin is not there, and kmod reads no other"]
    try:
        index = parse_index(binary)
    except DamagedError as err:
        return [f"{name}.bin: {err}"]
    if name == "modules.dep":
        mine = {line.strip() for values in index.values() for line in values}
        other = {line.strip() for line in (text or "").splitlines() if line.strip()}
        lost, more = other - mine, mine - other
    else:
        pairs = {(key, value) for key, values in index.items() for value in values}
        known = aliases_in(text or "")
        if pairs != known:  # depmod writes both of them as kmod compares names
            pairs = {(normal(key), normal(value)) for key, value in pairs}
        lost, more = ({f"alias {a} {b}" for a, b in part} for part in (known - pairs, pairs - known))
    found = [f"{name}.bin lacks {line[:120]}" for line in sorted(lost)[:3]]
    return found + [f"{name}.bin has {line[:120]}, which {name} lacks" for line in sorted(more)[:3]]
