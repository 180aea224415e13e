# SPDX-License-Identifier: MIT
"""oFono: does it run, has it the stick, and how far has the modem come?"""

from __future__ import annotations

from huawei_modem.report import Evidence, error, info, insufficient, warning
from huawei_modem.transcript.model import Context
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, rule


@rule("ofono-not-running", needs="systemctl status ofono, or the D-Bus error")
def not_running(view: View) -> Judgement:
    """Nobody owns org.ofono. What was said last counts; a crash is told by its own rule."""
    last = view.state.latest.get("ofono")
    if last is None:
        return [] if view.state.modems is not None and view.state.modems.value else None
    if last.value == "uninstalled":
        remedy = ["install ofono: meta-huawei-modem's packagegroup has it"]
        return [error("ofono-not-running", "oFono is not installed", evidence(last), remedy)]
    if last.value not in ("absent", "down", "failed") or view.state.events_of("ofono-crashed"):
        return []
    remedy = ["systemctl start ofono", "journalctl -b -u ofono"]
    return [error("ofono-not-running", "oFono is not running", evidence(last), remedy)]


@rule("modemmanager-running", needs="oFono, and ModemManager's log or `mmcli -L`")
def rival(view: View) -> Judgement:
    """Both speak to the stick's ports."""
    other, last = (view.state.latest.get(name) for name in ("modemmanager", "ofono"))
    runs = last is not None and last.value in ("up", "started")
    if other is None or not (runs or view.state.modems is not None):
        return None
    if other.value == "down":
        return []
    return [
        warning(
            "modemmanager-running",
            "ModemManager runs beside oFono, and both speak to the stick's ports",
            evidence(other, last if runs else view.state.modems),
            ["systemctl disable --now ModemManager", "then plug the stick in anew"],
        )
    ]


@rule("ofono-crashed", needs="the journal of ofono")
def crashed(view: View) -> Judgement:
    """The daemon ended by a signal."""
    seen = events(view, "ofono-crashed")
    if not seen:
        return [] if view.state.modems is not None and view.state.modems.value else None
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
    """No SIM in the stick. The latest answer of the modem counts."""
    present = view.state.ofono.get("SimManager.Present")
    last = _latest(view, "sim")
    seen = events(view, "sim-missing") if last == "missing" else ()
    if _no(view, "SimManager.Present"):
        seen += evidence(present)
    if seen:
        return [error("sim-missing", "no SIM in the stick", seen, ["insert the SIM; then plug in anew"])]
    return [] if present is not None or last is not None else None


@rule("sim-pin-required", needs="list-modems, or the answer to AT+CPIN?")
def pin(view: View) -> Judgement:
    """The SIM waits for its PIN or PUK. A wrong PUK too many destroys it, so that is told apart."""
    required = view.state.ofono.get("SimManager.PinRequired")
    last = _latest(view, "sim")
    wanted = "" if required is None or required.value == "none" else required.value
    if wanted.startswith("puk") or last == "puk":
        seen = (*events(view, "sim-puk"), *(evidence(required) if wanted else ()))
        remedy = [
            "enter the PUK of the SIM's letter: enter-pin of ofono-scripts; after ten wrong ones it is lost"
        ]
        return [error("sim-pin-required", "the SIM is blocked and wants its PUK", seen, remedy)]
    if wanted or last == "pin":
        seen = (*events(view, "sim-pin"), *(evidence(required) if wanted else ()))
        remedy = ["huawei-modem connect --pin-file FILE", "or take the PIN off the SIM"]
        return [error("sim-pin-required", "the SIM is locked by its PIN", seen, remedy)]
    return [] if required is not None or last is not None else None


@rule("not-registered", needs="list-modems, or the answer to AT+CREG?")
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
    if status.value != "roaming" or not _no(view, "ConnectionManager.RoamingAllowed"):
        return []
    remedy = ["if the cost is meant: set RoamingAllowed of org.ofono.ConnectionManager"]
    return [
        error(
            "roaming-off", "the SIM roams, and data while roaming is off", evidence(status, allowed), remedy
        )
    ]


@rule("ofono-no-context", needs="list-contexts")
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
    remedy = ["huawei-modem connect --apn NAME", "or: create-internet-context NAME of ofono-scripts"]
    return [error("ofono-no-context", "oFono has no internet context", seen, remedy)]


@rule("apn-missing", needs="list-contexts, or oFono's log")
def apn(view: View) -> Judgement:
    """The context has no access point, or provisioning found more than one."""
    internet = _internet(view.state.contexts or [])
    names = [item.values["AccessPointName"] for item in internet if "AccessPointName" in item.values]
    if any(name.value for name in names):
        return []
    seen = (*events(view, "ofono-duplicate-context"), *evidence(*names))
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


@rule("tun-missing", needs="the answer to activating a context, and ls /dev/net/tun")
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
    return [
        insufficient(
            "oFono answered NotImplemented, as it does without TUN: the text does not show if that is there",
            seen,
            ["ls -l /dev/net/tun; modprobe tun; lsmod | grep tun"],
        )
    ]


@rule("dialler-vendor-unknown", needs="the answer to AT+CGMI, and the stick's USB id")
def maker(view: View) -> Judgement:
    """Firmware of an operator calls the modem by the operator's name."""
    name, stick = view.state.vendor, view.known_stick()
    if name is None or stick is None:
        return None
    if "huawei" in name.value.lower():
        return []
    return [
        info(
            "dialler-vendor-unknown",
            f"the modem of {stick.usb.value} calls itself {name.value} (AT+CGMI): a dialler that goes by "
            "this name does not know it for Huawei's",
            evidence(name, stick.usb),
            ["go by the USB vendor 12d1, as oFono and udev do; Huawei's AT^ commands hold all the same"],
        )
    ]


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
