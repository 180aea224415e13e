# SPDX-License-Identifier: MIT
"""Pack an Easy Installer image: one tar with one flat folder, the same bytes for the same input."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from huawei_modem_check.installer.names import unsafe_name_reason
from modem_image.compression import xz_writer
from modem_image.easyinstaller import installer_scripts
from modem_image.easyinstaller.image_json import ImageSpec, image_json
from modem_image.errors import InputError
from modem_image.files import atomic_path, sha256_of

_COPY = 1 << 20


def pack(
    spec: ImageSpec,
    rootfs_tar: Path,
    boot_files: Mapping[str, Path],
    out: Path,
    extra_files: Mapping[str, Path] | None = None,
) -> Path:
    """Write the image of `spec` into the folder `out` and return the tar's path.

    `rootfs_tar` is an uncompressed tar and goes in as it is: its order, owners and dates are the
    caller's. `boot_files` maps names in the BOOT partition (zImage, *.dtb, overlays/*.dtbo) to files.
    `extra_files` maps further names in the image's folder (u-boot.imx, kernel-config) to files. The scripts
    that check the image on the module are added (installer_scripts).

    SHA256SUMS, in the folder, lists every file but itself. The tar appears whole or not at all.
    The bytes also depend on the release of xz.

    Raises InputError for a name or a file that cannot be used, MissingError without xz, UserError when
    the disk is full.
    """
    extra = dict(extra_files or {})
    _vet(spec, rootfs_tar, boot_files, extra)
    target = out / f"{spec.folder}.tar"
    # The work folder lies on the same disk, so that a full disk shows in one place with one message.
    with atomic_path(target) as temporary, tempfile.TemporaryDirectory(dir=temporary.parent) as work:
        files = {**extra, spec.bootfs: Path(work, spec.bootfs), spec.rootfs: Path(work, spec.rootfs)}
        bootfs_size = _write_bootfs(spec, boot_files, files[spec.bootfs])
        with xz_writer(files[spec.rootfs], spec.xz_level) as sink, rootfs_tar.open("rb") as source:
            shutil.copyfileobj(source, sink, _COPY)
        for name, text in _scripts(spec, rootfs_tar, boot_files, files).items():
            files[name] = Path(work, name)
            files[name].write_text(text, "utf-8")
        description = image_json(spec, bootfs_size, rootfs_tar.stat().st_size, installer_scripts.NAMES)
        _write_image(spec, json.dumps(description, indent=4, ensure_ascii=False) + "\n", files, temporary)
    return target


def _vet(
    spec: ImageSpec, rootfs_tar: Path, boot_files: Mapping[str, Path], extra: Mapping[str, Path]
) -> None:
    for name in [f"{spec.folder}.tar", spec.bootfs, *extra]:
        if reason := unsafe_name_reason(name):
            raise InputError(f"{name!r} {reason}: choose another name for this file of the image")
    own = {"image.json", "SHA256SUMS", spec.bootfs, spec.rootfs, *installer_scripts.NAMES.values()}
    if taken := own & set(extra):
        raise InputError(f"extra file {min(taken)}: this name is the packer's own")
    for named in (spec.u_boot, spec.u_boot_env):
        if named and named not in extra:
            raise InputError(f"{named} is named by the image but is not among its extra files")
    if bad := [item for item in spec.product_ids if not re.fullmatch("[0-9]{4}", item)]:
        raise InputError(f"product id {bad[0]!r}: a product id is four digits")
    _vet_boot_names(boot_files)
    for path in [rootfs_tar, *boot_files.values(), *extra.values()]:
        if not path.is_file():
            raise InputError(f"{path}: no such file; it was to go into the image")


def _vet_boot_names(boot_files: Mapping[str, Path]) -> None:
    for name in boot_files:
        if any(unsafe_name_reason(part) for part in name.split("/")):
            raise InputError(f"{name!r} is not a path inside the BOOT partition, as overlays/x.dtbo is")
    if "zImage" not in boot_files:
        raise InputError("the BOOT partition needs a zImage: add it to the boot files")


def _scripts(
    spec: ImageSpec, rootfs_tar: Path, boot_files: Mapping[str, Path], files: Mapping[str, Path]
) -> dict[str, str]:
    expected = installer_scripts.Expected(
        spec.product_ids,
        {name: sha256_of(path) for name, path in files.items()},
        {name: sha256_of(path) for name, path in boot_files.items()},
        installer_scripts.modules_for(boot_files["zImage"], rootfs_tar),
    )
    return installer_scripts.render(expected)


def _write_bootfs(spec: ImageSpec, boot_files: Mapping[str, Path], out: Path) -> int:
    """Write the archive of the BOOT partition and return its files' size in bytes."""
    with xz_writer(out, spec.xz_level) as sink, tarfile.open(fileobj=sink, mode="w|") as archive:
        for folder in sorted({str(parent) for name in boot_files for parent in PurePosixPath(name).parents}):
            archive.addfile(_member(spec, f"./{folder}" if folder != "." else ".", 0, tarfile.DIRTYPE))
        for name, path in sorted(boot_files.items()):
            _add(archive, spec, f"./{name}", path)
    return sum(path.stat().st_size for path in boot_files.values())


def _write_image(spec: ImageSpec, description: str, files: Mapping[str, Path], out: Path) -> None:
    sums = {"image.json": hashlib.sha256(description.encode()).hexdigest()}
    sums |= {name: sha256_of(path) for name, path in files.items()}
    listing = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    with tarfile.open(out, "w") as archive:
        archive.addfile(_member(spec, spec.folder, 0, tarfile.DIRTYPE))
        # First, so that a reader of the stream knows what the large files must be before they come.
        for name, text in (("image.json", description), ("SHA256SUMS", listing)):
            content = text.encode()
            archive.addfile(_member(spec, f"{spec.folder}/{name}", len(content)), io.BytesIO(content))
        for name, path in sorted(files.items()):
            _add(archive, spec, f"{spec.folder}/{name}", path)


def _add(archive: tarfile.TarFile, spec: ImageSpec, name: str, path: Path) -> None:
    with path.open("rb") as source:
        archive.addfile(_member(spec, name, os.fstat(source.fileno()).st_size), source)


def _member(spec: ImageSpec, name: str, size: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.size = size
    member.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    member.mtime = spec.timestamp
    return member
