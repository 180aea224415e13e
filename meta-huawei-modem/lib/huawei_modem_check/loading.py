# SPDX-License-Identifier: MIT
"""Whether U-Boot on the eMMC finds what its script asks for: the kernel by its name, the partition of /."""

from __future__ import annotations

from collections.abc import Iterator

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding
from huawei_modem_check.boot_script import DEFAULT_KERNEL, DEFAULT_ROOT, asked, is_asked_for, needs_overlays
from huawei_modem_check.facts import BootText, Image
from huawei_modem_check.installer.listing import Listed, Placed

BOOT_PARTITION = 1  # where U-Boot looks for boot.scr, kernel and device tree
_OVERLAYS = "overlays.txt"
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
    scripts = [text for text in texts if _name(text.source) != _OVERLAYS]
    if damaged or any(not text.text for text in scripts):
        return
    if not scripts and not environment and _brings_u_boot(item):
        return
    said = asked([*(text.text for text in scripts), environment.decode("utf-8", "replace")])
    kernels, roots = said.kernels, said.roots
    if not scripts and not environment:
        kernels, roots = frozenset({DEFAULT_KERNEL}), frozenset({DEFAULT_ROOT})
    yield from _kernel(view, where, kernels, scripts)
    yield from _root(view, where, roots)
    for text in scripts:
        if needs_overlays(text.text) and len(texts) == len(scripts):
            what = f"{text.source} loads {_OVERLAYS}, which is not there, and stops"
            yield found("tezi-layout:script", [Evidence(text.source, what)], what=what)


def _name(source: str) -> str:
    return source.rpartition(":")[2].rpartition("/")[2]


def _brings_u_boot(item: Listed) -> bool:
    devices = item.description.block_devices
    return any(device.content is not None and device.content.rawfiles for device in devices)


def _kernel(
    view: Image, where: _Where, kernels: frozenset[str], scripts: list[BootText]
) -> Iterator[Finding]:
    there = [kernel.source for kernel in view.kernels if where.loaded(kernel.file)]
    if not there or not kernels or any(is_asked_for(_name(source), kernels) for source in there):
        return
    by = scripts[0].source if scripts else "U-Boot, as no boot.scr says another name,"
    wanted, lying = (", ".join(names[:_NAMED]) for names in (sorted(kernels), list(map(_name, there))))
    what = f"{by} loads {wanted}, and there is {lying}"
    yield found("tezi-layout:script", [Evidence(source, what) for source in there[:_NAMED]], what=what)


def _root(view: Image, where: _Where, roots: frozenset[int] | None) -> Iterator[Finding]:
    there = set().union(*(where.partitions(folder.file) for folder in view.folders))
    if not there or not roots or there & roots:
        return
    what = f"partition {min(roots)} becomes /, and the modules are in partition {min(there)}"
    yield found("tezi-layout:root", [Evidence(folder.source, what) for folder in view.folders], what=what)
