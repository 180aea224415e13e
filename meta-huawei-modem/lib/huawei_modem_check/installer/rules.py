# SPDX-License-Identifier: MIT
"""image.json against the rules of Toradex Easy Installer, before the installer sees it.

The installer checks image.json by its schema and then trusts it: it has no checksum, and a file that is
missing or
truncated shows only after the flash was erased. `steps` is the model of what it does; this turns what it
stumbles over into findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding
from huawei_modem_check.facts import ImageFile
from huawei_modem_check.installer.listing import Listed, is_list_of_images, listed
from huawei_modem_check.installer.modules import COLIBRI_IMX7_NAND, COLIBRI_IMX7D_EMMC
from huawei_modem_check.installer.stages import Fault, Outcome
from huawei_modem_check.installer.steps import stumbles

BENCH_MARK = "huawei_modem_bench_image"
"""Field of image.json by which the bench's own image is known; the installer passes it over."""

_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_SUMS = "SHA256SUMS"
_MAIN = "image.json"
_KINDS = {
    Outcome.REFUSED: "tezi-schema",
    Outcome.GREYED: "tezi-installation:greyed",
    Outcome.BEFORE: "tezi-installation:before",
    Outcome.AFTER: "tezi-installation:after",
    Outcome.SILENT: "tezi-installation:silent",
    Outcome.FEED: "tezi-installation:feed",
    Outcome.CAUTION: "tezi-installation:caution",
    Outcome.FEED_CAUTION: "tezi-installation:stick",
}
_OF_OUTCOME = frozenset((*_KINDS.values(), "tezi-installation:script", "tezi-installation:feed-script"))


def check(
    files: Mapping[str, ImageFile],
    complaints: Mapping[str, str],
    product: str | None = None,
    with_bench: bool = False,
) -> Iterator[Finding]:
    """Findings about the files of an image's folder, with image.json among them.

    `complaints` is what the shell says of the scripts that it does not parse, by file name. `product` is the
    one module that is asked about; `with_bench` says that the bench's own image is wanted.
    """
    images = listed(files, product)
    usable = [item for item in images if item.modules]
    refused: list[Listed] = []
    for item in images:
        if is_list_of_images(item):
            continue
        if item.parsed.unlisted or not isinstance(item.parsed.value, dict):
            yield from _nameless(item, usable)
            continue
        if BENCH_MARK in item.parsed.value and not with_bench:
            yield found("tezi-bench-image", [Evidence(item.name, BENCH_MARK)])
        findings = _said_once(_stumbles(item, complaints))
        if any(finding.code == "tezi-schema" for finding in findings):
            refused.append(item)
            if _is_stray(item, usable):
                text = f"{findings[0].evidence[0].text}: it is listed in grey, for no module"
                yield found("tezi-installation:caution", [Evidence(item.name, text)])
                continue
        elif not item.modules:
            yield from _for_nobody(item, usable, product)
        yield from findings
    yield from _autoinstall([item for item in usable if item not in refused])
    yield from _sums(files, _named_before(images, files))


def faults_of(item: Listed, complaints: Mapping[str, str] | None = None) -> list[Fault]:
    """What the installer stumbles over, on any of the modules; each fault once."""
    return list(
        dict.fromkeys(
            fault
            for module in item.modules or item.others
            for fault in stumbles(
                item.description,
                item.parsed.first,
                item.parsed.unvalidated,
                module,
                item.files,
                complaints or {},
            )
        )
    )


def _said_once(findings: Iterable[Finding]) -> list[Finding]:
    """What is wrong at several places of image.json, as a file that is named twice, as one finding."""
    merged: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        first = merged.setdefault((finding.code, finding.title), finding)
        if first is not finding:
            evidence = (*first.evidence, *finding.evidence)
            merged[finding.code, finding.title] = first._replace(evidence=evidence)
    return list(merged.values())


def _stumbles(item: Listed, complaints: Mapping[str, str]) -> Iterator[Finding]:
    folder = item.name.rpartition("/")[0]
    mine = {
        name[len(folder) :].lstrip("/"): text for name, text in complaints.items() if name.startswith(folder)
    }
    for fault in faults_of(item, mine):
        yield _finding(item.name, fault)


def _finding(source: str, fault: Fault) -> Finding:
    kind = fault.code or _KINDS[fault.outcome]
    text = f"{fault.place}: {fault.text}" if fault.place else fault.text
    if kind == "tezi-schema":
        text = f"{fault.place} {fault.text}".strip()
    if kind not in _OF_OUTCOME and kind != "tezi-format-too-new":
        text = f"{text}; {fault.outcome.value}"
    values = {"name": fault.file, "document": source, "what": fault.text, "reason": "cannot be used as it is"}
    values.update(emmc=COLIBRI_IMX7D_EMMC, nand=", ".join(COLIBRI_IMX7_NAND))
    return found(kind, [Evidence(source, text)], **values)


