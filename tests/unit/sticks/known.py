# SPDX-License-Identifier: MIT
"""The project's database of sticks, read and checked once for all tests of a process."""

from __future__ import annotations

from modem_image import HELPER
from modem_image.sticks.database import load

DATABASE = load(HELPER / "modems.toml")[0]
