# SPDX-License-Identifier: MIT
"""Whether U-Boot on the eMMC finds what its script asks for: kernel and tree by path, the partition of /."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding
from huawei_modem_check.boot_script import (
    DEFAULT_KERNEL,
    DEFAULT_ROOT,
    Asked,
    Label,
    Named,
    asked,
    labels,
    needs_overlays,
)
from huawei_modem_check.facts import BootText, Image
from huawei_modem_check.installer.listing import Listed, Placed

BOOT_PARTITION = 1  # where U-Boot looks for boot.scr, kernel and device tree
_OVERLAYS, _ENVIRONMENT = "overlays.txt", "uEnv.txt"
_NAMED = 5  # in one finding


class _Where:
    """Where the files of the image lie on the eMMC."""

    def __init__(self, places: list[Placed]) -> None:
        self._places = [place for place in places if place.kind != "raw" and place.number is not None]

    def loaded(self, file: str) -> bool:
        """Whether U-Boot looks there: at the top of the first partition, or in its /boot."""
        return any(
            place.file == file and place.number == BOOT_PARTITION and place.folder in ("", "boot")
            for place in self._places
        )

    def of(self, source: str, file: str) -> Iterator[tuple[int, str]]:
        """Partition and path of what was read as `source`."""
        inside = source.partition(":")[2] or file.rpartition("/")[2]
        for place in self._places:
            if place.file == file and place.number is not None:
                yield place.number, "/" + "/".join(filter(None, (place.folder, inside)))

    def partitions(self, file: str) -> set[int]:
        return {place.number for place in self._places if place.file == file and place.number is not None}


def asked_and_there(view: Image, item: Listed, places: list[Placed], environment: bytes) -> Iterator[Finding]:
    """What a script loads and is not there.

    Without a script and an environment U-Boot takes its own names; those of one that the image brings are
    not known.
    """
    where = _Where(places)
    texts = [text for text in view.boot_texts if where.loaded(text.file)]
    damaged = [text for text in texts if text.problem]
    for text in damaged:
        what = f"{text.source}: {text.problem}"
        yield found("tezi-layout:script", [Evidence(text.source, text.problem or "")], what=what)
    scripts = in_use(texts)
    if damaged or any(not text.text for text in scripts):
        return
    if not scripts and not environment and _brings_u_boot(item):
        return
    said = asked([*(text.text for text in scripts), environment.decode("utf-8", "replace")])
    if not scripts and not environment:
        said = Asked(frozenset({Named(DEFAULT_KERNEL)}), frozenset({DEFAULT_ROOT}))
    yield from _started(view, where, said, scripts)
    yield from _root(view, where, said.roots)
    for text in scripts:
        if needs_overlays(text.text) and not any(_name(each.source) == _OVERLAYS for each in texts):
            what = f"{text.source} loads {_OVERLAYS}, which is not there, and stops"
            yield found("tezi-layout:script", [Evidence(text.source, what)], what=what)


def in_use(texts: Sequence[BootText]) -> list[BootText]:
    """Those that U-Boot follows: uEnv.txt is one where a script reads it, or where there is no other."""
    scripts = [text for text in texts if _name(text.source) != _OVERLAYS]
    first = [text for text in scripts if _name(text.source) != _ENVIRONMENT]
    return first if first and not any("uEnv" in text.text for text in first) else scripts


def _name(source: str) -> str:
    return source.rpartition(":")[2].rpartition("/")[2]


def _brings_u_boot(item: Listed) -> bool:
    devices = item.description.block_devices
    return any(device.content is not None and device.content.rawfiles for device in devices)


def _started(view: Image, where: _Where, said: Asked, scripts: list[BootText]) -> Iterator[Finding]:
    """Kernel and tree, by the labels of an extlinux.conf and, where none of them starts, by the scripts."""
    kernels = {at: kernel for kernel in view.kernels for at in where.of(kernel.source, kernel.file)}
    trees = [at for tree in view.device_trees for at in where.of(tree.source, tree.file)]
    if not kernels:
        return
    ways = {text.source: ways for text in scripts if (ways := labels(text)) is not None}
    if any(_is_whole(label, kernels, trees) for found_labels in ways.values() for label in found_labels):
        return
    by = scripts[0].source if scripts else "U-Boot, as no boot.scr says another name,"
    what = None
    if ways and len(ways) == len(scripts):
        what = f"no label of {by} has a kernel and a tree that are there"
    elif chosen := _missing(said.kernels, kernels) or _missing(said.trees or frozenset(), trees):
        what = f"{by} loads {chosen}"
    elif said.commands == {"z"} and all(kernel.kind == "uImage" for kernel in kernels.values()):
        what = "bootz starts no uImage"
    elif said.commands == {"m"} and all(kernel.kind == "zImage" for kernel in kernels.values()):
        what = "bootm starts no zImage that is not in a uImage or FIT"
    if what:
        sources = sorted({kernel.source for kernel in kernels.values()})
        yield found("tezi-layout:script", [Evidence(source, what) for source in sources[:_NAMED]], what=what)


def _is_whole(label: Label, *there: Collection[tuple[int, str]]) -> bool:
    """Whether the kernel of a label is there, and its tree where it names one: without it U-Boot goes on."""
    wanted = (label.kernel, label.tree)
    return all(name is None or (BOOT_PARTITION, name) in at for name, at in zip(wanted, there))  # noqa: B905


def names_its_tree(view: Image) -> bool:
    """Whether the scripts load a tree by a name that stands there: then U-Boot's own does not count."""
    return bool(asked(text.text for text in in_use(view.boot_texts)).trees)


def _missing(named: Iterable[Named], there: Collection[tuple[int, str]]) -> str | None:
    """What of `named` is loaded and what is there, if they have nothing in common."""
    first = [at for at in there if at[0] == BOOT_PARTITION] or there
    if not named or any(
        each.is_at(*at) for each in named for at in (first if each.partition is None else there)
    ):
        return None
    wanted = sorted(f"{each.partition}:{each.path}" if each.partition else each.path for each in named)
    lying = sorted(f"{partition}:{path}" for partition, path in there)
    return f"{', '.join(wanted[:_NAMED])}, and there is {', '.join(lying[:_NAMED]) or 'none'}"


def _root(view: Image, where: _Where, roots: frozenset[int] | None) -> Iterator[Finding]:
    there = set().union(*(where.partitions(folder.file) for folder in view.folders))
    if not there or not roots or there & roots:
        return
    what = f"partition {min(roots)} becomes /, and the modules are in partition {min(there)}"
    yield found("tezi-layout:root", [Evidence(folder.source, what) for folder in view.folders], what=what)