def _nameless(item: Listed, usable: Sequence[Listed]) -> Iterator[Finding]:
    """What Qt cannot read is listed without a name, as an image for another module."""
    reason = item.parsed.unlisted or "it is not an object"
    if _is_stray(item, usable):
        yield found(
            "tezi-installation:caution", [Evidence(item.name, f"{reason}: it is listed without a name")]
        )
    else:
        yield found("tezi-schema", [Evidence(item.name, f"is listed without a name, in grey: {reason}")])


def _is_stray(item: Listed, usable: Sequence[Listed]) -> bool:
    """Whether nobody can choose it, and another image can be: in its folder, or in one above it."""
    folder, _, name = item.name.rpartition("/")
    above = {other.name.rpartition("/")[0] for other in usable} - {folder}
    is_below = any(not other or f"{folder}/".startswith(f"{other}/") for other in above)
    return bool(usable) and (name != _MAIN or is_below) and not item.description.product_ids


def _for_nobody(item: Listed, usable: Sequence[Listed], product: str | None) -> Iterator[Finding]:
    if product is not None and usable:
        return
    ids = ", ".join(item.description.product_ids) or "none"
    wanted = f"{product} is not among them" if product else "no Colibri iMX7 among them"
    yield found(
        "tezi-product-id",
        [Evidence(item.name, f"supported_product_ids: {ids}: {wanted}; {Outcome.GREYED.value}")],
        emmc=COLIBRI_IMX7D_EMMC,
        nand=", ".join(COLIBRI_IMX7_NAND),
    )


def _autoinstall(usable: Sequence[Listed]) -> Iterator[Finding]:
    wanting = [item for item in usable if item.description.autoinstall]
    for item in wanting:
        text = "autoinstall is true: every module that sees this image is erased without a question"
        yield found("tezi-installation:caution", [Evidence(item.name, text)])
        yield from _skipped(item, [other for other in usable if other is not item])
    products = [module.product for item in wanting for module in item.modules]
    if len(set(products)) < len(products):
        yield found(
            "tezi-autoinstall-ambiguous", [Evidence(item.name, "autoinstall is true") for item in wanting]
        )


def _skipped(item: Listed, others: Sequence[Listed]) -> Iterator[Finding]:
    """What nobody sees of an image that installs itself (mainwindow.cpp:1307, 1325; imagelist.cpp:109)."""
    unseen = {"license": "nobody is asked to accept it", "releasenotes": "nobody is shown them"}
    for field, what in unseen.items():
        if item.description.text(field):
            text = f"{field}: {what}, as autoinstall is true"
            yield found("tezi-installation:caution", [Evidence(item.name, text)])
    mine = {module.product for module in item.modules}
    for other in others:
        if not other.description.autoinstall and mine & {module.product for module in other.modules}:
            text = f"nobody can choose it: {item.name} installs itself as soon as the medium is there"
            yield found("tezi-installation:caution", [Evidence(other.name, text)])


# --- SHA256SUMS ---------------------------------------------------------------------------------------


def _named_before(images: Sequence[Listed], files: Mapping[str, ImageFile]) -> set[str]:
    """Files that a finding names already: a damaged archive, a file that is not there."""
    named = {name for name, file in files.items() if file.archive and file.archive.problem}
    for item in images:
        folder = item.name.rpartition("/")[0]
        for fault in faults_of(item):
            if fault.file and fault.outcome.is_fault:
                named.add(f"{folder}/{fault.file}".lstrip("/"))
    return named


def _sums(files: Mapping[str, ImageFile], named: set[str]) -> Iterator[Finding]:
    if _SUMS not in files:
        return
    content = files[_SUMS].content
    if content is None:
        seen = [Evidence(_SUMS, f"is far too large with {files[_SUMS].size} bytes: it was not compared")]
        yield found("tezi-file-corrupt", seen, name=_SUMS)
        return
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        match = _SUM.fullmatch(line)
        if not match:
            seen = [Evidence(_SUMS, "is not a line of checksum and name", number)]
            yield found("tezi-file-corrupt", seen, name=_SUMS)
            continue
        digest, name = match.groups()
        if name in named:
            continue
        seen = [Evidence(_SUMS, f"{name}: {digest}", number)]
        if name not in files:
            yield found("tezi-file-missing", seen, document=_SUMS, name=name)
        elif files[name].sha256 != digest:
            seen.append(Evidence(name, f"has {files[name].sha256}"))
            yield found("tezi-file-corrupt:other", seen, name=name)
