# SPDX-License-Identifier: MIT
"""JSON as Easy Installer reads it: twice, by two libraries that disagree.

Qt's QJsonDocument fills the list of images and the installation (json.cpp, Json::loadFromFile); RapidJSON
reads the
same bytes once more for the schema (json.cpp, Json::validate). Qt skips a byte order mark and refuses bytes
that are no
UTF-8; RapidJSON refuses the mark, control characters and lone surrogates. Of a key that comes twice Qt keeps
the last value, and RapidJSON finds the first.

Conversions are those of QVariant (Qt 5.15): what cannot be converted becomes 0, false or nothing, without a
word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_MARK = b"\xef\xbb\xbf"
_DEEPEST = 1024  # nestingLimit of Qt's parser
_INT = 1 << 31
_HALF = re.compile("[\ud800-\udfff]")
_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")


class Parsed(NamedTuple):
    """`value` is what Qt makes of it, None when it makes nothing; `first` is it with the first of each key.

    `unlisted` says why Qt makes nothing of it: it is listed without a name. `unvalidated` says why RapidJSON
    does not read it: choosing it ends with an error.
    """

    value: Any
    first: Any
    unlisted: str | None = None
    unvalidated: str | None = None


class _Object(dict):  # type: ignore[type-arg]
    """An object with the first value of each key; `last` has the last ones."""

    last: dict[str, Any]


def parse(data: bytes) -> Parsed:
    """Both readings of the bytes of an image.json."""
    unvalidated = None
    if data.startswith(_MARK):
        data, unvalidated = data[len(_MARK) :], "it begins with a byte order mark"
    try:
        text = data.decode("utf-8")
        # Control characters inside strings are no matter to Qt.
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_refused, strict=False)
    except UnicodeDecodeError as err:
        return Parsed(None, None, f"byte {err.start} is not UTF-8")
    except (ValueError, RecursionError) as err:
        return Parsed(None, None, f"it is not JSON: {err}")
    if not isinstance(document, (dict, list)):
        return Parsed(None, None, "it is not an object")
    if reason := _unreadable(document):
        return Parsed(None, None, reason)
    if unvalidated is None:
        unvalidated = _second_opinion(text, document)
    return Parsed(_last(document), document, None, unvalidated)


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object()
    made.last = dict(pairs)
    for name, value in pairs:
        made.setdefault(name, value)
    return made


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is not a number")


def _second_opinion(text: str, document: Any) -> str | None:
    """Why RapidJSON does not read what Qt reads."""
    if "\\u" in text and any(_HALF.search(word) for word in _texts_in(document)):
        return "a string has half of a surrogate pair (\\ud800 to \\udfff)"
    try:
        json.loads(text)
    except ValueError as err:
        return f"RapidJSON does not read it: {err}"
    return None


def _texts_in(document: Any) -> Iterator[str]:
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, _Object):
            waiting += [*value, *value.values(), *value.last.values()]
        elif isinstance(value, list):
            waiting += value


def _unreadable(document: Any) -> str | None:
    """What Qt's parser does not take, though it is JSON."""
    waiting: list[tuple[Any, int]] = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            return f"it is nested more than {_DEEPEST} deep"
        if isinstance(value, float) and value in (float("inf"), float("-inf")):
            return "a number is too large"
        if isinstance(value, _Object):
            waiting += [(item, depth + 1) for item in (*value.values(), *value.last.values())]
        elif isinstance(value, list):
            waiting += [(item, depth + 1) for item in value]
    return None


def _last(value: Any) -> Any:
    """`value` with the last of each key, without a call for each level: Qt reads it a thousand deep."""
    whole: list[Any] = [None]
    waiting: list[tuple[Any, Any, Any]] = [(value, whole, 0)]
    while waiting:
        item, holder, place = waiting.pop()
        if isinstance(item, _Object):
            holder[place] = made = dict.fromkeys(item.last)
            waiting += [(inner, made, name) for name, inner in item.last.items()]
        elif isinstance(item, list):
            holder[place] = row = [None] * len(item)
            waiting += [(inner, row, number) for number, inner in enumerate(item)]
        else:
            holder[place] = item
    return whole[0]


# --- QVariant -----------------------------------------------------------------------------------------


def to_int(value: Any) -> int:
    """QVariant::toInt(); a number that no int holds stays as it is, for the caller to refuse."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return int(value + 0.5) if value >= 0 else -int(0.5 - value)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        number = int(value)
        return number if -_INT <= number < _INT else 0
    return 0


def to_bool(value: Any) -> bool:
    """QVariant::toBool(): of texts all but "", "0" and "false", in whatever case, are true."""
    if isinstance(value, str):
        return value.lower() not in ("", "0", "false")
    return value != 0 if isinstance(value, (bool, int, float)) else False


def to_text(value: Any) -> str:
    """QVariant::toString()."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.17g}" if value != int(value) else str(int(value))
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) else ""


def to_list(value: Any) -> list[Any]:
    """QVariant::toList()."""
    return value if isinstance(value, list) else []


def to_map(value: Any) -> dict[str, Any]:
    """QVariant::toMap()."""
    return value if isinstance(value, dict) else {}


def to_texts(value: Any) -> list[str]:
    """QVariant::toStringList(); a single text is a list of one."""
    if isinstance(value, str):
        return [value]
    return [to_text(item) for item in to_list(value)]
