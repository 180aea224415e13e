# SPDX-License-Identifier: MIT
"""Compare what is asked with a configuration: findings that name the line that asks and the value found."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from huawei_modem.report import Evidence, Finding, Severity, error, warning
from huawei_modem_kernel.dotconfig import NOT_SET, value_of
from huawei_modem_kernel.fragments import Asked

_REBUILD = "add the fragments of meta-huawei-modem to the kernel and build it again"
_WISHED = "add it when you build the kernel yourself; a stick comes up without it"
# The symbols whose absence has a name of its own, because it has a fault of its own at run time.
_OWN_CODE = {
    "TUN": ("tun-missing", "no tun device: oFono cannot open a data connection"),
    "PPP_FILTER": ("ppp-filter-missing", "no PPP filters: pppd refuses its active-filter option"),
}
_RNDIS_HOST = "USB_NET_RNDIS_HOST"
_RNDIS_GADGET = ("USB_ETH_RNDIS", "USB_ETH")


@dataclasses.dataclass(frozen=True)
class Why:
    """Why a symbol has not the value that is asked for: what a kernel tree adds to a finding.

    `code` replaces the general kernel-symbol-missing; None leaves it.
    """

    code: str | None
    evidence: tuple[Evidence, ...] = ()
    remedy: tuple[str, ...] = ()


def compare(
    asked: Sequence[Asked], config: Mapping[str, str], source: str, reasons: Mapping[str, Why] | None = None
) -> list[Finding]:
    """One finding for each symbol of `asked` that `config` (from `source`) does not give.

    A symbol that is only wished for gives a warning. A symbol asked for in several places is
    reported once, for the first place that is not met. `reasons` says by symbol what a tree knows.
    """
    lacking = unmet(asked, config)
    findings = [
        _missing(item, value_of(config, item.symbol), source, (reasons or {}).get(item.symbol))
        for item in lacking
    ]
    wanting = {item.symbol for item in lacking}
    hints = [_gadget_confused(config, source)] if _RNDIS_HOST in wanting else []
    return [*findings, *(hint for hint in hints if hint), *_gadget_asked(asked)]


def unmet(asked: Iterable[Asked], config: Mapping[str, str]) -> list[Asked]:
    """What `config` does not give, once a symbol."""
    lacking: dict[str, Asked] = {}
    for item in asked:
        if not item.met_by(value_of(config, item.symbol)):
            lacking.setdefault(item.symbol, item)
    return list(lacking.values())


def side_effects(
    asked: Sequence[Asked], base: Mapping[str, str], merged: Mapping[str, str], source: str
) -> list[Finding]:
    """What laying the fragments over `base` changed besides what they ask for: `source` is `merged`'s name.

    A y that became m is an error, whether a fragment asked for it or a dependency drew it along: what is
    needed before modules can be loaded is then missing. What went off is a warning.
    """
    lines = {item.symbol: item for item in asked if item.value != NOT_SET}
    unwanted = {item.symbol for item in asked} - lines.keys()
    demoted = [name for name in base if base[name] == "y" and value_of(merged, name) == "m"]
    lost = [
        name
        for name in base
        if base[name] in ("y", "m") and value_of(merged, name) == NOT_SET and name not in {*lines, *unwanted}
    ]
    findings = [
        error(
            "kernel-symbol-demoted",
            f"the kernel had CONFIG_{name} built in, and now has it as a module",
            [
                # The line as it stands: required.toml may take y as well.
                Evidence(item.file, f"asks for CONFIG_{name}={item.value}", item.line),
                Evidence(source, f"CONFIG_{name} was y, is m"),
            ],
            [f"ask for CONFIG_{name}=y, or leave the line out and require it as y or m (required.toml)"],
        )
        for name in demoted
        if (item := lines.get(name))
    ]
    if drawn := [name for name in demoted if name not in lines]:
        findings.append(
            error(
                "kernel-symbol-demoted",
                f"{len(drawn)} symbols that were built in became modules along with one that was asked for",
                [Evidence(source, f"CONFIG_{name} was y, is m") for name in drawn],
                ["take the symbol that they depend on out of the fragment, or ask for it as y"],
            )
        )
    if lost:
        findings.append(
            warning(
                "kernel-symbol-lost",
                f"{len(lost)} symbols of the base configuration are off after the merge",
                [Evidence(source, f"CONFIG_{name} was {base[name]}, is not set") for name in lost],
                ["see which fragment excludes them: modem-image kernel-config explain SYMBOL --tree DIR"],
            )
        )
    return findings


def unverified(source: str, reason: str) -> Finding:
    """The finding for a kernel whose configuration cannot be had."""
    return warning(
        "kernel-symbol-unverified",
        "the kernel's options could not be checked: it carries no configuration",
        [Evidence(source, reason)],
        [
            "build with huawei-modem-provenance.cfg (IKCONFIG), "
            "or put the kernel's .config into the image as kernel-config"
        ],
    )


def _missing(item: Asked, found: str, source: str, why: Why | None) -> Finding:
    code, title = _OWN_CODE.get(item.symbol, ("kernel-symbol-missing", _title(item)))
    if why and why.code:
        code = why.code
    value = "is not set" if found == NOT_SET else f"is {found}"
    reason = f" ({item.reason})" if item.reason else ""
    return Finding(
        code,
        Severity.WARNING if item.wished else Severity.ERROR,
        title,
        (
            Evidence(item.file, f"asks for {item.text}{reason}", item.line),
            Evidence(source, f"CONFIG_{item.symbol} {value}"),
            *(why.evidence if why else ()),
        ),
        (why.remedy if why else ()) or (_WISHED if item.wished else _REBUILD,),
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


def _gadget_asked(asked: Iterable[Asked]) -> list[Finding]:
    """A fragment that asks for the gadget's symbol and not for the host's."""
    lines = {item.symbol: item for item in asked if item.value != NOT_SET}
    if _RNDIS_HOST in lines:
        return []
    return [
        warning(
            "gadget-symbol-confused",
            f"CONFIG_{symbol} makes the board look like a network stick; it does not drive one",
            [Evidence(lines[symbol].file, f"asks for {lines[symbol].text}", lines[symbol].line)],
            [f"ask for CONFIG_{_RNDIS_HOST}=m: the driver for a stick that speaks RNDIS"],
        )
        for symbol in _RNDIS_GADGET
        if symbol in lines
    ]
