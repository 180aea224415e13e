# SPDX-License-Identifier: MIT
"""A capture: all that a distant person needs, in one tar.gz, without identities and secrets.

`facts.json` holds what the doctor judges, so that it finds on any machine what it found here; the other
members are for people, and for `modem-image doctor` of a capture that was unpacked.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
import types
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from huawei_modem import __version__, archive, listing, outputs, regular, sysfs
from huawei_modem.errors import what_is_beyond
from huawei_modem.facts import Facts
from huawei_modem.mask import Masker, logs, vocabulary
from huawei_modem.mask import facts as mask_facts
from huawei_modem.mask import files as mask_files
from huawei_modem.mask import system as mask_system
from huawei_modem.text import plain, printable

if TYPE_CHECKING:
    from huawei_modem.bus import Bus

FACTS = "facts.json"
_BY = "huawei-modem report"
SCHEMA = 1
_LARGEST_FACTS = 1 << 20
_MOST_TABLES = 20_000
_MOST = 100
"""Files of one pattern."""
_LONGEST = 1 << 21
"""Bytes of a file, and of a command's output the last ones: the end of a log tells what happened."""
_COMMANDS = {
    "uname-a.txt": ["uname", "-a"],
    "dmesg.txt": ["dmesg"],
    "journalctl.txt": [
        *("journalctl", "-b", "--no-pager", "--no-hostname", "--output=short-monotonic"),
        *("-u", "ofono", "-u", "connman", "-u", "huawei-modem*", "-u", "usb_modeswitch*"),
    ],
    "rfkill.txt": ["rfkill", "list"],
}
_LOGS = {
    "dmesg.txt": (logs.of_dmesg, logs.dmesg_in_own_words),
    "journalctl.txt": (logs.of_journal, logs.journal_in_own_words),
}
"""Of these only the lines leave that are about a modem, and of these only the words of their programs."""
_ATTRIBUTES = ("idVendor", "idProduct", "bcdDevice", "speed", "bConfigurationValue", "bNumConfigurations")
_NUMBERS = ("bInterfaceNumber", "bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")


class CaptureError(ValueError):
    """The file is no capture, or a damaged one. The message says what is wrong."""


class Live(NamedTuple):
    """What only a running system has: its bus, if there is one, and the output of commands by name."""

    bus: Bus | None
    logs: dict[str, str]
    missing: tuple[str, ...] = ()
    """What could not be run, and why."""


NOT_LIVE = Live(None, {})


def live() -> Live:
    """The bus and the logs of this system."""
    from huawei_modem.bus import BusUnavailableError, open_bus

    try:
        bus: Bus | None = open_bus()
    except BusUnavailableError:  # which the facts say
        bus = None
    logs, missing = {}, []
    for name, command in _COMMANDS.items():
        try:
            logs[name] = _output(command)
        except (OSError, subprocess.SubprocessError) as err:
            reason = err.strerror if isinstance(err, OSError) else "gave no answer in time"
            missing.append(f"{command[0]}: {reason}")
            logs[name] = missing[-1]
    return Live(bus, logs, tuple(missing))


