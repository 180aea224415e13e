# SPDX-License-Identifier: MIT
"""Whether anybody can log in to an image: its password file and its root's keys say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# shadow(5): an account whose password field is no hash cannot log in with one. Empty: none is asked for.
_LOCKED = ("!", "*", "x")
# The image features that let an empty password in (core's rootfs-postcommands).
_EMPTY = ("allow-empty-password", "debug-tweaks", "empty-root-password")


def ways_in(shadow: str, has_keys: bool, features: Iterable[str]) -> list[str]:
    """Who can log in, and by what; empty when nobody can."""
    found = ["root, by a key"] if has_keys else []
    empty = bool(set(features) & set(_EMPTY))
    for line in shadow.splitlines():
        name, _, rest = line.partition(":")
        field = rest.partition(":")[0]
        if (field and not field.startswith(_LOCKED)) or (not field and ":" in rest and empty):
            found.append(f"{name}, by a password")
    return found
