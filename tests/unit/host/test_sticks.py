# SPDX-License-Identifier: MIT
"""Every cell of docs/sticks.md's table has its test: it is looked for among the tests' own parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from daemons import test_modeswitch as modeswitch
from daemons import test_sticks as sticks
from huawei_modem.database import Stick
from kernel import test_drivers as drivers
from modem_image.sticks.choices import choices, has_own_entry
from modem_image.sticks.reach import (
    Cell,
    Face,
    Reach,
    Way,
    cells,
    faces,
    mbim_of,
    networks_of,
    reaches,
    rows,
    way_to,
)
from modem_image.sticks.summary import summary
from unit.sticks.known import DATABASE

CELLS = {
    f"{cell.face.name}-{cell.column}": (stick, cell)
    for stick in DATABASE.sticks
    for cell in cells(DATABASE, stick)
}
BY_REACH = {
    Reach.CONTEXT: sticks.test_it_comes_as_far_in_ofono_as_the_table_says,
    Reach.LABELLED: sticks.test_it_comes_as_far_in_ofono_as_the_table_says,
    Reach.LISTED: sticks.test_it_comes_as_far_in_ofono_as_the_table_says,
    Reach.ADDRESS: sticks.test_a_router_gives_connman_an_address,
}

Needed = tuple[Callable[..., None], str]
"""A test and the id of its parameter."""


def ids_of(test: Callable[..., None]) -> set[str]:
    """The ids that a test is run with, as far as one of its parameters gives them."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    return {str(name) for mark in marks for name in mark.kwargs.get("ids") or mark.args[1]}


def needed(stick: Stick, cell: Cell) -> Iterator[Needed]:
    """The tests that the cell needs."""
    if cell.column == "switch":
        yield from switch_needs(stick, cell.face)
    elif cell.column == "ports" and cell.text:
        yield sticks.test_each_port_has_its_label, cell.face.name
    elif cell.column == "data" and cell.text:
        yield from data_needs(stick, cell)
    elif cell.column == "works" and cell.face.mode.interfaces:
        yield BY_REACH[reaches(cell.face.mode)], cell.face.name


def switch_needs(stick: Stick, face: Face) -> Iterator[Needed]:
    mode = face.mode
    if mode.interfaces:
        yield modeswitch.test_the_rules_call_it_for_drives_and_two_modules_and_for_nothing_else, face.name
    if mode.mbim_preferred and mbim_of(mode):
        yield modeswitch.test_a_configuration_with_mbim_is_chosen_and_no_message_sent, face.name
    if has_own_entry(mode):
        yield modeswitch.test_the_installed_file_of_a_choice_makes_udevs_script_send_it, f"{mode.usb}="
    elif mode.switch:
        yield modeswitch.test_upstreams_entry_sends_exactly_the_message, f"{mode.usb}-{stick.id}"
    else:
        yield modeswitch.test_upstream_has_no_message_for_it, face.name
    if way_to(stick, mode) is Way.MESSAGE:
        product = mode.usb.partition(":")[2]
        (way,) = (item for item in choices(DATABASE) if product in dict(item.targets))
        yield modeswitch.test_the_command_of_a_choice_sends_exactly_the_message, way.name
        yield modeswitch.test_the_installed_file_of_a_choice_makes_udevs_script_send_it, way.name


def data_needs(stick: Stick, cell: Cell) -> Iterator[Needed]:
    if "PPP" in cell.text:
        yield sticks.test_data_goes_through_the_port_that_the_table_calls_modem, cell.face.name
    for item in networks_of(cell.face.mode):
        name = f"{stick.id}-{cell.face.mode.usb}-{item.number}-{'/'.join(item.triple)}"
        yield drivers.test_the_kernels_own_table_gives_the_interface_to_the_driver, name


def missing(stick: Stick, cell: Cell) -> list[str]:
    """The tests that the cell needs and that are not there."""
    return [f"{test.__name__}[{name}]" for test, name in needed(stick, cell) if name not in ids_of(test)]


@pytest.mark.parametrize(("stick", "cell"), CELLS.values(), ids=CELLS)
def test_every_cell_has_its_test(stick: Stick, cell: Cell) -> None:
    assert missing(stick, cell) == []
    if cell.text and cell.column != "confidence" and not cell.text.endswith(Reach.UNKNOWN.value):
        assert list(needed(stick, cell)), "nothing tests it"


def test_a_drive_that_stays_for_mbim_is_no_modem_with_ports_by_itself() -> None:
    """Its own message is sent only where the kernel has no cdc_mbim, which the layer brings."""
    names = {
        stick.name
        for stick in DATABASE.sticks
        for mode in stick.modes
        if mode.switch and mode.mbim_preferred and mbim_of(mode)
    }
    assert {"Huawei 12d1:1446 (MBIM)", "Huawei E3372 (MBIM)"} <= names
    found = {name: line.answer for line in summary(DATABASE) for name in line.sticks if name in names}
    assert found == dict.fromkeys(names, "yes: MBIM")


def test_a_cell_without_a_test_is_noticed() -> None:
    (stick, cell) = CELLS["e3131-modem-ports"]
    invented = cell._replace(face=cell.face._replace(name="e3132-modem"))
    assert missing(stick, invented) == ["test_each_port_has_its_label[e3132-modem]"]


def test_no_face_is_lost() -> None:
    """All that is no drive is in the table, and so is each configuration that the tests look at."""
    shown = {face.name for stick in DATABASE.sticks for face in faces(stick)}
    drives = {"e3372-mbim-mbim", "k5160-mbim"}
    assert shown >= {name for name in sticks.ALL if not name.endswith("-storage")} - drives
    assert {name for name in CELLS if name.endswith("-switch")} == {
        f"{name}-switch" for name in modeswitch.MODES
    }


def told(name: str) -> tuple[str, str]:
    """What the row of the stick says of the switch and of how far it comes."""
    (row,) = (row for row in rows(DATABASE) if row.name == name)
    return row.switch, row.works


@pytest.mark.parametrize(
    ("name", "switch", "works"),
    [
        ("Huawei MS2372h", "14fe to 1506", "oFono: context active, PPP"),
        ("Huawei E3372 (MBIM)", "157d stays, configuration 2", "oFono lists the modem as MBIM"),
        (
            "Huawei MS2131",
            "1f01 to 14db (hilink), which is not in this row<br>1001 [by choice](#choosing-a-mode)",
            "not by itself: oFono: context active, PPP",
        ),
        (
            "Huawei E353",
            "1f01 to 14db, 14dc<br>1c05: no way known",
            "14db: ConnMan: address by DHCP<br>1c05, not by itself: oFono: context active, PPP",
        ),
        (
            "Huawei ME906s",
            "15c1 stays, configuration 3",
            "configuration 3: oFono lists the modem as MBIM"
            "<br>configuration 2, not by itself: oFono: context active, PPP",
        ),
    ],
)
def test_what_nothing_leads_to_is_not_claimed(name: str, switch: str, works: str) -> None:
    assert told(name) == (switch, works)
