# SPDX-License-Identifier: MIT
"""Logs: which lines leave, by the program that wrote them and, of the kernel's, by its part.

What other programs write is free text that nobody here has read, and of no use for a modem that does not
come up: it stays, however harmless it looks. What leaves goes through the patterns all the same, and of what
these leave only the words that such a program has in its own messages (`vocabulary`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from huawei_modem.mask import vocabulary
from huawei_modem.mask.kinds import TOKEN

_JOURNAL = re.compile(
    rf"\[ *\d+\.\d+\] (?:(?:[^\s:\[\]]+|{TOKEN.pattern}) )?"
    r"(?P<program>\(?[A-Za-z][\w.@+-]*\)?)(?:\[\d+\])?: ?"
)
"""journalctl --output=short-monotonic, with and without the host's name, masked or not."""
_DMESG = re.compile(r"(?:<\d+>)?(?:\[ *\d+\.\d+\] ?)?(?:(?P<program>[A-Za-z][\w.@+-]*)\[\d+\]: )?")
"""dmesg: /dev/kmsg takes lines of programs too, systemd's above all."""
_PROGRAMS = re.compile(
    r"kernel|ofonod|connmand|huawei-modem[\w.-]*|usb_modeswitch[\w.@-]*|"
    r"\(?(?:systemd-)?udev(?:d|-worker)\)?|systemd-modules-load|modprobe|kmod|pppd|chat|nft|iptables[\w-]*|"
    r"dbus-daemon|dbus-broker(?:-launch)?|ModemManager"
)
_SYSTEMD = re.compile(
    r"ofono|connman|connection service|telephony|huawei-modem|modeswitch|udev|kernel modules|modules-load|"
    r"ModemManager|network\.target|startup finished",
    re.IGNORECASE,
)
"""What systemd says of units that concern a modem; of others it says who logs in, and what is mounted."""
_KERNEL = re.compile(
    # Buses, hosts and what a stick is on them.
    r"(?:usb|hub|[eoux]hci|ci_hdrc|chipidea|imx|mxs[_-]phy|dwc|musb|phy|typec|scsi|s[dgr] |cdrom|usbcore|"
    # Drivers of modems, and what they name.
    r"option(?:: |1? (?:\d+-|tty))|qcserial|sierra|pl2303|ch341|ftdi|cdc|huawei|qmi|rndis|GSM modem|wwan|"
    r"tty(?:USB|ACM)|fec |mmc\d|mmcblk\d|"
    r"ppp[_:\d]|PPP (?:generic|BSD|Deflate|MPPE|async|line|over)|tun\b|slhc|eth\d|"
    r"nf_tables|ip_tables|ip6_tables|nf_conntrack|x_tables|"
    # The kernel itself: which one, its modules, and how it fails.
    r"Linux version|Booting Linux|(?:OF: fdt: )?Machine model|Kernel command line|"
    r"\w+: (?:disagrees about|Unknown symbol|version magic|loading out-of-tree|module|no symbol version|"
    r"exports duplicate|probe of|deferred probe|supply |Direct firmware|firmware)|module\b|"
    r"BUG|WARNING|Oops|Internal error|Unable to handle|Kernel panic|Call [Tt]race|Backtrace|Hardware name|"
    r"Modules linked in|CPU|---\[|PC is at|LR is at|pc :|lr :|sp :|\[<|[rx]\d+ ?:|Code: |"
    # A call of a trace: `a from b+0x1/0x2` on 32-bit ARM, `a+0x1/0x2 [module]` elsewhere.
    r"\s*[\w.]+(?: \[\w+\])? from [\w.]+\+0x|\s*[\w.]+\+0x[0-9a-f]+/0x|"
    # What feeds the port.
    r"\w*regulator|vcc|.{0,40}(?:over-?current|under-?voltage)|thermal|watchdog|PM:|random:)",
    re.IGNORECASE,
)
_OF_TOOLS = re.compile(r"(?:dmesg|journalctl|rfkill|uname): |-- |No journal files|Hint: ")
"""What the commands themselves say in place of a log, or around it."""


_SYSLOG = re.compile(
    rf"(?:\S*[^\s:] +){{0,6}}?(?:/(?:[\w.-]+/)*)?"
    rf"(?P<program>{_PROGRAMS.pattern}|systemd)(?:\[\d+\])?: (?:\[ *\d+\.\d+\] ?)?"
)
"""A program's name in a line as syslog, journalctl and collectors print it, or with its path."""
_STAMP = re.compile(r"(?:<\d+>)?\[ *\d+\.\d+\] ?")
_NOTE = re.compile(r"\(\d+ lines of other programs and parts of the kernel stay on the board\)")


def of_journal(text: str) -> Iterator[str]:
    """The lines of a journal that may leave, and how many did not. A line without a program, as the journal
    prints what was logged with ends of lines in it, goes the way of the one before."""
    leaves, left_out = False, 0
    for line in text.splitlines():
        head = _JOURNAL.match(line)
        if head is not None:
            leaves = _may_leave(head["program"], line[head.end() :])
        elif not line.startswith((" ", "\t")):
            leaves = _OF_TOOLS.match(line) is not None
        if leaves:
            yield line
        else:
            left_out += 1
    yield from _note(left_out)


def of_dmesg(text: str) -> Iterator[str]:
    """The lines of the kernel's ring buffer that may leave, and how many did not."""
    left_out = 0
    for line in text.splitlines():
        head = _DMESG.match(line)
        program = (head["program"] if head else None) or "kernel"
        if _may_leave(program, line[head.end() if head else 0 :]) or _OF_TOOLS.match(line):
            yield line
        else:
            left_out += 1
    yield from _note(left_out)


def journal_in_own_words(lines: Iterable[str], spared: Collection[str]) -> Iterator[str]:
    """Masked lines of a journal without words that their programs do not have; `spared` may leave."""
    return _in_own_words(lines, _JOURNAL, spared)


def dmesg_in_own_words(lines: Iterable[str], spared: Collection[str]) -> Iterator[str]:
    """The same of the kernel's ring buffer."""
    return _in_own_words(lines, _DMESG, spared)


def _in_own_words(lines: Iterable[str], head: re.Pattern[str], spared: Collection[str]) -> Iterator[str]:
    of_kernel = True
    for line in lines:
        found = head.match(line)
        if found is None and (_OF_TOOLS.match(line) or _NOTE.fullmatch(line)):
            yield line
            continue
        if found is not None:
            of_kernel = (found["program"] or "kernel") == "kernel"
        start = found.end() if found is not None else 0
        yield line[:start] + vocabulary.shown(line[start:], of_kernel, spared)


class Speaker(NamedTuple):
    """Which part of a line says who wrote it."""

    start: int
    end: int
    of_kernel: bool


def speaker(line: str) -> Speaker | None:
    """Who says that it wrote a pasted line; None where no known program does."""
    if (head := _SYSLOG.match(line)) is not None:
        of_kernel = head["program"] == "kernel" and _may_leave("kernel", line[head.end() :])
        return Speaker(head.start("program"), head.end(), of_kernel)
    if (head := _STAMP.match(line)) is not None and _may_leave("kernel", line[head.end() :]):
        return Speaker(0, head.end(), True)
    return None


def _may_leave(program: str, message: str) -> bool:
    if program == "kernel":
        return _KERNEL.match(message) is not None
    if program == "systemd":
        return _SYSTEMD.search(message) is not None
    return _PROGRAMS.fullmatch(program) is not None


def _note(left_out: int) -> Iterator[str]:
    if left_out:
        yield f"({left_out} lines of other programs and parts of the kernel stay on the board)"
