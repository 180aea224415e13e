# SPDX-License-Identifier: MIT
"""The scripts that Easy Installer runs on the module, with the checksums that it has not.

They are POSIX sh for the BusyBox of the installer. What they know of the image is written into them:
over the network the installer fetches the scripts and image.json, and no list of checksums.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path

import jinja2

from huawei_modem_check.kernel_image import read_kernel
from modem_image.easyinstaller.image_json import BOOT_DEVICE, ROOT_DEVICE

NAMES = {"prepare_script": "prepare.sh", "wrapup_script": "wrapup.sh", "error_script": "error.sh"}
"""Field of image.json to file name."""

_INDEX = re.compile(r"(?:\./)?((?:usr/)?lib/modules/([\w.+~-]+))/modules\.dep")


@dataclasses.dataclass(frozen=True)
class Modules:
    """Where the modules of the image's kernel lie in the root file system."""

    release: str
    folder: str
    index_digest: str


@dataclasses.dataclass(frozen=True)
class Expected:
    """What the scripts hold the module and its flash against: file names to SHA-256.

    `files` are those of the image's folder, but for image.json: the installer has read that when the
    first script runs, and publishing adds release notes to it. `boot_files` are those of the BOOT
    partition. `modules` is None for an image whose kernel has none: then they are not checked.
    """

    product_ids: tuple[str, ...]
    files: Mapping[str, str]
    boot_files: Mapping[str, str]
    modules: Modules | None


def render(expected: Expected) -> dict[str, str]:
    """The scripts by file name."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("modem_image", "templates/installer"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  shell, not HTML; every name is vetted (names.py)
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    values = {
        "product_ids": expected.product_ids,
        "files": expected.files,
        "boot_files": expected.boot_files,
        "modules": expected.modules,
        "boot_device": BOOT_DEVICE,
        "root_device": ROOT_DEVICE,
    }
    return {name: environment.get_template(f"{name}.j2").render(values) for name in NAMES.values()}


def modules_for(kernel: Path, rootfs_tar: Path) -> Modules | None:
    """The modules of `kernel` in an uncompressed tar; None when it has none."""
    release = read_kernel(kernel.read_bytes(), kernel.name).release
    with tarfile.open(rootfs_tar) as archive:
        for member in archive:
            match = _INDEX.fullmatch(member.name)
            content = archive.extractfile(member) if match and member.isreg() else None
            if match and content and match[2] == release:
                return Modules(match[2], match[1], hashlib.sha256(content.read()).hexdigest())
    return None
