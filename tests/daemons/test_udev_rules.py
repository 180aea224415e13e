# SPDX-License-Identifier: MIT
"""The rendered rules in the real udev: names, more than one stick, what they start, hostile strings.

That every stick of the database gets its labels is in test_sticks.py.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from daemons.bed.client import MARKS, RULES, Bed, labels
from daemons.bed.describe import Plugged, plugged, unknown
from daemons.bed.packages import tree
from daemons.real import install_helper
from huawei_modem.database import every_interface, load
from unit.helper.trees import mode_of

pytestmark = MARKS

VODAFONE, PLAIN = "12d1:1596", "12d1:1506"
PORTS = ("modem", "diag", "pcui")
HOSTILE = {
    "a shell's": "$(touch /run/harmed) `touch /run/harmed` ; touch /run/harmed",
    "tcl's": "[exec touch /run/harmed] $::env(HOME) {}\\",
    "udev's": '", RUN+="/bin/touch /run/harmed" %p $env{PATH} ../../../run/harmed',
    "two lines": "HUAWEI\nE: OFONO_LABEL=pcui\nSYSTEMD_WANTS=reboot.target",
    "an escape": "\x1b]0;harmed\x07\x1b[2J",
    "of 255 characters": "A" * 255,
    "markup": "<script>alert(1)</script>&\"'",
}


def tty_paths(stick: Plugged) -> list[str]:
    return [path for path in stick.paths if "/tty/" in path]


def links(properties: Mapping[str, str]) -> set[str]:
    """The names in /dev that are ours."""
    return {
        name for name in properties.get("DEVLINKS", "").split() if "modem" in name and "by-id" not in name
    }


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bed, dict[str, dict[str, str]]]]:
    """Two sticks at two ports, with what udev made of their serial ports."""
    with Bed(tmp_path_factory.mktemp("two")) as bed:
        first = plugged(mode_of(VODAFONE), port="1-1", number=3)
        second = plugged(mode_of(PLAIN), port="1-2", number=4, first_tty=3)
        found = bed.plug(first, only=tty_paths(first)) | bed.plug(second, only=tty_paths(second))
        yield bed, {path.rsplit("/", 1)[-1]: properties for path, properties in found.items()}


def test_a_port_has_a_plain_name_and_one_by_its_place(two: tuple[Bed, dict[str, dict[str, str]]]) -> None:
    _bed, found = two
    for tty, properties in found.items():
        label = properties["OFONO_LABEL"]
        place = properties["ID_PATH"]
        assert links(properties) == {f"/dev/modem-{label}", f"/dev/huawei-modem/{place}-{label}"}, tty
        started = properties.get("SYSTEMD_WANTS", "")
        assert started == ("huawei-modem-connect.service" if label == "pcui" else "")


def test_with_two_sticks_each_port_has_a_name_of_its_own(two: tuple[Bed, dict[str, dict[str, str]]]) -> None:
    bed, found = two
    target = {
        name: bed.run("readlink", "-f", name)["out"].strip()
        for properties in found.values()
        for name in links(properties)
    }
    by_place = {name: tty for name, tty in target.items() if name.startswith("/dev/huawei-modem/")}
    assert sorted(by_place.values()) == [f"/dev/{tty}" for tty in sorted(found)]
    for tty, properties in found.items():
        assert (
            by_place[f"/dev/huawei-modem/{properties['ID_PATH']}-{properties['OFONO_LABEL']}"]
            == f"/dev/{tty}"
        )
    # The plain names are those of the stick that came last.
    plain = {
        name.removeprefix("/dev/modem-"): tty
        for name, tty in target.items()
        if name.startswith("/dev/modem-")
    }
    assert plain == {"modem": "/dev/ttyUSB3", "diag": "/dev/ttyUSB4", "pcui": "/dev/ttyUSB5"}


def test_a_stick_that_nobody_knows_gets_its_labels_by_the_numbers(tmp_path: Path) -> None:
    """In the numbering of each brand."""
    with Bed(tmp_path) as bed:
        for number, offset in enumerate((0x00, 0x30, 0x60), 1):
            stick = plugged(
                unknown("12d1", offset),
                port=f"1-{number}",
                number=number + 2,
                first_tty=3 * number,
                first_network=number,
            )
            found = labels(bed.plug(stick, only=tty_paths(stick)), list(stick.ttys.values()))
            assert list(found.values()) == list(PORTS), offset


def test_a_stick_of_another_vendor_is_left_alone(tmp_path: Path) -> None:
    with Bed(tmp_path) as bed:
        found = bed.plug(plugged(unknown("19d2", 0)))
    for properties in found.values():
        assert not links(properties)
        assert not {"OFONO_LABEL", "SYSTEMD_WANTS"} & set(properties)


@pytest.mark.parametrize("is_bound", [False, True], ids=["without-driver", "with-driver"])
def test_what_the_driver_lacks_is_given_to_the_helper(tmp_path: Path, is_bound: bool) -> None:
    """Interfaces outside of huawei_cdc_ncm's table, as long as no patched kernel has bound them."""
    with Bed(tmp_path) as bed:
        for number, usb in enumerate((VODAFONE, PLAIN), 1):
            mode = mode_of(usb)
            port = f"1-{number}"
            stick = plugged(
                mode,
                port=port,
                number=number + 2,
                first_tty=3 * number,
                first_network=number,
                bound=lambda item: item.function != "ncm" or is_bound,
            )
            (ncm,) = [item for item in mode.interfaces if item.function == "ncm"]
            path = f"{stick.device}/{port}:1.{ncm.number}"
            wants = bed.plug(stick, only=[path])[path].get("SYSTEMD_WANTS", "")
            gap = load().family.gap_of(*ncm.triple) is not None
            assert wants == ("huawei-modem-bind@.service" if gap and not is_bound else "")


