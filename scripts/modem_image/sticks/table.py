# SPDX-License-Identifier: MIT
"""One table of a document, which knows where it stands and what may be in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from huawei_modem.database import DatabaseError, Where

HEX2 = r"[0-9a-f]{2}"
USB = r"[0-9a-f]{4}:[0-9a-f]{4}"
NAME = r"[a-z0-9]+(-[a-z0-9]+)*"

_T = TypeVar("_T")


class Table:
    """Every getter raises DatabaseError with the place of the table."""

    def __init__(
        self, where: Where, value: Any, required: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> None:
        if not isinstance(value, Mapping):
            raise DatabaseError(where, "a table is expected")
        for key in value:
            if key not in required and key not in optional:
                raise DatabaseError(where, f"unknown key {key!r}; known: {', '.join(required + optional)}")
        for key in required:
            if key not in value:
                raise DatabaseError(where, f"{key!r} is missing")
        self.where = where
        self.value = value

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def get(self, key: str, kind: type[_T]) -> _T:
        value = self.value[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise DatabaseError(self.where, f"{key} = {value!r}: a {kind.__name__} is expected")
        return value

    def number(self, key: str, default: int | None = None) -> int:
        if default is not None and key not in self.value:
            return default
        value = self.get(key, int)
        if not 0 <= value <= 255:
            raise DatabaseError(self.where, f"{key} = {value}: a number from 0 to 255 is expected")
        return value

    def text(self, key: str) -> str:
        value = self.get(key, str)
        if not _is_plain(value):
            raise DatabaseError(self.where, f"{key} = {value!r}: one line of plain text is expected")
        return value

    def texts(self, key: str) -> dict[str, str]:
        """A table of short names with a text each."""
        values: Mapping[str, Any] = self.get(key, Mapping)  # type: ignore[type-abstract]
        for name, value in values.items():
            self._matching(key, name, NAME)
            if not isinstance(value, str) or not _is_plain(value):
                raise DatabaseError(
                    (*self.where, key, name), f"{value!r}: one line of plain text is expected"
                )
        return dict(values)

    def matching(self, key: str, pattern: str = HEX2) -> str:
        return self._matching(key, self.get(key, str), pattern)

    def maybe(self, key: str, pattern: str = HEX2) -> str | None:
        return self.matching(key, pattern) if key in self.value else None

    def matching_list(self, key: str, pattern: str = HEX2) -> tuple[str, ...]:
        values = self.get(key, list)
        if not values:
            raise DatabaseError(self.where, f"{key} is empty")
        return tuple(self._matching(key, value, pattern) for value in values)

    def child(self, key: str) -> tuple[Where, Any]:
        return (*self.where, key), self.value[key]

    def children(self, key: str, make: Callable[[tuple[Where, Any]], _T]) -> tuple[_T, ...]:
        values = self.get(key, list) if key in self.value else []
        return tuple(make(((*self.where, key, number), value)) for number, value in enumerate(values))

    def _matching(self, key: str, value: object, pattern: str) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise DatabaseError(self.where, f"{key} = {value!r} does not match {pattern}")
        return value


def _is_plain(text: str) -> bool:
    """One line that harms no table, page or terminal."""
    return bool(text.strip()) and text.isprintable() and not set(text) & set('|`"<>')
