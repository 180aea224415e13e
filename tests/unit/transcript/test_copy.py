# SPDX-License-Identifier: MIT
"""`doctor --masked`: a log of one's own as it may be sent."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from huawei_modem import capture, cli
from huawei_modem.mask import Masker, at
from huawei_modem.transcript import masked, quoted
from huawei_modem.transcript.pasted import masker
from modem_image import cli as host
from unit.helper.samples import healthy

from .test_corpus import cases, diagnosed, told

IMSI = "001010123456789"
LOG = f"""Nov 30 17:00:01 schlossgarten pppd[11]: started by qvortz
[   12.345678] usb 1-1: new high-speed USB device number 5 using ci_hdrc
Nov 30 17:00:02 schlossgarten nginx: GET /qvortz
Bus 001 Device 005: ID 12d1:1506 Huawei Technologies Co., Ltd.
my stick {IMSI} does not work, says Qvortz
AT+CIMI
{IMSI}
"""
STRANGERS = ("schlossgarten", "qvortz", "nginx", IMSI)


def left(text: str) -> list[str]:
    return [word for word in STRANGERS if word in text.lower()]


@pytest.mark.parametrize("main", [host.main, cli.main])
def test_both_commands_write_it_and_say_what_to_do(
    main: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, copy = tmp_path / "log.txt", tmp_path / "copy.txt"
    log.write_text(LOG)
    arguments = ["doctor", str(log), "--masked", str(copy)]
    status = main(arguments)  # type: ignore[operator]
    said = capsys.readouterr()
    assert "copy.txt: 1 identities and secrets masked. Look through it" in said.err
    text = copy.read_text()
    assert left(text) == []
    lines = text.splitlines()
    assert lines[0] == "Nov 30 17:00:01 … pppd[11]: started by [masked]"
    assert lines[1:2] + lines[3:4] == LOG.splitlines()[1:2] + LOG.splitlines()[3:4]
    # Once more: the copy is replaced, since nobody has changed it; and read, it is judged as the log is.
    assert main(arguments) == status  # type: ignore[operator]
    assert told(diagnosed(text)) == told(diagnosed(LOG))


@pytest.mark.parametrize("main", [host.main, cli.main])
def test_on_standard_output_it_is_alone(
    main: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log.gz").write_bytes(gzip.compress(LOG.encode()))
    main(["doctor", str(tmp_path / "log.gz"), "--masked", "-"])  # type: ignore[operator]
    out = capsys.readouterr().out
    assert out.startswith("Nov 30 17:00:01 … pppd[11]")
    assert len(out.splitlines()) == len(LOG.splitlines())


def test_texts_of_a_folder_begin_with_their_names(tmp_path: Path) -> None:
    for name in ("dmesg.txt", "qvortz.log"):
        (tmp_path / name).write_text(LOG)
    text = masked.copy(tmp_path).text
    assert text.startswith("==> dmesg.txt <==\n") and "==> … <==\n" in text
    assert left(text) == []


def test_a_capture_is_masked_already(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, copy = tmp_path / "report.tar.gz", tmp_path / "copy.txt"
    capture.write(report, tmp_path, healthy(), Masker())
    for main in (host.main, cli.main):
        assert main(["doctor", str(report), "--masked", str(copy)]) == 2
        assert "masked already: it can be sent as it is" in capsys.readouterr().err
    assert not copy.exists()


def test_more_than_a_target_holds_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log.txt").write_text(LOG * 3)
    monkeypatch.setattr(masked, "_MOST", 2 * len(LOG))
    assert cli.main(["doctor", str(tmp_path / "log.txt"), "--masked", str(tmp_path / "copy.txt")]) == 2
    assert "to mask; give less of it" in capsys.readouterr().err
    assert not (tmp_path / "copy.txt").exists()


def test_of_a_system_it_is_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--masked", "copy.txt"]) == 2
    assert "`huawei-modem report`" in capsys.readouterr().err


def test_a_strangers_word_leaves_no_line_of_any_text() -> None:
    """Wherever it stands in a line of the corpus; whoever wrote the line."""
    chosen = random.Random(7)  # noqa: S311  (a sample, the same each time)
    lines = [line for param in cases() for line in param.values[0]["text"].splitlines() if line.strip()]
    planted = []
    for line in chosen.sample(lines, 1500):
        words = line.split(" ")
        words.insert(
            chosen.randrange(len(words) + 1), chosen.choice(("Qvortz", "qvortz", '"qvortz"', "/qvortz/"))
        )
        planted.append(" ".join(words))
    # Each by itself: none is masked for what another gave away. AT commands keep operators and access points.
    shown = [quoted.line(masker()(line)) for line in planted if not list(at.spans(line))]
    assert len(shown) > 1000
    assert [line for line in shown if "qvortz" in line.lower()] == []
