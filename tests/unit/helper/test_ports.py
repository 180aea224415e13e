# SPDX-License-Identifier: MIT
"""ports: against pseudo terminals that answer as real ports do, from a fake sysfs to the printed entry."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import termios
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huawei_modem.bus import BusError
from huawei_modem.database import Database, load
from huawei_modem.facts import stick_facts
from huawei_modem.ports import ask, at, entry
from huawei_modem.ports import command as ports_command
from huawei_modem.ports.borrow import Borrowed, BorrowError, powered_modems
from huawei_modem.sysfs import sticks
from modem_image import HELPER
from modem_image.sticks.database import load as load_source
from modem_image.sticks.schema import from_document
from patience import PATIENCE
from unit.helper import ptys
from unit.helper.ptys import Speaker, speaking
from unit.helper.trees import link, plug, write

pytestmark = pytest.mark.slow

SHORT = (0.15, 0.6)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "FIRST_SECONDS", SHORT[0])
    monkeypatch.setattr(ask, "SECOND_SECONDS", SHORT[1])


# --- One port ---


@pytest.mark.parametrize(
    ("speaker", "state", "talks"),
    [
        (ptys.at_port, "at", False),
        (ptys.echoing, "at", False),
        (ptys.talking, "at", True),
        (ptys.slow, "at", False),
        (ptys.silent, "silent", False),
        (ptys.echo_only, "echo", False),
        (ptys.garbage, "other", False),
        (ptys.endless, "other", False),
    ],
)
def test_each_kind_of_port_is_told(speaker: Speaker, state: str, talks: bool) -> None:
    with speaking(port=speaker) as paths:
        found = ask.ask_port(paths["port"], True)
    assert (found.state, found.talks) == (state, talks)
    if state == "at":
        assert found.identity["model"] == "MS2372h-153"
        assert "490154203237518" not in repr(found), "ATI tells the IMEI, which stays there"


def test_port_modes_of_newer_firmware() -> None:
    """As an E3372h-153 with firmware 22.329.63.00.21 answers (trackIT-Systems/modemmanager-e3372)."""
    said = "^GETPORTMODE: TYPE: WCDMA: huawei,,3g_modem:0,3g_diag:1,pcui:2,ncm:3"
    assert ask.port_modes(ask.Answer("OK", (said,))) == {0: "modem", 1: "diag", 2: "pcui"}


def test_port_modes_are_taken_from_the_stick() -> None:
    with speaking(port=ptys.echoing) as paths:
        assert ask.ask_port(paths["port"], True).modes == {0: "modem", 1: "diag", 2: "pcui"}
        assert ask.ask_port(paths["port"], False).modes == {}


def test_only_what_reads_is_sent_and_the_port_is_left_as_it_was() -> None:
    heard: list[str] = []

    def listener(command: str) -> bytes:
        heard.append(command)
        return ptys.at_port(command)

    with speaking(port=listener) as paths:
        descriptor = os.open(paths["port"], os.O_RDWR | os.O_NOCTTY)
        before = termios.tcgetattr(descriptor)
        before[3] |= termios.ECHO
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
        ask.ask_port(paths["port"], True)
        assert termios.tcgetattr(descriptor) == before
        os.close(descriptor)
    assert heard == ["", "AT", "ATI", "AT^GETPORTMODE"]


def test_a_port_that_is_gone_says_so(tmp_path: Path) -> None:
    assert ask.ask_port(str(tmp_path / "ttyUSB0"), True).state == "gone"


@given(st.binary(max_size=400), st.sampled_from(["AT", "ATI", "AT^GETPORTMODE"]))
def test_any_octets_are_an_answer(data: bytes, command: str) -> None:
    found = at.parse(data, command)
    ask.identity_of(found)
    assert all(role in ask.PORT_MODES.values() for role in ask.port_modes(found).values())
    for text in ask.identity_of(found).values():
        assert text.isascii() and text.isprintable() and '"' not in text


# --- A stick ---


@contextmanager
def system(root: Path, usb: str, **speakers: Speaker) -> Iterator[Path]:
    """A root with the stick `usb`, whose ttys are pseudo terminals."""
    if not (root / "sys/bus/usb/devices/1-1").exists():
        plug(root, usb)
    with speaking(**speakers) as paths:
        (root / "dev").mkdir(exist_ok=True)
        for name, path in paths.items():
            (root / "dev" / name).unlink(missing_ok=True)
            (root / "dev" / name).symlink_to(path)
        yield root


def asked(root: Path, held: dict[str, str] | None = None) -> list[ask.PortRole]:
    (device,) = sticks(root)
    stick = stick_facts(root, device, load())
    return ask.ask_stick(root, stick, held or {}, ask.ask_port, True)


def test_a_known_stick_has_its_roles_by_number(tmp_path: Path) -> None:
    speakers = {"ttyUSB0": ptys.echoing, "ttyUSB1": ptys.silent, "ttyUSB2": ptys.talking}
    with system(tmp_path, "12d1:1596", **speakers) as root:
        found = asked(root)
    assert [(item.role, item.known_by, item.doubt) for item in found] == [
        ("modem", "number", ""),
        ("diag", "number", ""),
        ("pcui", "number", ""),
        ("ncm", "number", ""),
    ]


def test_a_silent_pcui_port_is_doubted(tmp_path: Path) -> None:
    """A label on a port that does not answer costs oFono 20 seconds and the modem."""
    speakers = {"ttyUSB0": ptys.without_port_modes, "ttyUSB1": ptys.talking, "ttyUSB2": ptys.silent}
    with system(tmp_path, "12d1:1596", **speakers) as root:
        found = asked(root)
    assert [item.doubt for item in found] == ["", "", "it answers no AT", ""]


def test_a_port_that_somebody_has_open_is_not_asked(tmp_path: Path) -> None:
    heard: list[str] = []
    speakers = {"ttyUSB0": ptys.silent, "ttyUSB1": ptys.silent}

    def listener(command: str) -> bytes:
        heard.append(command)
        return b""

    with system(tmp_path, "12d1:1596", **speakers, ttyUSB2=listener) as root:
        write(root / "proc/42/comm", "pppd\n")
        (root / "proc/42/fd").mkdir()
        (root / "proc/42/fd/3").symlink_to("/dev/ttyUSB2")
        held = ask.holders(root, ["/dev/ttyUSB2", "/dev/ttyUSB0"])
        found = asked(root, held)
    assert held == {"/dev/ttyUSB2": "pppd (42)"}
    assert found[2].asked[0].state == "held"
    assert heard == [""]


def test_holders_of_this_machine_are_seen() -> None:
    with speaking(port=ptys.silent) as paths:
        found = ask.holders(Path("/"), paths.values())
    assert f"({os.getpid()})" in found[paths["port"]]


# --- An unknown stick ---


def unknown(root: Path, triples: list[str], product: str = "abcd", control: bool = False) -> None:
    """A stick that the database does not have; each interface by its triple."""
    device = root / "sys/devices/platform/30b20000.usb/ci_hdrc.1/usb1/1-1"
    write(device / "idVendor", "12d1\n")
    write(device / "idProduct", f"{product}\n")
    write(device / "bConfigurationValue", "1\n")
    link(root / "sys/bus/usb/devices/1-1", device)
    for number, triple in enumerate(triples):
        interface = device / f"1-1:1.{number}"
        for name, value in zip(("Class", "SubClass", "Protocol"), triple.split("/"), strict=True):
            write(interface / f"bInterface{name}", f"{value}\n")
        write(interface / "bInterfaceNumber", f"{number:02x}\n")
        if triple.endswith("16"):
            link(interface / "driver", root / "sys/bus/usb/drivers/huawei_cdc_ncm")
            (interface / "usbmisc/cdc-wdm0").mkdir(parents=True)
        else:
            link(interface / "driver", root / "sys/bus/usb/drivers/option")
            (interface / f"ttyUSB{number}").mkdir()


def merged(text: str) -> Database:
    """The database with the printed entry in it, as a person would put it there. Raises DatabaseError."""
    added = tomllib.loads(text)
    whole = dict(load_source(HELPER / "modems.toml")[1])
    (source,) = added["stick"][0]["mode"][0]["source"]
    whole["sources"] = {**whole["sources"], source: added.pop(source)}
    whole["stick"] = [*whole["stick"], *added["stick"]]
    return from_document(whole)


def test_an_unknown_stick_gets_an_entry_that_the_database_takes(tmp_path: Path) -> None:
    unknown(tmp_path, ["ff/03/61", "ff/03/63", "ff/03/62", "ff/03/16", "08/06/50"])
    speakers = {
        "ttyUSB0": ptys.echoing,
        "ttyUSB1": ptys.silent,
        "ttyUSB2": ptys.talking,
        "cdc-wdm0": ptys.at_port,
    }
    with system(tmp_path, "", **speakers, ttyUSB4=ptys.silent) as root:
        found = asked(root)
        stick = stick_facts(root, sticks(root)[0], load())
    assert [item.role for item in found] == ["modem", "diag", "pcui", "ncm", "storage"]
    assert found[3].asked[0].state == "at"
    database = merged(entry.entry(stick, found, 1, load(), "2026-01-31"))
    known = database.mode_of("12d1:abcd")
    assert known is not None
    assert (known[0].id, known[0].name) == ("ms2372h-153-abcd", "Huawei MS2372h-153")
    assert [item.function for item in known[1].interfaces] == ["modem", "diag", "pcui", "ncm", "storage"]
    assert entry.udev_rule(stick, found) is None, "Huawei's numbers label them"


def test_ports_whose_numbers_say_nothing_are_told_by_the_stick(tmp_path: Path) -> None:
    unknown(tmp_path, ["ff/ff/ff"] * 3)
    speakers = {"ttyUSB0": ptys.echoing, "ttyUSB1": ptys.silent, "ttyUSB2": ptys.talking}
    with system(tmp_path, "", **speakers) as root:
        found = asked(root)
        stick = stick_facts(root, sticks(root)[0], load())
    assert [(item.role, item.known_by) for item in found] == [
        ("modem", "stick"),
        ("diag", "stick"),
        ("pcui", "stick"),
    ]
    rule = entry.udev_rule(stick, found)
    assert rule is not None
    assert 'ENV{ID_USB_INTERFACE_NUM}=="02", ENV{OFONO_LABEL}="pcui"' in rule
    merged(entry.entry(stick, found, 1, load(), "2026-01-31"))


def test_without_a_word_of_the_stick_the_answers_are_all_there_is(tmp_path: Path) -> None:
    unknown(tmp_path, ["ff/ff/ff"] * 4)
    speakers = {"ttyUSB0": ptys.silent, "ttyUSB1": ptys.without_port_modes, "ttyUSB2": ptys.garbage}
    with system(tmp_path, "", **speakers, ttyUSB3=ptys.talking) as root:
        found = asked(root)
        stick = stick_facts(root, sticks(root)[0], load())
    assert [(item.role, item.known_by) for item in found] == [
        (None, ""),
        ("modem", "answers"),
        (None, ""),
        ("pcui", "answers"),
    ]
    text = entry.entry(stick, found, 1, load(), "2026-01-31")
    assert text.count('confidence = "inferred"') == 2
    merged(text)


def test_a_hostile_stick_breaks_out_of_nothing(tmp_path: Path) -> None:
    hostile = {
        **ptys.REPLIES,
        "ATI": 'Model: "]\x1b[31m$(reboot)`id`\'\\\r\nRevision: """\r\nIMEI: 490154203237518',
    }
    unknown(tmp_path, ["ff/ff/ff"] * 2)
    speaker: Callable[[str], bytes] = lambda command: ptys.at_port(command, hostile)  # noqa: E731
    with system(tmp_path, "", ttyUSB0=speaker, ttyUSB1=ptys.silent) as root:
        found = asked(root)
        stick = stick_facts(root, sticks(root)[0], load())
    text = entry.entry(stick, found, 1, load(), "2026-01-31")
    assert not set(text) & set("$`\x1b\\'") and "490154203237518" not in text
    merged(text)


