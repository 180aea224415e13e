# SPDX-License-Identifier: MIT
"""The fragments of the layer and the symbols required besides them, each with the line that asks."""

from __future__ import annotations

import dataclasses
import enum
import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from huawei_modem_kernel.dotconfig import parse_line, setting_lines

FRAGMENTS = Path(__file__).resolve().parents[2] / "recipes-kernel" / "linux" / "files" / "huawei-modem"
REQUIRED = "required.toml"
_TABLE = re.compile(r"\[([\w-]+)\]")
_ENTRY = re.compile(r'([\w-]+) = "([^"\\]*)"')


class FragmentError(ValueError):
    """A line of a fragment or of required.toml that cannot be read; the text names it."""


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
    Raises FragmentError for a line that neither asks for one nor is a comment.
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
            raise FragmentError(
                f"{file}:{number}: {line.strip()!r} asks for nothing: write CONFIG_SYMBOL=value or a comment"
            )
        else:
            reason = []
        commented = setting is None and bool(line.strip())
    return asked


@dataclasses.dataclass(frozen=True)
class Required:
    """The content of required.toml: symbols asked for as y or m, and what holds for whole fragments.

    `wished` and `since` are by the stem of a fragment's name; `since` is the first version of Linux,
    (major, minor), that the fragment is for.
    """

    asked: tuple[Asked, ...]
    wished: frozenset[str]
    since: dict[str, tuple[int, int]]


def parse_required(text: str, file: str) -> Required:
    """The content of required.toml.

    Read here, because Python has tomllib since 3.11 alone: tables of `name = "text"` and comments are all
    of TOML that the file may use. Raises FragmentError with the line of anything else.
    """
    tables: dict[str, list[tuple[str, str, int]]] = {"y-or-m": [], "wished": [], "since": []}
    table: list[tuple[str, str, int]] | None = None
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if match := _TABLE.fullmatch(line):
            if match[1] not in tables:
                known = ", ".join(f"[{name}]" for name in tables)
                raise FragmentError(f"{file}:{number}: unknown part [{match[1]}]; known are {known}")
            table = tables[match[1]]
        elif (match := _ENTRY.fullmatch(line)) and table is not None:
            table.append((match[1], match[2], number))
        elif line and not line.startswith("#"):
            raise FragmentError(f'{file}:{number}: {line!r} is neither [part] nor name = "text"')
    either = Need.BUILT_IN_OR_MODULE
    return Required(
        tuple(Asked(symbol, "m", file, line, either, reason) for symbol, reason, line in tables["y-or-m"]),
        frozenset(name for name, _reason, _line in tables["wished"]),
        {name: _version(version, f"{file}:{line}") for name, version, line in tables["since"]},
    )


def _version(text: str, place: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)\.(\d+)", text)
    if not match:
        raise FragmentError(f"{place}: {text!r} is not a version of Linux such as 6.17")
    return int(match[1]), int(match[2])


@functools.lru_cache(maxsize=None)  # noqa: UP033  # cache: since Python 3.9
def layer_asks(linux: tuple[int, int] | None = None, folder: Path = FRAGMENTS) -> tuple[Asked, ...]:
    """Everything that the layer asks of a kernel of this version, in the order of the files' names."""
    texts = {path.name: path.read_text("utf-8") for path in fragment_files(linux, folder)}
    return gather(texts, parse_required((folder / REQUIRED).read_text("utf-8"), REQUIRED))


def gather(fragments: Mapping[str, str], required: Required) -> tuple[Asked, ...]:
    """What the fragments (name to text) and required.toml ask together, the fragments first."""
    asked: list[Asked] = []
    for name, text in fragments.items():
        found = parse_fragment(text, name)
        asked += _as_wish(found) if _stem(name) in required.wished else found
    # A fragment may ask y for what m would do too: it then makes no module of what is built in.
    either = {item.symbol for item in required.asked}
    asked = [
        dataclasses.replace(item, need=Need.BUILT_IN_OR_MODULE) if item.symbol in either else item
        for item in asked
    ]
    named = {item.symbol for item in asked}
    return (*asked, *(item for item in required.asked if item.symbol not in named))


def fragment_files(linux: tuple[int, int] | None = None, folder: Path = FRAGMENTS) -> tuple[Path, ...]:
    """The fragments for this version of Linux, in the order in which they are laid over a configuration.

    Without a version, those that are for every kernel.
    """
    since = parse_required((folder / REQUIRED).read_text("utf-8"), REQUIRED).since
    return tuple(
        path
        for path in sorted(folder.glob("*.cfg"))
        if path.stem not in since or (linux or (0, 0)) >= since[path.stem]
    )


def linux_version(text: str) -> tuple[int, int] | None:
    """Major and minor number at the start of a version, or in the head that make writes into a .config."""
    match = re.match(r"(\d+)\.(\d+)", text) or re.search(r"^# Linux/\w+ (\d+)\.(\d+)", text, re.MULTILINE)
    return (int(match[1]), int(match[2])) if match else None


def _stem(name: str) -> str:
    return Path(name).stem


def _as_wish(asked: Iterable[Asked]) -> list[Asked]:
    return [dataclasses.replace(item, wished=True) for item in asked]
