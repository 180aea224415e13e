# SPDX-License-Identifier: MIT
"""A board over SSH: OpenSSH's client and server on loopback, and what the bench makes of it."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from huawei_modem.report import Report
from modem_image.bench.shell import GuestTimeoutError
from modem_image.bench.ssh import board as boards
from modem_image.bench.ssh.address import Address, command, explain, parse
from modem_image.bench.ssh.board import BoardRebootedError, ConnectionLostError, RemoteBoard
from modem_image.bench.ssh.run import Setting, run_on_board
from modem_image.errors import FaultError, InputError, MissingError
from patience import PATIENCE, until
from unit.bench.sshd import NEEDED, Sshd, missing

RECORDED = Path(__file__).with_name("real-board")
needs_server = pytest.mark.skipif(
    bool(missing()) or os.geteuid() != 0, reason=f"needs root, for a namespace, and {NEEDED}"
)


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    found = Sshd(tmp_path)
    found.know()
    found.start()
    yield found
    found.stop()


def address(sshd: Sshd) -> Address:
    return Address("127.0.0.1", "root", sshd.port)


@contextlib.contextmanager
def connected(sshd: Sshd, patience: float = PATIENCE) -> Iterator[RemoteBoard]:
    with contextlib.closing(
        RemoteBoard(address(sshd), sshd.options, sshd.folder / "ssh.log", patience)
    ) as found:
        yield found


# --- addresses ---


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ssh://root@192.168.1.20", Address("192.168.1.20", "root")),
        ("ssh://board.local:2222", Address("board.local", None, 2222)),
        ("ssh://root@[fe80::1%eth0]:22/", Address("fe80::1%eth0", "root", 22)),
    ],
)
def test_addresses(text: str, found: Address) -> None:
    assert parse(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "192.168.1.20",
        "ssh://",
        "ssh://-oProxyCommand=x",
        "ssh://root@-oProxyCommand=x",
        "ssh://-lroot@board",
        "ssh://root:secret@board",
        "ssh://board:0",
        "ssh://board:65536",
        "ssh://board/path",
        "ssh://a b",
        "ssh://board\n",
        "http://board",
    ],
)
def test_what_is_not_an_address(text: str) -> None:
    with pytest.raises(InputError, match="is not an address of a board"):
        parse(text)


def test_an_option_is_name_and_value() -> None:
    with pytest.raises(InputError, match="it looks like NAME=VALUE"):
        parse("ssh://board", ["-oProxyCommand"])


def test_the_callers_options_come_first() -> None:
    """ssh takes the first value of each."""
    words = command(parse("ssh://me@board:23"), ["BatchMode=no"])
    assert words.index("BatchMode=no") < words.index("BatchMode=yes")
    assert words[-6:] == ["-p", "23", "-l", "me", "--", "board"] or words[-3:] == ["--", "board", "exec sh"]


def test_an_end_without_a_word() -> None:
    assert "it ended without a word" in explain(Address("board"), "\n")


# --- a server ---


@needs_server
@pytest.mark.slow
def test_commands_files_and_the_clock(sshd: Sshd) -> None:
    content = bytes(range(256)) * 300
    (sshd.folder / "it's here").write_bytes(content)
    with connected(sshd) as board:
        assert board.run("echo one; echo two >&2") == (0, "one\ntwo\n")
        assert board.run("cat; exit_status() { return 7; }; exit_status") == (7, "")
        assert board.fetch(str(sshd.folder / "it's here"), 10) == content
        with pytest.raises(FaultError, match="cannot be fetched"):
            board.fetch("/nowhere", 10)
        before = time.monotonic()
        host, uptime = board.clock()
        assert before <= host <= time.monotonic()
        assert uptime > 0
        with pytest.raises(GuestTimeoutError, match="did not answer in time"):
            board.run("sleep 20", 0.5)


@needs_server
def test_what_ssh_refuses_is_explained(sshd: Sshd, tmp_path: Path) -> None:
    log = tmp_path / "refused.log"

    def refused(options: tuple[str, ...], where: Address) -> str:
        with pytest.raises(ConnectionLostError) as error:
            RemoteBoard(where, options, log)
        return str(error.value)

    unknown = refused(Sshd.options_with(tmp_path / "none", sshd.key), address(sshd))
    assert "its host key is not known on this machine" in unknown
    assert f"ssh -p {sshd.port} root@127.0.0.1" in unknown
    other = tmp_path / "other"
    Sshd.new_key(other)
    assert "it takes no key of this machine" in refused(
        Sshd.options_with(sshd.folder / "known", other), address(sshd)
    )
    (tmp_path / "changed").write_text(f"[127.0.0.1]:{sshd.port} {other.with_suffix('.pub').read_text()}")
    changed = refused(Sshd.options_with(tmp_path / "changed", sshd.key), address(sshd))
    assert "another than the one that is known" in changed
    assert f"ssh-keygen -R '[127.0.0.1]:{sshd.port}'" in changed
    assert "nothing listens at that port" in refused(sshd.options, Address("127.0.0.1", "root", 1))
    assert "ssh does not take an option" in refused(("NoSuchOption=1",), address(sshd))
    assert "the name is not known" in refused(sshd.options, Address("no-such-board.invalid", "root"))


@needs_server
@pytest.mark.slow
def test_a_connection_that_drops_is_made_again(sshd: Sshd, capsys: pytest.CaptureFixture[str]) -> None:
    with connected(sshd) as board:
        assert board.run("echo one") == (0, "one\n")
        sshd.drop()
        assert board.run("echo two") == (0, "two\n")
        threading.Timer(0.5, sshd.drop).start()
        assert board.run(f"sleep 1; echo x >>{sshd.folder}/asked; wc -l <{sshd.folder}/asked")[0] == 0
        assert board.drops == 2
    assert "the connection dropped; the board is called again" in capsys.readouterr().err


@needs_server
@pytest.mark.slow
def test_a_board_that_reboots_and_one_that_stays_away(sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "_BETWEEN_TRIES", 0.2)
    with connected(sshd, patience=1.0) as board:
        sshd.reboot()
        with pytest.raises(BoardRebootedError, match=r"rebooted while it was watched\n(?s:.*)supply"):
            board.run("true")
    with connected(sshd, patience=1.0) as board:
        sshd.stop()
        with pytest.raises(ConnectionLostError, match="did not come back in 1 s"):
            board.run("true")
    sshd.start()


# --- a whole run ---

JOURNALCTL = """#!/usr/bin/python3
# The recorded lines, from plug-in on, at this machine's uptime.
import re, sys, time
from pathlib import Path
while not Path("{folder}/plugged").exists():
    time.sleep(0.05)
