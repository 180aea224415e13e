# SPDX-License-Identifier: MIT
"""Does oFono know the stick's ports? By its own table, or by labels that udev sets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from huawei_modem.catalogue import found
from huawei_modem.database import Mode
from huawei_modem.functions import OFONO_NEEDS
from huawei_modem.report import Evidence, Finding
from huawei_modem.transcript import ids
from huawei_modem.transcript.model import Device, RulesFile, Seen
from huawei_modem.transcript.rules.rule import Judgement, View, evidence, rule

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
_NAME = "ofono-ports-unlabelled:text"
_PRODUCT = re.compile(r'idProduct\}=="(\w{4})"')
_INTERFACE = re.compile(r'ID_USB_INTERFACE_NUM\}=="(\w\w)"')


def _misplaced(view: View, file: RulesFile) -> Iterator[tuple[str, list[Evidence]]]:
    """Labels on a port that is another one by Huawei's numbers."""
    for line in file.lines:
        label, product, number = (found.search(line.value) for found in (_LABEL, _PRODUCT, _INTERFACE))
        if label is None or product is None or number is None or not _labels_stick(line.value):
            continue
        usb = f"{ids.VENDOR}:{product[1]}"
        device = view.device(usb)
        if device is None or not re.fullmatch("[0-9a-f]{2}", number[1]):
            continue
        function = view.function(device, int(number[1], 16))
        if function is not None and function != label[2]:
            _triple, shown = view.triple(device, int(number[1], 16))
            sure = "" if shown else ", as far as is known of this stick"
            yield _wrong(f"interface {number[1]} of {usb}", label[2], function) + sure, [line.evidence]


@rule("ofono-ports-unlabelled")
def unlabelled(view: View) -> Judgement:
    """oFono takes a Huawei stick only with a modem and a pcui port, known by triple or by label."""
    state = view.state
    if (state.modems is not None and state.modems.value) or state.events_of("=taken"):
        return []
    findings = [*_rules_file(view), *_udev(view), *_offered(view)]
    if findings:
        return findings
    if state.modems is None or state.modems.value:
        return [] if _labelled(state.rules_files) or state.offered or state.udev_ports else None
    return _empty_list(view, state.modems)


def _empty_list(view: View, modems: Seen[tuple[str, ...]]) -> Judgement:
    stick = view.known_stick()
    if stick is None or view.mode(stick) != ids.MODEM or not _needs_labels(view, stick.usb.value):
        return None
    return [
        found(
            _NAME,
            (modems.evidence, stick.usb.evidence),
            fault=f"oFono lists no modem: it does not know the ports of {stick.usb.value} by their numbers",
        )
    ]


@rule("ofono-no-modem")
def no_modem(view: View) -> Judgement:
    """oFono lists no modem although the stick's ports are there, and nothing in the text says why."""
    modems, stick = view.state.modems, view.known_stick()
    if modems is None:
        return None
    if modems.value:
        return []
    if stick is None or view.mode(stick) != ids.MODEM or _labelled(view.state.rules_files):
        return None
    ports = _driven(view, stick) or view.ports()
    if ports is None:
        return None
    if view.state.said("ofono").startswith("ofono-") or unlabelled.judge(view):
        return []
    return [found("ofono-no-modem:text", evidence(modems, stick.usb, ports), usb=stick.usb.value)]


def _driven(view: View, stick: Device) -> Seen[str] | None:
    """A line that shows option with one of the stick's interfaces."""
    drivers = [item.driver for item in view.interfaces(stick).values() if item.driver is not None]
    return next((driver for driver in drivers if driver.value == "option"), None)


def _needs_labels(view: View, usb: str) -> bool:
    """Whether oFono's own table lacks the stick's modem or PCUI port."""
    known = [mode for _stick, mode in view.database.candidates(usb) if mode.interfaces]
    return bool(known) and all(_lacks_ports(mode) for mode in known)


def _lacks_ports(mode: Mode) -> bool:
    triples = ["/".join(str(int(part, 16)) for part in item.triple) for item in mode.interfaces]
    # setup_huawei() takes ff/ff/ff by the interface's number.
    return "255/255/255" not in triples and not set(OFONO_NEEDS) <= {_KNOWN.get(item) for item in triples}


def _offered(view: View) -> list[Finding]:
    """The ports as oFono's own debug log names them."""
    offered = view.state.offered
    if not offered:
        return []
    parts = [seen.value.split(" ") for seen in offered.values()]
    taken = {_KNOWN.get(triple) if label == "(null)" else label for triple, label in parts}
    wrong = [
        _wrong(f"/dev/{port}", label, function)
        for port, (triple, label) in zip(offered, parts, strict=True)
        if label in OFONO_NEEDS and (function := _offered_function(view, triple)) not in (None, label)
    ]
    if wrong:
        return [found(_NAME, evidence(*list(offered.values())[:4]), fault=wrong[0])]
    if set(OFONO_NEEDS) <= taken:
        return []
    lacking = " and ".join(sorted(set(OFONO_NEEDS) - {name for name in taken if name}))
    title = f"oFono sees the ports and takes none as {lacking}: it needs both"
    return [found(_NAME, evidence(*list(offered.values())[:4]), fault=title)]


def _offered_function(view: View, triple: str) -> str | None:
    """Function of class/subclass/protocol in oFono's decimal numbers."""
    usb_class, subclass, protocol = (f"{int(part) & 0xFF:02x}" for part in triple.split("/"))
    return view.database.function_name(usb_class, subclass, protocol)


def _wrong(name: str, label: str, function: str) -> str:
    return f"{name} is the {function} port and is labelled {label}"


def _udev(view: View) -> list[Finding]:
    """Ports as udev's database has them: which label, and whether it fits the port."""
    findings = []
    for tty, port in view.state.udev_ports.items():
        device = view.state.bus.devices.get(port.usb)
        if device is None or port.number is None:
            continue
        function, label = view.function(device, port.number), port.label.value if port.label else None
        if function is None or label == function or (label is None and function not in OFONO_NEEDS):
            continue
        if label is None and not _needs_labels(view, port.usb):
            continue
        title = (
            _wrong(tty, label, function) if label else f"{tty} is the {function} port and has no OFONO_LABEL"
        )
        findings.append(found(_NAME, evidence(port.seen, port.label), fault=title))
    return findings


def _labelled(files: list[RulesFile]) -> bool:
    return any(_LABEL.search(line.value) for file in files for line in file.lines)


def _rules_file(view: View) -> list[Finding]:
    """The faults of the last file that names a label; an earlier one is an earlier try."""
    chosen = [
        file
        for file in view.state.rules_files
        if any(_labels_stick(line.value) for line in file.lines) and not _is_of_others(file)
    ]
    if not chosen:
        return []
    faults = dict([*_faults(chosen[-1]), *_misplaced(view, chosen[-1])])
    if not faults:
        return []
    title = f"the rule {chosen[-1].place or 'in the text'} labels no usable modem: {'; '.join(faults)}"
    seen = [item for lines in faults.values() for item in lines]
    return [found(_NAME, dict.fromkeys(seen), fault=title)]


def _is_of_others(file: RulesFile) -> bool:
    """Whether the file names vendors and Huawei is none of them, on whichever of its broken lines."""
    vendors = {match[1] for line in file.lines if (match := _VENDOR.search(line.value))}
    return bool(vendors) and ids.VENDOR not in vendors


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
    if labels and not set(OFONO_NEEDS) <= names:
        lacking = " and ".join(sorted(set(OFONO_NEEDS) - names))
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


RULES = (unlabelled, no_modem)
