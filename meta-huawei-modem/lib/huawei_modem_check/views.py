# SPDX-License-Identifier: MIT
"""An image as each module gets it: of all that was read, what image.json has written, and where.

A kernel that no partition is given starts nothing, and modules in an archive that nobody unpacks are not
there.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from huawei_modem.catalogue import found
from huawei_modem.report import INSUFFICIENT_DATA, Evidence, Finding
from huawei_modem_check import loading
from huawei_modem_check.facts import Image
from huawei_modem_check.installer.listing import Listed, Placed, listed, mentioned, placed
from huawei_modem_check.installer.modules import COLIBRI, NAND, Module
from huawei_modem_check.installer.rules import faults_of

_DAMAGE = ("tezi-file-corrupt", "filesystem-damaged", INSUFFICIENT_DATA)


def views(image: Image, product: str | None = None) -> Iterator[tuple[Image, list[Finding]]]:
    """Views of `image`, each with what is found about how its parts are placed."""
    images = [item for item in listed(image.files, product) if item.modules]
    if not images:
        yield _on_module(_without_damage(image), product), []
        return
    for item in images:
        for module in item.modules:
            yield _view(image, item, module)


def without_strays(image: Image) -> tuple[Image, list[Finding]]:
    """The image without problems of archives that lie in its folder and that no image.json names.

    The installer does not open them: each is a warning.
    """
    images = listed(image.files)
    strays = {name for name, file in image.files.items() if file.archive} - mentioned(images)
    if not images or not strays:
        return image, []
    stray = [problem for problem in image.problems if _file_of(problem.where, image) in strays]
    findings = [
        found(
            "tezi-installation:caution", [Evidence(item.where, f"{item.text}; no image.json names this file")]
        )
        for item in stray
    ]
    rest = tuple(problem for problem in image.problems if problem not in stray)
    return dataclasses.replace(image, problems=rest), findings


def _file_of(where: str, image: Image) -> str:
    return where if where in image.files else where.partition(":")[0]


def _without_damage(image: Image) -> Image:
    """Without what was read of damaged archives: what is missing of it is no fault of its own."""
    damaged = {name for name, file in image.files.items() if file.archive and file.archive.problem}
    return dataclasses.replace(
        image,
        kernels=tuple(kernel for kernel in image.kernels if kernel.file not in damaged),
        folders=tuple(folder for folder in image.folders if folder.file not in damaged),
        device_trees=tuple(tree for tree in image.device_trees if tree.file not in damaged),
        incomplete=any(problem.code in _DAMAGE for problem in image.problems),
    )


def _on_module(image: Image, product: str | None) -> Image:
    """A disk image as the module gets it that is asked about, or that its device trees are for.

    U-Boot asks for a tree by its name; which board it takes among several, no file of an image says.
    """
    if not image.whole or image.files:
        return image
    named = {name for tree in image.device_trees for name in tree.compatible}
    its_own = (item for item in COLIBRI.values() if item.tree_name and item.device_tree in named)
    module = COLIBRI.get(product) if product else next(its_own, None)
    if module is None:
        return image
    return dataclasses.replace(
        image, product=module.product, device_tree=module.device_tree, tree_name=module.tree_name
    )


def _view(image: Image, item: Listed, module: Module) -> tuple[Image, list[Finding]]:
    places = placed(item, module)
    names = {place.file for place in places}
    sound = _without_damage(image)
    # A fault of a device or a content has its finding; what is not written for it would be a second one.
    stumbles = any(
        fault.outcome.is_fault and fault.place.startswith(("blockdevs", "mtddevs"))
        for fault in faults_of(item)
    )
    raw = [place for place in places if place.kind == "raw" and place.volume is None]
    view = dataclasses.replace(
        sound,
        kernels=tuple(kernel for kernel in sound.kernels if kernel.file in names),
        folders=tuple(folder for folder in sound.folders if folder.file in names),
        device_trees=tuple(tree for tree in sound.device_trees if tree.file in names),
        boot_texts=tuple(text for text in sound.boot_texts if text.file in names),
        no_init={name: reason for name, reason in sound.no_init.items() if name in names},
        modprobe={
            source: text for source, text in sound.modprobe.items() if source.rpartition(":")[0] in names
        },
        incomplete=sound.incomplete or stumbles or bool(raw) or bool(item.parsed.unvalidated),
        product=module.product,
        device_tree=module.device_tree,
        tree_name=None if _names_its_tree(item) else module.tree_name,
    )
    found_here = list(_unread(raw))
    if not view.incomplete:
        found_here += _placing(view, places)
        found_here += _without_init(view)
        if module.tree_name is not None:
            found_here += loading.asked_and_there(view, item, places, _environment(item))
            if loading.names_its_tree(view):
                view = dataclasses.replace(view, tree_name=None)
        if module.flash == NAND and module.device_tree is not None:
            found_here += _volumes(view, places, _environment(item))
    return view, found_here


def _names_its_tree(item: Listed) -> bool:
    """Whether the image sets U-Boot's fdtfile: then it loads what stands there."""
    return b"fdtfile=" in _environment(item)