def write(target: str | Path, root: Path, facts: Facts, mask: Masker, running: Live = NOT_LIVE) -> list[str]:
    """Writes the capture, whole or not at all, readable by its owner. Returns the names of its members.

    Raises OutputError when it cannot be written.
    """
    import gzip

    names: list[str] = []
    content = io.BytesIO()
    # Its header tells neither when nor where it was made.
    with (
        gzip.GzipFile("", "wb", fileobj=content, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as packed,
    ):
        for name, text in _members(root, facts, mask, running):
            data = plain(text).encode("utf-8", "replace")
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
            names.append(name)
    outputs.write_gzip(outputs.Target(target, _BY), content.getvalue(), 0o600)
    return names


def _members(root: Path, facts: Facts, mask: Masker, running: Live) -> Iterator[tuple[str, str]]:
    mask.spare(mask_system.access_points(root))
    mask.spare(context["apn"] for modem in facts["ofono"]["modems"] for context in modem["contexts"] or ())
    mask.learn(mask_system.identities(root))
    # What the daemons say is looked at before anything is written: it names the SIM, and people's networks.
    listings = list(listing.texts(running.bus, mask)) if running.bus else []
    mask.survey(running.logs.values())
    document = {"schema": SCHEMA, "version": __version__, "facts": mask_facts.facts(facts, mask)}
    yield FACTS, json.dumps(document, indent=1)
    yield "usb.txt", "".join(_usb(root))
    yield "udev.txt", "".join(_udev(root, mask))
    for pattern, lines in mask_files.FILES.items():
        for path in sorted(root.glob(pattern))[:_MOST]:
            text = "".join(f"{line}\n" for line in lines(_text_of(path, regular.SETTINGS).splitlines(), mask))
            if text:
                yield f"files/{mask(str(path.relative_to(root)))}", text
    yield "config.txt", _config(root, facts["kernel"]["release"], mask)
    yield from listings
    for name, text in running.logs.items():
        shown = mask.lines(text)
        if name in _LOGS:
            chosen, in_own_words = _LOGS[name]
            shown = in_own_words(mask.lines("\n".join(chosen(text))), mask.spared)
        yield name, "".join(f"{line}\n" for line in shown)
    kinds = {**mask.kinds, vocabulary.UNKNOWN: "word that its program does not use"}
    yield "masked.txt", "".join(f"{token}: {kind}\n" for token, kind in kinds.items())


def _config(root: Path, release: str, mask: Masker) -> str:
    """The kernel's configuration, from the kernel itself or from the file that Debian installs."""
    import gzip
    import zlib

    try:
        with gzip.open(root / "proc/config.gz") as packed:
            text = packed.read(_LONGEST).decode("utf-8", "replace")
    except (OSError, EOFError, zlib.error):
        text = _text_of(root / f"boot/config-{release}")
    return "".join(f"{line}\n" for line in mask_files.kernel_config(text, mask))


def _usb(root: Path) -> Iterator[str]:
    """Devices, interfaces, drivers, the bytes of the descriptors, and strings that name maker and model."""
    for device in sysfs.sticks(root):
        yield f"{_word(device.name)}: " + ", ".join(
            f"{name} {_word(sysfs.attribute(device, name))}"
            for name in _ATTRIBUTES
            if sysfs.attribute(device, name)
        )
        yield "\n"
        yield from (
            f"  {name}: {text}\n"
            for name in ("manufacturer", "product")
            if _STRING.fullmatch(text := sysfs.attribute(device, name))
        )
        for interface in sysfs.interfaces(device):
            numbers = "/".join(_word(sysfs.attribute(interface, name)) for name in _NUMBERS)
            driver = _word(sysfs.driver(interface) or "none")
            yield f"  {_word(interface.name)}: {numbers}, driver {driver}\n"
        if raw := regular.beginning(device / "descriptors", 4096):
            yield f"  descriptors: {mask_files.descriptors(raw).hex(' ')}\n"


_STRING = re.compile(
    r"(?:\b(?:huawei_mobile|huawei|technolog(?:y|ies)|co|ltd|incorporated|vodafone|group|hp|mobile|mbim|hilink"
    r"|lte|hspa|4g|3g|lt4132|v7r\d{1,2}|device|connect|broadband|module|modem)\b|[ ,.()/+_]){1,12}",
    re.IGNORECASE,
)
"""Words of Huawei's and its brands' strings, as public listings have them: any other may be of the owner."""


def _word(text: str) -> str:
    """A number or name of the kernel's own; nothing that a stick could have written."""
    return text if re.fullmatch(r"[\w.:-]{1,24}", text) and not re.search(r"\d{7}", text) else "?"


def _udev(root: Path, mask: Masker) -> Iterator[str]:
    for device in sysfs.sticks(root):
        for interface in sysfs.interfaces(device):
            port = sysfs.tty(interface)
            if port:
                number = sysfs.attribute(root / "sys/class/tty" / port, "dev")
                known = sysfs.attribute(root / "run/udev/data", f"c{number}")
                yield f"{_word(port)}:\n"
                yield from (f"{line}\n" for line in mask_files.udev_database(known, mask))


def _text_of(path: Path, most: int = _LONGEST) -> str:
    return regular.beginning(path, most).decode("utf-8", "replace")


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    return (done.stdout + done.stderr)[-_LONGEST:].decode("utf-8", "replace")


# Reading it again, anywhere


def is_capture(path: Path) -> bool:
    """Whether it is a tar whose first member is that of a capture, or a folder with that member.

    False for what cannot be read.
    """
    if path.is_dir():
        return (path / FACTS).is_file()
    try:
        with archive.unpacked(path) as (stream, head):
            return archive.is_tar(head) and next(archive.members(stream), ("",))[0] == FACTS
    except (OSError, archive.ArchiveError):
        return False


def read(path: Path) -> Facts:
    """The facts of a capture. Raises CaptureError when they are not what `facts.py` describes."""

    try:
        data = _facts_of(path)
        document = json.loads(data)
    except OSError as err:
        raise CaptureError(f"{path}: cannot be read: {err.strerror or err}") from err
    except (archive.ArchiveError, CaptureError, json.JSONDecodeError, UnicodeDecodeError) as err:
        raise CaptureError(f"{path}: cannot be read: {err}") from err
    except (ValueError, RecursionError) as err:
        raise CaptureError(f"{path}: cannot be read: {what_is_beyond(err)}") from err
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise CaptureError(f"{path}: not a capture of schema {SCHEMA}")
    _complete(document.get("facts"), Facts)
    complaint = _complaint(document.get("facts"), Facts, "facts")
    if complaint:
        raise CaptureError(f"{path}: {complaint}")
    # Who made it, and whether it was masked, is not known here.
    return mask_facts.facts(document["facts"], Masker())


def _facts_of(path: Path) -> bytes:
    """The document of a capture, packed or unpacked. Raises CaptureError, ArchiveError, OSError."""
    if path.is_dir():
        with (path / FACTS).open("rb") as stream:
            return _document(path, stream)
    with archive.unpacked(path) as (whole, _head):
        for name, content in archive.members(whole):
            if name != FACTS:
                break
            return _document(path, content)
    raise CaptureError(f"{path}: no {FACTS} in it")


def _document(path: Path, stream: IO[bytes]) -> bytes:
    """All of facts.json, unless it is larger than any system's: as objects it takes many times as much."""
    data = stream.read(_LARGEST_FACTS + 1)
    if len(data) > _LARGEST_FACTS or data.count(b"{") + data.count(b"[") > _MOST_TABLES:
        raise CaptureError(f"{path}: {FACTS} is larger than that of any system")
    return data


def _complete(value: Any, kind: Any) -> None:
    """Gives a capture of an older helper the keys that it did not know: None is `not known here`."""
    if typing.get_origin(kind) is list and isinstance(value, list):
        for item in value:
            _complete(item, typing.get_args(kind)[0])
    elif _is_table(kind) and isinstance(value, dict):
        for key, hint in typing.get_type_hints(kind).items():
            if type(None) in typing.get_args(hint):
                value.setdefault(key, None)
            _complete(value.get(key), hint)


def _is_table(kind: Any) -> bool:
    """Whether it is one of the tables of facts.py, which are plain dicts at run time."""
    return typing.is_typeddict(kind)


def _complaint(value: Any, kind: Any, where: str) -> str | None:
    """What is wrong with `value` as a `kind` of facts.py, None when nothing is."""
    if _is_table(kind):
        if not isinstance(value, dict):
            return f"{where}: a table is expected"
        hints = typing.get_type_hints(kind)
        missing = [key for key in hints if key not in value]
        if missing:
            return f"{where}: {missing[0]} is missing"
        return _first(_complaint(value[key], hint, f"{where}.{key}") for key, hint in hints.items())
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        fits = any(_complaint(value, option, where) is None for option in inner)
        return None if fits else f"{where}: {value!r:.40} is of a wrong type"
    if origin is list:
        if not isinstance(value, list):
            return f"{where}: a list is expected"
        return _first(_complaint(item, inner[0], f"{where}[{number}]") for number, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            return f"{where}: a table is expected"
        return _first(_complaint(item, inner[1], f"{where}.{printable(key)}") for key, item in value.items())
    right = type(value) is kind
    return None if right else f"{where}: {value!r:.40} is of a wrong type"


def _first(complaints: Iterable[str | None]) -> str | None:
    return next((complaint for complaint in complaints if complaint), None)