@pytest.fixture(scope="module")
def helper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed helper."""
    return install_helper(tmp_path_factory.mktemp("helper"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bed, dict[str, dict[str, str]]]]:
    """A stick for each hostile string, as manufacturer, product and serial number; one is no UTF-8."""
    with Bed(tmp_path_factory.mktemp("hostile")) as bed:
        found = {}
        for number, string in enumerate([*HOSTILE.values(), ""], 1):
            stick = plugged(
                mode_of(VODAFONE),
                port=f"1-{number}",
                number=number + 2,
                first_tty=3 * number,
                first_network=number,
                strings=(string, string, string),
            )
            # What the kernel makes of UTF-16 with a lone surrogate depends on the kernel: take the worst.
            raw = dict.fromkeys(("manufacturer", "product", "serial"), b"\xff\xfe\xed\xa0\x80HUAWEI\n")
            found |= bed.plug(stick, binary=None if string else raw)
        yield bed, found


def test_hostile_strings_change_no_label_no_name_and_start_nothing(
    hostile: tuple[Bed, dict[str, dict[str, str]]],
) -> None:
    bed, found = hostile
    ports = [properties for path, properties in found.items() if "/tty/" in path]
    assert [item.get("OFONO_LABEL") for item in ports] == list(PORTS) * (len(HOSTILE) + 1)
    for properties in ports:
        label = properties["OFONO_LABEL"]
        for name in links(properties):
            assert re.fullmatch(rf"/dev/(modem-{label}|huawei-modem/[a-z0-9.:_-]+-{label})", name)
        wanted = "huawei-modem-connect.service" if label == "pcui" else ""
        assert properties.get("SYSTEMD_WANTS", "") == wanted
    assert all("harmed" not in item.get("run", "") for item in found.values())
    assert bed.run("test", "-e", "/run/harmed")["status"] != 0


@pytest.mark.parametrize(
    "command", [["status"], ["status", "--json", "-"], ["doctor"], ["doctor", "--json", "-"]]
)
def test_hostile_strings_reach_nothing_of_the_helper(
    hostile: tuple[Bed, dict[str, dict[str, str]]], helper: Path, command: list[str]
) -> None:
    bed, _found = hostile
    done = bed.run(str(helper), *command, preload=True)
    said = done["out"] + done["err"]
    assert done["status"] in (0, 1), said
    assert "Traceback" not in said
    assert said.count(VODAFONE) >= len(HOSTILE)
    for word in ("harmed", "reboot.target", "script>", "AAAA", "\x1b"):
        assert word not in said, word
    assert bed.run("test", "-e", "/run/harmed")["status"] != 0


def test_hostile_strings_do_not_reach_the_interpreter_of_usb_modeswitch(tmp_path: Path) -> None:
    """Its dispatcher is a Tcl script that reads them; udev starts it for every drive."""
    with Bed(tmp_path) as bed:
        bed.run("sed", "-i", "s/^EnableLogging=.*/EnableLogging=1/", "/etc/usb_modeswitch.conf")
        string = " ".join(HOSTILE.values())
        bed.plug(plugged(mode_of("12d1:14fe"), strings=(string, string, string)), only=[])
        bed.run("timeout", "5", "usb_modeswitch_dispatcher", "--switch-mode", "1-1", preload=True)
        log = bed.run("sh", "-c", "cat /var/log/usb_modeswitch_*")["out"]
        assert "USB values from sysfs" in log
        assert bed.run("test", "-e", "/run/harmed")["status"] != 0


def test_ofono_takes_a_stick_with_hostile_strings(tmp_path: Path) -> None:
    with Bed(tmp_path) as bed:
        string = " ".join(HOSTILE.values())[:255]
        stick = plugged(mode_of(VODAFONE), strings=(string, string, string))
        bed.plug(stick)
        bed.start_ofono()
        assert list(bed.until(bed.modems, "the modem")) == ["/huawei_0"]
        assert bed.status("ofonod") is None


def test_udevadm_verify_finds_no_fault() -> None:
    """systemd 254 has `udevadm verify`; Debian 12 has it in its backports."""
    newer = tree(("udev", "libsystemd-shared"), ("bookworm-backports",))
    (library,) = newer.glob("usr/lib/*/systemd/libsystemd-shared-*.so")
    (program,) = newer.glob("**/bin/udevadm")
    done = subprocess.run(
        [program, "verify", "--resolve-names=never", RULES],
        env={"LD_LIBRARY_PATH": str(library.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Success:\s+1", done.stdout)


def test_every_label_of_the_rules_is_of_a_port_that_the_database_knows() -> None:
    named = set(re.findall(r'ENV\{OFONO_LABEL\}="(\w+)"', RULES.read_text(encoding="utf-8")))
    functions = {
        item.function for stick in load().sticks for mode in stick.modes for item in every_interface(mode)
    }
    assert named == set(PORTS)
    assert named <= functions
