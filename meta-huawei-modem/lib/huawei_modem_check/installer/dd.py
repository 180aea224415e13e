# SPDX-License-Identifier: MIT
"""What dd of coreutils 9.1 makes of dd_options, which the installer's shell splits (line 1209)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from huawei_modem_check.installer.strtoul import decimal

SHELL = re.compile(r"[;&|<>`$()\n\r#*?\[\]{}!~]")
"""What a shell does more with than to split words."""
_COMMAND = re.compile(r"\|\||&&|[;&|\n]")
_HARMLESS = ("true", ":", "echo", "cat", "sync")
"""Commands behind dd that end well."""
_EXPANDED = re.compile(r"[$`]")
_OPERANDS = {
    *("bs", "cbs", "conv", "count", "ibs", "if", "iflag", "iseek", "obs", "of", "oflag", "oseek", "seek"),
    *("skip", "status"),
}
_NUMBER = re.compile(r"\+?([0-9]+)(c|w|b|B|[kK]i?B?|[MGTPEZY](?:i?B)?)?")
_UNITS = {"": 1, "c": 1, "B": 1, "w": 2, "b": 512}
_MOST = (1 << 63) - 1
_MEMORY = 256 << 20  # bytes of a block, which dd takes from the installer's memory
_CONVERSIONS = {
    *("ascii", "ebcdic", "ibm", "block", "unblock", "lcase", "ucase", "sparse", "swab", "sync"),
    *("excl", "nocreat", "notrunc", "noerror", "fdatasync", "fsync"),
}
_CHANGING = ("ascii", "ebcdic", "ibm", "lcase", "ucase", "swab")
_ONE_OF = (("ascii", "ebcdic", "ibm"), ("lcase", "ucase"), ("excl", "nocreat"))
_STATUS = {"none", "noxfer", "progress"}
_FLAGS = {
    *("append", "count_bytes", "direct", "directory", "dsync", "fullblock", "noatime", "nocache"),
    *("noctty", "nofollow", "nonblock", "seek_bytes", "skip_bytes", "sync"),
}
_OF_NO_PIPE = {"directory", "nonblock"}
_OF_NO_DEVICE = {"directory", "fullblock"}


class DdOptions:
    """What dd_options make of `dd of=DEVICE`: `fault` says why it fails; sizes are bytes."""

    def __init__(self, options: str) -> None:
        self.fault: str | None = None
        self.redirected = False
        """Whether what is written is not the file, or does not go to the device."""
        self.is_open = bool(_EXPANDED.search(options))
        """Whether the shell makes the operands of something that is known only when it runs."""
        self._values: dict[str, int] = {}
        self._conversions: set[str] = set()
        self._flags: dict[str, set[str]] = {"iflag": set(), "oflag": set()}
        self._in_bytes: set[str] = set()
        if self.is_open:
            return
        if not _ends_well(options):
            self.fault = "the shell runs a further command, whose end decides"
            return
        try:
            words = shlex.split(SHELL.split(options, maxsplit=1)[0])
        except ValueError as err:
            self.fault = f"the shell does not read it: {err}"
            return
        if "--" in words:
            words.remove("--")
        for word in words:
            self.fault = self.fault or self._take(word)
        self.fault = self.fault or self._together()

    def _take(self, word: str) -> str | None:
        key, equals, value = word.partition("=")
        if word in ("--help", "--version"):
            self.redirected = True
            return None
        if not equals or key not in _OPERANDS:
            return f"dd knows no operand {word!r}"
        if key in ("if", "of"):
            self.redirected = True
        elif key == "conv":
            self._conversions.update(value.split(","))
            return _unknown("conversion", value.split(","), _CONVERSIONS)
        elif key == "status":
            return _unknown("status", value.split(","), _STATUS)
        elif key in ("iflag", "oflag"):
            self._flags[key].update(value.split(","))
            return _unknown("flag", value.split(","), _FLAGS)
        else:
            return self._number({"oseek": "seek", "iseek": "skip"}.get(key, key), value)
        return None

    def _number(self, key: str, value: str) -> str | None:
        count = 1
        for part in value.split("x", 1):
            found = _NUMBER.fullmatch(part)
            if found is None:
                return f"{key}={value}: no number"
            count *= decimal(found[1]) * _unit(found[2] or "")
        if value.endswith("B") and value[-2:-1].isdigit():
            if key not in ("seek", "skip", "count"):
                return f"{key}={value}: no number for dd before coreutils 9.1"
            self._in_bytes.add(key)
        else:
            self._in_bytes.discard(key)
        if count > _MOST:
            return f"{key}={value}: no number"
        if key in ("bs", "ibs", "obs", "cbs") and count == 0:
            return f"{key}={value}: dd takes no size of 0"
        if key in ("bs", "ibs", "obs") and count > _MEMORY:
            return f"{key}={value}: a block that large is beyond the module's memory"
        self._values[key] = count
        return None

    def _together(self) -> str | None:
        for group in _ONE_OF:
            both = [name for name in group if name in self._conversions]
            if len(both) > 1:
                return f"dd does not combine {both[0]} and {both[1]}"
        if "excl" in self._conversions:
            return "conv=excl: the device is there already"
        for key, wrong in (("iflag", _OF_NO_PIPE), ("oflag", _OF_NO_DEVICE)):
            if found := sorted(wrong & self._flags[key]):
                return f"{key}={found[0]} does not go with what dd {'reads' if key == 'iflag' else 'writes'}"
            if {"direct", "nocache"} <= self._flags[key]:
                return "dd does not combine direct and nocache"
        blocked = {"block", "unblock"} & self._conversions if self._values.get("cbs") else set()
        if len(blocked) > 1:
            return "dd does not combine block and unblock"
        if blocked or self._values.get("skip") or self._conversions & set(_CHANGING):
            self.redirected = True
        return None

    @property
    def start(self) -> int:
        """Where the first byte is written."""
        seek = self._values.get("seek", 0)
        if "seek" in self._in_bytes or "seek_bytes" in self._flags["oflag"]:
            return seek
        return seek * self._values.get("bs", self._values.get("obs", 512))

    @property
    def limit(self) -> int | None:
        """How many bytes are written at most."""
        if "count" not in self._values:
            return None
        if "count" in self._in_bytes or "count_bytes" in self._flags["iflag"]:
            return self._values["count"]
        return self._values["count"] * self._values.get("bs", self._values.get("ibs", 512))


def _ends_well(options: str) -> bool:
    """Whether the shell's last command is dd itself, or one that is known to end well."""
    operators = _COMMAND.findall(options)
    if not operators or operators[0] == "||":
        # What follows || runs only when dd fails.
        return True
    last = _COMMAND.split(options)[-1].split()
    return "&" not in operators and bool(last) and last[0] in _HARMLESS


def _unknown(what: str, items: Iterable[str], known: set[str]) -> str | None:
    unknown = [item for item in items if item not in known]
    return f"dd knows no {what} {unknown[0]!r}" if unknown else None


def _unit(text: str) -> int:
    """The bytes of a unit: k and K are 1024, kB is 1000."""
    if text in _UNITS:
        return _UNITS[text]
    power = "KMGTPEZY".index(text[0].upper()) + 1
    return int((1000 if text[1:] == "B" else 1024) ** power)
