# SPDX-License-Identifier: MIT
"""Copy an Easy Installer image into a folder and check it in the same pass."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huawei_modem.report import Report, Verdict
from huawei_modem_check.facts import Image
from huawei_modem_check.image import read_image, report_of
from huawei_modem_check.installer.names import unsafe_name_reason
from huawei_modem_check.reader import Reader
from huawei_modem_check.rules import ANYTHING, Wanted
from huawei_modem_check.streams import Counted, Readable
from modem_image.console import step
from modem_image.errors import InputError

if TYPE_CHECKING:
    from huawei_modem_check.reader import Entries

_ENDING = re.compile(r"\.(?:tar(?:\.\w+)?|tgz|zip)$")


@dataclasses.dataclass(frozen=True)
class Copied:
    """An image, copied to `folder`; `description` is its image.json, or empty after a fault."""

    folder: str
    image: Image
    report: Report
    description: Mapping[str, Any]


def copy_checked(path: Path, target: Path, wanted: Wanted = ANYTHING) -> Copied:
    """Copy the image at `path` (tar, zip or folder) into a folder of its name below `target`.

    The copy is complete and right only if the report's verdict is OK. Raises InputError for what is no
    Easy Installer image, and for one whose name or files cannot be copied.
    """
    name = image_folder_name(path)
    folder = target / name
    if folder.exists():
        raise InputError(f"{path}: another image has the same name; rename it")
    folder.mkdir()
    with step(f"check and copy {path.name}"):
        image = read_image(path, through=lambda reader: _Copier(reader, folder))
    report = report_of(image, wanted)._replace(input=path.name)
    if report.verdict is not Verdict.OK:
        return Copied(name, image, report, {})
    if "image.json" not in image.files:
        raise InputError(f"{path}: holds no image.json; only Easy Installer images are copied")
    return Copied(name, image, report, json.loads((folder / "image.json").read_text("utf-8")))


def image_folder_name(path: Path) -> str:
    """The name of the folder that the image at `path` is copied to.

    Raises InputError when it cannot be one.
    """
    name = _ENDING.sub("", path.resolve().name)
    if reason := unsafe_name_reason(name):
        raise InputError(f"{path}: {reason}: rename it")
    return name


class _Copier:
    """Writes each file of an image to `folder` while `reader` reads it: what was judged is what is there."""

    def __init__(self, reader: Reader, folder: Path) -> None:
        self._reader = reader
        self._folder = folder

    def take(self, name: str, content: Readable) -> None:
        if reason := unsafe_name_reason(name):
            raise InputError(f"{name!r} {reason}: an image with it is not copied")
        with (self._folder / name).open("xb") as out:
            self._reader.take(name, Counted(content, out.write))

    def take_tree(self, name: str, entries: Entries) -> None:  # noqa: ARG002  the protocol has them
        raise InputError(f"{name}: a root file system; only Easy Installer images are published")

    def problem(self, code: str, where: str, text: str) -> None:
        self._reader.problem(code, where, text)
