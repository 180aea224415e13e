# SPDX-License-Identifier: MIT
"""`make install` puts a working command and all its files under DESTDIR, and nothing elsewhere."""

from __future__ import annotations

import configparser
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from huawei_modem import status
from modem_image import HELPER
from patience import PATIENCE
from unit.helper.test_running_kernel import system
from unit.helper.trees import plug, write

COMMANDS = ["status", "doctor", "report", "ports", "check-modules", "bind", "connect", "disconnect"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the helper in it. The folder of the package is where it will be on the target."""
    root = tmp_path_factory.mktemp("root")
    helper = f"helperdir={root}/usr/lib/huawei-modem"
    make("install", f"DESTDIR={root}")
    # The same again for a command that runs here, below a prefix that exists here.
    make(
        "install-helper", f"bindir={root}/here", helper, f"sysconfdir={root}/etc", f"PYTHON={sys.executable}"
    )
    return root


def make(*arguments: str) -> None:
    subprocess.run(["make", "-sC", str(HELPER), *arguments], check=True)


def run(installed: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([installed / "here/huawei-modem", *arguments], capture_output=True, text=True)


def test_every_file_is_in_its_place(installed: Path) -> None:
    for name, mode in {
        "usr/bin/huawei-modem": 0o755,
        "usr/lib/huawei-modem/huawei_modem/modems.json": 0o644,
        "usr/lib/huawei-modem/huawei_modem/rules/ofono.py": 0o644,
        "usr/lib/huawei-modem/huawei_modem/ports/ask.py": 0o644,
        "usr/lib/huawei-modem/huawei_modem/transcript/doctor.py": 0o644,
        "usr/lib/huawei-modem/huawei_modem/transcript/readers/usb.py": 0o644,
        "usr/lib/huawei-modem/huawei_modem/transcript/rules/ofono.py": 0o644,
        "usr/lib/udev/rules.d/70-huawei-modem.rules": 0o644,
        "usr/lib/systemd/system/huawei-modem-bind.service": 0o644,
        "usr/lib/systemd/system/huawei-modem-bind@.service": 0o644,
        "usr/lib/systemd/system/huawei-modem-connect.service": 0o644,
        "usr/lib/systemd/system/huawei-modem-check-modules.service": 0o644,
        "usr/lib/systemd/system/ofono.service.d/10-huawei-modem.conf": 0o644,
        "usr/lib/systemd/system-preset/70-huawei-modem.preset": 0o644,
        "usr/lib/modules-load.d/huawei-modem.conf": 0o644,
        "usr/share/man/man8/huawei-modem.8": 0o644,
        "usr/share/bash-completion/completions/huawei-modem": 0o644,
        "etc/connman/main.conf": 0o644,
        "etc/huawei-modem/config.ini.example": 0o600,
    }.items():
        assert (installed / name).stat().st_mode & 0o777 == mode, name


def test_it_is_small(installed: Path) -> None:
    """The recipe's main package, as a package manager counts it; the rest is packages of their own."""
    others = {"here", "man", "bash-completion", "transcript", "ppp"}
    own = [path for path in installed.rglob("*") if path.is_file() and not others & set(path.parts)]
    size = sum(path.stat().st_size for path in own if "__pycache__" not in path.parts)
    assert size < 500 * 1024, f"{size / 1024:.0f} KiB"


def test_what_is_installed_is_the_source(installed: Path) -> None:
    package, source = installed / "usr/lib/huawei-modem/huawei_modem", HELPER / "huawei_modem"
    names = {path.relative_to(package) for path in package.rglob("*.py")}
    assert {path.relative_to(source) for path in source.rglob("*.py")} == names
    for name in names:
        assert (package / name).read_bytes() == (source / name).read_bytes()


def test_byte_code_is_the_same_wherever_it_is_made(tmp_path: Path) -> None:
    made = []
    for folder in (tmp_path / "one", tmp_path / "another/place"):
        make("install-helper", f"DESTDIR={folder}")
        make("install-bytecode", f"DESTDIR={folder}", f"COMPILER={sys.executable}")
        made.append({path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.pyc")})
    assert made[0] == made[1]
    (code,) = [data for path, data in made[0].items() if path.name.startswith("cli.")]
    assert code[4] == 1, "Python takes it without a look at the source (PEP 552)"
    assert b"/usr/lib/huawei-modem/huawei_modem/cli.py" in code
    assert str(tmp_path).encode() not in code


def test_no_placeholder_is_left(installed: Path) -> None:
    for path in installed.rglob("*"):
        if path.is_file():
            assert not re.search(r"@[A-Z]{2,}@", path.read_text()), path


def test_it_runs_from_the_folder_that_it_was_installed_into(tmp_path: Path) -> None:
    """And nowhere else: this system has no helper that it could find instead."""
    for bindir in ("/usr/bin", "/opt/team/tools/bin", "/bin"):
        root = tmp_path / bindir.strip("/").replace("/", "-")
        make("install", f"DESTDIR={root}", f"bindir={bindir}", f"PYTHON={sys.executable}")
        done = subprocess.run(
            [root / bindir.lstrip("/") / "huawei-modem", "check-modules", "--help"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_uninstall_leaves_what_may_have_been_edited(tmp_path: Path) -> None:
    make("install", "install-filter", "install-watch", f"DESTDIR={tmp_path}")
    make("uninstall", f"DESTDIR={tmp_path}")
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {
        "etc/connman/main.conf",
        "etc/huawei-modem/filter.nft",
        "etc/ppp/chat/huawei-modem",
        "etc/ppp/peers/huawei-modem",
        "etc/usb_modeswitch.d/12d1:15d4",
        "etc/usb_modeswitch.d/3426:1f01",
        "etc/usb_modeswitch.d/3566:2001",
    }


def test_the_watch_starts_from_the_folder_that_it_was_installed_into(tmp_path: Path) -> None:
    make("install-helper", "install-watch", f"DESTDIR={tmp_path}", f"PYTHON={sys.executable}")
    done = subprocess.run(
        [tmp_path / "usr/bin/huawei-modem-watch", "--help"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "brings it back" in done.stdout


def test_somebodys_connman_settings_are_kept_on_a_running_system(tmp_path: Path) -> None:
    own = tmp_path / "connman" / "main.conf"
    own.parent.mkdir()
    own.write_text("[General]\n")
    for _ in range(2):
        make("install-connman", f"sysconfdir={tmp_path}")
    assert own.with_name("main.conf.before-huawei-modem").read_text() == "[General]\n"
    assert own.read_bytes() == (HELPER / "connman" / "main.conf").read_bytes()


def test_units_and_rules_name_commands_and_units_that_are_installed(installed: Path) -> None:
    units = installed / "usr/lib/systemd/system"
    for unit in units.glob("huawei-modem-*.service"):
        command = next(line for line in unit.read_text().splitlines() if line.startswith("ExecStart="))
        program, subcommand = command.removeprefix("ExecStart=").split()[:2]
        assert (installed / program.lstrip("/")).exists()
        assert run(installed, subcommand, "--help").returncode == 0
    rules = (installed / "usr/lib/udev/rules.d/70-huawei-modem.rules").read_text()
    wanted = [line.rsplit("=", 1)[1].strip('"') for line in rules.splitlines() if "SYSTEMD_WANTS" in line]
    assert set(wanted) == {
        "huawei-modem-bind.service",
        "huawei-modem-bind@.service",
        "huawei-modem-connect.service",
    }
    for name in wanted:
        assert (units / name).exists()


def test_tun_is_loaded_before_ofono_starts(installed: Path) -> None:
    assert "tun" in (installed / "usr/lib/modules-load.d/huawei-modem.conf").read_text().splitlines()
    drop_in = (installed / "usr/lib/systemd/system/ofono.service.d/10-huawei-modem.conf").read_text()
    assert "After=systemd-modules-load.service" in drop_in.splitlines()


def test_a_hung_ofono_is_killed_once_it_has_had_the_time_that_it_gives_itself(installed: Path) -> None:
    """10 s after a signal it ends by itself (oFono 1.31, src/main.c); systemd alone waits for 90."""
    drop_in = (installed / "usr/lib/systemd/system/ofono.service.d/10-huawei-modem.conf").read_text()
    (seconds,) = re.findall(r"^\[Service\]\n(?:#.*\n)*TimeoutStopSec=(\d+)s$", drop_in, re.MULTILINE)
    assert 10 < int(seconds) < 30


def test_connman_has_the_settings_that_the_path_needs(installed: Path) -> None:
    parser = configparser.ConfigParser()
    parser.read(installed / "etc/connman/main.conf")
    general = parser["General"]
    for key in ("Preferred", "DefaultFavorite", "DefaultAutoConnect", "AlwaysConnected"):
        assert general[f"{key}Technologies"] == "ethernet,cellular"
    # With the last of them ConnMan dials and hangs up without end if this is true: test_cable.py.
    assert general["SingleConnectedTechnology"] == "false"
    # oFono hands the modem's network device over: tests/daemons/test_connman.py.
    assert "ww" not in general["NetworkInterfaceBlacklist"].split(",")
    assert general["TetheringTechnologies"] == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(installed: Path, command: str) -> None:
    result = run(installed, command, "--help")
    assert result.returncode == 0
    assert re.search(f"examples?: huawei-modem {command}", result.stdout)


def test_check_modules_passes_fails_and_writes_json(installed: Path, tmp_path: Path) -> None:
    folder = system(tmp_path)
    assert run(installed, "--root", tmp_path, "check-modules").returncode == 0
    folder.rename(folder.with_name("5.4.193"))
    result = run(installed, "--root", tmp_path, "check-modules", "--json", "-")
    assert result.returncode == 1
    report = json.loads(result.stdout)
    assert (report["schema"], report["verdict"]) == (1, "fault")
    assert [finding["code"] for finding in report["findings"]] == ["modules-mismatch"]
    assert report["facts"]["kernel"]["folders"] == ["5.4.193"]
    loud = run(installed, "--root", tmp_path, "check-modules")
    assert "error: modules-mismatch" in loud.stderr, "the unit puts standard error on the console"


def test_status_and_doctor_read_another_root(installed: Path, tmp_path: Path) -> None:
    system(tmp_path)
    plug(tmp_path, "12d1:1596", labels=False)
    status = run(installed, "--root", tmp_path, "status")
    assert status.returncode == 0
    assert "12d1:1596 at 1-1: Huawei MS2372h (Vodafone), modem mode" in status.stdout
    assert (
        json.loads(run(installed, "--root", tmp_path, "status", "--json", "-").stdout)["sticks"][0]["usb"]
        == "12d1:1596"
    )
    doctor = json.loads(run(installed, "--root", tmp_path, "doctor", "--json", "-").stdout)
    codes = {finding["code"] for finding in doctor["findings"]}
    assert codes == {"ofono-ports-unlabelled", "tun-missing", "insufficient-data"}


def test_report_writes_a_capture_of_which_doctor_finds_the_same(installed: Path, tmp_path: Path) -> None:
    root, capture = tmp_path / "root", tmp_path / "report.tar.gz"
    system(root)
    plug(root, "12d1:1596", labels=False)
    written = run(installed, "--root", root, "report", capture)
    assert written.returncode == 0
    assert "facts.json" in written.stdout.splitlines()
    live = json.loads(run(installed, "--root", root, "doctor", "--json", "-").stdout)
    again = json.loads(run(installed, "doctor", capture, "--json", "-").stdout)
    assert again["findings"] == live["findings"]


def test_doctor_reads_text_and_names_what_it_cannot_read(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("Bus 001 Device 004: ID 12d1:1f01 Huawei Technologies Co., Ltd.\n")
    text = run(installed, "doctor", tmp_path / "log")
    assert text.returncode == 1
    assert "recognised: lsusb: log:1" in text.stdout
    assert "error: stick-in-storage-mode" in text.stderr
    absent = run(installed, "doctor", tmp_path / "absent")
    assert absent.returncode == 2
    assert "no such file or folder" in absent.stderr


@pytest.mark.parametrize("command", ["status", "doctor", "check-modules"])
def test_the_commands_that_look_leave_out_what_they_do_not_need(installed: Path, command: str) -> None:
    """Each of these costs a good part of Python's own start."""
    code = (
        f"import sys; sys.path.insert(0, {str(installed / 'usr/lib/huawei-modem')!r}); "
        f"sys.argv[1:] = [{command!r}]; from huawei_modem.cli import main; "
        "main(); print('modules:', *sys.modules)"
    )
    result = subprocess.run([sys.executable, "-EsSc", code], capture_output=True, text=True, check=True)
    imported = set(result.stdout.split("modules:")[1].split())
    heavy = {"dbus", "subprocess", "tarfile", "huawei_modem.mask.patterns", "huawei_modem.mask.at"}
    assert not imported & heavy
    assert not [name for name in imported if "transcript" in name]


def test_status_watches_until_it_is_interrupted(installed: Path, tmp_path: Path) -> None:
    system(tmp_path)
    counted = {"condition": "no-stick", "seconds": 5, "losses": 0, "reconnects": 0, "refusals": 0}
    write(tmp_path / status.WATCH, json.dumps(counted))
    command = [installed / "here/huawei-modem", "--root", tmp_path, "status", "--watch", "0.05"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        screens, watched = 0, False
        for line in process.stdout:
            watched = watched or line == "watch     no-stick for 5 s; 0 losses, 0 reconnects, 0 refusals\n"
            screens += line.startswith("stick     none")
            if screens == 1 and line == "\n":
                plug(tmp_path, "12d1:1596")
            if line.startswith("stick     12d1:1596"):
                process.send_signal(signal.SIGINT)
                break
        _out, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (0, "")
    assert watched, "what huawei-modem-watch counts is on the screen"


@pytest.mark.parametrize(
    "arguments", [["--watch", "0"], ["--watch", "soon"], ["--watch", "1", "--json", "-"]]
)
def test_status_refuses_a_watch_that_makes_no_sense(installed: Path, arguments: list[str]) -> None:
    result = run(installed, "status", *arguments)
    assert result.returncode == 2
    assert "--watch" in result.stderr


def test_bind_refuses_what_is_no_candidate(installed: Path, tmp_path: Path) -> None:
    assert "no interface needs it" in run(installed, "--root", tmp_path, "bind").stdout
    result = run(installed, "--root", tmp_path, "bind", tmp_path)
    assert result.returncode == 1
    assert "not an interface" in result.stderr


def test_a_result_that_cannot_be_written_is_named(installed: Path, tmp_path: Path) -> None:
    result = run(installed, "--root", tmp_path, "status", "--json", tmp_path / "absent/status.json")
    assert result.returncode == 2
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize("command", ["bind", "connect"])
def test_what_udev_starts_imports_no_more_than_it_needs(command: str) -> None:
    """The board takes about a second for a full import; these two run while the stick comes up."""
    code = f"import sys; from huawei_modem import {command}, cli; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-EsSc", f"import sys; sys.path.insert(0, {str(HELPER)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"dataclasses", "inspect", "dbus", "huawei_modem.report"} & set(result.stdout.split())


def test_a_reader_that_goes_away_is_no_error(installed: Path, tmp_path: Path) -> None:
    command = f"{installed}/here/huawei-modem --root {tmp_path} doctor --json - | true"
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert result.stderr == ""


def test_output_that_cannot_be_written_is_named(installed: Path, tmp_path: Path) -> None:
    """The launcher leaves without Python's own end, so the command itself has to see that all is written."""
    command = f"{installed}/here/huawei-modem --root {tmp_path} status > /dev/full"
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stderr == "huawei-modem: standard output: No space left on device\n"


def test_a_damaged_database_is_named(installed: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(
        "install-helper",
        f"bindir={root}",
        f"helperdir={root}",
        f"sysconfdir={root}/etc",
        f"PYTHON={sys.executable}",
    )
    (root / "huawei_modem/modems.json").write_text("{")
    result = subprocess.run(
        [root / "huawei-modem", "--root", tmp_path, "status"], capture_output=True, text=True
    )
    assert result.returncode == 2
    assert "the database of sticks cannot be used: document: no JSON" in result.stderr
