# SPDX-License-Identifier: MIT
"""What modules ask of the kernel and of each other: symbols, and with MODVERSIONS their CRCs.

The kernel refuses a module with a symbol that nobody exports, or that has another CRC than the kernel's
own. `depmod -e` finds the same with `-F System.map` and `-E Module.symvers`.
Layouts: struct modversion_info in include/linux/module.h; symbols as in the System V ABI, chapter 4.
"""

from __future__ import annotations

import dataclasses
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from huawei_modem.modules import Sections, read_sections
from huawei_modem_check import limits

if TYPE_CHECKING:
    _Read = Callable[[int, int], bytes]
_VERSION = {False: "I60s", True: "Q56s"}  # struct modversion_info of a 32-bit and of a 64-bit kernel
_SYMBOL = {False: "IIIBBH", True: "IBBHQQ"}
_EXPORTED = re.compile(rb"\0__ksymtab_([^\0]+)")
_OF_MAP = re.compile(r"^[0-9a-f]+ \w __ksymtab_(\S+)$", re.MULTILINE)
_OF_SYMVERS = re.compile(r"^0x([0-9a-f]{1,8})\t(\S+)", re.MULTILINE)
_LINKERS_OWN = frozenset({"_GLOBAL_OFFSET_TABLE_"})
_GLOBAL = 1  # binding of a symbol


@dataclasses.dataclass(frozen=True)
class Import:
    """A symbol that a module asks for; `crc` is None in a build without MODVERSIONS."""

    name: str
    crc: int | None = None


@dataclasses.dataclass(frozen=True)
class ModuleSymbols:
    """What one module asks for and what it exports. Weak symbols may be missing, and are left out."""

    imports: tuple[Import, ...]
    exports: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Exports:
    """What the kernel exports, by name; the CRC is None where the source has none (System.map)."""

    source: str
    crcs: Mapping[str, int | None]


def parse_exports(text: str, source: str) -> Exports | None:
    """The symbols in a System.map or a Module.symvers; None when it is neither, as Debian's stub of one, and
    when it has more of them than a kernel."""
    versions = {
        found[2]: int(found[1], 16) for found in islice(_OF_SYMVERS.finditer(text), limits.SYMBOLS + 1)
    }
    if versions:
        # Without MODVERSIONS all of them are 0.
        known = any(versions.values())
        crcs = {name: crc if known else None for name, crc in versions.items()}
    else:
        crcs = dict.fromkeys(found[1] for found in islice(_OF_MAP.finditer(text), limits.SYMBOLS + 1))
    return Exports(source, crcs) if 0 < len(crcs) <= limits.SYMBOLS else None


class SymbolReader:
    """Reads modules; equal imports of thousands of modules are one object."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, int | None], Import] = {}

    def read(self, read: _Read) -> ModuleSymbols:
        """The symbols of an object file. Raises ModuleFormatError when it is none."""
        sections = read_sections(read)

        def content(name: bytes) -> bytes:
            return read(*sections.places[name]) if name in sections.places else b""

        names = content(b".strtab")
        crcs = dict(_versions(sections, content(b"__versions")))
        wanted = list(_undefined(sections, content(b".symtab"), names))
        imports = tuple(self._import(name, crcs.get(name)) for name in wanted)
        exports = tuple(name.decode("ascii", "replace") for name in _EXPORTED.findall(names))
        return ModuleSymbols(imports, exports)

    def _import(self, name: bytes, crc: int | None) -> Import:
        key = (name, crc)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Import(name.decode("ascii", "replace"), crc)
        return found


def faults(modules: Mapping[str, ModuleSymbols], exports: Exports) -> Iterator[tuple[str, str]]:
    """Path of a module, and what is wrong with one of its symbols, as `depmod -e` would say it."""
    own = {name for symbols in modules.values() for name in symbols.exports}
    for path, symbols in sorted(modules.items()):
        for item in symbols.imports:
            if item.name in _LINKERS_OWN:
                continue
            if item.name not in exports.crcs:
                if item.name not in own:
                    yield path, f"asks for {item.name}, which neither the kernel nor a module exports"
                continue
            crc = exports.crcs[item.name]
            if crc is not None and item.crc is not None and crc != item.crc:
                yield path, f"asks for {item.name} with CRC {item.crc:#010x}, and the kernel's is {crc:#010x}"


def _versions(sections: Sections, data: bytes) -> Iterator[tuple[bytes, int]]:
    layout = struct.Struct(sections.order + _VERSION[sections.wide])
    whole = len(data) // layout.size * layout.size
    for crc, name in layout.iter_unpack(data[:whole]):
        yield name.partition(b"\0")[0], crc & 0xFFFFFFFF


def _undefined(sections: Sections, table: bytes, names: bytes) -> Iterator[bytes]:
    layout = struct.Struct(sections.order + _SYMBOL[sections.wide])
    whole = len(table) // layout.size * layout.size
    for fields in layout.iter_unpack(table[:whole]):
        if sections.wide:
            place, kind, _other, section = fields[:4]
        else:
            place, kind, section = fields[0], fields[3], fields[5]
        if section == 0 and place and kind >> 4 == _GLOBAL:
            yield names[place : names.find(b"\0", place)]