def _environment(item: Listed) -> bytes:
    """What the image sets in U-Boot's environment; empty where that is nothing."""
    file = item.files.get(item.description.path("u_boot_env"))
    return (file.content or b"") if file is not None else b""


def _unread(raw: list[Placed]) -> Iterator[Finding]:
    for place in raw:
        text = "is written as it is, and no file system in it was looked into"
        yield found("insufficient-data:raw", [Evidence(place.file, text)], where=place.file)


def _placing(view: Image, places: list[Placed]) -> Iterator[Finding]:
    """Whether the root file system can be one, and the kernel lies where U-Boot looks for it."""
    by_file: dict[str, list[Placed]] = {}
    for place in places:
        by_file.setdefault(place.file, []).append(place)
    for folder in view.folders:
        kinds = {place.fstype for place in by_file[folder.file]}
        if kinds & {"fat", "ntfs"}:
            text = f"{folder.file} with {folder.source} goes into a {min(kinds)} file system"
            yield found("tezi-layout", [Evidence(folder.source, text)], what=text)
    for kernel in view.kernels:
        numbers = {place.number for place in by_file[kernel.file] if place.kind != "raw"}
        inside = kernel.source.partition(":")[2]
        if numbers - {None} and loading.BOOT_PARTITION not in numbers and not inside.startswith("boot/"):
            text = f"{kernel.source} goes into partition {min(number for number in numbers if number)}"
            yield found("tezi-layout:boot", [Evidence(kernel.source, text)], what=text)


def _without_init(view: Image) -> Iterator[Finding]:
    """Whether the kernel finds what it starts first. A file system in parts has it in one of them."""
    if all(view.no_init.values()):
        for name in dict.fromkeys(folder.file for folder in view.folders):
            yield found("rootfs-incomplete", [Evidence(name, view.no_init.get(name) or "")], where=name)


def _volumes(view: Image, places: list[Placed], environment: bytes) -> Iterator[Finding]:
    """Whether U-Boot finds kernel, device tree and root file system in the volumes that it reads.

    UBI_BOOTCMD in its include/configs/colibri_imx7.h: "ubi read ... kernel", "ubi read ... dtb" and
    root=ubi0:rootfs. An environment that names another volume may read that one.
    """
    parts = (
        ("kernel", "raw", view.kernels),
        ("dtb", "raw", view.device_trees),
        ("rootfs", "tree", view.folders),
    )
    for wanted, kind, things in parts:
        files = {thing.file for thing in things}
        there = [place for place in places if place.file in files and place.volume is not None]
        names = [place.volume or "" for place in there if place.kind == kind]
        if not there or wanted in names or any(_is_named(name, environment) for name in names):
            continue
        text = f"{there[0].file} goes into the volume {there[0].volume!r}, and none goes into {wanted!r}"
        yield found("tezi-layout:volume", [Evidence(there[0].file, text)], what=text)


def _is_named(volume: str, environment: bytes) -> bool:
    return bool(re.search(rb"(?<![\w-])" + re.escape(volume.encode()) + rb"(?![\w-])", environment))
