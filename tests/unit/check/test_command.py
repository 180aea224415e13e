# SPDX-License-Identifier: MIT
"""`modem-image check`: what it prints and how it ends."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tarfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from huawei_modem.report import Evidence, Report, to_text, warning
from huawei_modem_check.image import check_image
from modem_image import PROJECT
from modem_image.commands.check import configure
from modem_image.commands.check import run as command
from modem_image.errors import InputError
from unit.check.images import RELEASE, image_files, write_tar, zimage


def run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    configure(parser)
    return command(parser.parse_args(list(map(str, arguments))))


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write_tar(tmp_path, image_files())


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    folder = tmp_path / "faulty"
    folder.mkdir()
    return write_tar(folder, image_files(kernel=zimage("6.1.0-other")))


def test_a_sound_image(sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(sound) == 0
    first, _, *table = capsys.readouterr().out.splitlines()
    assert first == f"{sound}: ok"
    assert [line.split() for line in (table[0], table[2])] == [
        ["image", "kernel", "modules", "files", "errors", "warnings", "verdict"],
        [sound.name, RELEASE, "4", "for", RELEASE, "4", "0", "0", "ok"],
    ]


def test_a_faulty_image(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(faulty) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "error: modules-mismatch: the modules are those of another kernel"
    assert f"{faulty}: fault" in lines
    assert lines[-1].split()[0::8] == [faulty.name, "fault"]


def test_one_faulty_image_among_several_decides(sound: Path, faulty: Path) -> None:
    assert run(sound, faulty) == 1
    assert run(faulty, sound) == 1


def test_json_on_standard_output_stands_alone(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(faulty, "--json", "-") == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["schema"], report["tool"], report["verdict"]) == (1, "modem-image check", "fault")
    assert report["findings"][0]["code"] == "modules-mismatch"


def test_json_of_several_images_is_a_list(sound: Path, faulty: Path, tmp_path: Path) -> None:
    run(sound, faulty, "--json", tmp_path / "report.json")
    reports = json.loads((tmp_path / "report.json").read_text())
    assert [report["verdict"] for report in reports] == ["ok", "fault"]


def test_junit(sound: Path, faulty: Path, tmp_path: Path) -> None:
    run(sound, faulty, "--junit", tmp_path / "report.xml")
    suites = ET.parse(tmp_path / "report.xml").getroot()  # noqa: S314  our own
    assert [(suite.get("tests"), suite.get("failures")) for suite in suites] == [("1", "0"), ("1", "1")]
    failure = suites.find("testsuite/testcase[@name='modules-mismatch']/failure")
    assert failure is not None
    assert failure.text is not None
    assert "Linux version 6.1.0-other" in failure.text


def test_a_page_for_people(sound: Path, faulty: Path, tmp_path: Path) -> None:
    run(sound, faulty, "--html", tmp_path / "check.html")
    page = (tmp_path / "check.html").read_text()
    assert page.count("<h1>") == 2
    assert "modules-mismatch" in page
    assert "Linux version 6.1.0-other" in page


def test_names_in_an_image_are_no_markup(tmp_path: Path) -> None:
    path = write_tar(tmp_path, {**image_files(), "SHA256SUMS": b"0" * 64 + b"  <script>alert(1)</script>\n"})
    run(path, "--html", tmp_path / "check.html")
    page = (tmp_path / "check.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page


def test_one_kernel_goes_with_one_root_file_system(sound: Path, faulty: Path) -> None:
    with pytest.raises(InputError, match="goes with one root file system"):
        run(sound, faulty, "--kernel", sound)


def test_a_kernel_does_not_go_with_an_image_that_names_its_own(sound: Path) -> None:
    """It was read, found to be no kernel, and the image called ok."""
    with pytest.raises(InputError, match="--kernel goes with a root file system"):
        run(sound, "--kernel", sound)


def test_several_are_reported_in_their_order(
    sound: Path, faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(sound, faulty, sound, faulty, sound) == 1
    verdicts = [line.rpartition(": ")[2] for line in capsys.readouterr().out.splitlines() if "Tezi" in line]
    assert [word for word in verdicts if word in ("ok", "fault")] == ["ok", "fault", "ok", "fault", "ok"]


def test_what_is_no_image_among_several_is_named(sound: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match=r"notes\.txt"):
        run(sound, tmp_path / "notes.txt")


def test_an_interruption_ends_all_processes(sound: Path, tmp_path: Path) -> None:
    """Two images that take a while: gigabytes of zeros that lie nowhere on the disk."""
    for name in ("one.tar", "two.tar"):
        info = tarfile.TarInfo("image/rootfs.tar")
        info.size = 6 << 30
        with (tmp_path / name).open("wb") as file:
            file.write(info.tobuf())
            file.truncate(info.size + 1536)
    command = [PROJECT / "scripts" / "modem-image", "check", tmp_path / "one.tar", tmp_path / "two.tar"]
    mark = {**os.environ, "TEST_MARK": str(tmp_path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=mark, text=True) as process:
        assert process.stderr is not None
        # The launcher may have packages to install first.
        while not re.search(r"\d at a time", line := process.stderr.readline()):
            assert line
        time.sleep(0.5)  # the workers are there: a signal while one is forked is lost
        process.terminate()
        assert "interrupted" in process.stderr.read()
    assert process.returncode == 130
    assert [
        entry for entry in Path("/proc").glob("[0-9]*/environ") if str(tmp_path).encode() in _read(entry)
    ] == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_fragment_that_was_not_applied_is_one_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = image_files()
    lines = files["kernel-config"].decode().splitlines()
    files["kernel-config"] = "\n".join(line for line in lines if "NF_" not in line).encode()
    path = write_tar(tmp_path, files)
    found = check_image(path).findings
    assert [finding.code for finding in found] == ["kernel-symbol-missing"]
    lacking = [line.partition("=")[0] for line in lines if "NF_" in line]
    assert [symbol for symbol in lacking if not any(symbol in seen.text for seen in found[0].evidence)] == []
    assert run(path) == 1
    short = capsys.readouterr().out
    assert run(path, "--verbose") == 1
    whole = capsys.readouterr().out
    assert len(lacking) > 10 > short.count("  seen: ")
    assert "--verbose lists them" in short
    assert whole.count("  seen: ") == len(lacking)


def test_a_warning_is_one_line_and_its_details_are_on_demand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """15 lines at each build, check, flash and release of one's own image were noise."""
    path = write_tar(tmp_path, image_files(json_changes={"autoinstall": True, "license": "LICENSE.html"}))
    assert run(path) == 1  # the licence is not there
    fault = capsys.readouterr().out
    files = {
        **image_files(json_changes={"autoinstall": True, "license": "LICENSE.html"}),
        "LICENSE.html": b"x",
    }
    path = write_tar(tmp_path, files)
    assert run(path) == 0
    short = capsys.readouterr().out.splitlines()
    assert run(path, "--verbose") == 0
    whole = capsys.readouterr().out
    assert "  seen: " in fault
    assert "  do:   " in fault
    heads = [line for line in whole.splitlines() if line.startswith("warning: ")]
    assert heads
    assert whole.count("  seen: ") >= len(heads)
    assert [line for line in short if line.startswith("  ")] == []
    assert [line.split(" (")[0] for line in short if line.startswith("warning: ")] == heads
    assert sum("--verbose" in line for line in short) == 1


def test_the_first_evidence_is_behind_a_title_that_leaves_room() -> None:
    seen = Evidence("a", "one thing that was seen")

    def line(length: int) -> str:
        report = Report("modem-image check", "y", (warning("code", "t" * length, [seen, seen]),))
        return to_text(report, width=80, most=3).splitlines()[0]

    assert line(20).endswith("tt (one thing that was seen, and 1 more)")
    assert [length for length in range(1, 65) if len(line(length)) > 80] == []
    assert line(60).endswith("tt")
