# SPDX-License-Identifier: MIT
"""What is judged of a release as a whole: its images side by side, in one list of the installer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding, Report
from huawei_modem_check.installer.qt import to_bool

TOOL = "modem-image release"


def with_release(
    reports: Sequence[Report],
    descriptions: Sequence[Mapping[str, Any]],
    name: str = "release",
    version: str | None = None,
) -> tuple[Report, ...]:
    """The images' reports, and one more about them together when there is something to say.

    `descriptions` are their image.json in the same order, empty for an image with a fault. `version` is the
    one that was asked for.
    """
    right = [item for item in descriptions if item]
    named = [(report.input, item) for report, item in zip(reports, descriptions, strict=False) if item]
    together = [*_one_title(named), *_several_installing(right), *_other_version(right, version)]
    own = [Report(TOOL, name, tuple(together), _NO_FACTS)] if together else []
    return (*reports, *own)


_NO_FACTS: Mapping[str, Any] = {"kernels": [], "modules": [], "device_trees": [], "files": {}}


def _one_title(descriptions: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Finding]:
    """Images of one name for one module; `descriptions` have the image's name before its image.json."""
    images: dict[tuple[str, str], list[str]] = {}
    for image, item in descriptions:
        for each in sorted(set(_product_ids(item))):
            images.setdefault((str(item.get("name", "")), each), []).append(image)
    several = {key: names for key, names in images.items() if len(names) > 1}
    for title in sorted({title for title, _module in several}):
        evidence = [
            Evidence(image, f"name {title}, product {module}")
            for (name, module), names in sorted(several.items())
            if name == title
            for image in names
        ]
        count = max(len(names) for (name, _module), names in several.items() if name == title)
        yield found("release-title-twice", evidence, title=title, count=count)


def _several_installing(descriptions: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Images that install themselves onto one and the same module."""
    by_module: dict[str, list[str]] = {}
    for item in descriptions:
        if to_bool(item.get("autoinstall", False)):
            for each in set(_product_ids(item)):
                by_module.setdefault(each, []).append(str(item.get("name", "")))
    several = {module: names for module, names in by_module.items() if len(names) > 1}
    if several:
        evidence = [
            Evidence("image.json", f"{', '.join(names)}: autoinstall is true for product {module}")
            for module, names in sorted(several.items())
        ]
        yield found("tezi-autoinstall-ambiguous", evidence)


def _other_version(descriptions: Sequence[Mapping[str, Any]], version: str | None) -> Iterator[Finding]:
    """Images that call themselves by another version than the release is to have, by that version."""
    images: dict[str, list[str]] = {}
    for item in descriptions:
        own = item.get("version")
        if version is not None and own and own != version:
            images.setdefault(str(own), []).append(str(item.get("name", "")))
    for own, (first, *others) in images.items():
        evidence = [Evidence("image.json", f"{name}: version {own}") for name in (first, *others)]
        image = f"{first} and {len(others)} more" if others else first
        yield found("release-version-differs", evidence, image=image, own=own, version=version)


def _product_ids(description: Mapping[str, Any]) -> list[str]:
    ids = description.get("supported_product_ids")
    return [str(each) for each in ids] if isinstance(ids, list) else []


def names_of(descriptions: Sequence[Mapping[str, Any]]) -> list[str]:
    """By what a release knows its images: their titles, with the modules where two have one title."""
    titles = [str(item.get("name", "")) for item in descriptions]
    return [
        title if titles.count(title) == 1 else f"{title} ({', '.join(_product_ids(item))})"
        for title, item in zip(titles, descriptions, strict=True)
    ]


def unfetchable_reason(name: str) -> str | None:
    """Why Easy Installer cannot fetch a file of this name from a feed, or None.

    It puts the name behind the feed's address and gives that to curl as it is (qt-tezi 37bc583,
    multiimagewritethread.cpp, processFileCopy): a blank is no part of an address, and a server takes a per
    cent sign for the begin of an escape.
    """
    for character, what in ((" ", "a blank"), ("%", "a per cent sign")):
        if character in name:
            return f"holds {what}, with which Easy Installer cannot fetch it from a feed"
    return None
