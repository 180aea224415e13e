# SPDX-License-Identifier: MIT
"""oFono: does it run, has it the stick, and how far has the modem come?"""

from __future__ import annotations

from huawei_modem.catalogue import found
from huawei_modem.transcript.model import Context, Seen
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, pin_taken, rule


@rule("ofono-not-running")
def not_running(view: View) -> Judgement:
    """Nobody owns org.ofono. What was said last counts; a crash has its own rule."""
    last = view.state.latest.get("ofono")
    if last is None:
        return [] if _has_modem(view) else None
    if not last.value.startswith("ofono-not-running") or view.state.events_of("ofono-crashed"):
        return []
    return [found(last.value, evidence(last))]


@rule("modemmanager-running")
def rival(view: View) -> Judgement:
    """Both speak to the stick's ports."""
    other, last = (view.state.latest.get(name) for name in ("modemmanager", "ofono"))
    runs = last is not None and last.value == "=ofono-up"
    if other is None or not (runs or view.state.modems is not None):
        return None
    if other.value != "=modemmanager-up":
        return []
    return [found("modemmanager-running", evidence(other, last if runs else view.state.modems))]


@rule("ofono-crashed")
def crashed(view: View) -> Judgement:
    """The daemon ended by a signal."""
    seen = events(view, "ofono-crashed")
    if not seen:
        return [] if _has_modem(view) else None
    return [found("ofono-crashed", seen)]


@rule("ofono-port-silent")
def silent(view: View) -> Judgement:
    """The modem does not answer: a label is on the wrong port, or the stick hangs."""
    seen = events(view, "ofono-port-silent")
    if not seen:
        return [] if _yes(view, "Powered") else None
    return [found("ofono-port-silent", seen)]


@rule("modem-off")
def power(view: View) -> Judgement:
    """The modem is not powered: nothing of it can be judged before."""
    refused = view.state.events_of("=power-refused", "=enable-refused")
    if refused and _no(view, "Powered"):
        return [found("modem-off:refused", evidence(view.state.ofono.get("Powered"), refused[-1]))]
    return _said_or_property(view, "modem-off", "power", "Powered")


@rule("modem-offline")
def radio(view: View) -> Judgement:
    """Powered, and its radio is off."""
    if _no(view, "Powered") or sim.judge(view) or pin.judge(view):
        return []
    taken, shown = pin_taken(view), view.state.ofono.get("Online")
    if taken is not None and shown is not None and shown.place[2] < taken.place[2]:
        return []  # it was offline as long as the SIM was locked
    return _said_or_property(view, "modem-offline", "power", "Online")


@rule("not-attached")
def attached(view: View) -> Judgement:
    """Registered, and not attached to packet data."""
    if (
        _no(view, "Powered")
        or _no(view, "Online")
        or any(item.judge(view) for item in (sim, pin, registration))
    ):
        return []
    status = view.state.ofono.get("NetworkRegistration.Status")
    if status is not None and status.value == "roaming" and _no(view, "ConnectionManager.RoamingAllowed"):
        return []
    if _no(view, "ConnectionManager.Powered"):
        return []
    return _said_or_property(view, "not-attached", "attach", "ConnectionManager.Attached")


@rule("data-off")
def data(view: View) -> Judgement:
    """Packet data is switched off."""
    seen = view.state.ofono.get("ConnectionManager.Powered")
    if seen is None:
        return None
    if not _no(view, "ConnectionManager.Powered") or _no(view, "Powered") or _no(view, "Online"):
        return []
    if sim.judge(view) or pin.judge(view):
        return []
    return [found("data-off", evidence(seen, view.state.ofono.get("ConnectionManager.Attached")))]


def _said_or_property(view: View, code: str, topic: str, key: str) -> Judgement:
    said, shown = view.state.latest.get(topic), view.state.ofono.get(key)
    if said is not None and said.value.partition(":")[0] == code:
        return [found(said.value, evidence(shown if _no(view, key) else None, said), text=said.evidence.text)]
    if _no(view, key):
        held = _held_by_connman(view)
        if code in ("modem-off", "modem-offline") and held is not None:
            what, command, seen = held
            return [found(f"{code}:connman", evidence(shown, seen), what=what, command=command)]
        return [found(code, evidence(shown))]
    return None if said is None and shown is None else []


