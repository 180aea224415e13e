# SPDX-License-Identifier: MIT
"""The facts on one screen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from huawei_modem.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from huawei_modem.shapes import ConnmanFacts, Facts, KernelFacts, ModemFacts, OfonoFacts, StickFacts

WATCH = "run/huawei-modem-watch/state.json"


def to_text(facts: Facts) -> str:
    """One line a thing, its name first."""
    lines = [_kernel(facts["kernel"])]
    for stick in facts["sticks"]:
        lines += _stick(stick)
    if not facts["sticks"]:
        lines.append("stick     none")
    lines += _ofono(facts["ofono"])
    lines += _connman(facts["connman"])
    lines += _data_path(facts)
    return "".join(f"{printable(line)}\n" for line in lines)


def watched(root: Path) -> dict[str, Any] | None:
    """What huawei-modem-watch counts (docs/watch.md); None where it does not run. The modem has the names."""
    try:
        found = json.loads((root / WATCH).read_text())
        return {key: value for key, value in found.items() if key not in ("operator", "technology")}
    except (OSError, ValueError, AttributeError):
        return None


def watch_text(watch: dict[str, Any] | None) -> str:
    """Its line; empty where it does not run."""
    if not watch:
        return ""
    numbers = ", ".join(f"{watch.get(key)} {key}" for key in ("losses", "reconnects", "refusals"))
    return f"watch     {printable(str(watch.get('condition')))} for {watch.get('seconds')} s; {numbers}\n"


def _kernel(kernel: KernelFacts) -> str:
    if kernel["loadable"] is False:
        return f"kernel    {kernel['release']}, takes no modules"
    right = kernel["folder"] and not kernel["foreign"] and not kernel["absent"]
    modules = "match" if right else "do not match: see huawei-modem doctor"
    return f"kernel    {kernel['release']}, modules {modules}"


def _stick(stick: StickFacts) -> Iterator[str]:
    name = f"{stick['name']}, {stick['mode']} mode" if stick["name"] else "not in the database"
    yield f"stick     {stick['usb']} at {stick['path'].rsplit('/', 1)[-1]}: {name}"
    for item in stick["interfaces"]:
        triple = f"{item['usb_class']}/{item['subclass']}/{item['protocol']}"
        end = item["tty"] or item["net"] or ""
        label = f" for oFono: {item['label']}" if item["label"] else ""
        yield (
            f"  if {item['number']}    {triple} {item['function'] or 'unknown':8}"
            f"{item['driver'] or 'no driver':16}{end}{label}".rstrip()
        )


def _ofono(ofono: OfonoFacts) -> Iterator[str]:
    if not ofono["running"]:
        yield f"oFono     {ofono['reason'] or 'not running'}"
        return
    if not ofono["modems"]:
        yield "oFono     running, no modem"
    for modem in ofono["modems"]:
        yield f"oFono     {modem['path']}: {', '.join(_modem(modem))}"


def _modem(modem: ModemFacts) -> Iterator[str]:
    yield "powered" if modem["powered"] else "not powered"
    yield "online" if modem["online"] else "not online"
    if modem["sim_present"] is False:
        yield "no SIM"
    if modem["pin_required"] not in (None, "none"):
        yield f"locked ({modem['pin_required']})"
    if modem["registration"]:
        strength = "" if modem["strength"] is None else f"{modem['strength']} %"
        details = [modem["operator"] or "", modem["technology"] or "", strength]
        yield " ".join([modem["registration"], *filter(None, details)])
    if modem["attached"] is not None:
        yield "attached" if modem["attached"] else "not attached"
    for context in modem["contexts"] or []:
        if context["type"] == "internet":
            yield f"APN {context['apn'] or 'not set'}, {'active' if context['active'] else 'not active'}"


def _connman(connman: ConnmanFacts) -> Iterator[str]:
    if not connman["running"]:
        yield f"ConnMan   {connman['reason'] or 'not running'}"
        return
    cellular = connman["cellular"]
    state = (
        "no cellular technology" if cellular is None else f"cellular {'on' if cellular['powered'] else 'off'}"
    )
    yield f"ConnMan   {state}{', offline mode' if connman['offline_mode'] else ''}"
    for service in connman["services"]:
        end = " ".join(filter(None, [service["interface"], service["address"], service["error"]]))
        yield f"  {service['type']}: {service['name'] or 'hidden'}, {service['state']} {end}".rstrip()


def _data_path(facts: Facts) -> Iterator[str]:
    """Which network devices carry the modems' data, and whether it is where data goes."""
    route = facts["default_route"]
    services = [item for item in facts["connman"]["services"] if item["type"] == "cellular"]
    own = [item for item in services if item["interface"] and item["address"]]
    if not own:
        yield f"data      none over the modem; default route: {route or 'none'}"
    for item in own:
        where = "default route" if item["interface"] == route else f"default route: {route or 'none'}"
        yield f"data      {item['interface']} {item['address']}, {where}"
