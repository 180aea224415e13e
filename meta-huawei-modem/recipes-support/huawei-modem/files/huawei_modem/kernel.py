# SPDX-License-Identifier: MIT
"""Facts about the running kernel and the modules that lie there for it."""

from __future__ import annotations

from huawei_modem.modules import ModuleFormatError, modinfo_of, modinfo_of_file, vermagic_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import TypedDict
else:
    TypedDict = dict


class KernelFacts(TypedDict):
    """What `collect` found. Paths of modules are relative to `modules_dir`."""

    release: str
    """As uname -r."""
    modules_dir: str
    folder: bool
    """Whether modules_dir is there."""
    folders: list[str]
    """Names of all folders beside it."""
    loadable: bool | None
    """Whether the kernel takes modules at all; None when /proc does not tell."""
    index: bool
    """Whether modules.dep is there and readable."""
    absent: list[str]
    """Modules that modules.dep names and that are not there."""
    lacking: list[str]
    """Wanted drivers that are neither a module nor built in."""
    checked: int
    """How many modules were read."""
    foreign: dict[str, str]
    """Modules built for another kernel, with the release they were built for."""
    unread: dict[str, str]
    """Modules that could not be read, with the reason."""


def collect(root: Path, drivers: tuple[str, ...], every: bool = False) -> KernelFacts:
    """Reads the index and a few modules, or with `every` all of them.

    The few are `drivers` (names of modules), what they depend on, tun, and whatever is loaded: some dozen
    out of thousands.
    """
    release = _text(root / "proc/sys/kernel/osrelease").strip()
    name = f"lib/modules/{release}"
    folder = root / name
    dependencies = _index(_text(folder / "modules.dep"))
    builtin = {module_name(line) for line in _text(folder / "modules.builtin").split()}
    names = {module_name(path): path for path in dependencies}
    facts: KernelFacts = {
        "release": release,
        "modules_dir": f"/{name}",
        "folder": bool(release) and folder.is_dir(),
        "folders": sorted(entry.name for entry in _entries(root / "lib/modules") if entry.is_dir()),
        "loadable": (root / "proc/modules").exists() if (root / "proc/sys").is_dir() else None,
        "index": (folder / "modules.dep").is_file(),
        "absent": _absent(folder, dependencies),
        "lacking": [driver for driver in drivers if driver not in names and driver not in builtin],
        "checked": 0,
        "foreign": {},
        "unread": {},
    }
    loaded = [line.split()[0] for line in _text(root / "proc/modules").splitlines() if line.strip()]
    chosen = (
        list(dependencies) if every else _with_dependencies([*drivers, "tun", *loaded], names, dependencies)
    )
    for path in chosen:
        if path not in facts["absent"]:
            _read_one(facts, folder, path)
    return facts


def parse_modules_dep(text: str) -> dict[str, list[str]]:
    """modules.dep: each module's path, with the paths it depends on (modules.dep(5))."""
    return {path: needs.split() for path, needs in _index(text).items()}


def _index(text: str) -> dict[str, str]:
    """As parse_modules_dep, with what a module depends on as it stands: there are thousands of lines."""
    lines = (line.partition(":") for line in text.splitlines())
    return {path.strip(): needs for path, colon, needs in lines if colon}


def _absent(folder: Path, paths: Iterable[str]) -> list[str]:
    """The modules that are not there, by the lists of some hundred folders: there are thousands of files."""
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


def _with_dependencies(
    wanted: list[str], names: Mapping[str, str], dependencies: Mapping[str, str]
) -> list[str]:
    """Paths of the wanted modules and of all they depend on (modules.dep lists these in full)."""
    paths: dict[str, None] = {}
    for name in wanted:
        if name in names:
            paths.update(dict.fromkeys([names[name], *dependencies[names[name]].split()]))
    return list(paths)


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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
