# SPDX-License-Identifier: MIT
"""oFono: does it run, has it the stick, and how far has the modem come?"""

from __future__ import annotations

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence
from huawei_modem.transcript.model import Context
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, rule


@rule("ofono-not-running")
def not_running(view: View) -> Judgement:
    """Nobody owns org.ofono. What was said last counts; a crash is told by its own rule."""
    last = view.state.latest.get("ofono")
    if last is None:
        return [] if view.state.modems is not None and view.state.modems.value else None
    if last.value == "uninstalled":
        return [found("ofono-not-running:absent", evidence(last))]
    if last.value not in ("absent", "down", "failed") or view.state.events_of("ofono-crashed"):
        return []
    return [found("ofono-not-running", evidence(last))]


@rule("modemmanager-running")
def rival(view: View) -> Judgement:
    """Both speak to the stick's ports."""
    other, last = (view.state.latest.get(name) for name in ("modemmanager", "ofono"))
    runs = last is not None and last.value in ("up", "started")
    if other is None or not (runs or view.state.modems is not None):
        return None
    if other.value == "down":
        return []
    return [found("modemmanager-running", evidence(other, last if runs else view.state.modems))]


@rule("ofono-crashed")
def crashed(view: View) -> Judgement:
    """The daemon ended by a signal."""
    seen = events(view, "ofono-crashed")
    if not seen:
        return [] if view.state.modems is not None and view.state.modems.value else None
    return [found("ofono-crashed", seen)]


@rule("ofono-port-silent")
def silent(view: View) -> Judgement:
    """The modem does not answer: a label is on the wrong port, or the stick hangs."""
    seen = events(view, "ofono-silent")
    if not seen:
        return [] if _yes(view, "Powered") else None
    return [found("ofono-port-silent", seen)]


@rule("sim-missing")
def sim(view: View) -> Judgement:
    """No SIM in the stick. The latest answer of the modem counts."""
    present = view.state.ofono.get("SimManager.Present")
    last = _latest(view, "sim")
    seen = events(view, "sim-missing") if last == "missing" else ()
    if _no(view, "SimManager.Present"):
        seen += evidence(present)
    if seen:
        return [found("sim-missing", seen)]
    return [] if present is not None or last is not None else None


@rule("sim-pin-required")
def pin(view: View) -> Judgement:
    """The SIM waits for its PIN or PUK. A wrong PUK too many destroys it, so that is told apart."""
    required = view.state.ofono.get("SimManager.PinRequired")
    last = _latest(view, "sim")
    wanted = "" if required is None or required.value == "none" else required.value
    if wanted.startswith("puk") or last == "puk":
        seen = (*events(view, "sim-puk"), *(evidence(required) if wanted else ()))
        return [found("sim-pin-required:puk", seen)]
    if wanted or last == "pin":
        seen = (*events(view, "sim-pin"), *(evidence(required) if wanted else ()))
        return [found("sim-pin-required", seen, lock=wanted or "pin")]
    return [] if required is not None or last is not None else None


@rule("not-registered")
def registration(view: View) -> Judgement:
    """No network has taken the modem."""
    status = view.state.ofono.get("NetworkRegistration.Status")
    if status is not None:
        if status.value in ("registered", "roaming"):
            return []
        seen: tuple[Evidence, ...] = (status.evidence,)
    else:
        last = _latest(view, "registration")
        if last is None:
            return None
        if last == "ok":
            return []
        seen = events(view, "registration-none")
    return [found("not-registered", seen)]


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
    seen = (*events(view, "ofono-duplicate-context"), *evidence(*names))
    if not seen:
        return None
    return [found("apn-missing", seen)]


@rule("tun-missing")
def activation(view: View) -> Judgement:
    """Activating ends in NotImplemented without /dev/net/tun; the answer alone is no proof."""
    seen = events(view, "ofono-not-implemented")
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


def _latest(view: View, daemon: str) -> str | None:
    seen = view.state.latest.get(daemon)
    return None if seen is None else seen.value


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
    sim,
    pin,
    registration,
    roaming,
    context,
    apn,
    activation,
    maker,
)
