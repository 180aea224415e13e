# SPDX-License-Identifier: MIT
"""From checked images to a release in a feed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from huawei_modem.report import Report, Verdict
from modem_image.errors import InputError
from modem_image.release.copy import Copied, copy_checked
from modem_image.release.feed import RECORD, RELEASES, SIGNATURE, SUMS, Feed
from modem_image.release.notes import changelog_items, installer_notes, release_page
from modem_image.release.record import locked_commits, make_record
from modem_image.system import run

LIST_FORMAT = 1
"""config_format of an image list, the only one that any installer knows."""

_NOTES = "releasenotes.html"
# What OpenEmbedded's create-spdx and common tools write beside an image, and the time in its names.
_BESIDE = re.compile(r"\.(?:spdx(?:(?:\.index)?\.json|\.tar\.zst)?|(?:cdx|provenance|buildinfo)\.json)")
_TIME = re.compile(r"-[0-9]{14}$")


@dataclasses.dataclass(frozen=True)
class Material:
    """What a release is made of besides its images: texts, not paths, and the key to sign with."""

    changelog: str = ""
    locks: tuple[str, ...] = ()
    version: str | None = None
    key: str | None = None


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How it ended: the reports on all images, and the version, None when a fault stopped it."""

    reports: tuple[Report, ...]
    version: str | None


def publish(feed: Feed, paths: Sequence[Path], material: Material) -> Outcome:
    """Check the images and, if all are right, make them the feed's latest release. Wants the lock.

    Raises InputError for what is no Easy Installer image, for images of several versions, and for a
    version that was published with other content.
    """
    # Beside the releases, so that the copy becomes the release by renaming alone.
    with feed.staging() as staging:
        copied = [copy_checked(path, staging) for path in paths]
        reports = tuple(item.report for item in copied)
        if any(report.verdict is not Verdict.OK for report in reports):
            return Outcome(reports, None)
        version = material.version or _common_version(copied)
        _complete(staging, version, copied, paths, material)
        feed.add(version, staging)
    feed.switch(version)
    return Outcome(reports, version)


def _common_version(copied: Sequence[Copied]) -> str:
    versions = {str(item.description.get("version", "")) for item in copied}
    if len(versions) != 1 or "" in versions:
        named = ", ".join(sorted(versions - {""})) or "none"
        raise InputError(f"the images do not name one version (found: {named}): say it with --version")
    return versions.pop()


def _complete(
    staging: Path, version: str, copied: Sequence[Copied], paths: Sequence[Path], material: Material
) -> None:
    """Everything beside the images: notes, lists, record, pages, checksums, signature."""
    items = changelog_items(material.changelog, version)
    layers = locked_commits(material.locks)
    for item in copied:
        notes = installer_notes(version, items, item.report, layers)
        _add_notes(staging / item.folder, item.description, notes)
    for path in paths:
        for beside in _documents(path):
            shutil.copyfile(beside, staging / beside.name)
    reports = {item.folder: item.report for item in copied}
    images = {str(item.description["name"]): item.image for item in copied}
    here = f"{RELEASES}/{version}/"
    texts = {
        "image_list.json": _list(f"{item.folder}/image.json" for item in copied),
        "feed.json": _list(f"{here}{item.folder}/image.json" for item in copied),
        "index.html": release_page(version, items, reports, layers, ""),
        "feed.html": release_page(version, items, reports, layers, here),
        "check.json": _json([report.to_dict() for report in reports.values()]),
        RECORD: _json(make_record(version, images, layers)),
    }
    for name, text in texts.items():
        (staging / name).write_text(text, "utf-8")
    _write_sums(staging)
    if material.key:
        _sign(staging / SUMS, material.key)


def _add_notes(folder: Path, description: Mapping[str, Any], notes: str) -> None:
    """Let the installer show the notes, unless the image brings its own."""
    if "releasenotes" in description or (folder / _NOTES).exists():
        return
    (folder / _NOTES).write_text(notes, "utf-8")
    (folder / "image.json").write_text(_json({**description, "releasenotes": _NOTES}), "utf-8")
    (folder / SUMS).unlink(missing_ok=True)
    _write_sums(folder)


def _documents(path: Path) -> list[Path]:
    """SBOM and provenance of the build that made the image at `path`.

    In OpenEmbedded's deploy folder they have the image's name with its time, or are links without it; those
    of other builds lie beside them.
    """
    path = path.resolve()
    dated = path.name.partition("-Tezi")[0]
    undated = _TIME.sub("", dated)
    beside = sorted(entry for entry in path.parent.iterdir() if entry.is_file())
    for name in (dated, undated, f"{undated}.rootfs"):
        found = [entry for entry in beside if entry.name.startswith(name)]
        if found := [entry for entry in found if _BESIDE.fullmatch(entry.name, len(name))]:
            return found
    return []


def _write_sums(folder: Path) -> None:
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as source:
                lines.append(
                    f"{hashlib.file_digest(source, 'sha256').hexdigest()}  {path.relative_to(folder)}\n"
                )
    (folder / SUMS).write_text("".join(lines), "utf-8")


def _sign(sums: Path, key: str) -> None:
    signature = sums.with_name(SIGNATURE)
    run(
        [
            "gpg",
            "--batch",
            "--yes",
            "--local-user",
            key,
            "--armor",
            "--output",
            signature,
            "--detach-sign",
            sums,
        ]
    )


def _list(images: Iterator[str]) -> str:
    return _json({"config_format": LIST_FORMAT, "images": list(images)})


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
