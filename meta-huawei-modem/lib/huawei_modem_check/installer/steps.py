# SPDX-License-Identifier: MIT
"""Easy Installer, step by step: what it does with each field, and what it would stumble over.

STEPS is the model: a row a step, in the installer's order, with the lines of qt-tezi 37bc583 that it
follows. Where
several devices are written each goes through its steps before the next, so that a fault of the second comes
after the first was erased.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from huawei_modem_check.facts import ImageFile
from huawei_modem_check.installer import disks, flashes, texts
from huawei_modem_check.installer.description import Description
from huawei_modem_check.installer.modules import Module
from huawei_modem_check.installer.qt import to_int
from huawei_modem_check.installer.run import Run
from huawei_modem_check.installer.schema import violations
from huawei_modem_check.installer.stages import Fault, Outcome, Stage

NEWEST_FORMAT = 5


def schema(run: Run) -> Iterator[Fault]:
    """Types and required fields; left out when `validate` is false."""
    if not run.description.is_validated:
        yield Fault(
            Outcome.CAUTION, "validate", "is false: the installer does not look at types and required fields"
        )
        return
    if run.unvalidated:
        yield Fault(Outcome.REFUSED, "", run.unvalidated, "tezi-schema")
        return
    for item in violations(run.first):
        yield Fault(Outcome.REFUSED, item.place or "image.json", item.text, "tezi-schema")


def config_format(run: Run) -> Iterator[Fault]:
    """A newer format is greyed out; what an older installer does not know of this one it passes over."""
    number = run.description.config_format
    if number > NEWEST_FORMAT:
        text = f"config_format {number}; the newest is {NEWEST_FORMAT}"
        yield Fault(Outcome.GREYED, "", text, "tezi-format-too-new")
    for place, text, needed in _newer_features(run.description):
        if number < needed:
            said = f"{text} needs an installer for config_format {needed}, and {number} is older"
            yield Fault(Outcome.CAUTION, place, said)


def _newer_features(description: Description) -> Iterator[tuple[str, str, int]]:
    for content in description.contents():
        for number, entry in enumerate(content.filelist):
            if ":" in entry:
                yield f"{content.place}.filelist[{number}]", "source:destination", 3
        for rawfile in content.rawfiles:
            if rawfile.offset:
                yield f"{rawfile.place}.offset", "an offset", 5


def nominal_size(run: Run) -> Iterator[Fault]:
    """More than the flash has, and Install is greyed out. Computed for a device that is called emmc alone."""
    document, module = run.description.document, run.module
    needed = to_int(document.get("nominal_size"))
    if "nominal_size" not in document:
        named = [disk for disk in run.description.block_devices if disk.name == "emmc"][:1]
        needed = sum(item.size for disk in named for item in disk.partitions)
    if module.storage and needed > module.storage >> 20:
        text = f"needs {needed} MB, and the flash has {module.storage >> 20} MB"
        yield Fault(Outcome.GREYED, "nominal_size", text)


class Step(NamedTuple):
    """One step; `follows` is file and lines of qt-tezi 37bc583, `does` what the installer does there."""

    stage: Stage
    fields: str
    follows: str
    does: str
    stumbles: Callable[[Run], Iterator[Fault]]


STEPS: tuple[Step, ...] = (
    Step(
        Stage.PARSE,
        "all",
        "json.cpp:95-160, mainwindow.cpp:484-506, tezi.schema",
        "reads image.json a second time and validates it, with weak types",
        schema,
    ),
    Step(
        Stage.LIST,
        "config_format",
        "imagelist.cpp:36-46, config.h:11",
        "greys out what is newer than 5",
        config_format,
    ),
    Step(
        Stage.LIST,
        "nominal_size",
        "mediapollthread.cpp:221-239, mainwindow.cpp:1159-1190",
        "greys Install out for more than the flash has",
        nominal_size,
    ),
    Step(
        Stage.LIST,
        "icon, license, releasenotes, marketing",
        "mainwindow.cpp:558-584, 1299-1355; mediapollthread.cpp:205-210",
        "downloads what is named, from a feed; from a stick what is missing is passed over",
        texts.files_for_people,
    ),
    Step(
        Stage.PREPARE,
        "prepare_script",
        "multiimagewritethread.cpp:68-80, 163-199",
        "runs it with /bin/sh, which is BusyBox's ash",
        texts.prepare,
    ),
    Step(
        Stage.PARTITION,
        "blockdevs[].name, erase, table_type, partitions[]",
        "multiimagewritethread.cpp:82-94, 284-311, 332-575",
        "discards, computes a table, has sfdisk write it",
        disks.devices,
    ),
    Step(
        Stage.FILE_SYSTEM,
        "content.filesystem_type, label, mkfs_options",
        "multiimagewritethread.cpp:850-996",
        "splits the options at each blank and runs mkfs",
        disks.file_systems,
    ),
    Step(
        Stage.WRITE,
        "content.filename, filelist, rawfiles of blockdevs",
        "multiimagewritethread.cpp:809-848, 1107-1215, 1280-1323",
        "pipes each file through what its ending asks for into tar, cat or dd",
        disks.contents,
    ),
    Step(
        Stage.WRITE,
        "mtddevs[]",
        "multiimagewritethread.cpp:96-114, 225-282, 648-807, 1217-1278",
        "erases, writes raw files, makes UBI volumes and fills them",
        flashes.devices,
    ),
    Step(
        Stage.SCRIPTS,
        "u_boot_env, wrapup_script, error_script",
        "multiimagewritethread.cpp:122-154, mainwindow.cpp:827-842",
        "sets U-Boot's environment and runs the last script",
        texts.environment_and_scripts,
    ),
)


def stumbles(
    description: Description,
    first: object,
    unvalidated: str | None,
    module: Module,
    files: Mapping[str, ImageFile],
    complaints: Mapping[str, str],
) -> Iterator[Fault]:
    """What the installer stumbles over on `module`.

    `first` and `unvalidated` are as in qt.Parsed; `complaints` is what the shell says of scripts, by name.
    """
    run = Run(description, first, unvalidated, module, files, complaints)
    for step in STEPS:
        refused = False
        for fault in step.stumbles(run):
            refused = refused or fault.outcome is Outcome.REFUSED
            yield fault
        if refused:
            # The installer goes no further, and what it would make of such fields is no second fault.
            return
