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
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from huawei_modem import __version__, listing, outputs, regular, sysfs
from huawei_modem.mask import Masker, logs, vocabulary
from huawei_modem.mask import facts as mask_facts
from huawei_modem.mask import files as mask_files
from huawei_modem.mask import system as mask_system
from huawei_modem.text import plain

if TYPE_CHECKING:
    from huawei_modem.bus import Asked, Once
    from huawei_modem.shapes import Facts

FACTS = "facts.json"
_BY = "huawei-modem report"
SCHEMA = 1
_MOST = 100
"""Files of one pattern."""
_LONGEST = 1 << 21
"""Bytes of a file, and of a command's output the last ones: the end of a log tells what happened."""
_LEVEL = 6
"""gzip's own: Python's 9 takes three times as long for 2 % less."""
_COMMANDS = {
    # Not -a: the host has its name there, and who has built a kernel may have his.
    "uname-sr.txt": ["uname", "-sr"],
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
_QUESTION_SECONDS = 15.0
"""Some of oFono's interfaces, such as call forwarding, ask the network first."""
_ATTRIBUTES = ("idVendor", "idProduct", "bcdDevice", "speed", "bConfigurationValue", "bNumConfigurations")
_NUMBERS = ("bInterfaceNumber", "bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")


class Live(NamedTuple):
    """What only a running system has: its bus, if there is one, and the output of commands by name."""

    bus: Asked | None
    logs: dict[str, str]
    missing: tuple[str, ...] = ()
    """What is on the board and could not be run, and why."""


NOT_LIVE = Live(None, {})


def live(bus: Once) -> Live:
    """The bus and the logs of this system."""
    from huawei_modem.bus import BusUnavailableError

    try:
        asked: Asked | None = bus.questions(_QUESTION_SECONDS)
    except BusUnavailableError:  # which the facts say
        asked = None
    logs, missing = {}, []
    for name, command in _COMMANDS.items():
        try:
            logs[name] = _output(command)
        except (OSError, subprocess.SubprocessError) as err:
            reason = err.strerror if isinstance(err, OSError) else "gave no answer in time"
            logs[name] = f"{command[0]}: {reason}"
            if not isinstance(err, FileNotFoundError):  # many boards have no rfkill
                missing.append(logs[name])
    return Live(asked, logs, tuple(missing))


def write(target: str | Path, root: Path, facts: Facts, mask: Masker, running: Live = NOT_LIVE) -> list[str]:
    """Writes the capture, whole or not at all, readable by its owner. Returns the names of its members.

    Raises OutputError when it cannot be written.
    """
    import gzip

    names: list[str] = []
    content = io.BytesIO()
    # Its header tells neither when nor where it was made.
    with (
        gzip.GzipFile("", "wb", _LEVEL, content, 0) as stream,
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
