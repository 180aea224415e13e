# SPDX-License-Identifier: MIT
"""Names that people type."""

from __future__ import annotations

from collections.abc import Iterable

from modem_image.errors import InputError


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Up to three of the known names that look like `name`, the nearest first."""
    import difflib  # for a name that is wrong alone

    return difflib.get_close_matches(name, list(known), 3, 0.6)


def choose(kind: str, name: str, known: Iterable[str]) -> str:
    """`name` if it is known. Raises InputError that offers the nearest names, and lists all."""
    names = sorted(known)
    if name in names:
        return name
    near = nearest(name, names)
    offer = f"nearest: {', '.join(near)}; " if near else ""
    raise InputError(f"no {kind} is called {name!r}; {offer}there is: {', '.join(names)}")
