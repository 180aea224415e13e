# SPDX-License-Identifier: MIT
"""What public dumps say of single sticks, against the database and the emulated sticks: read from the dump.

tests/corpus/listings, setport.txt and timings.txt name their sources.
"""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import pytest

from huawei_modem.database import Mode, Stick
from modem_image.bench.stick import data
from modem_image.sticks.recording import file, reader
from modem_image.sticks.recording.entry import AGREES, CONTRADICTS, judged
from modem_image.sticks.recording.model import INTERRUPT, Device
from modem_image.sticks.recording.stick import recorded
from unit.sticks.known import DATABASE

CORPUS = Path(__file__).parents[2] / "corpus"
LISTINGS = {path.stem: path for path in sorted((CORPUS / "listings").glob("*.txt"))}
STICKS = {stick.id: stick for stick in DATABASE.sticks}
VENDORS = {0x12D1, 0x3566, 0x03F0}
OLDER_KERNEL = {
    "15d5-e303-movistar": "option, before Linux 3.15 had huawei_cdc_ncm",
    "k3806-14ae": "option, before Linux 3.4 left the interface to cdc_ether",
}


def devices(name: str) -> list[Device]:
    return reader.devices_of(LISTINGS[name].read_bytes(), VENDORS)


def mode(stick: Stick, usb: str) -> Mode:
    return next(one for one in stick.modes if one.usb == usb)


def layout(one: Mode, configuration: int = 1) -> list[str]:
    """Class, subclass, protocol of each interface in its order."""
    interfaces = one.interfaces if one.configuration == configuration else ()
    others = [other.interfaces for other in one.configurations if other.value == configuration]
    return ["/".join(item.triple) for item in (interfaces or others[0])]


def listed(name: str, usb: str, number: int = 0) -> list[str]:
    """The same of the dump's device with this id, the `number`th of them."""
    found = [device for device in devices(name) if device.usb == usb][number]
    return [s.class_text for s in found.settings if s.alternate == min(
        other.alternate for other in found.settings if other.number == s.number)]  # fmt: skip


@pytest.mark.parametrize("name", LISTINGS)
def test_no_dump_contradicts_the_database(name: str) -> None:
    recording = recorded("stick", devices(name), DATABASE)
    found = [item.text for item in judged(recording, DATABASE) if item.kind == CONTRADICTS]
    assert bool(found) == (name in OLDER_KERNEL), found


@pytest.mark.parametrize(
    ("stick", "usb", "name", "number"),
    [
        # 1: the message's system byte decides, on one stick.
        ("e353-acm", "12d1:1c05", "e173s-1c05-acm-and-ff", 0),
        ("e353", "12d1:1c05", "e173s-1c05-acm-and-ff", 1),
        ("e353-acm", "12d1:1c05", "k3770-14d1-1c05-14c9", 0),
        ("k3770", "12d1:14c9", "k3770-14d1-1c05-14c9", 0),
        # 3: one id with QMI and with NCM.
        ("e398", "12d1:1506", "e398-1506-linux-order", 0),
        ("e173-hisilicon", "12d1:1506", "e173-hisilicon-1506", 0),
        # 4
        ("e3276", "12d1:1506", "e3276-14fe-1506", 0),
        # 5
        ("e3372h", "12d1:14dc", "e3372-14dc-huawei-mobile", 0),
        ("e3531", "12d1:14dc", "14dc-huawei", 0),
        ("e3372h", "12d1:155e", "e3372h-320-155e", 0),
        # 8
        ("k4203", "12d1:1590", "k4203-1590", 0),
        ("e303-movistar", "12d1:15d5", "15d5-e303-movistar", 0),
        ("brovi-e3372-325", "3566:2001", "brovi-3566-2001", 0),
        ("e372", "12d1:1505", "e372-1505-14ac-full-speed", 0),
        ("k4510", "12d1:14cb", "k4510-14cb", 0),
    ],
)
def test_a_sticks_interfaces_are_those_of_its_dump(stick: str, usb: str, name: str, number: int) -> None:
    assert layout(mode(STICKS[stick], usb)) == listed(name, usb, number)


