# SPDX-License-Identifier: MIT
"""What has a question of its own, whichever layer is open.

What happened to the stick, what somebody wishes, and what stands around the modem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from huawei_modem.catalogue import found
from huawei_modem.report import Finding, Severity
from huawei_modem.transcript import ids, person, plugged, who
from huawei_modem.transcript.ladder import Ladder
from huawei_modem.transcript.model import History, Leaving, Seen
from huawei_modem.transcript.rules.rule import View, pin_taken
from huawei_modem.transcript.topics import LAYERS

_ROUTERS = ("cdc_ether", "rndis_host")
"""Drivers of sticks that are routers, and of Ethernet adapters: never of a modem that is dialled."""
_CONFIGURATIONS = ("usb-devices", "lsusb -v")
"""Kinds of text that show what a device can be."""
_HUBS = ("1d6b", "0424", "05e3", "2109", "8087", "1a40")
"""Vendors of hubs and of the board's own controllers."""


class Sight(NamedTuple):
    """All that a question follows from."""

    history: History
    views: Sequence[View]
    bus: plugged.Bus
    ladder: Ladder
    known: frozenset[str]
    """Who dials: who.diallers."""
    findings: Sequence[Finding]


_MANY_NUMBERS = 3
"""Modems under so many numbers are one that came again."""
Look = Callable[[Sight], "Finding | None"]


def _bus_errors(sight: Sight) -> Finding | None:
    failing = any((item.code, item.kind) == ("usb-power", "errors") for item in sight.findings)
    return found("insufficient-data:bus") if failing else None


def _dropped(sight: Sight) -> Finding | None:
    said = {item.code for item in sight.findings if item.severity is not Severity.INFO}
    return found("insufficient-data:dropped") if "connection-dropped" in said else None


def _solved(sight: Sight) -> Finding | None:
    """Whatever was said before: it works now."""
    history = sight.history
    over = "solved" in history.told or ("solved" in history.words and "complaint" not in history.told)
    return person.works(history) if over else None


def _around(sight: Sight) -> Finding | None:
    """What to ask about the machine that the modem is plugged into, where that comes first."""
    bus, views, history = sight.bus, sight.views, sight.history
    words = history.words
    told = {name: [seen.evidence] for name, seen in history.around.items()}
    shown = any(view.state.addresses for view in views)
    if "page-refused" in told:
        return found("insufficient-data:page-refused", told["page-refused"])
    if "page" in told and not shown and words & {"page", "home assistant"}:
        kind = "page-home" if "home assistant" in words else "page"
        return found(f"insufficient-data:{kind}", told["page"])
    below = sight.ladder.complaint in (None, *LAYERS[: LAYERS.index("answers")])
    if "guest" in told and bus.ports is None and bus.driver is None and below:
        return found("insufficient-data:guest", told["guest"])
    if "container" in told and history.is_bare and sight.ladder.complaint and below:
        return found("insufficient-data:about-container", told["container"])
    if "second" in told and bus.stick is None and not history.named and any(view.others() for view in views):
        return found("insufficient-data:second", told["second"])
    if (
        "unseen" in told
        and bus.is_empty
        and not history.others
        and not any(plugged.talks(view) for view in views)
    ):
        return found(f"insufficient-data:{'unpowered' if 'built in' in words else 'unseen'}", told["unseen"])
    hidden = "undetected" in told and "built in" in words
    if hidden and history.is_bare and not history.port and not history.named:
        return found("insufficient-data:built-in", told["undetected"])
    return None


def _in_words(sight: Sight) -> Finding | None:
    """What words say of the stick or of the program, and lines do not contradict."""
    bus, views, history = sight.bus, sight.views, sight.history
    told = history.told
    now = told.get("became")
    if now is not None and any(view.became(stick) for view in views for stick in view.sticks()):
        return found("insufficient-data:named", [now.evidence], usb=now.value)
    if (
        (drive := told.get("storage")) is not None
        and bus.is_empty
        and not history.named
        and not history.others
        and who.system(history) is None
    ):
        return found("insufficient-data:drive", [drive.evidence])
    failed = [seen for view in views for seen in _unanswered(view)]
    if failed and not any(view.state.addresses or view.state.sessions for view in views):
        return found("insufficient-data:lost", [failed[-1].evidence], text=failed[-1].evidence.text)
    return None


