# SPDX-License-Identifier: MIT
"""Giving ff/03/46 to huawei_cdc_ncm: what is written to the driver, and when nothing is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from huawei_modem import bind
from huawei_modem.database import load
from patience import PATIENCE
from unit.helper.trees import link, plug, write

FAMILY = load().family
DRIVER = "sys/bus/usb/drivers/huawei_cdc_ncm"


def no_modules(names: Iterable[str]) -> None:
    assert list(names) == ["option", "huawei_cdc_ncm"]


def stick(root: Path, listed: str = "") -> Path:
    """A stick whose fourth interface has no driver; the driver is loaded and lists `listed`."""
    device = plug(root, "12d1:1596", drivers=False)
    write(root / DRIVER / "new_id", listed)
    write(root / DRIVER / "remove_id", "")
    return device / "1-1:1.3"


def probing_driver(root: Path, interface: Path) -> Callable[[float], None]:
    """A driver that takes the interface while the helper waits, once the right line was written."""

    def sleep(_seconds: float) -> None:
        right = (root / DRIVER / "new_id").read_text() == "12d1 1596 ff 12d1 0\n"
        if right and not (interface / "driver").exists():
            link(interface / "driver", root / DRIVER)

    return sleep


def test_the_id_is_written_in_full_and_the_driver_takes_the_interface(tmp_path: Path) -> None:
    interface = stick(tmp_path)
    done = bind.bind(tmp_path, interface, FAMILY, no_modules, probing_driver(tmp_path, interface))
    assert "id '12d1 1596 ff 12d1 0' added, driven by huawei_cdc_ncm" in done
    assert (tmp_path / DRIVER / "remove_id").read_text() == ""


def test_a_driver_that_is_there_is_left_alone(tmp_path: Path) -> None:
    interface = stick(tmp_path)
    link(interface / "driver", tmp_path / DRIVER)
    assert "driven by huawei_cdc_ncm" in bind.bind(
        tmp_path, interface, FAMILY, no_modules, lambda _seconds: None
    )
    assert (tmp_path / DRIVER / "new_id").read_text() == ""


def test_an_id_that_is_listed_already_is_waited_for_and_not_written_again(tmp_path: Path) -> None:
    interface = stick(tmp_path, listed="12d1 1596 ff\n")

    def sleep(_seconds: float) -> None:
        if not (interface / "driver").exists():
            link(interface / "driver", tmp_path / DRIVER)

    bind.bind(tmp_path, interface, FAMILY, no_modules, sleep)
    assert (tmp_path / DRIVER / "new_id").read_text() == "12d1 1596 ff\n"


def test_an_incomplete_id_that_hides_the_right_one_is_removed_first(tmp_path: Path) -> None:
    interface = stick(tmp_path, listed="12d1 1596\n0bda 8152\n")
    bind.bind(tmp_path, interface, FAMILY, no_modules, probing_driver(tmp_path, interface))
    assert (tmp_path / DRIVER / "remove_id").read_text() == "12d1 1596\n"


def test_a_second_plug_finds_the_id_and_adds_none(tmp_path: Path) -> None:
    """The kernel keeps the id of the first plug and binds by itself."""
    interface = stick(tmp_path)
    bind.bind(tmp_path, interface, FAMILY, no_modules, probing_driver(tmp_path, interface))
    (interface / "driver").unlink()
    written = (tmp_path / DRIVER / "new_id").stat().st_mtime_ns
    # The kernel reads an entry back without the pair that driver_info was taken from; the test's file has it.
    done = bind.bind(tmp_path, interface, FAMILY, no_modules, probing_driver(tmp_path, interface))
    assert done == "1-1:1.3: driven by huawei_cdc_ncm"
    assert (tmp_path / DRIVER / "new_id").stat().st_mtime_ns == written


def test_two_interfaces_at_once_take_turns(tmp_path: Path) -> None:
    interface = stick(tmp_path)
    probing = probing_driver(tmp_path, interface)
    second = threading.Thread(
        target=bind.bind, args=(tmp_path, interface, FAMILY, no_modules, probing), daemon=True
    )
    with bind._one_at_a_time(tmp_path):
        second.start()
        second.join(0.3)
        assert second.is_alive()
        assert (tmp_path / DRIVER / "new_id").read_text() == ""
    second.join(PATIENCE)
    assert (tmp_path / DRIVER / "new_id").read_text() == "12d1 1596 ff 12d1 0\n"


def test_a_driver_that_refuses_is_named(tmp_path: Path) -> None:
    interface = stick(tmp_path)
    with pytest.raises(bind.BindError, match="did not take it"):
        bind.bind(tmp_path, interface, FAMILY, no_modules, lambda _seconds: None)


def test_a_driver_that_is_not_there_is_named(tmp_path: Path) -> None:
    interface = plug(tmp_path, "12d1:1596", drivers=False) / "1-1:1.3"
    with pytest.raises(bind.BindError, match="huawei_cdc_ncm: No such file"):
        bind.bind(tmp_path, interface, FAMILY, no_modules, lambda _seconds: None)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_serial_ports_are_refused(tmp_path: Path, number: int) -> None:
    device = plug(tmp_path, "12d1:1596", drivers=False)
    with pytest.raises(bind.BindError, match="not an interface"):
        bind.bind(tmp_path, device / f"1-1:1.{number}", FAMILY, no_modules)


def test_only_interfaces_outside_the_drivers_table_are_candidates(tmp_path: Path) -> None:
    plug(tmp_path / "vodafone", "12d1:1596", drivers=False)
    plug(tmp_path / "unbranded", "12d1:1506", drivers=False)
    plug(tmp_path / "other", "12d1:1596", drivers=False, vendor="0bda")
    assert [path.name for path in bind.candidates(tmp_path / "vodafone", FAMILY)] == ["1-1:1.3"]
    assert bind.candidates(tmp_path / "unbranded", FAMILY) == []
    assert bind.candidates(tmp_path / "other", FAMILY) == []
