# SPDX-License-Identifier: MIT
"""oFono: does it run, has it the stick, and how far has the modem come?"""

from __future__ import annotations

import re

from huawei_modem.report import Evidence, Finding, error
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import RulesFile, Seen
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, rule

# oFono 1.31 to 2.19 plugins/udevng.c, setup_huawei(): the triples it takes without a label, in decimal.
_KNOWN = {
    "255/1/1": "modem",
    "255/2/1": "modem",
    "255/3/1": "modem",
    "255/1/49": "modem",
    "255/1/2": "pcui",
    "255/2/2": "pcui",
    "255/2/18": "pcui",
    "255/3/18": "pcui",
    "255/1/50": "pcui",
}
_LABEL = re.compile(r'ENV\{OFONO_LABEL\}\s*(==|:?=)\s*"(\w+)"')
_VENDOR = re.compile(r'idVendor\}=="(\w{4})"')
_PARENTS = re.compile(r"ATTRS\{(?:idVendor|idProduct)\}.*ATTRS\{bInterface\w+\}")
_NUMBER = re.compile(r"(?:.*/)?(\d+)-[^/]*\.rules\Z")
_FIRST_NUMBER = 60
"""60-serial.rules imports ID_USB_INTERFACE_NUM; a file before it finds none."""
_QUOTES = "“”„«»"
_LABELS = [
    'one udev rule for each port: ENV{OFONO_LABEL}="modem" and ENV{OFONO_LABEL}="pcui", with a single =',
    "or install meta-huawei-modem's 70-huawei-modem.rules; then udevadm trigger -s tty, and restart ofono",
]


@rule("ofono-not-running", needs="systemctl status ofono, or the D-Bus error")
def not_running(view: View) -> Judgement:
    """Nobody owns org.ofono. What was said last counts; a crash is told by its own rule."""
    last = view.state.latest.get("ofono")
    if last is None:
        return [] if view.state.modems is not None and view.state.modems.value else None
    if last.value not in ("absent", "down", "failed") or view.state.events_of("ofono-crashed"):
        return []
    remedy = ["systemctl start ofono", "journalctl -b -u ofono"]
    return [error("ofono-not-running", "oFono is not running", evidence(last), remedy)]


@rule("ofono-crashed", needs="the journal of ofono")
def crashed(view: View) -> Judgement:
    """The daemon ended by a signal."""
    seen = events(view, "ofono-crashed")
    if not seen:
        return None
    return [
        error(
            "ofono-crashed",
            "oFono crashed",
            seen,
            [
                "oFono 2.2 to 2.19 crash when both labels are set on a stick without a network device: "
                "take the patched ofono of meta-huawei-modem",
                "coredumpctl info ofonod",
            ],
        )
    ]


@rule("ofono-ports-unlabelled", needs="list-modems, ofonod -d, or the udev rules")
def unlabelled(view: View) -> Judgement:
    """oFono takes a Huawei stick only with a modem and a pcui port, known by triple or by label."""
    state = view.state
    if state.modems is not None and state.modems.value:
        return []
    findings = [*_rules_file(state.rules_files), *_offered(view)]
    if findings:
        return findings
    if state.modems is None or state.modems.value:
        return [] if _labelled(state.rules_files) or state.offered else None
    return _empty_list(view, state.modems)


def _empty_list(view: View, modems: Seen[tuple[str, ...]]) -> Judgement:
    stick = view.known_stick()
    if stick is None or view.mode(stick) != ids.MODEM or not _needs_labels(view, stick.usb.value):
        return None
    return [
        error(
            "ofono-ports-unlabelled",
            f"oFono lists no modem: it does not know the ports of {stick.usb.value} by their numbers",
            (modems.evidence, stick.usb.evidence),
            _LABELS,
        )
    ]


def _needs_labels(view: View, usb: str) -> bool:
    """Whether oFono's own table lacks the stick's modem or PCUI port."""
    known = view.database.mode_of(usb)
    if known is None:
        return False
    found = {
        _KNOWN.get("/".join(str(int(part, 16)) for part in (item.usb_class, item.subclass, item.protocol)))
        for item in known[1].interfaces
    }
    return not {"modem", "pcui"} <= found


def _offered(view: View) -> list[Finding]:
    """The ports as oFono's own debug log names them."""
    offered = view.state.offered
    if not offered:
        return []
    parts = [seen.value.split(" ") for seen in offered.values()]
    found = {_KNOWN.get(triple) if label == "(null)" else label for triple, label in parts}
    if {"modem", "pcui"} <= found:
        return []
    lacking = " and ".join(sorted({"modem", "pcui"} - {name for name in found if name}))
    title = f"oFono sees the ports and takes none as {lacking}: it needs both"
    return [error("ofono-ports-unlabelled", title, evidence(*list(offered.values())[:4]), _LABELS)]


def _labelled(files: list[RulesFile]) -> bool:
    return any(_LABEL.search(line.value) for file in files for line in file.lines)


def _rules_file(files: list[RulesFile]) -> list[Finding]:
    """The faults of the last file that names a label; an earlier one is an earlier try."""
    chosen = [file for file in files if any(_labels_stick(line.value) for line in file.lines)]
    if not chosen:
        return []
    faults = dict(_faults(chosen[-1]))
    if not faults:
        return []
    title = f"the rule {chosen[-1].place or 'in the text'} labels no usable modem: {'; '.join(faults)}"
    seen = [item for lines in faults.values() for item in lines]
    return [error("ofono-ports-unlabelled", title, dict.fromkeys(seen), _LABELS)]


