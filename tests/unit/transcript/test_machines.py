# SPDX-License-Identifier: MIT
"""The steps of findings as the machine of the text has their commands."""

from __future__ import annotations

import pytest

from huawei_modem.report import Finding, Severity
from huawei_modem.transcript import machines

from .test_corpus import diagnosed

STEPS = (
    ("journalctl -b -u connman -u ofono", "logread | grep -i -e connman -e ofono"),
    (
        "pppd's own log (journalctl -b -t pppd, or /var/log/syslog); ip addr",
        "pppd's own log (logread | grep -i -e pppd); ip addr",
    ),
    (
        "the log of that minute (journalctl -b | tail -n 200, logread, dmesg)",
        "the log of that minute (logread | tail -n 200, dmesg)",
    ),
    ("journalctl -b | tail -n 100 or logread | tail -n 100; ip addr", "logread | tail -n 100; ip addr"),
    (
        "lsusb; lsusb -t; journalctl -b | grep -i usb_modeswitch",
        "lsusb and lsusb -t, or cat /sys/kernel/debug/usb/devices without them; usbmode -l",
    ),
    ("systemctl restart ofono", "/etc/init.d/ofono restart"),
    ("systemctl status ModemManager; mmcli -L", "ps | grep -i ModemManager; mmcli -L"),
    ("fuser -v /dev/ttyUSB*", "ls -l /proc/[0-9]*/fd | grep /dev/tty"),
)
"""A step of the catalogue, and the same on OpenWrt."""
KEPT = (
    "lsusb -v -d 12d1:1506: the interfaces must be of class ff",
    "with the id that lsusb shows: usb_modeswitch -v 12d1 -p PRODUCT -J, as root",
    "logread | grep -e netifd | tail -n 60",
    "mmcli -m any; ip route",
)
"""What a router runs as it stands."""


def on(step: str, name: str) -> str:
    finding = Finding("insufficient-data", Severity.WARNING, "", remedy=(step,))
    return machines.worded(finding, machines.MACHINES[name]).remedy[0]


@pytest.mark.parametrize(("step", "worded"), STEPS)
def test_a_router_has_no_systemd(step: str, worded: str) -> None:
    assert on(step, "openwrt") == worded


@pytest.mark.parametrize("step", KEPT)
def test_what_a_router_has_is_kept(step: str) -> None:
    assert on(step, "openwrt") == step


def test_the_port_that_a_router_uses_itself_is_asked_by_its_program() -> None:
    assert (
        on("AT+CPIN?; AT+CREG? on the AT port", "teltonika") == "gsmctl -A 'AT+CPIN?'; gsmctl -A 'AT+CREG?'"
    )


PLACES = (
    ("My Huawei E3372 in the Teltonika RUT955 does not connect.", "gsmctl|logread|/sys/kernel"),
    ("Android 4.4 tablet, Huawei E220: rild does not find it.", "/sys/kernel"),
    ("Ubuntu 10.04 and a Huawei E1750: nothing happens when I plug it in.", "/var/log/syslog"),
    ("Puppy Linux and a Huawei E1750: nothing happens when I plug it in.", "/var/log/messages"),
)


@pytest.mark.parametrize(("text", "commands"), PLACES)
def test_the_machine_is_known_by_words(text: str, commands: str) -> None:
    step = diagnosed(text).facts["next"]
    assert any(command in step for command in commands.split("|"))
    assert "journalctl" not in step


ELSEWHERE = (
    "Debian 12, Huawei E1750: nothing happens when I plug it in.",
    "My Android phone works with this SIM, the Huawei E1750 on my Debian does not.",
)


@pytest.mark.parametrize("text", ELSEWHERE)
def test_who_has_systemd_is_asked_for_its_journal(text: str) -> None:
    assert "logcat" not in diagnosed(text).facts["next"] and "journalctl" in diagnosed(text).facts["next"]


def test_who_has_usbutils_on_a_router_is_not_sent_elsewhere() -> None:
    text = "root@OpenWrt:~# lsusb\nBus 001 Device 002: ID 12d1:1506 Huawei Technologies Co., Ltd.\n"
    assert "/sys/kernel" not in diagnosed(text).facts["next"]
