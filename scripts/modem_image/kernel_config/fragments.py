# SPDX-License-Identifier: MIT
"""The fragments of the layer and the symbols required besides them, each with the line that asks."""

from __future__ import annotations

import dataclasses
import enum
import functools
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from modem_image import PROJECT
from modem_image.errors import InputError
from modem_image.kernel_config.dotconfig import parse_line, setting_lines

FRAGMENTS = PROJECT / "meta-huawei-modem" / "recipes-kernel" / "linux" / "files" / "huawei-modem"
REQUIRED = "required.toml"


class Need(enum.Enum):
    """How a value is asked for."""

    EXACTLY = "exactly"
    BUILT_IN_OR_MODULE = "y or m"


@dataclasses.dataclass(frozen=True)
class Asked:
    """One symbol that is asked for, without its CONFIG_, and the place that asks.

    `value` is as .config writes it; "n" for a symbol that must not be set. `wished` marks a symbol
    whose absence is worth a warning only.
    """

    symbol: str
    value: str
    file: str
    line: int
    need: Need = Need.EXACTLY
    reason: str = ""
    wished: bool = False

    def met_by(self, found: str) -> bool:
        """Whether the value `found` gives what is asked. What m gives, y gives too."""
        if self.need is Need.BUILT_IN_OR_MODULE or self.value == "m":
            return found in ("y", "m")
        return found == self.value

    @property
    def text(self) -> str:
        """What is asked, as people write it."""
        if self.need is Need.BUILT_IN_OR_MODULE:
            return f"CONFIG_{self.symbol}=y or m"
        return setting_lines({self.symbol: self.value})[0]


def parse_fragment(text: str, file: str) -> list[Asked]:
    """The symbols that a fragment asks for, each with the comment right above it as its reason.

    A comment holds for all lines that follow it without a blank line or another comment between.
    Raises InputError for a line that neither asks for one nor is a comment.
    """
    asked = []
    reason: list[str] = []
    commented = False
    for number, line in enumerate(text.splitlines(), 1):
        if setting := parse_line(line):
            asked.append(Asked(*setting, file, number, reason=" ".join(reason)))
        elif line.lstrip().startswith("#"):
            reason = [*(reason if commented else []), line.strip("# \t")]
        elif line.strip():
            raise InputError(
                f"{file}:{number}: {line.strip()!r} asks for nothing: write CONFIG_SYMBOL=value or a comment"
            )
        else:
            reason = []
        commented = setting is None and bool(line.strip())
    return asked


def parse_required(text: str, file: str) -> tuple[list[Asked], frozenset[str]]:
    """The symbols of required.toml, and the names of the fragments that are only wished for.

    Raises InputError when the file is not TOML, or has a part that is not known.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise InputError(f"{file}: {err}") from err
    if unknown := set(tables) - {"y-or-m", "wished"}:
        raise InputError(f"{file}: unknown part [{min(unknown)}]; known are [y-or-m] and [wished]")
    asked = [
        Asked(symbol, "m", file, _line_of(text, symbol), Need.BUILT_IN_OR_MODULE, reason)
        for symbol, reason in tables.get("y-or-m", {}).items()
    ]
    return asked, frozenset(tables.get("wished", {}))


@functools.cache
def layer_asks(folder: Path = FRAGMENTS) -> tuple[Asked, ...]:
    """Everything that the layer asks of a kernel, in the order of the files' names."""
    required, wished = parse_required((folder / REQUIRED).read_text("utf-8"), REQUIRED)
    asked: list[Asked] = []
    for path in fragment_files(folder):
        found = parse_fragment(path.read_text("utf-8"), path.name)
        asked += _as_wish(found) if path.stem in wished else found
    # A fragment may ask y for what m would do too: it then makes no module of what is built in.
    either = {item.symbol for item in required}
    asked = [
        dataclasses.replace(item, need=Need.BUILT_IN_OR_MODULE) if item.symbol in either else item
        for item in asked
    ]
    named = {item.symbol for item in asked}
    return (*asked, *(item for item in required if item.symbol not in named))


def fragment_files(folder: Path = FRAGMENTS) -> tuple[Path, ...]:
    """The fragments of the layer, in the order in which they are laid over a configuration."""
    return tuple(sorted(folder.glob("*.cfg")))


def _as_wish(asked: Iterable[Asked]) -> list[Asked]:
    return [dataclasses.replace(item, wished=True) for item in asked]


def _line_of(text: str, key: str) -> int:
    match = re.search(rf"^{re.escape(key)}\s*=", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else 1
