# SPDX-License-Identifier: MIT
"""The commands of a step as the machine of the text has them.

The catalogue words its steps for systemd and usbutils. A router has `logread` and often no `lsusb`,
Android and old or small systems have no journal: who is to run a command must have it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from huawei_modem.report import INSUFFICIENT_DATA, Finding
from huawei_modem.transcript.model import History

_USB = "cat /sys/kernel/debug/usb/devices"


_BY_HAND = " (cat /dev/ttyUSB2 & printf 'AT+CREG?\\r' > /dev/ttyUSB2, as root, with the dialler stopped)"
"""How a command is sent where there is no terminal program; which port it is differs."""


class Machine(NamedTuple):
    """What a machine has in the place of systemd's and usbutils' commands."""

    log: str
    """Prints the system's log."""
    control: str
    """Does `{verb}` with the service `{name}`."""
    small: bool = False
    """It has neither lsusb nor psmisc unless somebody put them there."""
    bare: bool = False
    """It has no terminal program."""
    switch: str = ""
    """Shows what its program for switching knows, where no log of it is kept."""
    devices: str = ""
    """Lists the devices, where there is no lsusb at hand."""
    at: str = ""
    """Sends `{command}` to the modem, where a program of the machine has the port."""


_ROUTER = Machine("logread", "/etc/init.d/{name} {verb}", small=True, bare=True, switch="usbmode -l")
MACHINES = {
    "home assistant": Machine("ha host logs", "{verb} {name}", devices="ha hardware info, in its terminal"),
    "teltonika": _ROUTER._replace(bare=False, at="gsmctl -A '{command}'"),
    "openwrt": _ROUTER,
    "aosp": Machine("logcat -d -b all", "{verb} {name}", small=True, bare=True),
    "messages": Machine("cat /var/log/messages", "service {name} {verb}", bare=True),
    "syslog": Machine("cat /var/log/syslog", "service {name} {verb}"),
}
"""By the word that tells of each (readers/about.py); the more particular one comes first."""
_JOURNAL = re.compile(
    r"journalctl -b(?P<units>(?: -u \w+)*)(?P<tag> -t \w+)?"
    r"(?P<pipe> \| \w+(?: -\w [^\s,;)]+)*(?: (?!or\b)[\w.]+)?)?"
    r"(?P<other>(?:,? or|,) (?:logread(?: \| tail -n \d+)?|/var/log/syslog))*"
)
_OF_SWITCH = re.compile(r"journalctl -b \| grep (?:-i )?usb_modeswitch(?:, or /var/log/usb_modeswitch_\*)?")
_SERVICE = re.compile(r"systemctl (?P<verb>status|start|stop|restart|disable --now) (?P<name>\w+)")
_LSUSB = re.compile(
    r"(?:(?<=\A)|(?<=; )|(?<=: ))lsusb(?: -t)?(?:(?:; | and )(?:lsusb -t|usb-devices))*"
    r"(?:, or cat /sys/kernel/debug/usb/devices)?(?:; lsusb -t)?(?=[;:,]| and |\Z)"
)
_FUSER = re.compile(r"fuser -v (/dev/ttyUSB\*)(?: /dev/ttyACM\*)?(?=[;:,`]|\Z)")
_AT_PORT = re.compile(r"(AT[+^]\S+?(?:; AT[+^][^\s;]+)*) on the AT port")


def of_history(history: History) -> Machine | None:
    """The machine of the text, as far as it has other commands than the catalogue's."""
    words, shown = set(history.words), {part.kind for part in history.parts}
    host = (history.states[0].host or "").lower()
    if host.startswith(("rut", "trb")) or any(line.startswith("gsmctl") for line in history.commands):
        words.add("teltonika")
    elif shown & {"netifd", "uqmi", "umbim"} or host in ("openwrt", "lede"):
        words.add("openwrt")
    elif "systemctl" in shown or any(
        line.startswith(("journalctl", "systemctl")) for line in history.commands
    ):
        return None
    machine = next((MACHINES[word] for word in MACHINES if word in words), None)
    if machine is not None and machine.small and shown & {"lsusb", "lsusb -t", "lsusb -v"}:
        return machine._replace(small=False)  # somebody has put usbutils there
    return machine


def worded(finding: Finding, machine: Machine | None) -> Finding:
    """The finding with the commands of its steps as the machine has them."""
    if machine is None:
        return finding
    steps = [_step(step, machine) for step in finding.remedy]
    if machine.bare and finding.code == INSUFFICIENT_DATA:
        steps = [step.replace(" on the AT port", f" on the AT port{_BY_HAND}", 1) for step in steps]
    return finding._replace(remedy=tuple(steps))


def without_lsusb(step: str) -> str:
    """The step for who has said that there is no lsusb."""
    return _LSUSB.sub(_USB, step)


def _step(step: str, machine: Machine) -> str:
    if machine.switch:
        step = _OF_SWITCH.sub(machine.switch, step)
    step = _JOURNAL.sub(lambda match: _log(match, machine), step)
    step = _SERVICE.sub(lambda match: _service(match, machine), step)
    if machine.devices and not re.search(f"{machine.devices}|in the guest", step):
        step = _LSUSB.sub(machine.devices, step)
    if machine.small:
        step = _LSUSB.sub(f"lsusb and lsusb -t, or {_USB} without them", step)
        step = _FUSER.sub(r"ls -l /proc/[0-9]*/fd | grep /dev/tty", step)
    if machine.at:
        step = _AT_PORT.sub(lambda match: _sent(match, machine), step)
    return step


def _log(match: re.Match[str], machine: Machine) -> str:
    names = re.findall(r"-[ut] (\w+)", (match["units"] or "") + (match["tag"] or ""))
    lines = f" | grep -i {' '.join(f'-e {name}' for name in names)}" if names else ""
    return f"{machine.log}{lines}{match['pipe'] or ''}"


def _service(match: re.Match[str], machine: Machine) -> str:
    name, verb = match["name"], match["verb"].partition(" ")[0]
    if verb == "status":
        return f"ps | grep -i {name}"
    if verb == "disable":
        verb = "stop"
    return machine.control.format(name=name.lower(), verb=verb)


def _sent(match: re.Match[str], machine: Machine) -> str:
    return "; ".join(machine.at.format(command=command) for command in match[1].split("; "))
