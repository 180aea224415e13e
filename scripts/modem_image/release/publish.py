# SPDX-License-Identifier: MIT
"""From checked images to a release in a feed."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from huawei_modem.report import Report, Verdict
from huawei_modem_check.installer.names import unsafe_name_reason
from huawei_modem_check.rules import ANYTHING, Wanted
from modem_image.console import step
from modem_image.errors import InputError
from modem_image.files import SUMS, sha256_of
from modem_image.release.changes import Change, Snapshot, differences, summary
from modem_image.release.contents import CONTENTS, Contents, contents_of
from modem_image.release.copy import Copied, copy_checked, image_folder_name
from modem_image.release.feed import RECORD, RELEASES, SIGNATURE, Feed
from modem_image.release.notes import changelog_section, installer_notes, to_html
from modem_image.release.page import PageImage, ReleasePage
from modem_image.release.record import (
    DIFF,
    contents_document,
    diff_document,
    load_snapshot,
    locked_commits,
    make_record,
)
from modem_image.release.together import names_of, unfetchable_reason, with_release
from modem_image.release.versions import is_older
from modem_image.system import run

LIST_FORMAT = 1
"""config_format of an image list, the only one that any installer knows."""

_NOTES = "releasenotes.html"
# What OpenEmbedded's create-spdx and common tools write beside an image, and the time in its names.
_BESIDE = re.compile(r"\.(?:spdx(?:(?:\.index)?\.json|\.tar\.zst)?|(?:cdx|provenance|buildinfo)\.json)")
_TIME = re.compile(r"-[0-9]{14}$")


@dataclasses.dataclass(frozen=True)
class Material:
    """What a release is made of besides its images: texts, not paths, and the key to sign with.

    `base` is the release to compare with, None for the one that the feed shows; `url` is the address that the
    feed will have.
    """

    changelog: str = ""
    locks: tuple[str, ...] = ()
    version: str | None = None
    key: str | None = None
    base: str | None = None
    url: str | None = None
    allow_downgrade: bool = False
    wanted: Wanted = ANYTHING


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How it ended: the reports on all images, and the version, None when a fault stopped it.

    `base` is what `changes` are counted from, None for a first release and one that was there already.
    """

    reports: tuple[Report, ...]
    version: str | None
    base: str | None = None
    changes: tuple[Change, ...] = ()


def publish(feed: Feed, paths: Sequence[Path], material: Material) -> Outcome:
    """Check the images and, if all are right, make them the feed's latest release. Wants the lock.

    Raises InputError for what is no Easy Installer image, for images of several versions, for one that is
    older than what the feed shows, and for a version that was published with other content.
    """
    if material.version is not None:
        _refuse_version(feed, material.version, material)
    for path in paths:
        if reason := unfetchable_reason(image_folder_name(path)):
            raise InputError(f"{path}: {reason}: rename it")
    # Beside the releases, so that the copy becomes the release by renaming alone.
    with feed.staging() as staging:
        copied = [copy_checked(path, staging, material.wanted) for path in paths]
        descriptions = [item.description for item in copied]
        reports = with_release([item.report for item in copied], descriptions, version=material.version)
        if any(report.verdict is not Verdict.OK for report in reports):
            return Outcome(reports, None)
        for item in copied:
            _refuse_unshowable(item)
        version = material.version or _common_version(copied)
        _refuse_version(feed, version, material)
        release = _Release(feed, staging, version, copied, material)
        outcome = Outcome(reports, version)
        if version in feed.versions():
            feed.keep(version, release.is_in(feed.path(version)))
            if material.key and not (feed.path(version) / SIGNATURE).exists():
                _sign(feed.path(version) / SUMS, staging / SIGNATURE, material.key)
                feed.add_signature(version, staging / SIGNATURE)
        else:
            outcome = release.complete(reports, paths)
            feed.add(version, staging)
    feed.switch(version)
    return outcome


def _refuse_unshowable(image: Copied) -> None:
    """Raises InputError for what curl cannot fetch, and for strings that are no text (a lone surrogate)."""
    for name in image.image.files:
        if reason := unfetchable_reason(name):
            raise InputError(f"{image.folder}: {name!r} {reason}: rename it")
    try:
        _json(image.description).encode()
    except UnicodeEncodeError as err:
        raise InputError(f"{image.folder}: image.json holds a string that is not text: {err.reason}") from err


def _refuse_version(feed: Feed, version: str, material: Material) -> None:
    feed.path(version)
    if reason := unfetchable_reason(version):
        raise InputError(f"version {version!r} {reason}")
    latest = feed.latest()
    if latest and is_older(version, latest) and not material.allow_downgrade:
        raise InputError(
            f"{feed.root}: shows {latest}, and {version} is older; nothing was published\n"
            "  do: to make the older one the latest again, add --allow-downgrade"
        )


def _common_version(copied: Sequence[Copied]) -> str:
    versions = {str(item.description.get("version", "")) for item in copied}
    if len(versions) != 1 or "" in versions:
        named = ", ".join(sorted(versions - {""})) or "none"
        raise InputError(f"the images do not name one version (found: {named}): say it with --version")
    return versions.pop()


