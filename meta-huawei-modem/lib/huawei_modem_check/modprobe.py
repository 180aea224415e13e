# SPDX-License-Identifier: MIT
"""What modprobe.d of a root file system keeps from being loaded. Layout: modprobe.d(5) of kmod."""

from __future__ import annotations

import fnmatch
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
    wanted = {normal(driver): driver for driver in drivers}
    for source, text in _in_force(texts).items():
        for line in text.replace("\\\n", " ").split("\n"):
            words = re.split(r"[ \t]+", line.strip(" \t"))
            kind, name = (words[0], normal(words[1])) if len(words) > 1 else ("", "")
            is_off = kind == "blacklist" or (
                kind == "install" and len(words) > 2 and _NOTHING.fullmatch(words[2])
            )
            taken = [name] if is_off else []
            if kind == "alias" and len(words) == 3:
                taken = [
                    key
                    for key, driver in wanted.items()
                    if key != normal(words[2]) and any(_is_one(each, name) for each in drivers[driver])
                ]
            for key in taken:
                if key in wanted:
                    yield wanted.pop(key), source, line.strip()[: limits.NAME_SHOWN]


def barred(text: str, drivers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each of `drivers` that the kernel's command line in a boot script keeps out, with what does so."""
    for match in _BARRED.finditer(text):
        names = None if match["names"] is None else {normal(name) for name in match["names"].split(",")}
        for driver in drivers:
            if names is None or normal(driver) in names:
                yield driver, match[0][: limits.NAME_SHOWN]


def _is_one(alias: str, pattern: str) -> bool:
    """Whether a device that the pattern `alias` is for fits `pattern` too."""
    return fnmatch.fnmatchcase(normal(alias).replace("*", "1"), pattern)


def _in_force(texts: Mapping[str, str]) -> dict[str, str]:
    chosen: dict[tuple[str, str], str] = {}
    for source in sorted(texts, key=lambda source: ":etc/" in source):
        archive, _, path = source.rpartition(":")
        chosen[archive, path.rpartition("/")[2]] = source
    return {source: texts[source] for source in chosen.values()}
