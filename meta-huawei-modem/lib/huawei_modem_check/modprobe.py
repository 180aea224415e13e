# SPDX-License-Identifier: MIT
"""What modprobe.d of a root file system keeps from being loaded. Layout: modprobe.d(5) of kmod."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from huawei_modem_check import limits
from huawei_modem_check.kmod import normal

FILES = re.compile(r"(?P<folder>etc|(?:usr/)?lib)/modprobe\.d/(?P<name>[^/]+\.conf)")
_NOTHING = re.compile(r"(?:/\S*/)?(?:true|false|:)")


def kept_out(texts: Mapping[str, str], drivers: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Each of `drivers` that is never loaded for a device, with source and first line that keeps it away.

    `texts` by source, `ARCHIVE:PATH`. A file of /etc takes the place of one of the same name in /lib.
    """
    wanted = {normal(driver): driver for driver in drivers}
    for source, text in _in_force(texts).items():
        for line in text.replace("\\\n", " ").splitlines():
            words = line.split()
            kind, name = (words[0], normal(words[1])) if len(words) > 1 else ("", "")
            is_off = kind == "blacklist" or (
                kind == "install" and len(words) > 2 and _NOTHING.fullmatch(words[2])
            )
            if is_off and name in wanted:
                yield wanted.pop(name), source, line.strip()[: limits.NAME_SHOWN]


def _in_force(texts: Mapping[str, str]) -> dict[str, str]:
    chosen: dict[tuple[str, str], str] = {}
    for source in sorted(texts, key=lambda source: ":etc/" in source):
        archive, _, path = source.rpartition(":")
        chosen[archive, path.rpartition("/")[2]] = source
    return {source: texts[source] for source in chosen.values()}