class _Release:
    """A release in the making, in its staging folder."""

    def __init__(
        self, feed: Feed, folder: Path, version: str, copied: Sequence[Copied], material: Material
    ) -> None:
        self._feed, self._folder, self._version = feed, folder, version
        self._copied, self._material = copied, material
        self._layers = locked_commits(material.locks)
        self._names = names_of([item.description for item in copied])
        images = {
            name: (item.folder, item.image, item.description)
            for name, item in zip(self._names, copied, strict=True)
        }
        self._record = make_record(version, _today(), images, self._layers)

    def is_in(self, published: Path) -> bool:
        """Whether the release at `published` has the same images and layers; the rest is made of them."""
        there = load_snapshot(published).record
        return all(there.get(key) == self._record[key] for key in ("layers", "images"))

    def complete(self, reports: Sequence[Report], paths: Sequence[Path]) -> Outcome:
        """Everything beside the images: notes, lists, record, pages, checksums, signature."""
        with step("list the files of the archives"):
            contents = {
                name: contents_of(self._folder / item.folder)
                for name, item in zip(self._names, self._copied, strict=True)
            }
        base, changes = self._changes(contents)
        section = changelog_section(self._material.changelog, self._version)
        told = summary(changes) if base else []
        for item in self._copied:
            notes = installer_notes(self._version, section, told, item.report, self._layers)
            _finish_image(self._folder / item.folder, item.description, self._version, notes)
        for path in paths:
            for beside in _documents(path):
                shutil.copyfile(beside, self._folder / beside.name)
        page = self._page(to_html(section) if section else Markup(), base, changes)
        here = f"{RELEASES}/{self._version}/"
        texts = {
            "image_list.json": _list(f"{item.folder}/image.json" for item in self._copied),
            "feed.json": _list(f"{here}{item.folder}/image.json" for item in self._copied),
            "index.html": page.to_html("", "../"),
            "feed.html": page.to_html(here, f"{RELEASES}/"),
            "check.json": _json([report.to_dict() for report in reports]),
            DIFF: _json(diff_document(base, self._version, changes)),
            CONTENTS: _lines(contents_document(contents)),
            RECORD: _json(self._record),
        }
        for name, text in texts.items():
            (self._folder / name).write_text(text, "utf-8")
        _write_sums(self._folder)
        if self._material.key:
            _sign(self._folder / SUMS, self._folder / SIGNATURE, self._material.key)
        return Outcome(tuple(reports), self._version, base, tuple(changes))

    def _changes(self, contents: Mapping[str, Contents]) -> tuple[str | None, list[Change]]:
        base = self._material.base or self._feed.latest()
        if base is None or base not in self._feed.versions():
            return None, []
        return base, differences(load_snapshot(self._feed.path(base)), Snapshot(self._record, contents))

    def _page(self, notes: Markup, base: str | None, changes: Sequence[Change]) -> ReleasePage:
        others = [entry.name for entry in self._folder.iterdir() if entry.is_file()]
        return ReleasePage(
            version=self._version,
            date=str(self._record["date"]),
            images=[
                PageImage(item.folder, name, item.description, item.report)
                for name, item in zip(self._names, self._copied, strict=True)
            ],
            notes=notes,
            base=base,
            changes=changes,
            layers=self._layers,
            documents=sorted(others),
            earlier=self._feed.dated()[::-1],
            signed=self._material.key is not None,
            url=self._material.url,
        )


def _finish_image(folder: Path, description: Mapping[str, Any], version: str, notes: str) -> None:
    """Let image.json name the release's version, and the notes, unless the image brings its own."""
    changed = {**description, "version": version}
    if "releasenotes" not in description and not (folder / _NOTES).exists():
        (folder / _NOTES).write_text(notes, "utf-8")
        changed["releasenotes"] = _NOTES
    if changed != description:
        (folder / "image.json").write_text(_json(changed), "utf-8")
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
        found = [entry for entry in found if _BESIDE.fullmatch(entry.name, len(name))]
        if found := [entry for entry in found if unsafe_name_reason(entry.name) is None]:
            return found
    return []


def _today() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.datetime.now(datetime.UTC)
    moment = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC) if epoch.isdigit() else now
    return moment.date().isoformat()


def _write_sums(folder: Path) -> None:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    lines = [f"{sha256_of(path)}  {path.relative_to(folder)}\n" for path in files]
    (folder / SUMS).write_text("".join(lines), "utf-8")


def _sign(sums: Path, signature: Path, key: str) -> None:
    options = ["--batch", "--yes", "--local-user", key, "--armor"]
    run(["gpg", *options, "--output", signature, "--detach-sign", sums])


def _list(images: Iterator[str]) -> str:
    return _json({"config_format": LIST_FORMAT, "images": list(images)})


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _lines(value: object) -> str:
    """JSON without the blanks: a list of contents is long."""
    return json.dumps(value, indent=0, ensure_ascii=False, separators=(",", ":")) + "\n"
