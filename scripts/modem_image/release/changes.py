# SPDX-License-Identifier: MIT
"""What changed between two releases: pure functions from two records to a list of changes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from huawei_modem.running_kernel import module_name
from modem_image.release.contents import ENTRY, Contents

TITLES = {
    "image": "Images",
    "layer": "Layers",
    "kernel": "Kernel",
    "option": "Kernel options",
    "module": "Kernel modules",
    "device tree": "Device trees and overlays",
    "package": "Packages",
    "setting": "image.json",
    "image file": "U-Boot and other files of the image",
    "boot file": "Boot partition",
    "file": "Root file system",
}
"""Kinds of changes in the order in which they are shown, with their headings."""
_PARTS = (("kernels", "kernel"), ("packages", "package"), ("config", "option"))
_MODULES = re.compile(r"((?:usr/)?lib/modules/)([^/]+)(/.*)?")
_MODULE = re.compile(r".*/([^/]+\.ko)(?:\.(?:xz|gz|zst))?")
_TREE = re.compile(r".*\.dtbo?|(?:.*/)?overlays(?:\.txt)?(?:/.*)?")
_KERNEL = re.compile(r"(?:boot/)?(?:[zu]?Image|fitImage|vmlinu[xz])[^/]*")
_LISTS = re.compile(r"(?:var|usr)/lib/(?:dpkg|opkg|rpm|dnf)/.*")  # what package managers keep of them
# Made anew for every release, or from what is compared by itself.
_MADE = frozenset(("SHA256SUMS", "releasenotes.html", "image.json"))
_OWN_SETTINGS = frozenset(("version", "release_date", "releasenotes"))
_SIZES = "uncompressed_size"


@dataclasses.dataclass(frozen=True)
class Change:
    """One thing that was added, removed or changed; `where` is the image, and the archive in it."""

    kind: str
    name: str
    change: str
    detail: str
    where: str = ""

    def to_dict(self) -> dict[str, str]:
        """Its JSON."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.detail}"


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """A release's record, and by the title of an image what its archives hold (where that was recorded)."""

    record: Mapping[str, Any]
    contents: Mapping[str, Contents]


def differences(old: Snapshot, new: Snapshot) -> list[Change]:
    """Every change from `old` to `new`, in the order of TITLES."""
    found = [*_values("layer", "", old.record["layers"], new.record["layers"])]
    before, after = old.record["images"], new.record["images"]
    for title in sorted({*before, *after}):
        if title not in before or title not in after:
            word = "added" if title not in before else "removed"
            found.append(Change("image", title, word, word))
            continue
        found += _of_image(
            title,
            before[title],
            after[title],
            old.contents.get(title),
            new.contents.get(title),
        )
    order = list(TITLES)
    return sorted(found, key=lambda item: (order.index(item.kind), item.where, item.name))


def summary(changes: Iterable[Change]) -> list[str]:
    """A line for each kind, as the installer's dialog has room for."""
    counts: dict[str, list[Change]] = {}
    for item in changes:
        counts.setdefault(item.kind, []).append(item)
    lines = []
    for kind, title in TITLES.items():
        items = counts.get(kind, [])
        if len(items) == 1:
            lines.append(str(items[0]))
        elif items:
            lines.append(f"{title}: {len(items)} changes")
    return lines


def _of_image(
    title: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    before: Contents | None,
    after: Contents | None,
) -> list[Change]:
    found: list[Change] = []
    for part, kind in _PARTS:
        found += _values(kind, title, old[part], new[part])
    found += _values("module", title, old["modules"], new["modules"])
    found += _settings(title, old.get("description"), new.get("description"))
    told = {(item.kind, item.name) for item in found}
    compared = set(before or ()) & set(after or ())
    for change in _image_files(title, old.get("files"), new.get("files"), compared):
        if (change.kind, change.name) not in told:
            found.append(change)
    for archive in sorted(compared):
        found += _archive(f"{title}: {archive}", (before or {})[archive], (after or {})[archive], told)
    return found


