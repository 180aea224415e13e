# SPDX-License-Identifier: MIT
"""Names that people type."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from modem_image.errors import InputError


def choose(kind: str, name: str, known: Iterable[str]) -> str:
    """`name` if it is known. Raises InputError that offers the nearest names."""
    names = sorted(known)
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, 3, 0.4) or names
    raise InputError(f"no {kind} is called {name!r}; there is: {', '.join(near)}")
