# SPDX-License-Identifier: MIT
"""What a build leaves for people: the image, what describes it, and checksums."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from modem_image.access import make_folder
from modem_image.errors import FaultError, InputError
from modem_image.files import atomic_path
from modem_image.made import MARK, is_ours, lines_of, put_mark

SUMS = "SHA256SUMS"
_PROVENANCE = "attestation/kas-build.provenance.json"
_DESCRIPTIONS = (".manifest", ".testdata.json", ".spdx.json", ".spdx.tar.zst", ".cve", ".json")
_CHUNK = 1 << 20


def deploy_folder(build: Path, machine: str) -> Path:
    """Where bitbake puts images. Raises FaultError when the build left nothing there."""
    for folder in sorted(build.glob(f"tmp*/deploy/images/{machine}")):
        return folder
    raise FaultError(f"{build}: the build ended well and left no tmp/deploy/images/{machine}")


def attested(machine: str, image: str) -> str:
    """The pattern, relative to the build folder, of the image files that an attestation is about."""
    ending = "-Tezi_*.tar" if machine.startswith("colibri") else ".ext4"
    return f"tmp/deploy/images/{machine}/{image}-{machine}*{ending}"


def easy_installer_tar(deploy: Path, image: str) -> Path | None:
    """The newest Easy Installer image of the recipe `image`, as image_type_tezi names it; None without."""
    tars = [path for path in deploy.glob(f"{image}-*-Tezi_*.tar") if not path.is_symlink()]
    return max(tars, key=lambda path: path.stat().st_mtime, default=None)


def select(names: Iterable[str], image: str, machine: str, packed: bool) -> list[str]:
    """Which files of the deploy folder to hand out beside an Easy Installer image.

    `names` are the names that stay the same from build to build (bitbake's links). An image that is
    `packed` for Easy Installer holds root file system and kernel itself.
    """
    own = [name for name in names if re.match(rf"{re.escape(image)}-{re.escape(machine)}(?![\w])", name)]
    if packed:
        return sorted(name for name in own if name.endswith(_DESCRIPTIONS))
    return sorted([*own, *({"zImage"} & set(names))])


@dataclass(frozen=True)
class Artefacts:
    """What a build is handed out as: the Easy Installer image, where there is one, and other files."""

    installer: Path | None
    others: tuple[Path, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, the image first."""
        return self.others if self.installer is None else (self.installer, *self.others)


def collect(build: Path, machine: str, image: str) -> Artefacts:
    """Every file to hand out. Raises FaultError when the build left no image."""
    deploy = deploy_folder(build, machine)
    installer = easy_installer_tar(deploy, image)
    links = [path.name for path in deploy.iterdir() if path.is_symlink() and path.is_file()]
    chosen = [deploy / name for name in select(links, image, machine, installer is not None)]
    if installer is None and not chosen:
        raise FaultError(f"{deploy}: the build ended well and left no {image}")
    provenance = build / _PROVENANCE
    return Artefacts(installer, (*chosen, *([provenance] if provenance.is_file() else [])))


def publish(files: Sequence[Path], output: Path) -> list[Path]:
    """Copies of `files` in `output`, and SHA256SUMS, which names just them.

    Each appears whole or not at all, SHA256SUMS last. What an earlier run put there is removed, unless it was
    changed since: the mark of `output` lists it.
    """
    make_folder(output)
    former = _former(output)
    refuse_others(output, [*(source.name for source in files), SUMS])
    # Without the list there is no time at which it names a file that is another one.
    (output / SUMS).unlink(missing_ok=True)
    sums = []
    for source in files:
        final = output / source.name
        with atomic_path(final) as temporary:
            digest = _copy(source, temporary)
            note(output, final.name, temporary)
        sums.append(f"{digest}  {final.name}\n")
    for name, states in former.items():
        if name not in {source.name for source in files} and _state(output / name) in states:
            (output / name).unlink()
    with atomic_path(output / SUMS) as temporary:
        temporary.write_text("".join(sums), "utf-8")
        note(output, SUMS, temporary)
    return [output / source.name for source in files] + [output / SUMS]


def note(output: Path, name: str, file: Path) -> None:
    """Add `file`, which is about to become `name` in `output`, to what the mark lists as handed out."""
    if not is_ours(output):
        put_mark(output)
    # Added, and before the file is there: a run that is killed is known again by the next.
    with (output / MARK).open("a", encoding="utf-8") as mark:
        mark.write(f"{_state(file)} {name}\n")


def refuse_others(output: Path, names: Sequence[str] = (SUMS,)) -> None:
    """Raises InputError when one of `names` is in `output`, and not as an earlier run put it there."""
    former = _former(output)
    for name in names:
        if name == SUMS and former and SUMS not in former:
            continue  # of an earlier version, which did not list it
        if os.path.lexists(output / name) and _state(output / name) not in former.get(name, ()):
            raise InputError(
                f"{output / name}: not put there by this command, or changed since; it stays as it is\n"
                "  do: move it away, then run this again"
            )


def _former(output: Path) -> dict[str, set[str]]:
    """What earlier runs put into `output`: name to the states that it had."""
    former: dict[str, set[str]] = {}
    for line in lines_of(output) or ():
        state, _, name = line.partition(" ")
        if state and name and "/" not in name:
            former.setdefault(name, set()).add(state)
    return former


def _state(path: Path) -> str:
    """Size and time of change of a plain file, "" for anything else."""
    if path.is_symlink() or not path.is_file():
        return ""
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def _copy(source: Path, target: Path) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            writing.write(chunk)
    shutil.copystat(source, target)
    return digest.hexdigest()
