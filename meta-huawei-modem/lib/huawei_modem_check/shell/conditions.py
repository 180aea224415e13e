# SPDX-License-Identifier: MIT
"""test, [ and [[ as BusyBox's ash answers them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from huawei_modem_check.shell.values import ANY, MISUSED, State, Value, joined_status
from huawei_modem_check.shell.world import World

_UNARY = set("bcdefghkLnprsStuwxzGON")
_NUMBERS = {"-eq", "-ne", "-gt", "-ge", "-lt", "-le"}
_BINARY = {"=", "==", "!=", "<", ">", "-nt", "-ot", "-ef", *_NUMBERS}
_NUMBER = re.compile(r"\s*[+-]?\d{1,18}\s*", re.ASCII)


def test(values: Sequence[Value], world: World, state: State, is_double: bool = False) -> int:
    """The status of `test` with these words; `is_double` is the form [[ ]]."""
    count = len(values)
    texts = [value.text for value in values]
    if count == 0:
        return 1
    if count == 1:
        return _truth(values[0])
    if texts[0] == "!" and (count != 3 or texts[1] not in _BINARY | {"-a", "-o"}):
        return _not(test(values[1:], world, state, is_double))
    if count == 2:
        operator = texts[0] or ""
        if texts[0] is None:
            return ANY
        known = operator.startswith("-") and operator[1:] in _UNARY
        return _unary(operator[1:], values[1], world, state) if known else MISUSED
    if count == 3 and texts[1] in _BINARY:
        return _binary(values[0], texts[1] or "", values[2], is_double)
    if count > 3 and texts[0] == "(" and texts[-1] == ")" and ")" not in texts[1:-1]:
        return test(values[1:-1], world, state, is_double)
    for operator in ("-o", "-a"):
        if operator in texts[1:-1] and "(" not in texts:
            place = texts.index(operator, 1)
            left = test(values[:place], world, state, is_double)
            right = test(values[place + 1 :], world, state, is_double)
            return _both(left, right, 0 if operator == "-o" else 1)
    return ANY if None in texts or set(texts) & {"(", ")", "=~"} else MISUSED


def _truth(value: Value) -> int:
    if value.text is None:
        return 0 if value.is_full else ANY
    return 0 if value.text else 1


def _not(status: int) -> int:
    return {0: 1, 1: 0}.get(status, status)


def _both(left: int, right: int, deciding: int) -> int:
    """The status of two; `deciding` is the one that is enough: 1 of -a, 0 of -o."""
    for status in (MISUSED, deciding):
        if status in (left, right):
            return status
    return joined_status(left, right)


def _unary(letter: str, value: Value, world: World, state: State) -> int:
    if letter in "nz":
        status = _truth(value)
        return _not(status) if letter == "z" else status
    if letter in "tON" or (value.text is None and value.folder is None):
        return ANY
    kind = world.kind(value, state)
    if not kind:
        return ANY
    if kind == "none":
        return 1
    content = world.content(value, state)
    right = {
        "e": True,
        "f": kind == "file",
        "d": kind == "folder",
        "c": kind == "device",
        **dict.fromkeys("bpShL", False),
        "s": kind == "folder" or (bool(content) if content is not None else None),
        # A medium may have lost its modes, and what a link shows is not known.
        "x": True if kind == "folder" or value.text in ("/bin/sh", "/bin/busybox") else None,
        "r": True,
    }.get(letter)
    if letter in "hL" and kind == "folder":
        return ANY
    return ANY if right is None else 0 if right else 1


def _binary(left: Value, operator: str, right: Value, is_double: bool) -> int:
    if operator in ("=", "==", "!="):
        equal = _equal(left, right, is_double)
        if equal is None:
            return ANY
        return 0 if equal == (operator != "!=") else 1
    if operator in _NUMBERS:
        return _compared(left, operator, right)
    return ANY


def _equal(left: Value, right: Value, is_double: bool) -> bool | None:
    if is_double and (right.text is None or re.search(r"[*?\[\\]", right.text)):
        return None
    if left.text is not None and right.text is not None:
        return left.text == right.text
    for one, other in ((left, right), (right, left)):
        if one.text == "" and other.is_full:
            return False
        if one.text == "0" and other.is_failure:
            return False
    return None


def _compared(left: Value, operator: str, right: Value) -> int:
    for some, other in ((left, right), (right, left)):
        if some.is_failure and other.text == "0" and operator in ("-eq", "-ne"):
            return 0 if operator == "-ne" else 1
    if left.is_failure and right.text == "0" and operator in ("-gt", "-le"):
        return 0 if operator == "-gt" else 1
    for value in (left, right):
        if value.text is not None and not _NUMBER.fullmatch(value.text):
            return MISUSED
    if left.text is None or right.text is None:
        return ANY
    one, two = int(left.text), int(right.text)
    # Which of less, equal and greater each of them takes.
    signs = {"-eq": (0,), "-ne": (-1, 1), "-gt": (1,), "-ge": (0, 1), "-lt": (-1,), "-le": (-1, 0)}
    return 0 if (one > two) - (one < two) in signs[operator] else 1
