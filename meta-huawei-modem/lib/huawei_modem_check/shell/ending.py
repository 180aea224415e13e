# SPDX-License-Identifier: MIT
"""What the course of a script comes to."""

from __future__ import annotations

import enum
from typing import NamedTuple


class How(enum.Enum):
    """How a script ends."""

    WELL = "it ends well"
    BADLY = "it ends with a failure"
    NEVER = "it never ends"
    UNKNOWN = "how it ends is not known"


class Ending(NamedTuple):
    """How a script ends, and for all but WELL the line and what decides it."""

    how: How
    line: int = 0
    text: str = ""
