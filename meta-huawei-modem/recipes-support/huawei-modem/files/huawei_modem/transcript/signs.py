# SPDX-License-Identifier: MIT
"""Lines that mean something by themselves: first word, pattern of the whole line, name of the sign.

Patterns are anchored at both ends, so that a sentence about a message is not taken for the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from huawei_modem.transcript.reader import Handler, Reader


class Sign(NamedTuple):
    """A line by which something is known."""

    name: str
    heads: tuple[str, ...]
    pattern: re.Pattern[str]


def sign(name: str, heads: str, pattern: str) -> Sign:
    return Sign(name, tuple(heads.split()), re.compile(pattern + r"\.?\s*\Z"))


def by_head(signs: Iterable[Sign]) -> dict[str, list[Sign]]:
    """The signs that a line may be, by its first word."""
    table: dict[str, list[Sign]] = {}
    for item in signs:
        for head in item.heads:
            table.setdefault(head, []).append(item)
    return table


# pppd: main.c, auth.c, fsm.c, ipcp.c, sys-linux.c; chat: chat.c. All of ppp 2.4.9.
PPP = (
    sign("ppp-start", "Connect:", r"Connect: (\w+) <--> (\S+)"),
    sign("ppp-no-filter", "kernel", r"kernel does not support PPP filtering"),
    sign("ppp-address", "local", r"local  ?IP address [\d.]+"),
    sign("ppp-auth-demanded", "No", r"No auth is possible"),
    sign("ppp-auth-failed", "PAP CHAP MS-CHAP", r"(?:PAP|CHAP|MS-CHAP) authentication failed.*"),
    sign("ppp-demands-auth", "peer", r"peer refused to authenticate: terminating link"),
    sign("ppp-peer-ended", "LCP", r"LCP terminated by peer(?: \(.*\))?"),
    sign("ppp-hangup", "Modem", r"Modem hangup"),
    sign("ppp-stopped", "Terminating", r"Terminating on signal \d+"),
    sign("ppp-ipcp-silent", "IPCP:", r"IPCP: timeout sending Config-Requests"),
    sign("ppp-lcp-silent", "LCP:", r"LCP: timeout sending Config-Requests"),
    sign("ppp-no-driver", "This", r"This system lacks kernel support for PPP.*"),
    sign(
        "ppp-no-driver", "Couldn't", r"Couldn't (?:open|set tty to) (?:the /dev/ppp device|PPP discipline).*"
    ),
    sign("ppp-no-tty", "Failed", r"Failed to open /dev/tty\w+: No such (?:file or directory|device.*)"),
    sign("dial-no-carrier", "NO", r"NO CARRIER"),
    sign("dial-failed", "Failed", r"Failed \((?:NO CARRIER|BUSY|NO DIALTONE|ERROR)\)"),
    sign("dial-failed", "Connect", r"Connect script failed"),
    sign("sim-missing", "+CME", r"\+CME ERROR: (?:SIM not inserted|10)"),
    sign("sim-puk", "+CPIN:", r"\+CPIN: SIM PUK2?"),
    sign("sim-puk", "+CME", r"\+CME ERROR: (?:SIM PUK required|12)"),
    sign("sim-pin", "+CPIN:", r"\+CPIN: SIM PIN2?"),
    sign("sim-pin", "+CME", r"\+CME ERROR: (?:SIM PIN required|11)"),
    sign("sim-ready", "+CPIN:", r"\+CPIN: READY"),
    sign("registration-ok", "+CREG: +CGREG: +CEREG:", r"\+C[GE]?REG: (?:[0-2],)?[15](?:,.*)?"),
    sign("registration-none", "+CREG: +CGREG:", r"\+CG?REG: [0-2],[0234](?:,.*)?"),
)

# oFono: src/log.c, plugins/udevng.c, src/gprs.c; systemd: src/core/service.c, unit.c; D-Bus: bus driver.
OFONO = (
    sign("ofono-crashed", "Aborting", r"Aborting \(signal (?:11|6)\) \[.*ofonod\]"),
    sign(
        "ofono-not-implemented", "org.ofono.Error.NotImplemented:", r"org\.ofono\.Error\.NotImplemented: .*"
    ),
    sign(
        "ofono-not-implemented",
        "dbus.exceptions.DBusException:",
        r"dbus\.exceptions\.DBusException: org\.ofono\.Error\.NotImplemented: .*",
    ),
    sign("ofono-duplicate-context", "Duplicate", r"Duplicate context detected"),
    sign("ofono-duplicate-context", "Provisioning", r"Provisioning failed: Duplicate .*"),
    sign("ofono-silent", "org.ofono.Error.Timedout:", r"org\.ofono\.Error\.Timedout: .*"),
    sign(
        "ofono-silent",
        "dbus.exceptions.DBusException:",
        r"dbus\.exceptions\.DBusException: org\.ofono\.Error\.Timedout: .*",
    ),
    sign(
        "ofono-absent",
        "dbus.exceptions.DBusException:",
        r"dbus\.exceptions\.DBusException: org\.freedesktop\.DBus\.Error\.(?:ServiceUnknown|NameHasNoOwner): "
        r".*org\.ofono.*",
    ),
    sign("ofono-absent", "Error", r"Error org\.freedesktop\.DBus\.Error\.ServiceUnknown: .*org\.ofono .*"),
)

# ModemManager 1.14 to 1.20: src/mm-log.c and the objects that log, cli/mmcli-manager.c.
MODEMMANAGER = (
    sign(
        "modemmanager-acts",
        "<info> <warn> <debug> <msg> <wrn> <inf>",
        r"<\w+> +(?:\[\d[\d.]*\] +)?(?:\(ttyUSB\d+\)|\[ttyUSB\d+/\w+\]|\[modem\d+\]).*",
    ),
)
MMCLI = re.compile(r"\s*/org/freedesktop/ModemManager1/Modem/\d+ .*")

CONNMAN = (
    sign(
        "connman-absent", "Error", r"Error.*: The name net\.connman was not provided by any \.service files"
    ),
    sign("connman-absent", "Error", r"Error getting \w+: .*net\.connman.*"),
)

SYSTEMD = (
    sign(
        "ofono-crashed",
        "ofono.service:",
        r"ofono\.service: [Mm]ain process exited, code=(?:killed|dumped), status=(?:11/SEGV|6/ABRT)",
    ),
    sign("ofono-uninstalled", "Unit", r"Unit ofono\.service (?:could not be|not) found"),
    sign("connman-uninstalled", "Unit", r"Unit connman\.service (?:could not be|not) found"),
    sign("ofono-failed", "ofono.service:", r"ofono\.service: Failed with result '.*'"),
    sign(
        "ofono-started",
        "Started",
        r"Started (?:ofono\.service - )?(?:Telephony service|oFono.*|ofono\.service)",
    ),
    sign(
        "connman-crashed",
        "connman.service:",
        r"connman\.service: [Mm]ain process exited, code=(?:killed|dumped), status=(?:11/SEGV|6/ABRT)",
    ),
)

# systemd: src/coredump/coredump.c; Linux: arch/x86/mm/fault.c, arch/arm/mm/fault.c, arch/arm64/mm/fault.c.
COREDUMP = (sign("ofono-crashed", "Process", r"Process \d+ \(ofonod\) of user \d+ dumped core"),)
FAULT = (sign("ofono-crashed", "ofonod:", r"ofonod: unhandled page fault \(11\).*"),)
SEGFAULT = (sign("ofono-crashed", "segfault unhandled", r"(?:segfault at|unhandled signal 11).*"),)

# kmod: tools/modprobe.c, libkmod.c; the kernel: kernel/module/main.c.
MODULES = (
    sign(
        "modules-folder-missing",
        "modprobe:",
        # Those that a modem needs; any other is nothing to it.
        r"modprobe: FATAL: Module (?:option|usbserial|usb[-_]wwan|usbnet|huawei[-_]cdc[-_]ncm|cdc[-_]\w+|"
        r"qmi[-_]wwan|rndis[-_]host|tun|ppp\w*|slhc|usb[-_]storage) not found in directory /lib/modules/\S+",
    ),
    sign(
        "modules-no-index",
        "modprobe:",
        r"modprobe: (?:ERROR|FATAL|WARNING): .*(?:could not open moddep file|open \S*modules\.dep).*",
    ),
    sign(
        "modules-refused",
        "modprobe: insmod:",
        r"(?:modprobe|insmod): .*(?:[Ee]xec format error|[Ii]nvalid module format)",
    ),
)

# drivers/usb/core/hub.c, message.c, config.c of Linux; the messages of a bus without fault are beside them.
USB = (
    sign("usb-error", "usb", r"usb ([\d.-]+): device descriptor read/\w+, error -(?:71|110|32|84)"),
    sign("usb-error", "usb", r"usb ([\d.-]+): device not accepting address \d+, error -\d+"),
    sign("usb-error", "usb", r"usb ([\d.-]+): unable to enumerate USB device"),
    sign("usb-error", "usb", r"usb ([\w.-]+-port\d+): unable to enumerate USB device"),
    sign("usb-error", "usb", r"usb ([\w.-]+-port\d+): Cannot enable\. Maybe the USB cable is bad\?"),
    sign("usb-error", "hub", r"hub [\d.:-]+: unable to enumerate USB device on port \d+"),
    sign("usb-error", "hub", r"hub [\d.:-]+: Cannot enable port \d+\. +Maybe the USB cable is bad\?"),
    sign("usb-emi", "hub", r"hub [\d.:-]+: port \d+ disabled by hub \(EMI\?\), re-enabling.*"),
    sign("usb-emi", "usb", r"usb ([\w.-]+-port\d+): disabled by hub \(EMI\?\), re-enabling.*"),
    sign("usb-over-current", "hub", r"hub [\d.:-]+: (?:port \d+ )?over-current (?:change|condition).*"),
    sign("usb-over-current", "usb", r"usb ([\w.-]+): over-current (?:change|condition).*"),
    sign(
        "usb-low-power",
        "usb",
        r"usb ([\d.-]+): rejected \d+ configurations? due to insufficient available bus power",
    ),
    sign("usb-reset", "usb", r"usb ([\d.-]+): reset \S+ USB device number \d+ using .*"),
    sign("usb-unconfigured", "usb", r"usb ([\d.-]+): can't set config #\d+, error -\d+"),
    sign("usb-unconfigured", "usb", r"usb ([\d.-]+): no configuration chosen from \d+ choices?"),
)
POWER = (
    sign("under-voltage", "Under-voltage", r"Under-voltage detected!.*"),
    sign("under-voltage", "hwmon", r"hwmon hwmon\d+: Undervoltage detected!.*"),
)

HARMLESS = (
    sign(
        "usb_modeswitch asks a device that is just leaving the bus (-19) or has switched (-99)",
        "Could Error",
        r"(?:Could not reset endpoint|Error resetting endpoint).*: -(?:19|99)",
    ),
    sign(
        "the driver asks a device that has just gone (-19, ENODEV)",
        "usb option1 option cdc_ncm huawei_cdc_ncm",
        r".*(?:error|failed|submit urb|status)[^-]*-19\b.*",
    ),
    sign(
        "some sticks answer no request for strings",
        "usb Error:",
        r".*(?:could not get description string|string descriptor 0 read error: -\d+).*",
    ),
    sign(
        "a driver looks at every interface and passes over those that are not its own",
        "cdc_acm cdc_ether cdc_ncm cdc_mbim usb-storage",
        r".*(?:bind\(\) failure|Zero length descriptor).*",
    ),
)


def watch(reader: Reader, signs: Iterable[Sign], kind: str = "kernel log") -> Handler:
    """A handler that adds the sign of a line to the state."""
    table = by_head(signs)

    def handler(text: str) -> bool:
        text = text.strip()
        for item in table.get(text.partition(" ")[0], ()):
            if match := item.pattern.match(text):
                reader.mark(kind)
                reader.state.add(item.name, reader.seen(match[1] if match.re.groups else text))
                return True
        return False

    return handler
