# SPDX-License-Identifier: MIT
"""What a newcomer types first: no arguments, --version, a slip of the pen."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from huawei_modem import __version__, cli
from huawei_modem.report import Evidence, Report, error, to_text
from huawei_modem.text import plain, printable
from unit.helper.test_running_kernel import system
from unit.helper.trees import write


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    try:
        status = cli.main(list(words))
    except SystemExit as end:
        status = int(end.code or 0)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_no_arguments_show_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys)
    assert (status, err) == (2, "")
    assert all(f"\n  {name} " in out for name in cli.COMMANDS)
    assert run(capsys, "--help")[:2] == (0, out)
    assert all(len(line) <= 80 for line in out.splitlines())


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"huawei-modem {__version__}\n", "")


@pytest.mark.parametrize(
    ("typed", "meant"), [("statsu", "status"), ("docter", "doctor"), ("check_modules", "check-modules")]
)
def test_a_misspelt_command_gets_the_nearest(
    capsys: pytest.CaptureFixture[str], typed: str, meant: str
) -> None:
    status, _out, err = run(capsys, typed)
    assert status == 2
    assert f"{typed!r} is not a command (nearest: {meant}); there is: status, doctor, " in err
    assert len(err.splitlines()) == 1


def test_a_wrong_option_gets_the_nearest_and_the_usage_of_its_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, _out, err = run(capsys, "connect", "--roming")
    assert status == 2
    assert err.startswith("usage: huawei-modem connect ")
    assert "--roming (nearest: --roaming)" in err


def test_a_name_that_steers_a_terminal_is_harmless_in_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["\x1b[31m"], ["status", "--\x1b]0;x\x07"], ["doctor", "\x1b[2J"]):
        _status, _out, err = run(capsys, *words)
        assert err and not set(err) & {"\x1b", "\x07"}


@pytest.mark.parametrize("command", ["status", "check-modules"])
def test_json_without_a_file_is_standard_output(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    system(tmp_path)
    _status, out, _err = run(capsys, "--root", str(tmp_path), command, "--json")
    assert json.loads(out)
    assert run(capsys, "--root", str(tmp_path), command, "--json", "-")[1] == out


def test_a_kernel_that_loads_no_modules_is_said_to_load_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write(tmp_path / "proc/sys/kernel/osrelease", "6.1.55\n")
    status, out, _err = run(capsys, "--root", str(tmp_path), "check-modules")
    assert (status, out) == (0, "kernel 6.1.55, which loads no modules: there is nothing to check: ok\n")


def test_a_title_wraps_like_what_is_below_it() -> None:
    text = to_text(
        Report("x", "in\x1bput", (error("some-code", "word " * 60, [Evidence("log", "text " * 60)]),))
    )
    assert all(len(line) <= 100 for line in text.splitlines())
    assert text.splitlines()[0].startswith("error: some-code: word word")
    assert text.splitlines()[1].startswith("  word word")
    assert "\x1b" not in text


def test_one_place_makes_texts_printable() -> None:
    assert printable("a\x1b[31m\x9b\u202e\ud800\u2028b") == "a\ufffd[31m\ufffd\ufffd\ufffd\ufffdb"
    assert plain({"k\x1b": ["a\nb\t\u202e", 1, None]}) == {"k\ufffd": ["a\nb\t\ufffd", 1, None]}


def test_a_capture_on_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "root").mkdir()
    assert cli.main(["--root", "root", "report", "-"]) == 0
    said = capfdbinary.readouterr()
    with tarfile.open(fileobj=io.BytesIO(said.out)) as captured:
        assert "facts.json" in captured.getnames()
    assert b"facts.json" in said.err and not (tmp_path / "-").exists()