def test_what_has_two_configurations_has_them_in_the_database() -> None:
    """2 and 4: drive and MBIM; a module's ports and NCM in the first of three; the second layout of 1573."""
    (drive,) = devices("1f1e-vodafone")
    assert [one.value for one in drive.configurations] == [1, 2]
    assert drive.configurations[1].settings[0].class_text == "02/0e/00"
    assert layout(mode(STICKS["k5160"], drive.usb), 2)[0] == "02/0e/00"
    first = devices("1446-two-configurations-1506")[0]
    assert first.configurations[1].settings[0].class_text == "02/0e/00"
    assert layout(mode(STICKS["1446-mbim"], first.usb), 2)[0] == "02/0e/00"
    module = mode(STICKS["me909s-120"], "12d1:15c1")
    shown = listed("me909s-821-15c1-configuration-1", "12d1:15c1")
    assert len(shown) == 6
    assert layout(module, 1)[:5] == shown[:5]
    other = mode(STICKS["huawei-1573-qualcomm"], "12d1:1573")
    assert [item.protocol for item in other.interfaces] == ["01", "03", "02", "05"]
    drives = [s for d in devices("e3276-14fe-1506") if d.usb == "12d1:14fe" for s in d.settings]
    assert len(drives) == len(mode(STICKS["e3276"], "12d1:14fe").interfaces) == 2


def test_only_the_modem_port_has_an_interrupt_endpoint() -> None:
    """6: in every dump that lists endpoints, and in every emulated stick."""
    dumps = [device for name in LISTINGS for device in devices(name)]
    emulated = [device for name in data.names() for device in file.read(data.path_of(name))[0].devices]
    seen = 0
    for device in (*dumps, *emulated):
        for setting in device.settings:
            class_, subclass, protocol = setting.class_text.split("/")
            function = DATABASE.family.function_of(class_, subclass, protocol)
            if setting.endpoints and function and function.name in ("modem", "pcui", "diag"):
                has = any(endpoint.kind == INTERRUPT for endpoint in setting.endpoints)
                assert has == (function.name == "modem"), (device.usb, setting.number)
                seen += 1
    assert seen > 20


def test_the_numbers_of_huaweis_gadget_source_are_measured() -> None:
    """9: 31, 32, 33, 46, 06 and 1b."""
    found = {n: DATABASE.family.function_of("ff", "06", n) for n in ("31", "32", "33", "46", "06", "1b")}
    assert {n: function.name for n, function in found.items() if function} == {
        "31": "modem", "32": "pcui", "33": "diag", "46": "ncm", "06": "ctrl", "1b": "comm",
    }  # fmt: skip
    for function in found.values():
        assert function is not None
        assert function.fact.confidence == "measured"
        assert any(source.startswith("gadget: ") for source in function.fact.source)


def test_an_e3372h_153_as_bought_has_the_order_of_its_setport() -> None:
    """7: AT^SETPORT's numbers behind the semicolon are the protocols, A1 and A2 the drives."""
    text = (CORPUS / "setport.txt").read_text()
    (bought,) = re.findall(r"^E3372h-153 \(aliicex\)\t\S+;(\S+)$", text, re.MULTILINE)
    numbers = ["01" if port == "1" else port for port in bought.split(",") if port[0] != "A"]
    interfaces = mode(STICKS["e3372h-153"], "12d1:1506").interfaces
    assert [item.protocol for item in interfaces if item.usb_class == "ff"] == numbers
    said = dict(re.findall(r"^A1,A2;12,1,16,A1,A2\t.*huawei,(PCUI):(\d)", text, re.MULTILINE))
    assert interfaces[int(said["PCUI"])].function == "pcui"


def test_modules_answer_with_a_space_and_sticks_without() -> None:
    """10."""
    for name, gap in (("ms2372h", ""), ("e3372s", ""), ("me909s-120", " "), ("me936", " ")):
        row = next(row for row in data.load(name).modem.rows if row.pattern.fullmatch("^HCSQ?"))
        assert row.lines == (f'^HCSQ:{gap}"LTE",53,45,181,18',), name


def test_a_stick_is_away_as_long_as_the_middle_one_of_public_logs() -> None:
    """11: from "USB disconnect" to "new USB device", or to "found" where the log lacks that."""
    rows = [line.split("\t") for line in (CORPUS / "timings.txt").read_text().splitlines() if "\t" in line]
    away = {
        row[0]: float(row[5] if row[5] != "-" else row[6]) - float(row[4]) for row in rows if row[0][0] != "#"
    }
    default = data.load("ms2372h").attach_delay_s
    assert round(statistics.median(away.values()), 1) == default == 1.1
    assert round(away["E3372h-153"], 1) == data.load("e3372h").attach_delay_s == 0.4


def test_each_id_that_the_dumps_brought_is_known() -> None:
    """8."""
    products = "15bb 14ac 14cb 1c1e 1c1f 1505 15d4 15d5 1003 1414 1570 1571 1572 1442 14f1"
    for product in products.split():
        assert DATABASE.mode_name(f"12d1:{product}"), product
    assert DATABASE.mode_name("3566:2001") == "storage"
    assert {m.name for m in STICKS["brovi-e3372-325"].modes} == {"storage", "hilink"}
    recording = recorded("stick", devices("brovi-3566-2001"), DATABASE)
    assert [item.kind for item in judged(recording, DATABASE)] == [AGREES]
