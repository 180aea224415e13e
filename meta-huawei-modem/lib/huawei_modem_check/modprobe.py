# SPDX-License-Identifier: MIT
"""What modprobe.d of a root file system keeps from being loaded. Layout: modprobe.d(5) of kmod."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from huawei_modem_check import limits
from huawei_modem_check.kmod import normal

FILES = re.compile(r"(?:etc|(?:usr/)?lib)/modprobe\.d/[^/.][^/]*\.(?:conf|alias)")
_NOTHING = re.compile(r"(?:/\S*/)?(?:true|false|:)")
# Documentation/admin-guide/kernel-parameters.txt; kmod reads the second of them from /proc/cmdline.
_BARRED = re.compile(r"\b(?:module_blacklist|modprobe\.blacklist)=(?P<names>[\w,-]+)|\b(?:usbcore\.)?nousb\b")


def kept_out(
    texts: Mapping[str, str], drivers: Mapping[str, Iterable[str]]
) -> Iterator[tuple[str, str, str]]:
    """Each of `drivers` that is never loaded for a device, with source and first line that keeps it away.

    `texts` by source, `ARCHIVE:PATH`. A file of /etc takes the place of one of the same name in /lib. Of each
    driver the aliases, which an `alias` line here takes over.
    """
    wanted = {
        normal(driver): (driver, [normal(alias).replace("*", "1") for alias in aliases])
        for driver, aliases in drivers.items()
    }
    looked_at = 0
    for source, text in _in_force(texts).items():
        for line in text.replace("\\\n", " ").split("\n"):
            words = re.split(r"[ \t]+", line.strip(" \t"), maxsplit=3)
            kind, name = (words[0], normal(words[1])) if len(words) > 1 else ("", "")
            is_off = kind == "blacklist" or (
                kind == "install" and len(words) > 2 and _NOTHING.fullmatch(words[2])
            )
            taken = [name] if is_off and name in wanted else []
            if kind == "alias" and len(words) > 2 and looked_at < limits.ALIASES:
                looked_at += 1
                others = (key for key in wanted if key != normal(words[2]))
                taken = [key for key in others if any(_fits(device, name) for device in wanted[key][1])]
            for key in taken:
                yield wanted.pop(key)[0], source, line.strip()[: limits.NAME_SHOWN]


def barred(text: str, drivers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each of `drivers` that the kernel's command line in a boot script keeps out, with what does so."""
    for match in _BARRED.finditer(text):
        names = None if match["names"] is None else {normal(name) for name in match["names"].split(",")}
        for driver in drivers:
            if names is None or normal(driver) in names:
                yield driver, match[0][: limits.NAME_SHOWN]


def _fits(device: str, pattern: str) -> bool:
    """Whether a device's alias fits a pattern of text and asterisks, which is all that people write."""
    first, *rest = pattern.split("*")
    place = len(first)
    for part in rest[:-1]:
        found = device.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    last = rest[-1] if rest else ""
    is_ended = len(device) - len(last) >= place if rest else len(device) == place
    return device.startswith(first) and is_ended and device.endswith(last)


def _in_force(texts: Mapping[str, str]) -> dict[str, str]:
    chosen: dict[tuple[str, str], str] = {}
    for source in sorted(texts, key=lambda source: ":etc/" in source):
        archive, _, path = source.rpartition(":")
        chosen[archive, path.rpartition("/")[2]] = source
    return {source: texts[source] for source in chosen.values()}
