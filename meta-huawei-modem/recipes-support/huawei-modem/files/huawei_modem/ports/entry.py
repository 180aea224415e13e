# SPDX-License-Identifier: MIT
"""What a stick that nobody has described yet gets: an entry for the database, and a udev rule for its ports.

The entry has the shape of modems/*.toml (docs/dev/database.md), so that a person only moves it there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from huawei_modem.database import Database
from huawei_modem.ports.ask import PortRole

if TYPE_CHECKING:
    from huawei_modem.shapes import StickFacts

LABELS = ("modem", "pcui", "diag")


def identity(ports: Sequence[PortRole]) -> Mapping[str, str]:
    """Manufacturer, model and revision, from the first port that told them."""
    return next((item.identity for port in ports for item in port.asked if item.identity), {})


def entry(
    stick: StickFacts, ports: Sequence[PortRole], configuration: int, database: Database, day: str
) -> str:
    """The stick as TOML. `day`: when it was asked, as 2026-01-31."""
    about = identity(ports)
    model = about.get("model", "")
    product = stick["usb"].partition(":")[2]
    own_id = re.sub(r"[^a-z0-9]+", "-", f"{model} {product}".lower()).strip("-")
    source = f"capture-{own_id}"
    lines = [
        "# In the table [sources] of modems.toml:",
        f'{source} = "huawei-modem ports on {day}: {_plain(model) or "model not given"}, '
        f'firmware {_plain(about.get("revision", "")) or "not given"}"',
        "",
        "# In a file of modems/:",
        "[[stick]]",
        f'id = "{own_id}"',
        f'name = "Huawei {_plain(model) or product}"',
        "",
        "[[stick.mode]]",
        f'name = "{_mode(ports)}"',
        f'usb = "{stick["usb"]}"',
    ]
    if database.mode_of(stick["usb"]):
        lines.append("shared = true # the others with this id need it too")
    if configuration != 1:
        lines.append(f"configuration = {configuration}")
    lines += ["interfaces = [", *(f"  {_interface(port, database)}," for port in ports), "]"]
    lines += [f'source = ["{source}"]', 'confidence = "measured"']
    return "".join(f"{line}\n" for line in lines)


def _mode(ports: Sequence[PortRole]) -> str:
    functions = {port.role for port in ports}
    if functions <= {"storage", None} and "storage" in functions:
        return "storage"
    return "modem" if functions & set(LABELS) else "hilink"


def _interface(port: PortRole, database: Database) -> str:
    item = port.interface
    values = [f"number = {item['number']}"]
    triple = (("class", item["usb_class"]), ("subclass", item["subclass"]), ("protocol", item["protocol"]))
    values += [f'{key} = "{value}"' for key, value in triple]
    known = {function.name for function in database.family.functions}
    known |= {standard.function for standard in database.standards}
    if port.role in known:
        values.append(f'function = "{port.role}"')
    elif item["driver"]:
        values.append(f'driver = "{item["driver"]}"')
    if port.known_by == "answers":
        values.append('confidence = "inferred"')
    return f"{{ {', '.join(values)} }}"


def udev_rule(stick: StickFacts, ports: Sequence[PortRole]) -> str | None:
    """Rules that label the ports whose numbers say nothing; None where Huawei's numbers label them all."""
    vendor, product = stick["usb"].split(":")
    rules = [
        f'ENV{{ID_USB_INTERFACE_NUM}}=="{port.interface["number"]:02x}", ENV{{OFONO_LABEL}}="{port.role}", '
        f'SYMLINK+="modem-{port.role}"{_WANTS if port.role == "pcui" else ""}'
        for port in ports
        if port.role in LABELS and port.known_by != "number" and port.interface["tty"]
    ]
    if not rules:
        return None
    match = f'SUBSYSTEM=="tty", ENV{{ID_VENDOR_ID}}=="{vendor}", ENV{{ID_MODEL_ID}}=="{product}"'
    head = f"# /etc/udev/rules.d/{rule_name(stick)}\n"
    return head + "".join(f'ACTION!="remove", {match}, {rule}\n' for rule in rules)


_WANTS = ', TAG+="systemd", ENV{SYSTEMD_WANTS}+="huawei-modem-connect.service"'


def rule_name(stick: StickFacts) -> str:
    """The rule's file: after 70-huawei-modem.rules, and after 60-serial.rules, which sets what it matches."""
    return f"71-huawei-modem-{stick['usb'].partition(':')[2]}.rules"


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9 ._()/-]", "", text).strip()
