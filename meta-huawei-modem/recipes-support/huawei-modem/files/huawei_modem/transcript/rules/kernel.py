# SPDX-License-Identifier: MIT
"""The kernel: do its modules belong to it, has it the options?"""

from __future__ import annotations

from huawei_modem.report import Finding, error, warning
from huawei_modem.transcript.rules.rule import Judgement, View, events, evidence, rule

_ONE_BUILD = "install kernel, device trees and modules of one and the same build; then depmod -a and reboot"
_FRAGMENTS = "build the kernel with the fragments of meta-huawei-modem"
_NEEDED = {"USB_SERIAL_OPTION": "the modem's serial ports", "PPP": "PPP", "PPP_ASYNC": "PPP"}
_OF_SOME = {
    "USB_NET_HUAWEI_CDC_NCM": "the network interface of many sticks",
    "USB_NET_QMI_WWAN": "the network interface of sticks with QMI",
}


@rule("modules-mismatch", needs="uname -r and ls /lib/modules, or the kernel's refusal", of_kernel=True)
def mismatch(view: View) -> Judgement:
    """The running kernel's release has no folder, or the kernel refuses the modules."""
    state = view.state
    refused = events(view, "modules-magic", "modules-refused")
    if refused:
        title = "the kernel refuses modules that were built for another kernel"
        return [error("modules-mismatch", title, refused, [_ONE_BUILD])]
    if state.release is None or state.folders is None:
        return None
    if state.release.value in state.folders.value or not state.folders.value:
        return []
    return [
        error(
            "modules-mismatch",
            f"kernel {state.release.value} runs, and the modules are those of "
            f"{', '.join(state.folders.value[:3])}",
            (state.release.evidence, state.folders.evidence),
            [_ONE_BUILD],
        )
    ]


@rule("modules-missing", needs="ls /lib/modules, or modprobe's answer", of_kernel=True)
def missing(view: View) -> Judgement:
    """There is no folder of modules, or no such module in it."""
    state = view.state
    if state.folders is not None and not state.folders.value:
        seen = (state.folders.evidence,)
        return [error("modules-missing", "there are no kernel modules", seen, [_ONE_BUILD])]
    absent = events(view, "modules-folder-missing")
    if absent:
        return [
            error(
                "modules-missing",
                "the running kernel finds no such module under /lib/modules",
                absent,
                ["uname -r; ls /lib/modules", _ONE_BUILD, f"a driver that was not built: {_FRAGMENTS}"],
            )
        ]
    return None if state.folders is None else []


@rule("modules-index-broken", needs="modprobe's answer", of_kernel=True)
def index(view: View) -> Judgement:
    """modprobe cannot open modules.dep."""
    seen = events(view, "modules-no-index")
    if not seen:
        return None
    return [
        error("modules-index-broken", "the index of modules is missing", seen, ["depmod -a; then reboot"])
    ]


@rule("kernel-symbol-missing", needs="lines of the kernel's .config", of_kernel=True)
def symbols(view: View) -> Judgement:
    """An option that a driver needs is not set."""
    known = view.state.symbols
    findings: list[Finding] = []
    for wanted, make in ((_NEEDED, error), (_OF_SOME, warning)):
        for symbol, purpose in wanted.items():
            seen = known.get(symbol)
            if seen is not None and seen.value == "n":
                title = f"CONFIG_{symbol} is not set: {purpose}"
                findings.append(make("kernel-symbol-missing", title, evidence(seen), [_FRAGMENTS]))
            elif seen is None and view.state.whole_config is not None:
                title = f"CONFIG_{symbol} is not in this configuration: {purpose}"
                findings.append(
                    make("kernel-symbol-missing", title, evidence(view.state.whole_config), [_FRAGMENTS])
                )
    if findings:
        return findings
    return [] if known.keys() & (_NEEDED.keys() | _OF_SOME.keys()) else None


@rule("gadget-symbol-confused", needs="CONFIG_USB_ETH_RNDIS and CONFIG_USB_NET_RNDIS_HOST", of_kernel=True)
def gadget(view: View) -> Judgement:
    """The option of the USB gadget is set, and not the one of the host."""
    side, host = (view.state.symbols.get(name) for name in ("USB_ETH_RNDIS", "USB_NET_RNDIS_HOST"))
    if side is None or (host is None and view.state.whole_config is None):
        return None
    if side.value == "n" or (host is not None and host.value != "n"):
        return []
    return [
        warning(
            "gadget-symbol-confused",
            "CONFIG_USB_ETH_RNDIS makes the board a network stick; a stick needs CONFIG_USB_NET_RNDIS_HOST",
            evidence(side, host),
            [_FRAGMENTS],
        )
    ]


@rule("ppp-filter-missing", needs="pppd's log, or CONFIG_PPP_FILTER", of_kernel=True)
def ppp_filter(view: View) -> Judgement:
    """pppd says so, or the configuration."""
    symbol = view.state.symbols.get("PPP_FILTER")
    seen = events(view, "ppp-no-filter")
    if symbol is not None and symbol.value == "n":
        seen += (symbol.evidence,)
    if seen:
        return [
            warning(
                "ppp-filter-missing",
                "the kernel has no CONFIG_PPP_FILTER: only active-filter and pass-filter of pppd need it",
                seen,
                [_FRAGMENTS, "or take active-filter and pass-filter out of pppd's options"],
            )
        ]
    return [] if symbol is not None else None


@rule("tun-missing", needs="ls /dev/net/tun, or CONFIG_TUN", of_kernel=True)
def tun(view: View) -> Judgement:
    """oFono's PPP runs over a TUN device."""
    symbol = view.state.symbols.get("TUN")
    seen = events(view, "tun-missing")
    if symbol is not None and symbol.value == "n":
        seen += (symbol.evidence,)
    if seen:
        return [
            error(
                "tun-missing",
                "the kernel has no TUN driver, which oFono's PPP needs",
                seen,
                ["modprobe tun", f"if that fails: {_FRAGMENTS}", "then restart ofono"],
            )
        ]
    loaded = view.state.loaded
    return [] if symbol is not None or (loaded is not None and "tun" in loaded.value) else None


@rule("ppp-driver-missing", needs="pppd's log", of_kernel=True)
def ppp_driver(view: View) -> Judgement:
    """pppd finds no PPP in the kernel."""
    seen = events(view, "ppp-no-driver")
    if not seen:
        return [] if view.state.sessions else None
    return [
        error(
            "ppp-driver-missing",
            "the kernel has no PPP: pppd cannot run",
            seen,
            ["modprobe ppp_async", f"if that fails: {_FRAGMENTS}"],
        )
    ]


RULES = (mismatch, missing, index, symbols, gadget, ppp_filter, ppp_driver, tun)
