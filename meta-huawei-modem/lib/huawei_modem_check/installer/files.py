# SPDX-License-Identifier: MIT
"""Archives and single files that go into a file system (multiimagewritethread.cpp:809-848, 1107-1174)."""

from __future__ import annotations

from collections.abc import Iterator

from huawei_modem_check.facts import INSTALLERS_OWN, Archive, ImageFile
from huawei_modem_check.installer.description import Content
from huawei_modem_check.installer.run import Run, packing_by_name
from huawei_modem_check.installer.stages import Fault, Outcome

_TAR_OF = {None: "a plain tar archive", "zip": "a zip whose first member is a tar archive"}

# GNU tar reads 10 KiB at a time, and the pipe holds 64 KiB: what is more ends the unpacker by SIGPIPE, and
# with it the installation (set -o pipefail).
_MOST_BEHIND = (64 + 10) << 10


def unpacked(run: Run, place: str, name: str, is_fat: bool) -> list[Fault]:
    """What is wrong with unpacking the archive `name` into a file system."""
    found = []
    if fault := run.named(place, name, Outcome.AFTER):
        found.append(fault)
        if fault.outcome.is_fault:
            return found
    archive, wanted = run.files[name].archive, packing_by_name(name)
    if archive is not None and archive.problem:
        # The reader has said so: one fault, one finding.
        return found
    expected = _TAR_OF.get(wanted, f"a tar archive packed by {wanted}")
    if archive is None or not archive.is_tar:
        found.append(Fault(Outcome.AFTER, place, f"{name} is not {expected}, which its name says", "", name))
    elif archive.packing not in ((wanted, "lzma") if wanted == "xz" else (wanted,)):
        is_one = f"is packed by {archive.packing}" if archive.packing else "is not packed"
        text = f"{name} {is_one}, and the installer goes by the name: it expects {expected}"
        found.append(Fault(Outcome.AFTER, place, text, "", name))
    elif archive.too_long:
        text = f"{name}: {archive.too_long[:60]}… has a name of more than 255 bytes, which tar cannot make"
        found.append(Fault(Outcome.AFTER, place, text, "", name))
    elif (behind := _behind(run.files[name], archive)) > _MOST_BEHIND:
        text = (
            f"{name}: {behind} bytes come behind the archive's end mark, where tar stops: the unpacker fails"
        )
        found.append(Fault(Outcome.AFTER, place, text, "", name))
    elif is_fat and archive.same_on_fat:
        text = f"{name}: {archive.same_on_fat} replaces a file whose name differs in case alone on FAT"
        found.append(Fault(Outcome.SILENT, place, text, "", name))
    elif is_fat and archive.special:
        text = f"{name}: FAT cannot hold {archive.special}"
        found.append(Fault(Outcome.AFTER, place, text, "", name))
    return found


def _behind(file: ImageFile, archive: Archive) -> int:
    """Bytes behind the end mark; those of an archive that is not packed were not read."""
    return archive.behind + (file.size - archive.inflated if archive.packing is None else 0)


def copied(run: Run, content: Content, is_fat: bool) -> tuple[list[Fault], int]:
    """What is wrong with the entries of a filelist, source:destination:unpack.

    And the bytes that they write.
    """
    found: list[Fault] = []
    written = 0
    folders: set[str] = set()
    if content.filename in run.files and (archive := run.files[content.filename].archive):
        folders |= archive.folders
    for number, (source, target, unpack) in enumerate(content.entries()):
        place = f"{content.place}.filelist[{number}]"
        written += run.written(source) if unpack and source in run.files else 0
        written += run.files[source].size if not unpack and source in run.files else 0
        found += _destination(place, target or "/", folders)
        if unpack:
            found += unpacked(run, place, source, is_fat)
            found += _shell(place, target)
        else:
            found += _copy(run, place, source, target, folders)
    return found, written


def _copy(run: Run, place: str, source: str, target: str, folders: set[str]) -> Iterator[Fault]:
    path = "/".join(part for part in (target.strip("/"), source) if part)
    if fault := run.named(place, source, Outcome.AFTER, copied_to=path):
        # An empty file is copied like any other.
        if not fault.code.endswith(":empty"):
            yield fault
        if fault.outcome.is_fault:
            return
    folder = source.rpartition("/")[0]
    if folder and path.rpartition("/")[0] not in folders:
        text = f"{source!r}: there is not a folder {folder} in the file system, and none is made for it"
        yield Fault(Outcome.AFTER, place, text, "", source)


def _shell(place: str, target: str) -> Iterator[Fault]:
    from huawei_modem_check.installer.names import copy_reason

    if target and (reason := copy_reason(target)):
        yield Fault(Outcome.AFTER, place, f"{target!r} {reason}", "tezi-name-unsafe")


def _destination(place: str, target: str, folders: set[str]) -> Iterator[Fault]:
    parts = [part for part in target.split("/") if part not in ("", ".")]
    if ".." in parts:
        text = f"{target!r} may lead out of the partition, into the installer's own memory"
        yield Fault(Outcome.CAUTION, place, text)
        return
    path = "/".join(parts)
    # dest.exists(destdir), line 1120 and 1165: it looks for an absolute path in its own root, finds it
    # there, and
    # makes none in the partition.
    if target.startswith("/") and path in INSTALLERS_OWN and path not in folders:
        text = f"{target!r} is not made, as the installer has one itself: give it without the leading slash"
        yield Fault(Outcome.AFTER, place, text)
