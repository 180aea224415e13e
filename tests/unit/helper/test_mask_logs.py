# SPDX-License-Identifier: MIT
"""Of a log only the lines leave that are about a modem: what others write stays, whatever it looks like.

The corpus of identities holds lines of some ninety programs, each with what was planted in it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from huawei_modem import capture
from huawei_modem.mask import Masker, logs
from unit.helper.samples import healthy
from unit.helper.test_leaks import LINES, PLANTED, held, leaks

STRANGE = [
    "mosquitto[8]: New client connected as pegel-tiefgrund",
    "cron[9]: (moewe) CMD (backup --to gartenhaus)",
    "gartenhaus[12]: 48.1173 11.5167 Uferweg 7",
    "systemd[1]: Started Session 3 of User moewe.",
    "systemd[1]: Mounted /media/MOEWE.",
    "sshd[3]: Accepted publickey for moewe from 192.0.2.7",
    "sh[3]: Enter password: ",
    "sh[3]: Quakfrosch",
    "cat[3]: -----BEGIN PRIVATE KEY-----",
    "cat[3]: MIGHAgEAMBMGByqGSM49AgEG",
    "wpa_supplicant[4]: PSK (ASCII passphrase) - hexdump_ascii(len=12):",
    "wpa_supplicant[4]:      77 69 6e 74 65 72 6d 61 65 72 63 68   wintermaerch",
]
OF_KERNEL = [
    "input: Moewes Keyboard as /devices/virtual/input/input3",
    "CIFS: Attempting to mount //gartenhaus/moewe",
    'audit: type=1100 audit(1.2:3): pid=9 acct="moewe"',
    "FILTER IN=ppp0 OUT= MAC= SRC=192.0.2.9 DST=192.0.2.3 PROTO=TCP DPT=22",
    "nfs: server gartenhaus not responding",
]
NEEDED_OF_KERNEL = [
    "Linux version 6.1.55-7.0 (oe@host) #1 SMP",
    "OF: fdt: Machine model: Toradex Colibri iMX7D 1GB (eMMC) on Aster Board",
    "usb 1-1: new high-speed USB device number 4 using ci_hdrc",
    "usb 1-1: device descriptor read/64, error -71",
    "usb-storage 1-1:1.0: USB Mass Storage device detected",
    "scsi host0: usb-storage 1-1:1.0",
    "sr 0:0:0:0: [sr0] scsi-1 drive",
    "option 1-1:1.0: GSM modem (1-port) converter detected",
    "usb 1-1: GSM modem (1-port) converter now attached to ttyUSB0",
    "option1 ttyUSB0: usb_wwan_indat_callback: nonzero status: -71 on endpoint 82.",
    "huawei_cdc_ncm 1-1:1.2 wwan0: register 'huawei_cdc_ncm' at usb-ci_hdrc.1-1",
    "cdc_mbim 1-1:2.0: cdc-wdm0: USB WDM device",
    "cdc_ether 1-1:1.0 usb0: unregister 'cdc_ether'",
    "PPP generic driver version 2.4.2",
    "tun: Universal TUN/TAP device driver, 1.6",
    "option: disagrees about version of symbol module_layout",
    "usb_wwan: Unknown symbol usb_serial_generic_open (err -2)",
    "imx_usb 30b10000.usb: No over current polarity defined",
    "vcc_usb_otg1: supplied by 5V",
    "Unable to handle kernel NULL pointer dereference at virtual address 00000014",
    "Modules linked in: option usb_wwan usbserial",
    " unwind_backtrace from show_stack+0x18/0x1c",
    " huawei_ncm_bind [huawei_cdc_ncm] from usbnet_probe+0x2e8/0x5f0 [usbnet]",
    " usb_serial_probe+0x4c/0x9d0 [usbserial]",
    "Code: e1a00004 ebfffe1c e3500000 0a00000c (e5943000)",
]
NEEDED = [
    *(f"kernel: {line}" for line in NEEDED_OF_KERNEL),
    "ofonod[3]: oFono version 2.4",
    "connmand[4]: Connection Manager version 1.42",
    "pppd[9]: LCP terminated by peer",
    "huawei-modem[7]: connect: the PIN is asked for",
    "huawei-modem-watch[7]: searching since 60 s",
    "usb_modeswitch[8]: switch device 12d1:1f01 on 001/004",
    "(udev-worker)[120]: ttyUSB0: Process 'huawei-modem bind' failed with exit code 1.",
    "systemd[1]: ofono.service: Main process exited, code=dumped, status=11/SEGV",
    "systemd[1]: Failed to start systemd-modules-load.service - Load Kernel Modules.",
    "dbus-daemon[2]: [system] Rejected send message, 2 matched rules",
]


def journal(lines: list[str], host: str = "") -> str:
    return "".join(f"[   10.000001] {host}{line}\n" for line in lines)


@pytest.mark.parametrize("host", ["", "colibri-imx7 "])
def test_a_journal_leaves_with_what_is_about_a_modem(host: str) -> None:
    strange = [*STRANGE, *(f"kernel: {line}" for line in OF_KERNEL)]
    needed = journal(NEEDED, host).splitlines()
    left = list(logs.of_journal(journal(strange, host) + journal(NEEDED, host)))
    assert left[:-1] == needed
    assert left[-1].startswith(f"({len(strange)} lines of other programs")


@pytest.mark.parametrize("stamp", ["", "[   12.345678] ", "<6>[   12.345678] "])
def test_the_kernels_buffer_leaves_with_what_is_about_a_modem(stamp: str) -> None:
    strange = [*STRANGE, *OF_KERNEL]
    left = list(logs.of_dmesg("".join(f"{stamp}{line}\n" for line in (*strange, *NEEDED_OF_KERNEL))))
    assert left[:-1] == [f"{stamp}{line}" for line in NEEDED_OF_KERNEL]


def test_the_next_lines_of_a_message_go_its_way() -> None:
    text = journal(["ofonod[3]: one"]) + "              two\n" + journal(["bob[4]: three"]) + "        four\n"
    assert [line.split()[-1] for line in logs.of_journal(text)][:2] == ["one", "two"]
    assert "four" not in "".join(logs.of_journal(text))


def test_what_a_command_says_in_place_of_a_log_leaves() -> None:
    refused = "dmesg: read kernel buffer failed: Operation not permitted"
    assert list(logs.of_dmesg(refused)) == [refused]
    assert list(logs.of_journal("-- No entries --")) == ["-- No entries --"]


def test_nothing_that_was_planted_leaves_in_a_capture(tmp_path: Path) -> None:
    """All lines of the corpus, as they are and as the journal has them."""
    bare = [line.replace("«", "").replace("»", "") for line in LINES]
    running = capture.Live(None, {"dmesg.txt": "\n".join(bare), "journalctl.txt": journal(bare)})
    capture.write(tmp_path / "report.tar.gz", tmp_path, healthy(), Masker(), running)
    members = held(tmp_path / "report.tar.gz")
    # A name of four letters is in the midst of other words.
    planted = [value for line in LINES for value in PLANTED.findall(line) if len(value) > 4]
    for name in ("dmesg.txt", "journalctl.txt"):
        assert leaks(members[name], planted) == []
