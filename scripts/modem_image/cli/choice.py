# SPDX-License-Identifier: MIT
"""Names that people type."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from modem_image.errors import InputError


def choose(kind: str, name: str, known: Iterable[str]) -> str:
    """`name` if it is known. Raises InputError that offers the nearest names, and lists all."""
    names = sorted(known)
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, 3, 0.6)
    nearest = f"nearest: {', '.join(near)}; " if near else ""
    raise InputError(f"no {kind} is called {name!r}; {nearest}there is: {', '.join(names)}")
