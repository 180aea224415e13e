# SPDX-License-Identifier: MIT
"""What has a question of its own, whichever layer is open.

What happened to the stick, what somebody wishes, and what stands around the modem.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from huawei_modem.catalogue import found
from huawei_modem.report import Finding, Severity
from huawei_modem.transcript import ids, on_bus, person, plugged, who
from huawei_modem.transcript.model import Seen
from huawei_modem.transcript.rules.rule import View, pin_taken
from huawei_modem.transcript.sight import ROUTERS, Sight, as_said, drivers_shown, leads_on
from huawei_modem.transcript.topics import LAYERS

_CONFIGURATIONS = ("usb-devices", "lsusb -v")
"""Kinds of text that show what a device can be."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n")
_STICK = re.compile(
    r"\b(?:usb|stick|modem|dongle|device|passthrough|pass(?:ed|ing)?[- ]through|detect\w*|lsusb|tty\w*|"
    r"E\d{3,4}\w?|hostdev|usb-host|usbdevice|key|clé|cle)\b",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"virtual|\bVM|qemu|proxmox|vbox|virt-|hostdev|usb-?host|usbdevice|usbipd|esxi|wsl|hyper-v|qubes|sys-usb|"
    r"docker|podman|lxc|container|kvm",
    re.IGNORECASE,
)
_MISSING = LAYERS[: LAYERS.index("answers")]
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
    if bus.ports is None and bus.driver is None and _is_handed_over(sight, "guest"):
        return found("insufficient-data:guest", told["guest"])
    if history.is_bare and sight.ladder.complaint and _is_handed_over(sight, "container"):
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
    listed = views[-1].state.bus.complete if views else None
    known = history.others or history.named or any(view.others() or plugged.talks(view) for view in views)
    if listed is not None and "built in" in words and bus.is_empty and not known:
        return found("insufficient-data:unpowered", [listed.evidence])
    hidden = "undetected" in told and "built in" in words
    if hidden and history.is_bare and not history.port and not history.named:
        return found("insufficient-data:built-in", told["undetected"])
    return None


def _is_handed_over(sight: Sight, where: str) -> bool:
    """Whether the modem is handed to a virtual machine or a container, and is missing there.

    Who names one in passing, and speaks of the modem elsewhere, is asked about the modem.
    """
    named, complaint = sight.history.around.get(where), sight.ladder.complaint
    if named is None or complaint not in (None, *_MISSING):
        return False
    parts = (part for part in _SENTENCE.split(named.evidence.text) if _HOST.search(part))
    return complaint is not None or any(map(_STICK.search, parts))


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
    other_face = driver is not None and driver.value in (*ROUTERS, "cdc_ncm")
    no_wdm = lacks is not None and lacks.value.kind == "nets" and "cdc" in lacks.place[1]
    if not (
        ("wants mode" in sight.history.words and not sight.history.is_bare) or (no_wdm and other_face)
    ) or any(part.kind in _CONFIGURATIONS for part in sight.history.parts):
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


def _message_refused(sight: Sight) -> Finding | None:
    return as_said("messages", sight, "=message-refused")


def _uqmi_said(sight: Sight) -> Finding | None:
    """uqmi answers with an error that is no fault by itself."""
    return as_said("uqmi-said", sight, "=uqmi-refused")


def _domain(sight: Sight) -> Finding | None:
    """One domain of the network has not the modem, and no other is shown."""
    if any(view.state.said("registration") or view.state.said("data") for view in sight.views):
        return None
    return as_said("domain", sight, "=unregistered-there")


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


def _net_lost(sight: Sight) -> Finding | None:
    """The network interface had a carrier for a moment."""
    lost = as_said("net-lost", sight, "=net-lost")
    told = sight.history.around.get("net-lost")
    if lost is None and told is not None:
        lost = found("insufficient-data:net-lost", [told.evidence], text=told.evidence.text.strip())
    return lost


def _not_answered(sight: Sight) -> Finding | None:
    """A request over QMI or MBIM that nobody answered."""
    return as_said("unanswered", sight, "=qmi-late")


def _half_answered(sight: Sight) -> Finding | None:
    """A modem that answers, and once did not, or refuses a command, where nobody dials."""
    if sight.known != {"none"}:
        return None
    if (late := as_said("late", sight, "=answer-late")) is not None:
        return late
    refused = [seen for view in sight.views for seen in view.state.events_of("=at-refused")]
    told_why = "AT+CMEE=2" in sight.history.tried  # the answer that it would give is in the text
    if refused and not told_why and not any(view.state.said("data") for view in sight.views):
        return found("insufficient-data:refused", [refused[0].evidence], text=refused[0].value)
    return None


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
    on_bus.no_modem,
    on_bus.other_makers,
    on_bus.ethernet,
    on_bus.left,
    on_bus.bsd,
    _net_lost,
    on_bus.switched,
    _not_answered,
    _half_answered,
)
"""In the order in which they come before each other."""
