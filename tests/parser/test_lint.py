# SPDX-License-Identifier: MIT
"""OpenEmbedded's style, as oelint-adv knows it, and what the Yocto Project asks of a patch and of a layer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from modem_image import PROJECT
from parser.bitbake import LAYER, RELEASES

# Rules that do not fit, each with the reason.
NOT_FOR_US = {
    "oelint.var.licenseremotefile": "the source lies in the layer, and core has the license's text",
    "oelint.var.mandatoryvar.HOMEPAGE": "the project has no page yet",
    "oelint.vars.noncoreoverride": "these files are required only when the distribution asks for the feature",
}
UPSTREAM_STATUS = ("Pending", "Submitted", "Backport", "Denied", "Inactive-Upstream", "Inappropriate")


def documented() -> list[str]:
    """The variables that the page of variables names."""
    text = (PROJECT / "docs" / "variables.md").read_text()
    return sorted(set(re.findall(r"`(HUAWEI_MODEM_\w+)`", text)))


def lint(release: str, files: list[Path], work: Path) -> str:
    known = work / "known.json"
    known.write_text(json.dumps({"variables": {"known": documented()}}))
    command = [sys.executable, "-m", "oelint_adv", "--quiet", "--hide", "info", "--relpaths", "--jobs", "1"]
    suppressed = [word for rule in NOT_FOR_US for word in ("--suppress", rule)]
    done = subprocess.run(
        [*command, "--release", release, *suppressed, f"--constantmods=+{known}", *files],
        cwd=LAYER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout + done.stderr


def metadata() -> list[Path]:
    return [
        path
        for end in ("bb", "bbappend", "inc", "bbclass", "conf")
        for path in sorted(LAYER.rglob(f"*.{end}"))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("release", RELEASES)
def test_the_layer_keeps_openembeddeds_style(release: str, tmp_path: Path) -> None:
    assert lint(release, metadata(), tmp_path) == ""


def test_the_style_is_really_looked_at(tmp_path: Path) -> None:
    recipe = tmp_path / "wrong_1.0.bb"
    recipe.write_text('SUMMARY = "x"\nLICENSE="MIT"\n')
    assert "oelint.vars.spacesassignment" in lint("scarthgap", [recipe], tmp_path)


def status_fault(patch: str) -> bool:
    """Has the patch no Upstream-Status, or one that the Yocto Project does not know?"""
    lines = [line for line in patch.splitlines() if line.startswith("Upstream-Status:")]
    statuses = [line.split(":", 1)[1].split() for line in lines]
    return len(statuses) != 1 or not statuses[0] or statuses[0][0] not in UPSTREAM_STATUS


def test_every_patch_says_where_it_is_upstream() -> None:
    assert not [path.name for path in LAYER.rglob("*.patch") if status_fault(path.read_text())]
    assert not status_fault("Subject: x\n\nUpstream-Status: Backport [6.12]\n---\n")
    assert status_fault("Subject: x\n---\n")
    assert status_fault("Upstream-Status: Maybe\n")


def readme_fault(text: str) -> bool:
    """Would yocto-check-layer's test_readme refuse this README?"""
    wanted = ("maintainer" in text.lower(), "patch" in text.lower(), re.match(r"[^@]+@[^@]+", text))
    return not re.search("README", text, re.IGNORECASE) and not all(wanted)


def test_the_layer_has_the_papers_that_yocto_check_layer_asks_for() -> None:
    assert not readme_fault((LAYER / "README.md").read_text())
    assert readme_fault("maintainers take patches")
    assert not readme_fault("maintainers take patches: us@example.org")
    papers = ("COPYING.MIT", "MAINTAINERS.md", "SECURITY.md")
    assert all((LAYER / name).stat().st_size for name in papers)
