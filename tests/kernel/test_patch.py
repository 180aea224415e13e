# SPDX-License-Identifier: MIT
"""The patch for huawei_cdc_ncm on real trees: it applies without fuzz, and the module has the aliases."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from huawei_modem.database import load
from kernel.patched import PATCH, SOURCE, apply_patch, out_of_tree
from modem_image.kernel_config.tree import KernelTree

pytestmark = pytest.mark.kernel


@pytest.fixture
def patched(tree: KernelTree, tmp_path: Path) -> Path:
    return apply_patch(tree, tmp_path)


def test_it_adds_two_entries_and_changes_nothing_else(patched: Path, tree: KernelTree) -> None:
    before, after = ((root / SOURCE).read_text().splitlines() for root in (tree.path, patched))
    added = [line for line in after if line not in before]
    assert [line.split("(")[1].split(")")[0] for line in added] == [
        "0x12d1, 0xff, 0x03, 0x46",
        "0x12d1, 0xff, 0x03, 0x76",
    ]
    assert len(after) - len(before) == 6


def test_the_patch_closes_the_gap_that_the_database_names() -> None:
    (gap,) = load().family.driver_id_gaps
    text = PATCH.read_text()
    assert all(f"0xff, 0x{gap.subclass}, 0x{protocol})" in text for protocol in gap.protocols)


def test_the_module_has_the_aliases(newest: KernelTree) -> None:
    driver = out_of_tree(newest)
    command = ["modinfo", "--field=alias", driver]
    aliases = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    for subclass in ("02", "03"):
        for protocol in ("16", "46", "76"):
            assert f"usb:v12D1p*d*dc*dsc*dp*icFFisc{subclass}ip{protocol}in*" in aliases
