# SPDX-License-Identifier: MIT
"""The layer's fragments, and bad ones, merged by the make of real kernel trees."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from huawei_modem import database
from huawei_modem.report import Finding, Verdict
from huawei_modem_kernel.fragments import fragment_files, layer_asks, parse_fragment
from modem_image.errors import InputError
from modem_image.kernel_config import examine, explain
from modem_image.kernel_config.tree import KernelTree

pytestmark = pytest.mark.kernel

BASE = "imx_v6_v7_defconfig"
# Each is a fault of its own: the line, the code, and a part of what is said besides.
BAD = (
    ("CONFIG_USB_NET_HUAWEI_NCM=m", "kernel-symbol-unknown", "USB_NET_HUAWEI_CDC_NCM"),
    ("CONFIG_NETFILTER_FAMILY_ARP=y", "kernel-symbol-promptless", "has no prompt"),
    ("CONFIG_NFT_NAT=m", "kernel-symbol-unmet", "NFT_NAT depends on NF_TABLES, which is n"),
    ("# CONFIG_SMSC_PHY is not set", "kernel-symbol-unmet", "SMSC_PHY is selected by"),
    ("CONFIG_IPV6_MULTIPLE_TABLES=m", "kernel-symbol-invalid", "IPV6_MULTIPLE_TABLES is bool"),
    ("CONFIG_LOG_BUF_SHIFT=99", "kernel-symbol-invalid", "LOG_BUF_SHIFT is from 12 to 25"),
    ("CONFIG_USB_USBNET=m", "kernel-symbol-demoted", "CONFIG_USB_USBNET was y, is m"),
    ("CONFIG_USB_ETH_RNDIS=y", "gadget-symbol-confused", "asks for CONFIG_USB_ETH_RNDIS=y"),
)


@pytest.fixture(scope="session", params=[BASE, "multi_v7_defconfig"])
def merged(
    request: pytest.FixtureRequest, tree: KernelTree, tmp_path_factory: pytest.TempPathFactory
) -> examine.Merged:
    folder = tmp_path_factory.mktemp("merged")
    return examine.merge(tree, request.param, fragment_files(), layer_asks(), folder)


def test_every_symbol_that_is_asked_for_survives_and_nothing_is_demoted(merged: examine.Merged) -> None:
    assert merged.report.findings == ()
    assert merged.report.verdict is Verdict.OK
    # Neither defconfig has them by itself.
    assert {"PPP", "USB_NET_HUAWEI_CDC_NCM", "TUN"} <= set(merged.report.facts["added"])


def test_kconfiglib_agrees_with_make_on_every_symbol(
    merged: examine.Merged, tree: KernelTree, tmp_path: Path
) -> None:
    tree.complete(merged.config, tmp_path)
    model = examine.read_model(tree, tmp_path)
    assert model.disagreements(merged.config) == {}
    assert len(model.defined) > 10_000


@pytest.fixture(scope="session")
def bad_lines(tree: KernelTree, tmp_path_factory: pytest.TempPathFactory) -> tuple[Finding, ...]:
    """What a merge finds of a fragment that has every line of BAD, in this order."""
    folder = tmp_path_factory.mktemp("bad")
    fragment = folder / "bad.cfg"
    fragment.write_text("".join(f"{line}\n" for line, _code, _said in BAD))
    asked = parse_fragment(fragment.read_text(), "bad.cfg")
    return examine.merge(tree, BASE, [fragment], asked, folder / "make").report.findings


@pytest.mark.parametrize("number", range(len(BAD)), ids=[line for line, _code, _said in BAD])
def test_a_bad_line_is_told_by_code_and_place(bad_lines: tuple[Finding, ...], number: int) -> None:
    _line, code, said = BAD[number]
    (finding,) = [
        item
        for item in bad_lines
        if item.evidence[0].line == number + 1 and item.evidence[0].source == "bad.cfg"
    ]
    assert finding.code == code
    assert any(said in item.text for item in finding.evidence), finding.evidence
    assert finding.remedy


def test_what_a_demotion_draws_along_is_listed(bad_lines: tuple[Finding, ...]) -> None:
    (drawn,) = [item for item in bad_lines if "along with" in item.title]
    assert "CONFIG_USB_NET_SMSC95XX was y, is m" in {item.text for item in drawn.evidence}


def test_explain_finds_a_change_that_make_agrees_to(newest: KernelTree, tmp_path: Path) -> None:
    found = explain.explain(newest, "CONFIG_NFT_NAT", BASE, layer_asks(), database.load(), tmp_path)
    assert found.obstacle is not None
    assert found.obstacle.changes == {"NF_CONNTRACK": "m", "NF_TABLES": "m", "NF_TABLES_IPV4": "y"}
    assert found.verified
    assert found.place[0] == "net/netfilter/Kconfig"
    assert found.asked is not None
    assert found.asked.file == "huawei-modem-connman.cfg"


def test_check_with_a_tree_judges_by_make(newest: KernelTree, tmp_path: Path) -> None:
    """The text says NFT_NAT=m, and this tree's make takes it away."""
    base = newest.base(BASE, tmp_path)
    config = base + "CONFIG_NFT_NAT=m\n"
    asked = parse_fragment("CONFIG_NFT_NAT=m\n", "x.cfg")
    assert examine.check(config, "x", asked, None, tmp_path).verdict is Verdict.OK
    report = examine.check(config, "x", asked, newest, tmp_path)
    assert [item.code for item in report.findings] == ["kernel-symbol-unmet"]
    # kconfiglib makes the same of the defconfig itself.
    assert examine.read_model(newest, tmp_path).disagreements(base, newest.text(BASE)) == {}
    # A text that lacks the symbol has its Kconfig files read while make runs.
    assert examine.check(base, "x", asked, newest, tmp_path).findings == report.findings


def test_a_base_that_is_not_there_is_refused_with_those_that_are(newest: KernelTree, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="imx_v6_v7_defconfig"):
        newest.base("colibri_imx7_defconfig", tmp_path)


def test_the_configurator_is_compiled_once_for_a_tree(newest: KernelTree, tmp_path: Path) -> None:
    assert newest.environment, "make was asked for it, and so was the configurator"
    before = time.time()
    newest.complete("", tmp_path)
    for program in ("scripts/kconfig/conf", "scripts/basic/fixdep"):
        assert (tmp_path / program).stat().st_mtime < before