def _unanswered(view: View) -> list[Seen[str]]:
    """The last sign that nothing out there answers, or that no name is known."""
    known = view.state.latest
    return [
        seen
        for topic, signs in (("reach", ("=reach-lost", "=unreachable")), ("names", ("=names-lost",)))
        if (seen := known.get(topic)) is not None and seen.value in signs
    ]


def _page_opens(sight: Sight) -> Finding | None:
    """Whoever sees the stick's page is on its network: what is behind the stick is asked about."""
    opens = sight.history.around.get("page-opens")
    stick = sight.bus.stick
    router = stick is not None and sight.views[-1].mode(stick) == ids.ROUTER
    if opens is None or not (router or any(map(leads_on, sight.findings))):
        return None
    return found("insufficient-data:page-opens", [opens.evidence]) if sight.history.complains else None


def _router_page(sight: Sight) -> Finding | None:
    """A stick that is a router, whose remedy leads on: the address is left to be shown."""
    return found("insufficient-data:router") if any(map(leads_on, sight.findings)) else None


def _configuration(sight: Sight) -> Finding | None:
    """Somebody wishes another mode, and the text does not show which the modem has."""
    if sight.known != {"none"} and sight.ladder.complaint in LAYERS[LAYERS.index("session") :]:
        return None  # it is dialled, and that fails
    lacks = sight.history.claims.get("port")
    driver = sight.bus.driver
    other_face = driver is not None and driver.value in (*_ROUTERS, "cdc_ncm")
    no_wdm = lacks is not None and lacks.value.kind == "nets" and "cdc" in lacks.place[1]
    if not ("wants mode" in sight.history.words or (no_wdm and other_face)) or any(
        part.kind in _CONFIGURATIONS for part in sight.history.parts
    ):
        return None
    return found("insufficient-data:configuration", sight.bus.evidence)


def _no_net(sight: Sight) -> Finding | None:
    """A network interface is wanted of a stick that is shown with serial ports, without its class numbers."""
    shown = any(part.kind in _CONFIGURATIONS for part in sight.history.parts)
    nets = any(view.state.bus.nets for view in sight.views)
    if "wants net" not in sight.history.words or sight.bus.stick is None or shown or nets:
        return None
    if not any(drivers_shown(view) for view in sight.views):
        return None
    return found("insufficient-data:no-net", sight.bus.evidence)


def _pin(sight: Sight) -> Finding | None:
    """The PIN was taken, where nothing shows what came of it."""
    if any(view.state.said("registration") or view.state.said("data") for view in sight.views):
        return None
    taken = next((seen for view in reversed(sight.views) if (seen := pin_taken(view)) is not None), None)
    return None if taken is None else found("insufficient-data:pin-taken", [taken.evidence])


def _as_said(kind: str, sight: Sight, sign: str) -> Finding | None:
    """The question of the kind about the last line of the sign, in its words."""
    lines = [seen for view in sight.views for seen in view.state.events_of(sign)]
    return found(f"insufficient-data:{kind}", [lines[-1].evidence], text=lines[-1].value) if lines else None


def _message_refused(sight: Sight) -> Finding | None:
    return _as_said("messages", sight, "=message-refused")


def _uqmi_said(sight: Sight) -> Finding | None:
    """uqmi answers with an error that is no fault by itself."""
    return _as_said("uqmi-said", sight, "=uqmi-refused")


def _domain(sight: Sight) -> Finding | None:
    """One domain of the network has not the modem, and no other is shown."""
    if any(view.state.said("registration") or view.state.said("data") for view in sight.views):
        return None
    return _as_said("domain", sight, "=unregistered-there")


def _again(sight: Sight) -> Finding | None:
    """mmcli -M, or lists one after the other: the modem left and came as another."""
    numbers = [seen for view in sight.views for seen in view.state.events_of("=modem-number")]
    if len({seen.value for seen in numbers}) < _MANY_NUMBERS:
        return None
    return found(
        "insufficient-data:again",
        [numbers[-1].evidence],
        text=", ".join(dict.fromkeys(seen.value for seen in numbers)),
    )


