# SPDX-License-Identifier: MIT
"""The kernel: do its modules belong to it, has it the options?"""

from __future__ import annotations

import re

from huawei_modem.catalogue import found
from huawei_modem.report import Finding, Severity
from huawei_modem.transcript.model import Seen
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, rule

_NEEDED = {"USB_SERIAL_OPTION": "the modem's serial ports", "PPP": "PPP", "PPP_ASYNC": "PPP"}
_SYMBOLS = {
    "option": "USB_SERIAL_OPTION",
    "usbserial": "USB_SERIAL",
    "usb_wwan": "USB_SERIAL_WWAN",
    "qcserial": "USB_SERIAL_QUALCOMM",
    "cdc_acm": "USB_ACM",
    "usbnet": "USB_USBNET",
    "huawei_cdc_ncm": "USB_NET_HUAWEI_CDC_NCM",
    "cdc_ncm": "USB_NET_CDC_NCM",
    "cdc_mbim": "USB_NET_CDC_MBIM",
    "cdc_ether": "USB_NET_CDCETHER",
    "rndis_host": "USB_NET_RNDIS_HOST",
    "qmi_wwan": "USB_NET_QMI_WWAN",
    "usb_storage": "USB_STORAGE",
    "ppp_generic": "PPP",
    "ppp_async": "PPP_ASYNC",
    "tun": "TUN",
}
"""Modules that a stick may need, and what builds them (Makefiles of Linux 6.12)."""
_MODULE = re.compile(r"[Mm]odule(?: named)? '?([\w-]+)'?")
_OF_SOME = {
    "USB_NET_HUAWEI_CDC_NCM": "the network interface of many sticks",
    "USB_NET_QMI_WWAN": "the network interface of sticks with QMI",
}


@rule("modules-mismatch", of_kernel=True)
def mismatch(view: View) -> Judgement:
    """The running kernel's release has no folder, or the kernel refuses the modules."""
    state = view.state
    refused = events(view, "modules-mismatch:refused")
    if refused:
        return [found("modules-mismatch:refused", refused)]
    if state.release is None or state.folders is None:
        return None
    if state.release.value in state.folders.value or not state.folders.value:
        return []
    return [
        found(
            "modules-mismatch:releases",
            (state.release.evidence, state.folders.evidence),
            release=state.release.value,
            others=", ".join(state.folders.value[:3]),
        )
    ]


@rule("modules-missing", of_kernel=True)
def missing(view: View) -> Judgement:
    """There is no folder of modules, or no such module in it."""
    state = view.state
    if state.folders is not None and not state.folders.value:
        return [found("modules-missing", (state.folders.evidence,))]
    absent = [
        seen.evidence
        for seen in view.state.events_of("modules-missing:not-found")
        if not _unbuilt(view, seen)
    ]
    if absent:
        return [found("modules-missing:not-found", absent, text=absent[-1].text)]
    return None if state.folders is None else []


def _unbuilt(view: View, refused: Seen[str]) -> str:
    """The symbol of the module that modprobe did not find, where the configuration has it not set."""
    match = _MODULE.search(refused.evidence.text)
    symbol = _SYMBOLS.get(match[1].replace("-", "_"), "") if match else ""
    seen = view.state.symbols.get(symbol)
    if seen is not None:
        return symbol if seen.value == "n" else ""
    return symbol if view.state.whole_config is not None else ""


@rule("modules-index-broken", of_kernel=True)
def index(view: View) -> Judgement:
    """modprobe cannot open modules.dep."""
    seen = events(view, "modules-index-broken:unopened")
    if not seen:
        return None
    return [found("modules-index-broken:unopened", seen)]


@rule("kernel-symbol-missing", of_kernel=True)
def symbols(view: View) -> Judgement:
    """An option that a driver needs is not set."""
    known = view.state.symbols
    findings: list[Finding] = []
    asked = {
        symbol: seen
        for seen in view.state.events_of("modules-missing:not-found")
        if (symbol := _unbuilt(view, seen))
    }
    for symbol, refused in asked.items():
        lines = evidence(known.get(symbol, view.state.whole_config), refused)
        purpose = "the module that modprobe was asked for"
        findings.append(found("kernel-symbol-missing:text", lines, symbol=symbol, purpose=purpose))
    for wanted, severity in ((_NEEDED, Severity.ERROR), (_OF_SOME, Severity.WARNING)):
        for symbol, purpose in wanted.items():
            seen = known.get(symbol)
            if symbol in asked:
                continue
            if seen is not None and seen.value == "n":
                kind, shown = "text", seen
            elif seen is None and view.state.whole_config is not None:
                kind, shown = "absent", view.state.whole_config
            else:
                continue
            name = f"kernel-symbol-missing:{kind}"
            findings.append(found(name, evidence(shown), severity, symbol=symbol, purpose=purpose))
    if findings:
        return findings
    return [] if known.keys() & (_NEEDED.keys() | _OF_SOME.keys()) else None


@rule("gadget-symbol-confused", of_kernel=True)
def gadget(view: View) -> Judgement:
    """The option of the USB gadget is set, and not the one of the host."""
    side, host = (view.state.symbols.get(name) for name in ("USB_ETH_RNDIS", "USB_NET_RNDIS_HOST"))
    if side is None or (host is None and view.state.whole_config is None):
        return None
    if side.value == "n" or (host is not None and host.value != "n"):
        return []
    return [found("gadget-symbol-confused", evidence(side, host), names="CONFIG_USB_ETH_RNDIS")]


@rule("ppp-filter-missing", of_kernel=True)
def ppp_filter(view: View) -> Judgement:
    """pppd says so, or the configuration."""
    symbol = view.state.symbols.get("PPP_FILTER")
    seen = events(view, "ppp-filter-missing:pppd")
    if symbol is not None and symbol.value == "n":
        seen += (symbol.evidence,)
    if seen:
        return [found("ppp-filter-missing:pppd", seen)]
    return [] if symbol is not None else None


@rule("tun-missing", of_kernel=True)
def tun(view: View) -> Judgement:
    """oFono's PPP runs over a TUN device."""
    symbol = view.state.symbols.get("TUN")
    seen = events(view, "tun-missing")
    if symbol is not None and symbol.value == "n":
        seen += (symbol.evidence,)
    if seen:
        return [found("tun-missing", seen)]
    loaded = view.state.loaded
    return [] if symbol is not None or (loaded is not None and "tun" in loaded.value) else None


@rule("ppp-driver-missing", of_kernel=True)
def ppp_driver(view: View) -> Judgement:
    """pppd finds no PPP in the kernel."""
    seen = events(view, "ppp-driver-missing")
    if not seen:
        return [] if view.state.sessions else None
    return [found("ppp-driver-missing", seen)]


RULES = (mismatch, missing, index, symbols, gadget, ppp_filter, ppp_driver, tun)