now = float(Path("/proc/uptime").read_text().split()[0])
for line in Path("{recorded}.journal.txt").read_text().splitlines():
    moment, rest = re.fullmatch(r"\\[ *([\\d.]+)\\](.*)", line).groups()
    print(f"[{{float(moment) - {start} + now:12.6f}}]{{rest}}", flush=True)
time.sleep(3600)
"""
BUSCTL = """#!/usr/bin/python3
import sys, time
from pathlib import Path
if "GetServices" in sys.argv:
    print(Path("{recorded}.services.json").read_text())
    sys.exit()
while not Path("{folder}/plugged").exists():
    time.sleep(0.05)
for line in Path("{recorded}.dbus.txt").read_text().splitlines():
    print(line.partition(" ")[2], flush=True)
time.sleep(3600)
"""
HELPER = """#!/bin/sh
echo "$@" >>{folder}/asked
case $1 in
report) printf capture >$2 ;;
doctor) echo '{{"findings": [], "facts": {{}}}}' ;;
esac
"""


def board_with(sshd: Sshd, kind: str = "modem") -> Path:
    """The scripts of a board whose stick shows what was recorded; the file whose coming plugs it in."""
    recorded = RECORDED / kind
    start = float(recorded.with_suffix(".journal.txt").read_text().split("]")[0].strip("[ "))
    words = {"folder": sshd.folder, "recorded": recorded, "start": start}
    for name, text in (("journalctl", JOURNALCTL), ("busctl", BUSCTL), ("huawei-modem", HELPER)):
        sshd.program(name, text.format(**words))
    sshd.program("pidof", "#!/bin/sh\nexit 0\n")
    sshd.program("ip", f"#!/bin/sh\necho ip $@ >>{sshd.folder}/asked\n")
    sshd.program("ping", f"#!/bin/sh\necho ping $@ | tee -a {sshd.folder}/asked\n")
    return sshd.folder / "plugged"


def listeners(folder: Path) -> list[str]:
    """Processes of the board's scripts."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().decode(errors="replace")
            found += [words] if f"{folder}/bin/" in words else []
    return found


def below_run(sshd: Sshd) -> str:
    with connected(sshd) as board:
        return board.run("ls /run")[1]


def drop_once_plugged(sshd: Sshd, plugged: Path) -> None:
    """End the connection while the stick comes: what listens on the board is not of the connection."""
    until(plugged.exists)
    sshd.drop()