def _values(kind: str, where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        if name not in old:
            yield Change(kind, name, "added", f"added, {new[name]}", where)
        elif name not in new:
            yield Change(kind, name, "removed", f"removed, was {old[name]}", where)
        elif old[name] != new[name]:
            yield Change(kind, name, "changed", f"{old[name]} -> {new[name]}", where)


def _settings(title: str, old: Any, new: Any) -> Iterator[Change]:
    """image.json but for what a release sets itself, and sizes that follow from the contents."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return
    yield from _values("setting", title, dict(_flat(old)), dict(_flat(new)))


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            if not (path == "" and key in _OWN_SETTINGS) and key != _SIZES:
                yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{number}]")
    else:
        yield path, str(value)


def _image_files(title: str, old: Any, new: Any, compared: set[str]) -> Iterator[Change]:
    """Files beside the archives; an archive of which the contents are compared is not one of them."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return
    for name in sorted({*old, *new} - _MADE - compared):
        if name not in old or name not in new:
            word = "added" if name not in old else "removed"
            yield Change("image file", name, word, word, title)
        elif old[name] != new[name]:
            yield Change("image file", name, "changed", "content", title)


def _archive(
    where: str, old: Mapping[str, str], new: Mapping[str, str], told: set[tuple[str, str]]
) -> Iterator[Change]:
    root = any(path.split("/")[0] in ("etc", "usr", "lib") for path in (*old, *new))
    before, after = _by_kernel(old), _by_kernel(new)
    packages = any(kind == "package" for kind, _name in told)
    for path in sorted({*before, *after}):
        was, now = before.get(path), after.get(path)
        if was == now:
            continue
        kind, name = _kind(path, root)
        if (kind, name) in told or (packages and _LISTS.fullmatch(path)):
            continue  # its release, version or value says it already
        if was is None or now is None:
            word = "added" if was is None else "removed"
            yield Change(kind, name, word, word, where)
        else:
            yield Change(kind, name, "changed", _detail(was, now), where)


def _by_kernel(entries: Mapping[str, str]) -> dict[str, str]:
    """Without the kernel's release in the paths: another one moves every module and changes none."""
    releases = {match[2] for path in entries if (match := _MODULES.fullmatch(path))}
    if len(releases) != 1:
        return dict(entries)
    return {
        f"{match[1]}*{match[3] or ''}" if (match := _MODULES.fullmatch(path)) else path: entry
        for path, entry in entries.items()
    }


def _kind(path: str, root: bool) -> tuple[str, str]:
    """Kind and name of a path in an archive, named as the record names kernels and modules."""
    if _MODULES.fullmatch(path) and (match := _MODULE.fullmatch(path)):
        return "module", module_name(match[1])
    if _KERNEL.fullmatch(path):
        return "kernel", path
    if _TREE.fullmatch(path) and (not root or path.startswith("boot/")):
        return "device tree", path
    return ("file" if root else "boot file"), path


def _detail(old: str, new: str) -> str:
    """Which of kind, mode, owner and content differ."""
    parts = []
    before, after = _fields(old), _fields(new)
    for label, was, now in zip(("kind", "mode", "owner"), before[:3], after[:3], strict=True):
        if was != now:
            parts.append(f"{label} {was} -> {now}")
    if before[3] != after[3]:
        target = before[3].startswith("-> ") or after[3].startswith("-> ")
        parts.append(f"{before[3]}, now {after[3]}" if target else _sizes(before[3], after[3]))
    return "; ".join(parts)


def _fields(entry: str) -> tuple[str, str, str, str]:
    match = ENTRY.fullmatch(entry)
    return (match[1], match[2], match[3], match[4] or "") if match else (entry, "", "", "")


def _sizes(old: str, new: str) -> str:
    before, after = old.partition(" ")[0], new.partition(" ")[0]
    return "content" if before == after else f"content, {before or 0} -> {after or 0} bytes"
