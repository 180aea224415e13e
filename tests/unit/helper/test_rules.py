# SPDX-License-Identifier: MIT
"""Every rule of the doctor: the one broken fact gives its finding, and a healthy system gives none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from huawei_modem import rules
from huawei_modem.database import load
from huawei_modem.facts import stick_facts
from huawei_modem.report import INSUFFICIENT_DATA, Report, Severity, Verdict
from unit.helper.samples import changed, healthy
from unit.helper.trees import plug

MODEM = ("ofono", "modems", 0)
INTERFACES = ("sticks", 0, "interfaces")
STORAGE = {
    "number": 0,
    "usb_class": "08",
    "subclass": "06",
    "protocol": "50",
    "function": "storage",
    "wanted_driver": None,
    "driver": "usb-storage",
    "listed": True,
    "tty": None,
    "net": None,
    "label": None,
}

FAULTS: list[tuple[str, tuple[str | int, ...], Any]] = [
    ("modules-missing", ("kernel", "lacking"), ["option"]),
    ("modules-index-broken", ("kernel", "absent"), ["kernel/drivers/usb/serial/option.ko"]),
    ("modules-mismatch", ("kernel", "foreign"), {"kernel/drivers/net/tun.ko": "5.4.193"}),
    ("modules-index-broken", ("kernel", "index"), False),
    ("stick-absent", ("sticks",), []),
    ("stick-in-storage-mode", INTERFACES, [STORAGE]),
    ("serial-driver-missing", (*INTERFACES, 0, "driver"), None),
    ("serial-driver-missing", (*INTERFACES, 2, "driver"), None),
    ("tun-missing", ("tun",), False),
    ("ofono-ports-unlabelled", (*INTERFACES, 0, "label"), None),
    ("ofono-ports-unlabelled", (*INTERFACES, 2, "label"), None),
    ("ofono-ports-unlabelled", (*INTERFACES, 2, "label"), "modem"),
    ("ofono-no-modem", ("ofono", "modems"), []),
    ("usb-unconfigured", INTERFACES, []),
    ("roaming-off", (*MODEM, "registration"), "roaming"),
    ("sim-missing", (*MODEM, "sim_present"), False),
    ("sim-pin-required", (*MODEM, "pin_required"), "pin"),
    ("sim-pin-required", (*MODEM, "pin_required"), "puk"),
    ("not-registered", (*MODEM, "registration"), "denied"),
    ("not-registered", (*MODEM, "registration"), "searching"),
    ("ofono-no-context", (*MODEM, "contexts"), []),
    ("ofono-no-context", (*MODEM, "contexts"), [{"type": "mms", "active": False, "apn": "mms"}]),
    ("apn-missing", (*MODEM, "contexts", 0, "apn"), ""),
    ("connman-not-running", ("connman", "running"), False),
    ("connman-no-service", ("connman", "services"), []),
]


def codes(facts: Any) -> list[str]:
    return [finding.code for finding in rules.judge(facts)]


def verdict(facts: Any) -> Verdict:
    return Report("test", "test", rules.judge(facts)).verdict


def test_a_healthy_system_gives_no_finding() -> None:
    assert codes(healthy()) == []


@pytest.mark.parametrize(("code", "path", "value"), FAULTS)
def test_one_broken_fact_gives_its_error_and_no_other(
    code: str, path: tuple[str | int, ...], value: Any
) -> None:
    (finding,) = rules.judge(changed(*path, to=value))
    assert finding.code == code
    assert finding.severity is Severity.ERROR
    assert finding.evidence
    assert finding.remedy


@pytest.mark.parametrize("usb", ["12d1:1f01", "3426:1f01", "3566:2001"])
def test_a_drive_that_was_not_switched_is_found_under_any_vendors_id(tmp_path: Path, usb: str) -> None:
    stick = stick_facts(tmp_path, plug(tmp_path, usb), load())
    (finding,) = rules.judge(changed("sticks", to=[stick]))
    assert (finding.code, finding.severity) == ("stick-in-storage-mode", Severity.ERROR)
    assert usb in finding.title


ROUTER = [
    {
        **STORAGE,
        "usb_class": "02",
        "protocol": "00",
        "function": "ether",
        "wanted_driver": "cdc_ether",
        "driver": "cdc_ether",
        "net": "eth0",
    }
]


@pytest.mark.parametrize(
    ("service", "found"),
    [
        ({"interface": "eth0", "state": "online", "address": "192.168.8.100"}, []),
        ({"interface": "eth0", "state": "configuration", "address": None}, ["router-no-address"]),
        ({"interface": "eth0", "state": "ready", "address": "169.254.7.7"}, ["router-no-address"]),
        ({"interface": "eth1", "state": "ready", "address": "192.168.8.100"}, ["router-no-address"]),
    ],
)
def test_a_router_in_the_stick_has_to_give_an_address(service: dict[str, Any], found: list[str]) -> None:
    facts = healthy()
    facts["sticks"][0].update(mode="hilink", interfaces=ROUTER)
    facts["ofono"]["modems"] = []
    facts["connman"]["services"] = [{"type": "ethernet", "name": "Wired", "error": None, **service}]
    assert [item.code for item in rules.judge(facts) if item.severity is Severity.ERROR] == found


def test_the_network_card_beside_at_ports_waits_for_a_call() -> None:
    """Modules such as the ME909s: Ethernet and ports; it has an address only while a call is up."""
    facts = healthy()
    facts["sticks"][0]["interfaces"].append(ROUTER[0])
    assert "router-no-address" not in codes(facts)


def test_modules_of_another_kernel_only_are_a_mismatch() -> None:
    facts = healthy()
    facts["kernel"].update(folder=False, folders=[])
    assert codes(facts) == ["modules-missing"]
    facts["kernel"]["folders"] = ["5.4.193-5.7.1"]
    (finding,) = rules.judge(facts)
    assert finding.code == "modules-mismatch"
    assert "5.4.193-5.7.1" in [item.text for item in finding.evidence]


def test_a_kernel_that_takes_no_modules_needs_none() -> None:
    facts = healthy()
    facts["kernel"].update(loadable=False, folder=False, folders=[], index=False)
    assert codes(facts) == []


def test_a_driver_that_not_every_stick_needs_is_a_warning() -> None:
    facts = changed("kernel", "lacking", to=["qmi_wwan"])
    assert codes(facts) == ["modules-missing"]
    assert verdict(facts) is Verdict.OK


@pytest.mark.parametrize(("listed", "code"), [(False, "net-driver-id-gap"), (True, "net-driver-missing")])
def test_an_unbound_network_interface_is_told_from_one_the_driver_does_not_list(
    listed: bool, code: str
) -> None:
    facts: Any = changed(*INTERFACES, 3, "driver", to=None)
    facts["sticks"][0]["interfaces"][3]["listed"] = listed
    assert codes(facts) == [code]
    assert verdict(facts) is Verdict.OK, "PPP works without the network interface"


def test_a_network_interface_without_driver_is_a_fault_where_there_is_no_port() -> None:
    facts = changed(
        *INTERFACES, to=[{**STORAGE, "function": "ether", "wanted_driver": "cdc_ether", "driver": None}]
    )
    (finding,) = [item for item in rules.judge(facts) if item.code == "net-driver-missing"]
    assert finding.severity is Severity.ERROR


def test_modemmanager_beside_ofono_is_named() -> None:
    (finding,) = rules.judge(changed("ofono", "modemmanager", to=True))
    assert (finding.code, finding.severity) == ("modemmanager-running", Severity.WARNING)


@pytest.mark.parametrize(
    ("code", "path", "value"),
    [fault for fault in FAULTS if fault[0].startswith(("sim-", "not-", "ofono-no", "apn-"))],
)
def test_what_keeps_the_modem_from_a_service_is_told_and_not_that_there_is_none(
    code: str, path: tuple[str | int, ...], value: Any
) -> None:
    facts: Any = changed(*path, to=value)
    facts["connman"]["services"] = []
    assert codes(facts) == [code]


def test_roaming_that_is_allowed_is_no_fault() -> None:
    facts: Any = changed(*MODEM, "registration", to="roaming")
    facts["ofono"]["modems"][0]["roaming_allowed"] = True
    assert codes(facts) == []


def test_a_hilink_stick_is_news_and_no_fault() -> None:
    facts: Any = changed("sticks", 0, "mode", to="hilink")
    facts["sticks"][0]["configurations"] = 3
    facts["sticks"][0]["interfaces"] = [
        dict(STORAGE, usb_class="02", subclass="06", function="ether", driver="cdc_ether")
    ]
    assert codes(facts) == ["stick-in-hilink-mode"]
    assert verdict(facts) is Verdict.OK


def test_an_interface_of_unknown_purpose_is_named_and_not_blamed() -> None:
    facts: Any = healthy()
    facts["sticks"][0]["interfaces"].append(
        dict(STORAGE, number=4, usb_class="ff", function=None, driver=None)
    )
    (finding,) = rules.judge(facts)
    assert (finding.code, finding.severity) == ("driver-unverified", Severity.INFO)


@pytest.mark.parametrize(
    ("count", "numbers", "function", "found"),
    [
        (3, ("02", "06"), None, ["usb-configuration-wrong"]),
        (1, ("02", "06"), None, []),
        (None, ("02", "06"), None, []),
        (3, ("02", "0e"), None, []),
        (3, ("02", "02"), None, []),
        (3, ("ff", "02"), "ncm", ["usb-configuration-wrong"]),
        (3, ("ff", "01"), "qmi", ["usb-configuration-wrong"]),
        (3, ("ff", "02"), "modem", []),
    ],
)
def test_a_configuration_without_ports_is_told_where_there_are_others(
    count: int | None, numbers: tuple[str, str], function: str | None, found: list[str]
) -> None:
    facts: Any = changed("sticks", 0, "configurations", to=count)
    usb_class, subclass = numbers
    facts["sticks"][0]["interfaces"] = [
        dict(STORAGE, usb_class=usb_class, subclass=subclass, function=function, driver="cdc_ether")
    ]
    assert codes(facts) == found
    assert verdict(facts) is Verdict.OK


def test_an_unknown_stick_is_news_and_no_fault() -> None:
    facts = changed("sticks", 0, "name", to=None)
    assert codes(facts) == ["unknown-stick"]
    assert verdict(facts) is Verdict.OK


def test_one_of_several_models_with_the_same_id_is_no_unknown_stick() -> None:
    assert codes(changed("sticks", 0, "id", to=None)) == []


def test_labels_are_not_blamed_while_there_is_no_tty() -> None:
    facts: Any = changed(*INTERFACES, 2, "driver", to=None)
    facts["sticks"][0]["interfaces"][2].update(tty=None, label=None)
    assert codes(facts) == ["serial-driver-missing"]


def test_without_the_daemon_its_modem_is_not_judged() -> None:
    facts: Any = changed("ofono", "running", to=False)
    facts["ofono"]["modems"] = []
    facts["connman"]["services"] = []
    assert codes(facts) == ["ofono-not-running"]


@pytest.mark.parametrize("daemon", ["ofono", "connman"])
def test_a_daemon_that_cannot_be_asked_is_insufficient_data(daemon: str) -> None:
    facts: Any = healthy()
    facts[daemon].update(running=None, reason="no system bus")
    (finding,) = rules.judge(facts)
    assert finding.code == INSUFFICIENT_DATA
    assert finding.remedy
    assert verdict(facts) is Verdict.INSUFFICIENT_DATA


def test_unreadable_modules_are_insufficient_data() -> None:
    facts = changed("kernel", "unread", to={"kernel/a.ko.zst": "compressed as .zst, which is not read here"})
    assert codes(facts) == [INSUFFICIENT_DATA]


@pytest.mark.parametrize(
    ("key", "value"), [("sim_present", None), ("registration", None), ("contexts", None), ("powered", False)]
)
def test_what_a_modem_has_not_said_yet_is_no_fault(key: str, value: Any) -> None:
    assert codes(changed(*MODEM, key, to=value)) == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"offline_mode": True}, "OfflineMode is on"),
        ({"cellular": None}, "no cellular technology"),
        ({"cellular": {"powered": False, "connected": False}}, "the cellular technology is off"),
        ({}, "the cellular technology is on"),
    ],
)
def test_a_missing_service_is_explained(change: dict[str, Any], text: str) -> None:
    facts: Any = healthy()
    facts["connman"].update(change, services=[])
    (finding,) = rules.judge(facts)
    assert [item.text for item in finding.evidence] == [text]


def test_a_modem_is_missed_only_where_the_stick_is_complete() -> None:
    facts = changed("ofono", "modems", to=[])
    (finding,) = rules.judge(facts)
    assert finding.evidence[1].text == "ttyUSB0 is its modem port, ttyUSB2 is its pcui port"
    facts["sticks"][0]["interfaces"][2]["label"] = None
    assert codes(facts) == ["ofono-ports-unlabelled"]


@pytest.mark.parametrize(("driver", "missed"), [("cdc_mbim", True), (None, False)])
def test_a_modem_with_mbim_is_missed_too(driver: str | None, missed: bool) -> None:
    mbim = {"usb_class": "02", "subclass": "0e", "protocol": "00", "function": "mbim", "driver": driver}
    facts = changed("ofono", "modems", to=[])
    facts["sticks"][0]["interfaces"] = [{**STORAGE, **mbim, "wanted_driver": "cdc_mbim"}]  # type: ignore[typeddict-item]
    assert ("ofono-no-modem" in codes(facts)) == missed


def test_a_program_that_is_there_is_not_to_be_installed() -> None:
    facts = changed(*INTERFACES, to=[STORAGE])
    assert "install usb-modeswitch" in rules.judge(facts)[0].remedy[0]
    facts["usb_modeswitch"] = True
    (finding,) = rules.judge(facts)
    assert finding.title.endswith("although usb_modeswitch is there")
    assert not any("install usb-modeswitch" in step for step in finding.remedy)


def test_a_network_that_refuses_the_sim_is_not_one_out_of_reach() -> None:
    (finding,) = rules.judge(changed(*MODEM, "registration", to="denied"))
    assert finding.title == "the network refuses the SIM"
