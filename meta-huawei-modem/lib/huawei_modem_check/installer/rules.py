# SPDX-License-Identifier: MIT
"""image.json against the rules of Toradex Easy Installer, before the installer sees it.

The installer checks image.json by its schema (qt-tezi, tezi.schema) and then trusts it: it has no
checksum, and a file that is missing or truncated shows only after the flash was erased.
"""

from __future__ import annotations

import fnmatch
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding
from huawei_modem_check.facts import ImageFile
from huawei_modem_check.installer.modules import COLIBRI_IMX7_NAND, COLIBRI_IMX7D_EMMC, DEVICE_TREES
from huawei_modem_check.installer.names import unsafe_name_reason
from huawei_modem_check.installer.schema import as_flag, as_number, violations

NEWEST_FORMAT = 5
KIB = 1024
SCRIPTS = ("prepare_script", "wrapup_script", "error_script")

_FILES = (*SCRIPTS, "icon", "license", "releasenotes", "marketing", "u_boot_env")
_PRODUCT_ID = re.compile(r"[0-9]{4}")
_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_SUMS = "SHA256SUMS"


def check(files: Mapping[str, ImageFile], script_complaints: Mapping[str, str]) -> Iterator[Finding]:
    """Findings about the files of an image's folder, with image.json among them.

    `script_complaints` is what the shell says of the scripts that it does not parse, by file name.
    """
    documents = {}
    for name in sorted(fnmatch.filter(files, "image*.json")):
        document, reason = parse(files[name])
        if reason:
            yield _schema(name, reason)
            continue
        documents[name] = document
        yield from _one(name, document, files)
    yield from _autoinstall(documents)
    yield from _sums(files)
    for name, complaint in sorted(script_complaints.items()):
        yield found("tezi-file-corrupt:script", [Evidence(name, complaint)], name=name)


def parse(file: ImageFile) -> tuple[Any, str | None]:
    """The document in `file`, or the reason why there is none."""
    if file.content is None:
        return None, f"is far too large with {file.size} bytes"
    try:
        return json.loads(file.content.decode("utf-8"), parse_constant=_no_constant), None
    except (ValueError, RecursionError) as err:
        return None, f"is no JSON: {err}"


def device_trees_of(files: Mapping[str, ImageFile]) -> dict[str, str]:
    """The Colibri iMX7 modules that the image is for, each with what its device tree is compatible with."""
    wanted = {}
    for name in fnmatch.filter(files, "image*.json"):
        document = parse(files[name])[0]
        ids = document.get("supported_product_ids") if isinstance(document, dict) else None
        for item in ids if isinstance(ids, list) else []:
            if str(item) in DEVICE_TREES:
                wanted[str(item)] = DEVICE_TREES[str(item)]
    return wanted


def script_names(document: object) -> list[str]:
    """Names of the scripts that the installer runs for this image.json."""
    if not isinstance(document, dict):
        return []
    return [name for field in SCRIPTS if isinstance(name := document.get(field), str)]


def _no_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no number in JSON")


def _one(source: str, document: Any, files: Mapping[str, ImageFile]) -> Iterator[Finding]:
    faults = violations(document)
    for fault in faults:
        yield _schema(source, f"{fault.place or 'image.json'} {fault.text}")
    if not isinstance(document, dict):
        return
    yield from _format(source, document)
    yield from _product_ids(source, document)
    yield from _partitions_hold_their_content(source, document, files)
    for place, name in references(document):
        yield from _reference(source, place, name, files)


def _schema(source: str, text: str) -> Finding:
    return found("tezi-schema", [Evidence(source, text)])


def _format(source: str, document: Mapping[str, Any]) -> Iterator[Finding]:
    number = as_number(document.get("config_format"))
    if number is None:
        return
    if number > NEWEST_FORMAT:
        seen = [Evidence(source, f"config_format {number:g}; the newest is {NEWEST_FORMAT}")]
        yield found("tezi-format-too-new", seen)
    for place, text, needed in _newer_features(document):
        if number < needed:
            yield _schema(source, f"{place}: {text} needs config_format {needed}, and it is {number:g}")