def _no_modem(sight: Sight) -> Finding | None:
    """A driver of modems has what is none, or the port that is used is a serial adapter's."""
    if sight.bus.stick is not None:
        return None
    for view in sight.views:
        bus = view.state.bus
        for seen in bus.attached.values():
            usb, name = bus.ports.get(seen.value, ""), bus.names.get(seen.value, "")
            if usb and ids.is_no_modem(usb, name):
                driver = bus.drivers.get(seen.value, seen).value
                return found(
                    "insufficient-data:no-modem",
                    [seen.evidence],
                    driver=driver if driver != seen.value else "a modem's driver",
                    usb=usb,
                    name=f" ({name})" if name else "",
                    product=usb[5:],
                )
        port = sight.history.port
        if port is not None and (adapter := bus.adapters.get(port.value.rpartition("/")[2])) is not None:
            shown = [adapter.evidence, port.evidence]
            return found("insufficient-data:adapter", shown, port=port.value, driver=adapter.value)
    return None


def _other_makers(sight: Sight) -> Finding | None:
    """Another maker's modem that shows its drive alone, or left while it was in use."""
    if sight.bus.stick is not None or not is_others(sight):
        return None
    for view in sight.views:
        if (usb := plugged.others_drive(view)) is not None:
            return found("insufficient-data:other-drive", [usb.evidence], usb=usb.value)
    return _in_use(sight.views[-1]) if sight.views else None


def _ethernet(sight: Sight) -> Finding | None:
    """A router's driver has an interface: whose it is, where the same text has the id of the device."""
    driver = sight.bus.driver
    if sight.bus.stick is not None or sight.bus.ports is not None or is_others(sight):
        return None
    if driver is None or driver.value not in _ROUTERS:
        return None
    for view in sight.views:
        bus = view.state.bus
        whose = [bus.ports.get(port, "") for port, seen in bus.drivers.items() if seen is driver]
        listed = [usb for usb in bus.present if usb[:4] not in _HUBS]
        others = [usb for usb in whose if usb and not _is_huaweis(usb)][:1]
        if not others and listed and not any(_is_huaweis(usb) for usb in listed):
            others = listed[:3]
        if others:
            values = {"driver": driver.value, "usb": ", ".join(others)}
            return found("insufficient-data:foreign", [driver.evidence], **values)
    return found("insufficient-data:ethernet", [driver.evidence], driver=driver.value)


def _is_huaweis(usb: str) -> bool:
    return usb[:4] == ids.VENDOR or usb[:4] in ids.KIN


def _left(sight: Sight) -> Finding | None:
    """What left the bus, for good or for a while, or was no modem from the beginning."""
    views, bus = sight.views, sight.bus
    if not views:
        return None
    if bus.is_empty and not views[-1].state.bus.left and (serial := _converter(views)) is not None:
        return serial
    view, leavings = views[-1], views[-1].state.bus.left
    lost = [left for left in leavings.values() if left.back is None and not left.quiet]
    if lost and bus.ports is None and (bus.stick is None or not view.sticks()):
        named = any(left.seen.value or left.in_use for left in lost)
        kind = "gone" if named or view.known_stick() is not None else "gone-unknown"
        return found(f"insufficient-data:{kind}", [lost[-1].seen.evidence])
    if (gone := view.state.events_of("=net-gone")) and bus.is_empty:
        return found("insufficient-data:gone", [gone[-1].evidence])
    quiet = [left.seen for left in leavings.values() if left.back is None and left.quiet]
    if quiet and bus.ports is None:
        return found("insufficient-data:let-go", [quiet[-1].evidence])
    return _in_use(view)


def _converter(views: Sequence[View]) -> Finding | None:
    """Serial ports of a converter, and no modem."""
    shown = [seen for view in views for seen in view.state.events_of("=converter")]
    if not shown or any(plugged.talks(view) for view in views):
        return None
    return found("insufficient-data:converter", [shown[-1].evidence], driver=shown[-1].value)