@needs_server
@pytest.mark.slow
def test_a_stick_from_plug_in_to_the_capture(sshd: Sshd, tmp_path: Path) -> None:
    plugged = board_with(sshd)
    shown: list[Report] = []
    setting = Setting(
        address(sshd), sshd.options, plug=f"touch '{plugged}'", host="192.0.2.1", wait=20, come_up=30
    )
    dropping = threading.Thread(target=drop_once_plugged, args=(sshd, plugged))
    dropping.start()
    report = run_on_board(setting, tmp_path / "runs", lambda seen, _folder: shown.append(seen))
    dropping.join()
    assert report.verdict == "ok", report.findings
    assert shown == [report]
    assert report.facts["stick"] == "12d1:1596"
    assert report.facts["connection_drops"] == 1
    timeline = report.facts["timeline"]
    assert timeline[0]["step"] == "storage"
    assert [each["step"] for each in timeline][-4:] == ["ping", "doctor", "modules", "capture"]
    assert any("3 serial ports" in each["title"] for each in timeline)
    # The scripts say all at once, and stamps of the uptime are hundredths: as early as the plug-in itself.
    assert all(each["seconds"] >= -0.1 for each in timeline)
    (folder,) = (tmp_path / "runs").glob("run-real-board-*-0001")
    assert (folder / "capture.tar.gz").read_bytes() == b"capture"
    assert json.loads((folder / "summary.json").read_text())["facts"]["scenario"] == "real-board"
    assert "New USB device found" in (folder / "journal.txt").read_text()
    assert "001010123456789" in RECORDED.joinpath("modem.dbus.txt").read_text()
    kept = [path for path in folder.iterdir() if path.is_file()]
    assert not [path.name for path in kept if b"001010123456789" in path.read_bytes()]
    # The name of its interface has its address in it: pinged through, and masked in what is kept.
    asked = (sshd.folder / "asked").read_text()
    route = "192.0.2.1/32 via 10.64.0.1 dev wwx020000000002"
    ping = "ping -c 3 -W 5 -I wwx020000000002 192.0.2.1"
    assert f"ip route add {route}\n{ping}\nip route del {route}\n" in asked, "a cable has the default route"
    assert "ping -c 3 -W 5 -I wwx[masked-" in (folder / "answers.txt").read_text()
    assert not [path.name for path in kept if b"020000000002" in path.read_bytes()]
    assert listeners(sshd.folder) == []


@needs_server
@pytest.mark.slow
def test_a_router_whose_address_is_masked_is_recognised_by_it(sshd: Sshd, tmp_path: Path) -> None:
    """ConnMan's service has the interface's address in its name, and so has the step that waits for it."""
    plugged = board_with(sshd, "router")
    before = below_run(sshd)
    setting = Setting(address(sshd), sshd.options, plug=f"touch '{plugged}'", wait=20, come_up=30)
    report = run_on_board(setting, tmp_path / "runs", lambda *_seen: None)
    assert report.verdict == "ok", report.findings
    (folder,) = (tmp_path / "runs").glob("run-real-board-*-0001")
    assert "-I enx00005e005301 " in (sshd.folder / "asked").read_text()
    own = (b"00005e005301", b"00:00:5e:00:53:01")
    assert RECORDED.joinpath("router.dbus.txt").read_bytes().count(own[0])
    kept = [path for path in folder.iterdir() if path.is_file()]
    assert not [path.name for path in kept for each in own if each in path.read_bytes()]
    assert below_run(sshd) == before, "nothing is left on the board"


@needs_server
@pytest.mark.slow
def test_a_step_that_was_missed_is_reported_without_the_address_in_its_pattern(
    sshd: Sshd, tmp_path: Path
) -> None:
    plugged = board_with(sshd, "router")
    program = sshd.folder / "bin" / "busctl"
    says_all = program.read_text()
    sshd.program("busctl", says_all.replace("    print(", "    if '.Service\"' not in line: print("))
    assert program.read_text() != says_all
    setting = Setting(address(sshd), sshd.options, plug=f"touch '{plugged}'", wait=20, come_up=6)
    report = run_on_board(setting, tmp_path / "runs", lambda *_seen: None)
    (finding,) = report.findings
    assert "ConnMan has an address from the router" in finding.title
    assert "00005e005301" not in report.to_json()


@needs_server
@pytest.mark.slow
def test_a_stick_that_never_comes_and_a_command_that_fails(sshd: Sshd, tmp_path: Path) -> None:
    board_with(sshd)
    where = address(sshd)
    with pytest.raises(FaultError, match=r"the board's kernel saw no stick in 1 s"):
        run_on_board(Setting(where, sshd.options, plug="true", wait=1), tmp_path / "a", lambda *_seen: None)
    with pytest.raises(FaultError, match=r"--plug-command ended with status 3"):
        run_on_board(Setting(where, sshd.options, plug="exit 3"), tmp_path / "b", lambda *_seen: None)
    assert listeners(sshd.folder) == []


@needs_server
def test_a_board_without_the_helper(sshd: Sshd, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"lacks huawei-modem\b"):
        run_on_board(Setting(address(sshd), sshd.options), tmp_path / "a", lambda *_seen: None)
