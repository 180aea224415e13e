# SPDX-License-Identifier: MIT
"""When the installer would notice something, and how a fault is passed on."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Stage(str, enum.Enum):
    """What the installer does with an image, in its order."""

    PARSE = "parse"
    LIST = "list"
    PREPARE = "prepare"
    PARTITION = "partition"
    FILE_SYSTEM = "make file systems"
    WRITE = "write"
    SCRIPTS = "environment and scripts"


class Outcome(str, enum.Enum):
    """What becomes of an installation; the value is how a finding says it."""

    REFUSED = "the installer refuses the image"
    GREYED = "the image is listed and cannot be chosen"
    BEFORE = "fails before the flash is erased"
    AFTER = "fails after the flash is erased"
    SILENT = "silently not written: the installer reports success"
    FEED = "from a feed it fails before the flash is erased; from a USB stick it is passed over"
    CAUTION = "it installs"
    FEED_CAUTION = "it installs from a USB stick, and fails from a feed"

    @property
    def is_fault(self) -> bool:
        return self not in (Outcome.CAUTION, Outcome.FEED_CAUTION)


class Fault(NamedTuple):
    """Something that the installer stumbles over at `place` of image.json.

    `code` is the finding's name when there is one of its own; `file` is the file that it is about.
    """

    outcome: Outcome
    place: str
    text: str
    code: str = ""
    file: str = ""