def _in_use(view: View) -> Finding | None:
    """What left the bus while it was in use, and is there again."""
    for port, left in view.state.bus.left.items():
        # That somebody took it out and put it in, as the text says, and no more than that, is no fault.
        asked = "replugged" in view.words and left.in_use == 1
        if left.in_use and left.back is not None and not asked:
            return _returned(view, port, left)
    return None


def _returned(view: View, port: str, left: Leaving) -> Finding:
    """A stick that was in use left the bus and is there again, with which ports."""
    now = sorted(tty for tty, seen in view.state.bus.attached.items() if seen.value == port)
    moved = f" with other ports ({', '.join(now)}; before {', '.join(sorted(left.ttys))})"
    shown = [left.seen.evidence, *([left.back.evidence] if left.back is not None else [])]
    as_what = moved if left.ttys and now and sorted(left.ttys) != now else ""
    return found("insufficient-data:returned", shown, port=port, as_what=as_what)


def _bsd(sight: Sight) -> Finding | None:
    if "ethernet modem" in sight.history.words:
        return None
    shown = [seen for view in sight.views for seen in view.state.events_of("=bsd-ports", "=bsd-came")]
    if not shown and not any(view.state.events_of("=bsd-left") for view in sight.views):
        return None
    return found("insufficient-data:bsd", [seen.evidence for seen in shown[:1]])


def _net_lost(sight: Sight) -> Finding | None:
    """The network interface had a carrier for a moment."""
    lost = _as_said("net-lost", sight, "=net-lost")
    told = sight.history.around.get("net-lost")
    if lost is None and told is not None:
        lost = found("insufficient-data:net-lost", [told.evidence], text=told.evidence.text.strip())
    return lost


def _switched(sight: Sight) -> Finding | None:
    """Nothing of the bus is shown but that the stick was switched."""
    if not sight.bus.is_empty or not sight.views or any(map(plugged.talks, sight.views)):
        return None
    runs = [run for run in sight.views[-1].state.runs if run.outcome is not None and run.usb]
    if runs and runs[-1].outcome and runs[-1].outcome.value == "switched":
        return found("insufficient-data:switched", [runs[-1].outcome.evidence], usb=runs[-1].usb)
    return None


def _not_answered(sight: Sight) -> Finding | None:
    """A request over QMI or MBIM that nobody answered."""
    return _as_said("unanswered", sight, "=qmi-late")


def _half_answered(sight: Sight) -> Finding | None:
    """A modem that answers, and once did not, or refuses a command, where nobody dials."""
    if sight.known != {"none"}:
        return None
    if (late := _as_said("late", sight, "=answer-late")) is not None:
        return late
    refused = [seen for view in sight.views for seen in view.state.events_of("=at-refused")]
    told_why = "AT+CMEE=2" in sight.history.tried  # the answer that it would give is in the text
    if refused and not told_why and not any(view.state.said("data") for view in sight.views):
        return found("insufficient-data:refused", [refused[0].evidence], text=refused[0].value)
    return None


def leads_on(finding: Finding) -> bool:
    """Whether it is no fault, and its remedy says all the same what to do."""
    return finding.code == "stick-in-hilink-mode" and finding.kind in ("tried", "named", "choice", "ports")


def is_others(sight: Sight) -> bool:
    """Whether the modem is another maker's."""
    return bool(sight.history.others) or any(view.others() or view.maker() for view in sight.views)


def drivers_shown(view: View) -> bool:
    """Whether an interface of the stick has a driver of a modem's."""
    return any(
        item.driver is not None and item.driver.value not in ("", "usb-storage", "uas")
        for stick in view.sticks()
        for item in view.interfaces(stick).values()
    )


LOOKS: tuple[Look, ...] = (
    _bus_errors,
    _dropped,
    _solved,
    _around,
    _in_words,
    _page_opens,
    _router_page,
    _configuration,
    _no_net,
    _pin,
    _message_refused,
    _again,
    _uqmi_said,
    _domain,
    _no_modem,
    _other_makers,
    _ethernet,
    _left,
    _bsd,
    _net_lost,
    _switched,
    _not_answered,
    _half_answered,
)
"""In the order in which they come before each other."""