# --- The command ---


def command(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = f"import sys; sys.path.insert(0, {str(HELPER)!r})"
    code = f"{path}; from huawei_modem.cli import main; sys.exit(main())"
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={root}/no-bus"}
    return subprocess.run(
        [sys.executable, "-c", code, "--root", root, "ports", *arguments],
        env=environment, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip


def test_the_command_prints_roles_entry_and_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown(tmp_path, ["ff/ff/ff"] * 3)
    speakers = {"ttyUSB0": ptys.echoing, "ttyUSB1": ptys.garbage, "ttyUSB2": ptys.talking}
    with system(tmp_path, "", **speakers) as root:
        text = command(root)
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={root}/no-bus")
        _text, data = ports_command.run(root, load(), False, lambda _line: None)
    assert (text.returncode, text.stderr) == (0, "")
    assert "12d1:abcd at 1-1: not in the database" in text.stdout
    assert "ttyUSB2: answers AT, talks by itself" in text.stdout
    assert "[[stick.mode]]" in text.stdout and "71-huawei-modem-abcd.rules" in text.stdout
    assert "490154203237518" not in text.stdout + json.dumps(data)
    found = data["sticks"][0]
    assert [port["role"] for port in found["ports"]] == ["modem", "diag", "pcui"]
    assert found["entry"] in text.stdout


def test_without_a_stick_the_command_says_so(tmp_path: Path) -> None:
    done = command(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no Huawei stick" in done.stderr


# --- oFono's modem ---


class FakeOfono:
    """oFono with modems, as far as Lockdown goes."""

    def __init__(self, **modems: dict[str, Any]) -> None:
        self.modems = {f"/{name}": {"Type": "hardware", **item} for name, item in modems.items()}
        self.calls: list[tuple[str, str, Any]] = []
        self.refuses: set[str] = set()

    def has_owner(self, service: str, seconds: float = 0) -> bool:
        return service == "org.ofono"

    def call(self, service: str, path: str, interface: str, method: str, *_: str, seconds: float = 30) -> Any:
        return list(self.modems.items()) if method == "GetModems" else self.modems[path]

    def set_property(self, service: str, path: str, interface: str, name: str, value: Any) -> None:
        self.calls.append((path, name, value))
        if name in self.refuses:
            raise BusError("org.ofono.Error.InUse", "")
        self.modems[path][name] = value
        if name == "Lockdown" and value:
            self.modems[path].update(Powered=False, Online=False)


def test_a_borrowed_modem_comes_back_as_it_was() -> None:
    bus = FakeOfono(huawei_0={"Powered": True, "Online": True}, quectel_0={"Powered": True})
    with Borrowed(bus, powered_modems(bus), lambda _line: None):
        assert bus.modems["/huawei_0"]["Powered"] is False
        assert bus.modems["/quectel_0"]["Powered"] is True
    modem = bus.modems["/huawei_0"]
    assert (modem["Powered"], modem["Online"], modem["Lockdown"]) == (True, True, False)


def test_a_modem_comes_back_also_after_an_interrupt() -> None:
    bus = FakeOfono(huawei_0={"Powered": True, "Online": False})
    found = powered_modems(bus)
    with pytest.raises(KeyboardInterrupt), Borrowed(bus, found, lambda _line: None):
        raise KeyboardInterrupt
    modem = bus.modems["/huawei_0"]
    assert (modem["Powered"], modem["Online"], modem["Lockdown"]) == (True, False, False)


def test_a_modem_that_somebody_else_locked_is_not_taken() -> None:
    bus = FakeOfono(huawei_0={"Powered": True})
    bus.refuses.add("Lockdown")
    with (
        pytest.raises(BorrowError, match="does not give"),
        Borrowed(bus, powered_modems(bus), lambda _line: None),
    ):
        raise AssertionError
