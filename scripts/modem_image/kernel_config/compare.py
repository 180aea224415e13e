# SPDX-License-Identifier: MIT
"""Compare what is asked with a configuration: findings that name the line that asks and the value found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from huawei_modem.report import Evidence, Finding, Severity, warning
from modem_image.kernel_config.dotconfig import NOT_SET, value_of
from modem_image.kernel_config.fragments import Asked

_REBUILD = "add the fragments of meta-huawei-modem to the kernel and build it again"
_WISHED = "add it when you build the kernel yourself; a stick comes up without it"
# The symbols whose absence has a name of its own, because it has a fault of its own at run time.
_OWN_CODE = {
    "TUN": ("tun-missing", "no tun device: oFono cannot open a data connection"),
    "PPP_FILTER": ("ppp-filter-missing", "no PPP filters: pppd refuses its active-filter option"),
}
_RNDIS_HOST = "USB_NET_RNDIS_HOST"
_RNDIS_GADGET = ("USB_ETH_RNDIS", "USB_ETH")


def compare(asked: Iterable[Asked], config: Mapping[str, str], source: str) -> list[Finding]:
    """One finding for each symbol of `asked` that `config` (from `source`) does not give.

    A symbol that is only wished for gives a warning. A symbol asked for in several places is
    reported once, for the first place that is not met.
    """
    findings: dict[str, Finding] = {}
    for item in asked:
        found = value_of(config, item.symbol)
        if not item.met_by(found) and item.symbol not in findings:
            findings[item.symbol] = _missing(item, found, source)
    hints = [_gadget_confused(config, source)] if _RNDIS_HOST in findings else []
    return [*findings.values(), *(hint for hint in hints if hint)]


def unverified(source: str, reason: str) -> Finding:
    """The finding for a kernel whose configuration cannot be had."""
    return warning(
        "kernel-symbol-unverified",
        "the kernel's options could not be checked: it carries no configuration",
        [Evidence(source, reason)],
        ["build with provenance.cfg (IKCONFIG), or put the kernel's .config into the image as kernel-config"],
    )


def _missing(item: Asked, found: str, source: str) -> Finding:
    code, title = _OWN_CODE.get(item.symbol, ("kernel-symbol-missing", _title(item)))
    value = "is not set" if found == NOT_SET else f"is {found}"
    reason = f" ({item.reason})" if item.reason else ""
    return Finding(
        code,
        Severity.WARNING if item.wished else Severity.ERROR,
        title,
        (
            Evidence(item.file, f"asks for {item.text}{reason}", item.line),
            Evidence(source, f"CONFIG_{item.symbol} {value}"),
        ),
        (_WISHED if item.wished else _REBUILD,),
    )


def _title(item: Asked) -> str:
    if item.value == NOT_SET:
        return f"the kernel has CONFIG_{item.symbol}, which must not be set"
    return f"the kernel lacks {item.text}"


def _gadget_confused(config: Mapping[str, str], source: str) -> Finding | None:
    gadget = [symbol for symbol in _RNDIS_GADGET if value_of(config, symbol) in ("y", "m")]
    if not gadget:
        return None
    names = " and ".join(f"CONFIG_{symbol}" for symbol in gadget)
    return warning(
        "gadget-symbol-confused",
        f"{names} makes the board look like a network stick; it does not drive one",
        [Evidence(source, f"CONFIG_{gadget[0]} is {config[gadget[0]]}, CONFIG_{_RNDIS_HOST} is not set")],
        [f"set CONFIG_{_RNDIS_HOST}=m: the driver for a stick that speaks RNDIS"],
    )