def _newer_features(document: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Place, what is used there, and the format that it needs (qt-tezi, config.h)."""
    for place, value in _walk(document):
        field = place.rpartition(".")[2]
        if field.startswith("filelist[") and isinstance(value, str) and ":" in value:
            yield place, "source:destination", 3
        elif field == "offset":
            yield place, "an offset", 5


def _product_ids(source: str, document: Mapping[str, Any]) -> Iterator[Finding]:
    ids = document.get("supported_product_ids")
    if not isinstance(ids, list):
        return
    names = [str(item) for item in ids]
    flash, others = _flash_of(document)
    if malformed := [name for name in names if not _PRODUCT_ID.fullmatch(name)]:
        yield _product_id(source, f"{', '.join(malformed)}: a product id is four digits")
    elif misplaced := [name for name in names if name in others]:
        yield _product_id(source, f"{', '.join(misplaced)}: this module has no {flash}")
    elif not {COLIBRI_IMX7D_EMMC, *COLIBRI_IMX7_NAND} & set(names):
        yield _product_id(source, f"{', '.join(names) or 'none'}: no Colibri iMX7 among them")


def _flash_of(document: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The kind of flash that an image is for, and the modules that have the other kind."""
    if "blockdevs" in document:
        return "eMMC", COLIBRI_IMX7_NAND
    return "NAND", (COLIBRI_IMX7D_EMMC,) if "mtddevs" in document else ()


def _product_id(source: str, text: str) -> Finding:
    return found(
        "tezi-product-id",
        [Evidence(source, f"supported_product_ids: {text}")],
        emmc=COLIBRI_IMX7D_EMMC,
        nand=", ".join(COLIBRI_IMX7_NAND),
    )


def _partitions_hold_their_content(
    source: str, document: Mapping[str, Any], files: Mapping[str, ImageFile]
) -> Iterator[Finding]:
    """The installer erases first, and then finds out."""
    for place, value in _walk(document):
        if not isinstance(value, dict) or not isinstance(content := value.get("content"), dict):
            continue
        if (room := as_number(value.get("size_kib"))) is not None:
            named = [name for _place, name in references(content) if name in files]
            for name in dict.fromkeys(named):
                if files[name].size > room * KIB:
                    size = math.ceil(files[name].size / KIB)
                    text = f"{place}: {name} with {size} KiB does not fit into a volume of {room:.0f} KiB"
                    yield _schema(source, text)
        room = as_number(value.get("partition_size_nominal"))
        if room is not None and not as_flag(value.get("want_maximised", False)):
            said = as_number(content.get("uncompressed_size")) or 0
            needed = max(said, _unpacked(content, files) / KIB / KIB)
            if needed > room:
                text = f"{place}: {math.ceil(needed)} MiB do not fit into a partition of {room:.0f} MiB"
                yield _schema(source, text)


def _unpacked(content: Mapping[str, Any], files: Mapping[str, ImageFile]) -> int:
    """Bytes that the files of a content have, those in archives included, as far as they were read."""
    named = [files[name] for _place, name in references(content) if name in files]
    return sum(file.size if file.unpacked is None else file.unpacked for file in named)


def references(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every file that image.json names, with the place that names it."""
    for field in _FILES:
        if isinstance(name := document.get(field), str):
            yield field, name
    for place, value in _walk(document):
        field = place.rpartition(".")[2]
        if not isinstance(value, str):
            continue
        if field in ("filename", "image_filename"):
            yield place, value
        elif field.startswith("filelist["):
            yield place, value.partition(":")[0]


def _reference(source: str, place: str, name: str, files: Mapping[str, ImageFile]) -> Iterator[Finding]:
    seen = [Evidence(source, f"{place}: {name!r}")]
    if reason := unsafe_name_reason(name):
        yield found("tezi-name-unsafe", seen, name=repr(name), reason=reason)
    elif name not in files:
        yield found("tezi-file-missing", seen, document="image.json", name=name)
    elif files[name].size == 0:
        yield found("tezi-file-corrupt:empty", seen, name=name)


def _autoinstall(documents: Mapping[str, Any]) -> Iterator[Finding]:
    wanting = [
        name
        for name, document in documents.items()
        if isinstance(document, dict) and as_flag(document.get("autoinstall", False))
    ]
    if len(wanting) > 1:
        yield found("tezi-autoinstall-ambiguous", [Evidence(name, "autoinstall is true") for name in wanting])


def _sums(files: Mapping[str, ImageFile]) -> Iterator[Finding]:
    content = files[_SUMS].content if _SUMS in files else None
    for number, line in enumerate((content or b"").decode("utf-8", "replace").splitlines(), 1):
        match = _SUM.fullmatch(line)
        if not match:
            seen = [Evidence(_SUMS, "is no line of checksum and name", number)]
            yield found("tezi-file-corrupt", seen, name=_SUMS)
            continue
        digest, name = match.groups()
        seen = [Evidence(_SUMS, f"{name}: {digest}", number)]
        if name not in files:
            yield found("tezi-file-missing", seen, document=_SUMS, name=name)
        elif files[name].sha256 != digest:
            seen.append(Evidence(name, f"has {files[name].sha256}"))
            yield found("tezi-file-corrupt:other", seen, name=name)


def _walk(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every value inside a document with its place, in the document's order."""
    # Not by recursion: JSON may be nested deeper than Python's stack is.
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        place, value = waiting.pop()
        if place:
            yield place, value
        inside: list[tuple[str, Any]] = []
        if isinstance(value, dict):
            inside = [(f"{place}.{name}".lstrip("."), item) for name, item in value.items()]
        elif isinstance(value, list):
            inside = [(f"{place}[{number}]", item) for number, item in enumerate(value)]
        waiting += reversed(inside)
