# SPDX-License-Identifier: MIT
"""Facts about the running kernel and the modules that lie there for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem import regular
from huawei_modem.modules import ModuleFormatError, modinfo_of, modinfo_of_file, vermagic_release

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from huawei_modem.shapes import KernelFacts

_LARGEST = 1 << 24
"""Octets of a list of modules or symbols."""


FEW, LOADED, PRESENT, EVERY = range(4)
"""How much is looked at: the wanted drivers and what they need; also what is loaded; also whether every
module of the index is there; also what each of them says. The first are a dozen, the last thousands."""


def collect(root: Path, drivers: tuple[str, ...], depth: int = LOADED) -> KernelFacts:
    """Reads the index, and modules as far as `depth` says: `drivers` (names of modules) and tun at least."""
    release = _text(root / "proc/sys/kernel/osrelease").strip()
    name = f"lib/modules/{release}"
    folder = root / name
    index, builtin = _Index(folder / "modules.dep"), _Index(folder / "modules.builtin")
    wanted = [*drivers, "tun"]
    if depth >= LOADED:
        wanted += [line.split()[0] for line in _text(root / "proc/modules").splitlines() if line.strip()]
    chosen = list(index.all) if depth == EVERY else index.with_dependencies(wanted)
    facts: KernelFacts = {
        "release": release,
        "modules_dir": f"/{name}",
        "folder": bool(release) and folder.is_dir(),
        "folders": sorted(entry.name for entry in _entries(root / "lib/modules") if entry.is_dir()),
        "loadable": (root / "proc/modules").exists() if (root / "proc/sys").is_dir() else None,
        "index": (folder / "modules.dep").is_file(),
        "absent": _absent(folder, index.all if depth >= PRESENT else chosen),
        "lacking": [driver for driver in drivers if not index.find(driver) and not builtin.find(driver)],
        "checked": 0,
        "foreign": {},
        "unread": {},
    }
    for path in chosen:
        if path not in facts["absent"]:
            _read_one(facts, folder, path)
    return facts


class _Index:
    """modules.dep or modules.builtin: thousands of lines, of which a few are wanted."""

    def __init__(self, file: Path) -> None:
        # One octet a character is quicker to read, and the kernel's names are of ASCII.
        self._text = _text(file, "latin-1")
        self._found: dict[str, str | None] = {}
        self._names: dict[str, str] | None = None
        self._all: dict[str, str] | None = None

    @property
    def all(self) -> dict[str, str]:
        """Each module's path, with the paths it depends on as they stand."""
        if self._all is None:
            self._all = _index(self._text)
        return self._all

    def find(self, name: str) -> str | None:
        """The line of a module, by the name that the kernel lists."""
        if name not in self._found:
            self._found[name] = self._search(name)
        return self._found[name]

    def _search(self, name: str) -> str | None:
        for spelled in {name, name.replace("_", "-")}:
            at = self._text.find(f"/{spelled}.ko")
            while at >= 0:
                start = self._text.rfind("\n", 0, at) + 1
                end = self._text.find("\n", at)
                line = self._text[start : end if end >= 0 else None]
                # The first path of a line is the module's own; the others are what it depends on.
                if at - start < len(line.partition(":")[0]):
                    return line
                at = self._text.find(f"/{spelled}.ko", at + 1)
        return self._mixed(name) if name.count("_") > 1 else None

    def _mixed(self, name: str) -> str | None:
        """The same for files with - and _ in one name."""
        if self._names is None:
            self._names = {module_name(line.partition(":")[0]): line for line in self._text.splitlines()}
        return self._names.get(name)

    def with_dependencies(self, wanted: list[str]) -> list[str]:
        """Paths of the wanted modules and of all they depend on (modules.dep lists these in full)."""
        paths: dict[str, None] = {}
        for name in wanted:
            line = self.find(name)
            if line:
                path, _, needs = line.partition(":")
                paths.update(dict.fromkeys([path, *needs.split()]))
        return list(paths)


def parse_modules_dep(text: str) -> dict[str, list[str]]:
    """modules.dep: each module's path, with the paths it depends on (modules.dep(5))."""
    return {path: needs.split() for path, needs in _index(text).items()}


def _index(text: str) -> dict[str, str]:
    """As parse_modules_dep, with what a module depends on as it stands: there are thousands of lines."""
    lines = (line.partition(":") for line in text.splitlines())
    return {path.strip(): needs for path, colon, needs in lines if colon}


def _absent(folder: Path, paths: Iterable[str]) -> list[str]:
    """The modules that are not there. Folders are listed: there are some hundred, and thousands of files."""
    listed: dict[str, set[str]] = {}
    absent = []
    for path in paths:
        place, _, name = path.rpartition("/")
        if place not in listed:
            listed[place] = {entry.name for entry in _entries(folder / place)}
        if name not in listed[place]:
            absent.append(path)
    return absent


def module_name(path: str) -> str:
    """The name that the kernel lists: without folder and suffixes, and with _ for -."""
    return path.rpartition("/")[2].partition(".")[0].replace("-", "_")


def _read_one(facts: KernelFacts, folder: Path, path: str) -> None:
    try:
        release = vermagic_release(_modinfo(folder / path))
    except (OSError, ModuleFormatError) as err:
        facts["unread"][path] = str(err)
        return
    facts["checked"] += 1
    if release is None:
        facts["unread"][path] = "no vermagic"
    elif release != facts["release"]:
        facts["foreign"][path] = release


def _modinfo(path: Path) -> dict[str, list[str]]:
    suffix = path.name[path.name.rfind(".") :]
    if suffix == ".gz":
        import gzip
        import zlib

        try:
            return modinfo_of(gzip.decompress(path.read_bytes()))
        except (EOFError, zlib.error) as err:
            raise ModuleFormatError(f"damaged: {err}") from err
    if suffix == ".xz":
        import lzma

        try:
            return modinfo_of(lzma.decompress(path.read_bytes()))
        except lzma.LZMAError as err:
            raise ModuleFormatError(f"damaged: {err}") from err
    if suffix != ".ko":
        raise ModuleFormatError(f"compressed as {suffix}, which is not read here")
    with path.open("rb") as module:
        return modinfo_of_file(module)


def _text(path: Path, encoding: str = "utf-8") -> str:
    return regular.beginning(path, _LARGEST).decode(encoding, "replace")


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
