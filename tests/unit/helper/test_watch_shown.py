# SPDX-License-Identifier: MIT
"""What the watch shows and reads: journal, metrics, names, settings, `status`."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from huawei_modem_watch import probe, program, show
from unit.helper.test_watch import Run


def test_the_journal_gets_every_value_as_a_field() -> None:
    run = Run()
    run.look()
    event = run.look(service="idle", link=None, operator="Evil\nPRIORITY=0").events[0]
    entry = show.journal(event, run.state)
    fields = dict(line.split(b"=", 1) for line in entry.splitlines())
    assert fields[b"HUAWEI_MODEM_EVENT"] == b"lost"
    assert fields[b"HUAWEI_MODEM_CONDITION"] == b"connecting"
    assert fields[b"HUAWEI_MODEM_LOSSES"] == b"1"
    assert fields[b"PRIORITY"] == b"4", "an operator's name is no field of its own"


def test_prometheus_reads_the_metrics() -> None:
    run = Run()
    run.look(operator='Te"st\\')
    run.look(service="idle", link=None, operator='Te"st\\')
    run.last(200, service="idle", link=None, operator='Te"st\\')
    text = show.metrics(run.state)
    assert 'huawei_modem_network{technology="lte",operator="Te\\"st\\\\"} 1\n' in text
    assert 'huawei_modem_actions_total{action="connect"} 1\n' in text
    promtool = shutil.which("promtool")
    if promtool:
        subprocess.run([promtool, "check", "metrics"], input=text, text=True, check=True)
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in kinds(text))
    assert json.loads(show.to_json(run.state))["actions"]["connect"] == 1


def kinds(text: str) -> list[tuple[str, str]]:
    return [tuple(line.split()[2:4]) for line in text.splitlines() if line.startswith("# TYPE")]  # type: ignore[misc]


def test_an_address_is_read_from_an_answer_and_nothing_from_a_damaged_one() -> None:
    from ipaddress import IPv4Address

    from modem_image.bench.stick.services import dns_answer

    answer = dns_answer(probe.question(b"ab", "ipv4.example.net"), IPv4Address("198.51.100.1"))
    assert answer is not None
    assert probe.address_in(answer.message) == "198.51.100.1"
    for size in range(len(answer.message)):
        assert probe.address_in(answer.message[:size]) is None
    assert probe.address_in(answer.message[:3] + b"\x83" + answer.message[4:]) is None, "NXDOMAIN"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[watch]\npoll = soon\n", "poll is a number of seconds"),
        ("[watch]\npoll = 0\n", "poll is 1 second or more"),
        ("[watch]\nsilent = 3\n", "silent is 0, or 10 seconds or more"),
        ("[watch]\nhost = a:b\n", "host is NAME or NAME:PORT"),
        ("[watch]\nhost = a..b\n", "host is NAME or NAME:PORT"),
        ("poll = 3\n", "cannot be read: MissingSectionHeaderError"),
        (f"[watch]\n{'#' * 70_000}\npoll = 30\n", "cannot be read: more than 64 KiB"),
    ],
)
def test_a_wrong_watch_ini_is_named(tmp_path: Path, text: str, said: str, capsys: Any) -> None:
    (tmp_path / program.CONFIG).parent.mkdir(parents=True)
    (tmp_path / program.CONFIG).write_text(text)
    assert program.main(["--root", str(tmp_path)]) == 2
    assert said in capsys.readouterr().err


def test_the_example_has_the_defaults(tmp_path: Path) -> None:
    from modem_image import HELPER

    (tmp_path / program.CONFIG).parent.mkdir(parents=True)
    shutil.copy(HELPER / "watch/watch.ini", tmp_path / program.CONFIG)
    assert program.read_config(tmp_path) == program.Config() == program.read_config(tmp_path / "nothing")


def test_status_shows_what_the_watch_counts_and_no_names(tmp_path: Path) -> None:
    from huawei_modem import status

    run = Run()
    run.last(100, operator="Somebody")
    assert status.watched(tmp_path) is None
    (tmp_path / program.STATE).parent.mkdir(parents=True)
    for junk in ("", "[]", "{"):
        (tmp_path / program.STATE).write_text(junk)
        assert status.watched(tmp_path) is None
    (tmp_path / program.STATE).write_text(show.to_json(run.state))
    found = status.watched(tmp_path)
    assert found is not None
    assert (found["condition"], found["received"], "operator" in found) == ("online", 0, False)
    assert status.watch_text(found) == "watch     online for 90 s; 0 losses, 0 reconnects, 0 refusals\n"
