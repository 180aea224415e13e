# SPDX-License-Identifier: MIT
"""What is rendered from the database is committed, and keeps udev's rules."""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

import pytest

from modem_image import PROJECT
from modem_image.commands import render as command
from modem_image.errors import InputError
from modem_image.render import pipelines
from modem_image.render import rendered as render
from modem_image.render.completion import COMPLETION
from modem_image.sticks import database

RULES = render.FILES / "udev" / "70-huawei-modem.rules"
INTERFACE_ATTRIBUTES = {"bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol", "bInterfaceNumber"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with what rendering reads."""
    shutil.copytree(PROJECT / render.FILES, tmp_path / render.FILES)
    shutil.copy(PROJECT / render.README, tmp_path / render.README)
    for folder in (pipelines.FOLDER, COMPLETION.parent):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    for page in (render.FINDINGS, render.DOCTOR, render.MESSAGES, render.FACTS):
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / page, tmp_path / page)
    return tmp_path


def test_nothing_that_is_committed_is_stale() -> None:
    stale = render.check(PROJECT, render.render_all(PROJECT))
    assert not stale, "run scripts/modem-image render\n" + "".join(stale.values())


def test_a_change_of_the_database_makes_everything_stale_and_rendering_mends_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = project / render.FILES / "modems.toml"
    source.write_text(source.read_text().replace('ofono_label = "diag"', 'ofono_label = "diagnose"'))
    sticks = project / render.FILES / "modems" / "lte-sticks.toml"
    sticks.write_text(sticks.read_text().replace('name = "Huawei MS2372h"', 'name = "Huawei MS2372h-153"'))
    monkeypatch.setattr(command, "PROJECT", project)
    before = (project / RULES).read_text()

    assert command.run(argparse.Namespace(check=True)) == 1
    shown = capsys.readouterr()
    assert re.search(
        r'^\+.*\{bInterfaceProtocol\}=="03\|.*\{OFONO_LABEL\}="diagnose"$', shown.out, re.MULTILINE
    )
    assert shown.err.count("stale; run scripts/modem-image render") == 4
    assert (project / RULES).read_text() == before, "--check writes nothing"

    assert command.run(argparse.Namespace(check=False)) == 0
    assert render.check(project, render.render_all(project)) == {}
    assert "Huawei MS2372h-153" in (project / render.README).read_text()


def test_a_readme_without_a_place_for_the_table_is_named(project: Path) -> None:
    (project / render.README).write_text("# Nothing here\n")
    with pytest.raises(InputError, match=r"README\.md: the marks"):
        render.render_all(project)


def test_a_port_is_told_apart_from_each_other_model_of_its_id() -> None:
    """Three models of one id: the interface that one of them lacks does not keep the label from the third."""
    sticks, _document = database.load(PROJECT / render.FILES / "modems.toml")
    (e372,) = (stick for stick in sticks.sticks if stick.id == "e372")
    (mode,) = (mode for mode in e372.modes if mode.name == "modem")
    third = tuple(
        item._replace(function="comm") if item.number == 3 else item
        for item in mode.interfaces
        if item.usb_class != "08"
    )
    other = e372._replace(id="e372-third", modes=(mode._replace(interfaces=third),))
    text = render.rules_of(sticks._replace(sticks=(*sticks.sticks, other)))
    (line,) = re.findall(r'^.*=="14ac", ENV\{ID_USB_INTERFACE_NUM\}=="03", .*"pcui"$', text, re.MULTILINE)
    assert set(re.findall(r'ENV\{ID_USB_INTERFACES\}([!=]="\*:\w+:\*")', line)) == {
        '!="*:0206ff:*"',
        '=="*:080650:*"',
    }


def rule_lines() -> list[str]:
    lines = (PROJECT / RULES).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_both_ports_that_ofono_needs_are_labelled() -> None:
    labelled = set(re.findall(r'ENV\{OFONO_LABEL\}="([a-z]+)"', "\n".join(rule_lines())))
    assert {"modem", "pcui"} <= labelled


def test_the_file_comes_after_the_rules_that_set_the_interface_number() -> None:
    assert int(RULES.name.split("-")[0]) > 60


def test_no_line_matches_attributes_of_two_parents() -> None:
    for line in rule_lines():
        attributes = set(re.findall(r"\bATTRS\{(\w+)\}", line))
        # The stick's own attribute stands alone: nothing else of such a line may be another parent's.
        of_the_stick = attributes == {"idVendor"} and "DRIVERS" not in line
        assert attributes <= INTERFACE_ATTRIBUTES or of_the_stick, line


def test_the_rules_are_plain_ascii_with_plain_quotes() -> None:
    assert (PROJECT / RULES).read_bytes().isascii()


def test_nothing_from_the_sticks_strings_and_no_shell_is_used() -> None:
    text = "\n".join(rule_lines())
    assert set(re.findall(r"\$\w+\{(\w+)\}", text)) <= {"OFONO_LABEL", "ID_PATH"}
    assert set(re.findall(r"%(.)", text)) <= {"b", "k"}, "the kernel's names of stick and interface"
    assert not re.search(r"\b(PROGRAM|IMPORT)\b", text)
    runs = set(re.findall(r'\bRUN\b\S*?="(.*?)"', text))
    assert runs <= {"usb_modeswitch '%b/%k'"}, "as upstream's rules"
