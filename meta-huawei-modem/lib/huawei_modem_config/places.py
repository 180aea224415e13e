# SPDX-License-Identifier: MIT
"""Where a configuration sets a variable: bitbake keeps that by itself only for `bitbake -e`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def place_of(name: str, files: Iterable[str]) -> str:
    """FILE:LINE of the last assignment to `name`, with its overrides; "" when no file has one.

    `files` are those of the configuration in the order in which bitbake has read them (BBINCLUDED).
    """
    wanted = re.compile(rf"\s*(?:export\s+)?{re.escape(name)}(?::[\w:+.-]+)?\s*(?:[?+.:]|\?\?|=)?=")
    found = ""
    for path in files:
        if not path.endswith((".conf", ".inc")):
            continue
        try:
            with Path(path).open(encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, 1):
                    if name in line and wanted.match(line):
                        found = f"{path}:{number}"
        except OSError:
            continue
    return found
