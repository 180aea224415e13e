# SPDX-License-Identifier: MIT
"""What the layer asks, against configurations that lack it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huawei_modem.report import Finding, Severity
from huawei_modem_kernel.compare import compare, side_effects, unverified
from huawei_modem_kernel.dotconfig import parse_config
from huawei_modem_kernel.fragments import (
    Asked,
    FragmentError,
    Need,
    layer_asks,
    parse_fragment,
    parse_required,
)

COMPLETE = {item.symbol: item.value for item in layer_asks()}


def findings_without(*symbols: str, **changed: str) -> list[Finding]:
    config = {symbol: value for symbol, value in COMPLETE.items() if symbol not in symbols}
    return compare(layer_asks(), {**config, **changed}, "config")


def codes(findings: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_a_configuration_with_everything_gives_no_finding() -> None:
    assert findings_without() == []


def test_a_module_built_in_is_as_good() -> None:
    assert findings_without(USB_SERIAL_OPTION="y", USB="y") == []


def test_a_missing_symbol_names_the_line_that_asks_and_the_value_found() -> None:
    (finding,) = findings_without("USB_SERIAL_OPTION")
    asks, found = finding.evidence
    assert (finding.code, finding.severity) == ("kernel-symbol-missing", Severity.ERROR)
    assert (asks.source, asks.text) == (
        "huawei-modem-usb-serial.cfg",
        "asks for CONFIG_USB_SERIAL_OPTION=m (the modem, PCUI and diagnostic ports of Huawei's sticks)",
    )
    assert asks.line is not None
    assert found.text == "CONFIG_USB_SERIAL_OPTION is not set"


def test_the_line_is_the_line_of_the_file() -> None:
    (asked,) = parse_fragment("# why\n\nCONFIG_TUN=m\n", "x.cfg")
    assert asked == Asked("TUN", "m", "x.cfg", 3)


def test_a_required_symbol_says_why() -> None:
    (finding,) = findings_without("USB_NET_CDC_NCM")
    assert finding.evidence[0].source == "required.toml"
    assert (
        finding.evidence[0].text == "asks for CONFIG_USB_NET_CDC_NCM=y or m (huawei_cdc_ncm is built on it)"
    )


def test_a_module_does_not_do_where_y_is_asked() -> None:
    assert codes(findings_without(NF_CONNTRACK_MARK="m")) == ["kernel-symbol-missing"]


@pytest.mark.parametrize(("symbol", "code"), [("TUN", "tun-missing"), ("PPP_FILTER", "ppp-filter-missing")])
def test_symbols_with_a_fault_of_their_own(symbol: str, code: str) -> None:
    (finding,) = findings_without(symbol)
    assert (finding.code, finding.severity) == (code, Severity.ERROR)


def test_the_gadget_symbol_is_told_from_the_host_symbol() -> None:
    findings = findings_without("USB_NET_RNDIS_HOST", USB_ETH_RNDIS="y")
    assert codes(findings) == ["kernel-symbol-missing", "gadget-symbol-confused"]
    assert codes(findings_without(USB_ETH_RNDIS="y")) == []


def test_provenance_is_wished_not_required() -> None:
    (finding,) = findings_without("IKCONFIG")
    assert finding.severity is Severity.WARNING


def test_a_symbol_that_must_not_be_set() -> None:
    (finding,) = findings_without(MODULE_SIG_FORCE="y")
    assert finding.code == "kernel-symbol-missing"
    assert finding.title == "the kernel has CONFIG_MODULE_SIG_FORCE, which must not be set"


def test_unverified_is_a_warning() -> None:
    assert unverified("zImage", "no IKCONFIG").severity is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CONFIG_TUN=m\n", {"TUN": "m"}),
        ("CONFIG_TUN=m\r\n", {"TUN": "m"}),
        ("# CONFIG_TUN is not set\n", {"TUN": "n"}),
        ("CONFIG_TUN=y\nCONFIG_TUN=m\n", {"TUN": "m"}),
        ('CONFIG_LOCALVERSION="-x y"\n', {"LOCALVERSION": '"-x y"'}),
        ("# a comment\n\nnothing\n", {}),
    ],
)
def test_lines_of_a_configuration(text: str, expected: dict[str, str]) -> None:
    assert parse_config(text) == expected


def test_a_fragment_with_a_line_that_asks_nothing_is_refused_with_its_place() -> None:
    with pytest.raises(FragmentError, match=r"x\.cfg:2: 'TUN=m' asks for nothing"):
        parse_fragment("# why\nTUN=m\n", "x.cfg")


@pytest.mark.parametrize("text", ["[y-or-m", "[other]\nUSB = 'x'\n"])
def test_a_damaged_list_of_required_symbols_is_refused(text: str) -> None:
    with pytest.raises(FragmentError, match=r"required\.toml"):
        parse_required(text, "required.toml")


def test_required_symbols_are_not_asked_for_as_modules_by_a_fragment() -> None:
    asked = {item.symbol for item in layer_asks() if item.need is Need.EXACTLY}
    required = {item.symbol for item in layer_asks() if item.need is Need.BUILT_IN_OR_MODULE}
    assert required
    assert not asked & required


@given(st.text())
def test_no_text_upsets_the_parsers(text: str) -> None:
    compare(layer_asks(), parse_config(text), "config")
    with contextlib.suppress(FragmentError):
        parse_fragment(text, "x.cfg")


def test_side_effects_of_a_merge_are_told_apart() -> None:
    base = {"ASKED": "y", "DRAWN": "y", "OFF": "y", "GONE": "m", "KEPT": "y"}
    merged = {"ASKED": "m", "DRAWN": "m", "OFF": "m", "KEPT": "y"}
    asked = parse_fragment("CONFIG_ASKED=m\n# CONFIG_OFF is not set\n", "x.cfg")
    found = side_effects(asked, base, merged, "merged")
    assert codes(found) == ["kernel-symbol-demoted", "kernel-symbol-demoted", "kernel-symbol-lost"]
    assert (found[0].evidence[0].source, found[0].evidence[0].line) == ("x.cfg", 1)
    assert [item.text for item in found[1].evidence] == [
        "CONFIG_DRAWN was y, is m",
        "CONFIG_OFF was y, is m",
    ]
    assert [item.text for item in found[2].evidence] == ["CONFIG_GONE was m, is not set"]


def test_what_a_fragment_turns_off_is_no_loss() -> None:
    asked = parse_fragment("# CONFIG_OFF is not set\n", "x.cfg")
    assert side_effects(asked, {"OFF": "y"}, {}, "merged") == []
