# SPDX-License-Identifier: MIT
"""Read a flattened device tree, of which a FIT image is one too (Devicetree Specification 0.4, chapter 5)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

from huawei_modem_check import limits
from huawei_modem_check.inflate import DamagedError

MAGIC = b"\xd0\x0d\xfe\xed"

_HEADER = struct.Struct(">7I")  # magic, totalsize, structure, strings, reserve map, version, last compatible
_BEGIN_NODE, _END_NODE, _PROPERTY, _NOP, _END = 1, 2, 3, 4, 9
_DEPTH = 64

if TYPE_CHECKING:
    Tree = dict[str, dict[str, bytes]]
    """Path of a node ("" is the root) to its properties."""


def parse_fdt(data: bytes) -> Tree:
    """The nodes of a device tree. Raises DamagedError when it is truncated or damaged."""
    try:
        return dict(_nodes(data))
    except (struct.error, IndexError, ValueError) as err:
        raise DamagedError(f"no whole device tree: {err}") from err


def strings(value: bytes) -> tuple[str, ...]:
    """A property that is a list of strings."""
    return tuple(item.decode("utf-8", "replace") for item in value.rstrip(b"\0").split(b"\0"))


def _nodes(data: bytes) -> Iterator[tuple[str, dict[str, bytes]]]:
    place, names, total = _header(data)
    path: list[str] = []
    properties: dict[str, bytes] = {}
    nodes = 0
    for _ in range(limits.DEVICE_TREE_NODES * 16):
        token = _word(data, place)
        place += 4
        if token == _BEGIN_NODE:
            name, place = _name(data, place)
            path.append(name)
            if len(path) > _DEPTH:
                raise DamagedError(f"nodes nested more than {_DEPTH} deep")
            # A node's properties come before its children (5.4.2): this mapping stays the same object.
            properties = {}
            nodes += 1
            if nodes > limits.DEVICE_TREE_NODES:
                raise DamagedError(f"more than {limits.DEVICE_TREE_NODES} nodes")
            yield "/".join(path), properties
        elif token == _END_NODE:
            path.pop()
        elif token == _PROPERTY:
            size, label = _word(data, place), _name(data, names + _word(data, place + 4))[0]
            if place + 8 + size > total:
                raise DamagedError("a property is longer than the tree")
            properties[label] = data[place + 8 : place + 8 + size]
            place = _aligned(place + 8 + size)
        elif token == _END and not path:
            return
        elif token != _NOP:
            raise DamagedError(f"no token of a device tree at {place - 4:#x}")
    raise DamagedError("a device tree that has no end")


def _header(data: bytes) -> tuple[int, int, int]:
    """Where the structure and the names begin, and the size of it all."""
    magic, total, structure, names, _reserve, version, compatible = _HEADER.unpack_from(data)
    if magic != int.from_bytes(MAGIC, "big") or compatible > 17 or version < 16:
        raise DamagedError("not a device tree of version 16 or 17")
    if total > len(data):
        raise DamagedError(f"truncated: the header says {total} bytes, {len(data)} are there")
    return structure, names, total


def _name(data: bytes, place: int) -> tuple[str, int]:
    """The string at `place`, and where the next token may be."""
    end = data.find(b"\0", place, place + limits.DEVICE_TREE_NAME)
    if end < 0:
        raise DamagedError(f"a name of more than {limits.DEVICE_TREE_NAME} bytes at {place:#x}")
    return data[place:end].decode("utf-8", "replace"), _aligned(end + 1)


def _word(data: bytes, place: int) -> int:
    return int(struct.unpack_from(">I", data, place)[0])


def _aligned(place: int) -> int:
    return (place + 3) & ~3
