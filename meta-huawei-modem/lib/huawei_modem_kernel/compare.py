# SPDX-License-Identifier: MIT
"""Compare what is asked with a configuration: findings that name the line that asks and the value found."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding, Severity
from huawei_modem_kernel.dotconfig import NOT_SET, value_of
from huawei_modem_kernel.fragments import Asked

# The symbols whose absence has a name of its own, because it has a fault of its own at run time.
_OWN_CODE = {"TUN": "tun-missing:symbol", "PPP_FILTER": "ppp-filter-missing"}
_RNDIS_HOST = "USB_NET_RNDIS_HOST"
_RNDIS_GADGET = ("USB_ETH_RNDIS", "USB_ETH")


@dataclasses.dataclass(frozen=True)
class Why:
    """Why a symbol has not the value that is asked for: what a kernel tree adds to a finding.

    `code` replaces the general kernel-symbol-missing; None leaves it. `lines` are those that would allow the
    value.
    """

    code: str | None
    evidence: tuple[Evidence, ...] = ()
    lines: tuple[str, ...] = ()


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
        found(
            "kernel-symbol-demoted",
            [
                # The line as it stands: required.toml may take y as well.
                Evidence(item.file, f"asks for CONFIG_{name}={item.value}", item.line),
                Evidence(source, f"CONFIG_{name} was y, is m"),
            ],
            symbol=name,
        )
        for name in demoted
        if (item := lines.get(name))
    ]
    if drawn := [name for name in demoted if name not in lines]:
        findings.append(
            found(
                "kernel-symbol-demoted:drawn",
                [Evidence(source, f"CONFIG_{name} was y, is m") for name in drawn],
                count=len(drawn),
            )
        )
    if lost:
        findings.append(
            found(
                "kernel-symbol-lost",
                [Evidence(source, f"CONFIG_{name} was {base[name]}, is not set") for name in lost],
                count=len(lost),
            )
        )
    return findings


def unverified(source: str, reason: str) -> Finding:
    """The finding for a kernel whose configuration cannot be had."""
    return found("kernel-symbol-unverified", [Evidence(source, reason)])


def _missing(item: Asked, value: str, source: str, why: Why | None) -> Finding:
    shown = "is not set" if value == NOT_SET else f"is {value}"
    reason = f" ({item.reason})" if item.reason else ""
    return found(
        _name(item, why),
        (
            Evidence(item.file, f"asks for {item.text}{reason}", item.line),
            Evidence(source, f"CONFIG_{item.symbol} {shown}"),
            *(why.evidence if why else ()),
        ),
        Severity.WARNING if item.wished else Severity.ERROR,
        symbol=item.symbol,
        line=item.text,
        lines=", ".join(why.lines) if why else None,
    )


def _name(item: Asked, why: Why | None) -> str:
    """Code and kind of the finding about what is asked for and not given."""
    if why and why.code:
        if item.value == NOT_SET:
            return f"{why.code}:selected"
        return f"{why.code}:changes" if why.lines else why.code
    if item.symbol in _OWN_CODE:
        return _OWN_CODE[item.symbol]
    if item.value == NOT_SET:
        return "kernel-symbol-missing:set"
    return "kernel-symbol-missing:wished" if item.wished else "kernel-symbol-missing"


def _gadget_confused(config: Mapping[str, str], source: str) -> Finding | None:
    gadget = [symbol for symbol in _RNDIS_GADGET if value_of(config, symbol) in ("y", "m")]
    if not gadget:
        return None
    names = " and ".join(f"CONFIG_{symbol}" for symbol in gadget)
    return found(
        "gadget-symbol-confused",
        [Evidence(source, f"CONFIG_{gadget[0]} is {config[gadget[0]]}, CONFIG_{_RNDIS_HOST} is not set")],
        names=names,
    )


def _gadget_asked(asked: Iterable[Asked]) -> list[Finding]:
    """A fragment that asks for the gadget's symbol and not for the host's."""
    lines = {item.symbol: item for item in asked if item.value != NOT_SET}
    if _RNDIS_HOST in lines:
        return []
    return [
        found(
            "gadget-symbol-confused",
            [Evidence(lines[symbol].file, f"asks for {lines[symbol].text}", lines[symbol].line)],
            names=f"CONFIG_{symbol}",
        )
        for symbol in _RNDIS_GADGET
        if symbol in lines
    ]