def _labels_stick(line: str) -> bool:
    """Whether the line labels a port, and not that of another vendor."""
    vendor = _VENDOR.search(line)
    return "OFONO_LABEL" in line and (vendor is None or vendor[1] == ids.VENDOR)


def _faults(file: RulesFile) -> list[tuple[str, list[Evidence]]]:
    faults: list[tuple[str, list[Evidence]]] = []
    curly = [line.evidence for line in file.lines if any(char in line.value for char in _QUOTES)]
    if curly:
        faults.append(("curly quotes, which udev does not take", curly[:2]))
    lines = [line for line in file.lines if _labels_stick(line.value)]
    labels = [(line, match) for line in lines if (match := _LABEL.search(line.value))]
    compared = [line.evidence for line, match in labels if match[1] == "=="]
    if compared:
        faults.append(("== compares the label, a single = sets it", compared[:2]))
    names = {match[2] for _line, match in labels}
    if labels and not {"modem", "pcui"} <= names:
        lacking = " and ".join(sorted({"modem", "pcui"} - names))
        faults.append((f"no label {lacking}, and oFono needs modem and pcui", [labels[-1][0].evidence]))
    parents = [line.evidence for line in file.lines if _PARENTS.search(line.value)]
    if parents:
        faults.append(("ATTRS of two different parents never match in one line", parents[:2]))
    number = _NUMBER.match(file.place)
    interface = [line.evidence for line in file.lines if "ID_USB_INTERFACE_NUM" in line.value]
    if number is not None and int(number[1]) < _FIRST_NUMBER and interface:
        faults.append(
            ("numbered before 60-serial.rules, where ID_USB_INTERFACE_NUM is not set", interface[:1])
        )
    return faults


@rule("ofono-port-silent", needs="the answer to Powered")
def silent(view: View) -> Judgement:
    """The modem does not answer: a label is on the wrong port, or the stick hangs."""
    seen = events(view, "ofono-silent")
    if not seen:
        return [] if _yes(view, "Powered") else None
    return [
        error(
            "ofono-port-silent",
            "the modem did not answer oFono in time: a label may be on a port without AT",
            seen,
            ["compare udevadm info of each ttyUSB with Huawei's numbers (docs/findings.md)", "ofonod -nd"],
        )
    ]


@rule("sim-missing", needs="list-modems, or the answer to AT+CPIN?")
def sim(view: View) -> Judgement:
    """No SIM."""
    present = view.state.ofono.get("SimManager.Present")
    seen = events(view, "sim-missing")
    if present is not None and present.value in ("0", "False", "false"):
        seen += (present.evidence,)
    if seen:
        return [error("sim-missing", "no SIM in the stick", seen, ["insert the SIM; then plug in anew"])]
    return [] if present is not None or view.state.events_of("sim-ready") else None


@rule("sim-pin-required", needs="list-modems, or the answer to AT+CPIN?")
def pin(view: View) -> Judgement:
    """The SIM waits for its PIN or PUK."""
    required = view.state.ofono.get("SimManager.PinRequired")
    seen = () if view.state.events_of("sim-ready") else events(view, "sim-pin")
    if required is not None and required.value not in ("none", ""):
        seen += (required.evidence,)
    if seen:
        return [
            error(
                "sim-pin-required",
                "the SIM is locked by its PIN or PUK",
                seen,
                ["take the PIN off the SIM, or enter it: enter-pin of ofono-scripts"],
            )
        ]
    return [] if required is not None or view.state.events_of("sim-ready") else None


@rule("not-registered", needs="list-modems, or the answer to AT+CREG?")
def registration(view: View) -> Judgement:
    """No network has taken the modem."""
    status = view.state.ofono.get("NetworkRegistration.Status")
    if status is not None:
        if status.value in ("registered", "roaming"):
            return []
        seen: tuple[Evidence, ...] = (status.evidence,)
    else:
        seen = events(view, "not-registered")
        if not seen:
            return None
        if view.state.events_of("registered"):
            return []
    return [
        error(
            "not-registered",
            "the modem is not registered with a network",
            seen,
            ["check antenna, coverage and whether the SIM is active; denied: ask the operator"],
        )
    ]


@rule("roaming-off", needs="list-modems")
def roaming(view: View) -> Judgement:
    """Abroad, and oFono may not roam."""
    status = view.state.ofono.get("NetworkRegistration.Status")
    allowed = view.state.ofono.get("ConnectionManager.RoamingAllowed")
    if status is None or allowed is None:
        return None
    if status.value != "roaming" or allowed.value not in ("0", "False", "false"):
        return []
    remedy = ["if the cost is meant: set RoamingAllowed of org.ofono.ConnectionManager"]
    return [
        error(
            "roaming-off", "the SIM roams, and data while roaming is off", evidence(status, allowed), remedy
        )
    ]


@rule("apn-missing", needs="list-contexts, or oFono's log")
def apn(view: View) -> Judgement:
    """The context has no access point, or provisioning found more than one."""
    name = view.state.ofono.get("Context.AccessPointName")
    if name is not None and name.value:
        return []
    seen = events(view, "ofono-duplicate-context")
    if name is not None:
        seen += (name.evidence,)
    if not seen:
        return None
    return [
        error(
            "apn-missing",
            "the internet context has no access point name (APN)",
            seen,
            ["huawei-modem connect --apn NAME", "for good: /etc/huawei-modem/config.ini"],
        )
    ]


def _yes(view: View, key: str) -> bool:
    seen = view.state.ofono.get(key)
    return seen is not None and seen.value in ("1", "True", "true")


RULES = (not_running, crashed, unlabelled, silent, sim, pin, registration, roaming, apn)