def _held_by_connman(view: View) -> tuple[str, str, Seen[str]] | None:
    """What ConnMan has switched off, the command that switches it on, and the line that shows it."""
    offline, cellular = (view.state.connman.get(key) for key in ("OfflineMode", "cellular.Powered"))
    if offline is not None and offline.value == "True":
        return "its offline mode on", "run connmanctl disable offline", offline
    if cellular is not None and cellular.value == "False":
        return "its cellular technology off", "run connmanctl enable cellular", cellular
    return None


def _has_modem(view: View) -> bool:
    return view.state.modems is not None and bool(view.state.modems.value)


@rule("sim-missing")
def sim(view: View) -> Judgement:
    """No SIM in the stick. The latest answer of the modem counts."""
    present = view.state.ofono.get("SimManager.Present")
    last = view.state.said("sim")
    seen = events(view, "sim-missing") if last == "sim-missing" else ()
    # A SIM that asks for its PIN is there, whatever oFono sees of it.
    answered = last.startswith(("=sim-ready", "sim-pin-required"))
    if _no(view, "SimManager.Present") and not _no(view, "Powered") and not answered:
        seen += evidence(present)
    if seen:
        return [found("sim-missing", seen)]
    return [] if present is not None or last else None


_PERSONAL = ("phone", "firstphone", "network", "netsub", "service", "corp")
"""PinRequired where the modem is bound to a SIM, network or company; with puk after three wrong codes (oFono
2.14, src/sim.c)."""


@rule("sim-pin-required")
def pin(view: View) -> Judgement:
    """The SIM waits for its PIN or PUK. A wrong PUK too many destroys it, so the two differ."""
    required = view.state.ofono.get("SimManager.PinRequired")
    last = view.state.said("sim")
    wanted = "" if required is None or required.value == "none" else required.value
    if required is not None and wanted.removesuffix("puk") in _PERSONAL:
        return [found("sim-operator-lock", evidence(required), text=f"oFono wants {wanted}")]
    if wanted in ("pin2", "puk2"):
        wanted = ""  # they lock nothing that a connection needs
    if wanted.startswith("puk") or last == "sim-pin-required:puk":
        seen = (*events(view, "sim-pin-required:puk"), *(evidence(required) if wanted else ()))
        return [found("sim-pin-required:puk", seen)]
    if last == "sim-pin-required:secrets" and not wanted:
        return [found(last, events(view, last))]
    if wanted or last == "sim-pin-required":
        seen = (*events(view, "sim-pin-required"), *(evidence(required) if wanted else ()))
        return [found("sim-pin-required", seen, lock=(wanted or "pin").upper())]
    return [] if required is not None or last else None


@rule("not-registered")
def registration(view: View) -> Judgement:
    """No network has taken the modem."""
    status = view.state.ofono.get("NetworkRegistration.Status")
    if status is not None and not (_no(view, "Powered") or _no(view, "Online")):
        if status.value in ("registered", "roaming"):
            return []
        return [
            found(
                "not-registered:denied" if status.value == "denied" else "not-registered", [status.evidence]
            )
        ]
    last, packet = view.state.said("registration"), view.state.events_of("=unregistered-there")
    if not last and packet and view.state.said("signal") == "no-signal":
        return [found("not-registered", evidence(packet[-1]))]  # without a signal it is so in every domain
    if not last:
        return None
    if not last.startswith("not-registered") or view.state.said("sim").startswith("sim-"):
        return []
    if _is_in_packet_domain(view):
        return []
    again = last == "not-registered" and "worked" in view.words
    return [found(f"{last}:again" if again else last, events(view, last))]


_PACKET = ("+CEREG", "+CGREG", "+CGATT", "+COPS")


def _is_in_packet_domain(view: View) -> bool:
    """Whether the last fault is of +CREG alone, and another answer shows the domain that data goes by.

    +CREG is of the circuit-switched domain, which networks of LTE alone and SIMs for data do not give
    (3GPP 27.007, 7.2 and 10.1.20).
    """
    last = view.state.latest["registration"]
    if "+CREG" not in last.place[1].upper():
        return False

    def latest(*signs: str) -> int:
        lines = view.state.events_of(*signs)
        return max((seen.place[2] for seen in lines if seen.value.upper().startswith(_PACKET)), default=-1)

    there = latest("=registered", "=attached", "=operator")
    return there > latest("not-registered", "not-registered:denied", "=unregistered-there", "not-attached")


