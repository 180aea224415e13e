# SPDX-License-Identifier: MIT
"""OpenEmbedded's style, as oelint-adv knows it, and what the Yocto Project asks of a patch and of a layer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from email import message_from_string
from email.utils import parsedate_tz
from pathlib import Path

import pytest

from modem_image import PROJECT
from parser.bitbake import LAYER, RELEASES

# Rules that do not fit, each with the reason.
NOT_FOR_US = {
    "oelint.var.licenseremotefile": "the source lies in the layer, and core has the license's text",
    "oelint.vars.homepageping": "whether a server answers just now is no question of style",
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


def patch_faults(patch: str) -> list[str]:
    """What the Yocto Project, and a maintainer upstream, would miss in the head of a patch."""
    head = message_from_string(patch.split("\n---\n")[0])
    body = str(head.get_payload())
    missing = [name for name in ("From", "Date", "Subject") if not head[name]]
    faults = [f"no {name}" for name in missing]
    if head["Date"] and parsedate_tz(head["Date"]) is None:
        faults.append("Date is none of RFC 5322")
    if not re.search(r"^Signed-off-by: \S.* <\S+@\S+>$", body, re.MULTILINE):
        faults.append("no Signed-off-by")
    statuses = re.findall(r"^Upstream-Status: *(\S*) *(.*)$", body, re.MULTILINE)
    if len(statuses) != 1 or statuses[0][0] not in UPSTREAM_STATUS:
        faults.append("no Upstream-Status that there is")
    elif not re.fullmatch(r"\[.{10,}\]", statuses[0][1]):
        faults.append("Upstream-Status does not say where it was sent, or what stands in the way")
    return faults


def test_every_patch_can_be_sent_as_it_is_and_says_why_it_was_not() -> None:
    faults = {path.name: patch_faults(path.read_text()) for path in LAYER.rglob("*.patch")}
    assert faults
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        ("From: A <a@example.org>\n", "", "no From"),
        ("Date: Sat, 28 Nov 2026 14:13:35 +0000", "Date: yesterday", "Date is none of RFC 5322"),
        ("Signed-off-by: A <a@example.org>", "", "no Signed-off-by"),
        ("Backport [6.12, 1234567]", "Maybe [because of this]", "no Upstream-Status that there is"),
        ("Backport [6.12, 1234567]", "Pending", "Upstream-Status does not say"),
    ],
)
def test_a_patch_without_one_of_it_is_refused(line: str, instead: str, fault: str) -> None:
    good = (
        "From: A <a@example.org>\nDate: Sat, 28 Nov 2026 14:13:35 +0000\nSubject: x\n\nWhy.\n\n"
        "Upstream-Status: Backport [6.12, 1234567]\nSigned-off-by: A <a@example.org>\n---\n"
    )
    assert patch_faults(good) == []
    assert line in good
    (found,) = patch_faults(good.replace(line, instead))
    assert found.startswith(fault)


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
