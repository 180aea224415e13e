# SPDX-License-Identifier: MIT
"""The sticks' data: what comes from modems.toml, what is invented, and how faults in it are told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from board.conftest import FAST, GOOD
from modem_image.bench.stick import data
from modem_image.bench.stick.mass_storage import SwitchMessage
from modem_image.bench.stick.modem import Registration
from modem_image.bench.stick.ppp_packets import Auth
from modem_image.bench.stick.sim import SimState
from modem_image.bench.stick.stick import StickSettings, load_stick, settings_from
from modem_image.errors import InputError
from modem_image.render.rendered import IN_EACH_RUN
from modem_image.sticks import database
from unit.stick.tools import Recorder


def test_the_sticks_are_there() -> None:
    former = {"e3372-mbim", "e3372h", "e3372s", "e353-acm", "ms2372h", "ms2372h-vodafone"}
    assert set(data.names()) == former | {"e3531", "e398", "k4203", "me909s-120", "me936"}


def test_the_page_says_of_those_that_they_reach_the_network_which_the_board_tests_take_there() -> None:
    assert {*GOOD, *FAST} == IN_EACH_RUN


@pytest.mark.parametrize("name", data.names())
def test_identity_is_that_of_the_database(name: str) -> None:
    known, _ = database.load(data.MODEMS)
    (fact,) = [stick for stick in known.sticks if stick.id == name]
    stick = data.load(name)
    assert stick.name == fact.name
    assert list(stick.modes) == [mode.name for mode in fact.modes if mode.name in stick.modes]
    for mode in fact.modes:
        if mode.name not in stick.modes:
            continue
        made = stick.modes[mode.name]
        assert made.description.usb_id == mode.usb
        listed = {one.value: one.interfaces for one in mode.configurations}
        listed[mode.configuration] = mode.interfaces
        for configuration in made.description.configurations:
            shown = {
                i.number: (f"{i.class_:02x}", f"{i.subclass:02x}", f"{i.protocol:02x}")
                for i in configuration.interfaces
            }
            assert shown == {i.number: i.triple for i in listed.pop(configuration.value)}
        assert not listed
        ways = [way for way in (mode.switch, mode.alternative) if way and not mode.configurations]
        known = {SwitchMessage.from_cbw(bytes.fromhex(way.message), "").block: way.target for way in ways}
        for message in made.switches:
            assert stick.modes[message.mode].description.usb_id in known.pop(message.block)
        assert mode.switch is None or len(known) < len(ways) or mode.configurations


@pytest.mark.parametrize("name", data.names())
def test_endpoint_addresses_are_unique_in_a_mode(name: str) -> None:
    for mode in data.load(name).modes.values():
        seen: dict[int, int] = {}
        for configuration in mode.description.configurations:
            seen.clear()
            for interface in configuration.interfaces:
                for endpoint in interface.endpoints:
                    assert seen.setdefault(endpoint.address, interface.number) == interface.number


@pytest.mark.parametrize("name", data.names())
def test_every_mode_can_be_made(name: str) -> None:
    stick = load_stick(name)
    for mode in stick.description.modes:
        device = stick.switched(mode, Recorder(), lambda _mode: None)
        for configuration in stick.description.modes[mode].description.configurations:
            assert device.set_configuration(configuration.value)


@pytest.mark.parametrize("name", ["common", "unknown", "../sticks/ms2372h", ""])
def test_unknown_sticks(name: str) -> None:
    with pytest.raises(InputError, match=r"known: e3372-mbim, .*ms2372h-vodafone"):
        data.load(name)


def test_settings_from_plain_values() -> None:
    table = {"start": "modem", "sim": "pin", "registration": "denied", "apn": "a.example", "auth": "pap"}
    assert settings_from(table) == StickSettings(
        start="modem", sim=SimState.PIN, registration=Registration.DENIED, apn="a.example", auth=Auth.PAP
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"colour": "red"}, "not a setting of a stick"),
        ({"pin": 1234}, "as text"),
        ({"sim": "lost"}, "one of ready, pin, puk, absent"),
    ],
)
def test_wrong_settings(table: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        settings_from(table)


def test_unknown_start_mode() -> None:
    with pytest.raises(InputError, match="known: storage, modem"):
        load_stick("ms2372h", StickSettings(start="hilink"))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("ms2372h", 'address = "86"', 'address = "8x"', "must be hexadecimal"),
        ("ms2372h", 'class = "ff/03/16"', 'class = "ff/3/16"', "looks like ff/03/10"),
        ("ms2372h", 'usb = "12d1:1506"', 'usb = "1506"', "looks like 12d1:1506"),
        ("ms2372h", 'switched_by = "5553', 'switched_by = "0000', "no command block wrapper"),
        ("ms2372h", 'mode = "modem"', 'mode = "storage"', "two devices have the mode 'storage'"),
        ("ms2372h", 'type = "interrupt"', 'type = "isochronous"', "bulk or interrupt"),
        ("ms2372h", "max_packet = 10", 'max_packet = "ten"', "max_packet must be a int"),
        ("ms2372h", "[drive]", "[drive", "cannot be read"),
        ("common", "\\+CSQ", "(", "not a regular expression"),
        ("common", '"10.64.0.2"', '"10.64.0"', "guest: "),
        ("common", '"10.64.0.0/24"', '"10.64.0.1/24"', "subnet: "),
        ("common", "every_s = 10.0", "every_s = 0.0", "above 0"),
        ("common", "attach_delay_s = 1.1", 'attach_delay_s = "soon"', "must be a float"),
    ],
)
def test_faults_in_the_data_name_the_place(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    for path in data.STICKS.glob("*.toml"):
        shutil.copy(path, tmp_path)
    target = tmp_path / f"{file}.toml"
    text = target.read_text()
    assert old in text
    target.write_text(text.replace(old, new))
    with pytest.raises(InputError, match=message) as caught:
        data.load("ms2372h", tmp_path)
    assert f"{file}.toml" in str(caught.value) or "MS2372h" in str(caught.value)


def test_a_stick_that_the_database_does_not_know(tmp_path: Path) -> None:
    for path in data.STICKS.glob("*.toml"):
        shutil.copy(path, tmp_path)
    shutil.copy(data.STICKS / "ms2372h.toml", tmp_path / "e9999.toml")
    with pytest.raises(InputError, match=r"modems\.toml has no stick 'e9999'"):
        data.load("e9999", tmp_path)