@rule("roaming-off")
def roaming(view: View) -> Judgement:
    """Abroad, and oFono may not roam."""
    status = view.state.ofono.get("NetworkRegistration.Status")
    allowed = view.state.ofono.get("ConnectionManager.RoamingAllowed")
    if status is None or allowed is None:
        return None
    if status.value != "roaming" or not _no(view, "ConnectionManager.RoamingAllowed"):
        return []
    return [found("roaming-off", evidence(status, allowed))]


@rule("ofono-no-context")
def context(view: View) -> Judgement:
    """The modem has no context for the internet."""
    contexts = view.state.contexts
    if contexts is None:
        return None
    if _internet(contexts):
        return []
    seen = evidence(*(item.values.get("Type", item.path) for item in contexts)) or evidence(
        view.state.contexts_asked
    )
    return [found("ofono-no-context", seen)]


@rule("apn-missing")
def apn(view: View) -> Judgement:
    """The context has no access point, or provisioning found more than one."""
    internet = _internet(view.state.contexts or [])
    names = [item.values["AccessPointName"] for item in internet if "AccessPointName" in item.values]
    if any(name.value for name in names):
        return []
    seen = (*events(view, "=duplicate-context"), *events(view, "apn-missing:netifd"), *evidence(*names))
    if not seen:
        return None
    return [
        found("apn-missing:netifd" if view.state.events_of("apn-missing:netifd") else "apn-missing", seen)
    ]


@rule("context-inactive")
def inactive(view: View) -> Judgement:
    """There is an access point, and nobody has activated the context."""
    internet = _internet(view.state.contexts or [])
    ready = [item for item in internet if item.values.get("AccessPointName", item.path).value]
    if not ready or any("Active" not in item.values for item in ready):
        return None
    held = (power, radio, sim, pin, registration, roaming, data, attached)
    if any(item.values["Active"].value in ("1", "True", "true") for item in ready) or _is_online(view):
        return []
    # What keeps it from being activated has a rule of its own, and so has ConnMan's answer.
    if any(item.judge(view) for item in held) or view.state.services is not None or view.state.said("data"):
        return []
    return [found("context-inactive", evidence(*(item.values["Active"] for item in ready[:2])))]


def _is_online(view: View) -> bool:
    return view.state.said("data") == "=online"


@rule("tun-missing")
def activation(view: View) -> Judgement:
    """Activating ends in NotImplemented without /dev/net/tun; the answer alone is no proof."""
    seen = events(view, "tun-missing:possible")
    if not seen:
        return None
    known = view.state.symbols.get("TUN")
    loaded = view.state.loaded
    if (
        view.state.events_of("tun-missing")
        or known is not None
        or (loaded is not None and "tun" in loaded.value)
    ):
        return None
    return [found("insufficient-data:tun", seen)]


@rule("dialler-vendor-unknown")
def maker(view: View) -> Judgement:
    """Firmware of an operator calls the modem by the operator's name."""
    name, stick = view.state.vendor, view.known_stick()
    if name is None or stick is None:
        return None
    if "huawei" in name.value.lower():
        return []
    return [found("dialler-vendor-unknown", evidence(name, stick.usb), usb=stick.usb.value, name=name.value)]


def _internet(contexts: list[Context]) -> list[Context]:
    """Those for the internet; a type that is not shown may be it."""
    return [item for item in contexts if "Type" not in item.values or item.values["Type"].value == "internet"]


def _yes(view: View, key: str) -> bool:
    seen = view.state.ofono.get(key)
    return seen is not None and seen.value in ("1", "True", "true")


def _no(view: View, key: str) -> bool:
    seen = view.state.ofono.get(key)
    return seen is not None and seen.value in ("0", "False", "false")


RULES = (
    not_running,
    rival,
    crashed,
    silent,
    power,
    radio,
    sim,
    pin,
    registration,
    roaming,
    data,
    attached,
    context,
    apn,
    inactive,
    activation,
    maker,
)
