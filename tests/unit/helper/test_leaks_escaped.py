# SPDX-License-Identifier: MIT
"""Nothing leaves behind colours, escapes and ends of lines: in octets, in UTF-16, on several lines.

Beside them what must stay: numbers and names that a diagnosis needs, and that look like identities.
"""

from __future__ import annotations

import pytest

from huawei_modem.mask import escaped
from huawei_modem.transcript.pasted import masker
from unit.helper.test_leaks import leaks

HIDDEN = [
    ('string "Password"\n         variant             string "Kresse7z"', ["Kresse7z"]),
    ("IMEI \x1b[1m4901542\x1b[0m03237518", ["03237518", "4901542"]),
    (
        "4\x000\x009\x000\x00 IMEI:\x00 "
        "4\x009\x000\x001\x005\x004\x002\x000\x003\x002\x003\x007\x005\x001\x008",
        ["4\x009\x000\x001\x005\x004\x002\x000\x003\x002\x003\x007\x005\x001\x008"],
    ),
    ("ether 02:1a:2b:\x1b[31m3c:4d:68\x1b[0m", ["3c:4d:68"]),
    ("iw dev wlan0 link: Connected; \n\tSSID: Dachsbau7", ["Dachsbau7"]),
    ('+CMT: "+447700900130",,"26/11/30,10:00:00+00"\nDein Code lautet Papagei', ["447700900130", "Papagei"]),
    (
        "AT+CGSN\n356938035643809\nOK\n"
        "later seen reversed 53968330655408 and 08a53968330...: 356938035643809",
        ["356938035643809"],
    ),
    ("password=Regen5bogen\nsending Regen5bogen to peer", ["Regen5bogen"]),
    ("password=Regen6bogen\nhex 526567656e36626f67656e", ["526567656e36626f67656e"]),
    ("password=Regen7bogen\nb64 UmVnZW43Ym9nZW4=", ["UmVnZW43Ym9nZW4"]),
    ("password=Regen8bogen\nurl x?p=Regen%38bogen", ["Regen%38bogen"]),
    ("password=Regen9&bogen\nhtml Regen9&amp;bogen", ["Regen9&amp;bogen"]),
    ("imsi=001010123456780\nhex16 0x39 0x30", ["001010123456780"]),
    ("ssid=Hexenhaus\nhex 486578656e68617573", ["486578656e68617573"]),
    ("mac 02:1a:2b:3c:4d:71\nreversed 71:4d:3c:2b:1a:02", ["71:4d:3c:2b:1a:02"]),
    ("Agent RequestInput wifi\n  Passphrase = [ Type=psk ]\nPassphrase? Termite5x", ["Termite5x"]),
    ("\x1b[32mIMSI\x1b[0m: \x1b[1m00101\x1b[0m0123456789", ["0123456789"]),
    ("MACAddress\x1b[0m=\x1b[36m02:ab:cd\x1b[0m:ef:01:2c", ["ef:01:2c"]),
]


def masked(text: str) -> str:
    """As a log of a capture."""
    mask = masker()
    mask.survey([text])
    return "\n".join(mask.lines(text))


@pytest.mark.parametrize(("text", "values"), HIDDEN)
def test_no_identity_leaves_a_log(text: str, values: list[str]) -> None:
    assert leaks(masked(text), values) == []


STAY = [
    "Linux version 6.6.54-yocto-standard-g1a2b3c4d5e6f (oe-user@oe-host) (gcc 13.3.0) #1 SMP",
    "Linux colibri-imx7 6.1.0-28-armmp #1 SMP Debian 6.1.119-1 (2024-11-22) armv7l GNU/Linux",
    "[    0.000000] Memory: 486160K/524288K available (9216K kernel code, 1289K rwdata)",
    "[ 1234.567890] usb 1-1: New USB device found, idVendor=12d1, idProduct=1506, bcdDevice= 1.02",
    "[   12.345678] PC is at huawei_ncm_bind+0x14/0x7c [huawei_cdc_ncm], sp : c1f5fe08  ip : 00000000",
    "[   12.345678] Code: e1a00004 ebfffe1c e3500000 0a00000c (e5943000)",
    "wwan0: RX packets 1234567 bytes 98765432 TX packets 7654321 bytes 12345678",
    "+CSQ: 23,99",
    "+CGMR: 21.180.01.00.00",
    "^VERSION:EXTS:1.0",
    "+CPIN: READY",
    "inet 10.123.45.67 netmask 255.255.255.252",
    "nameserver 192.168.8.1",
    "2026-11-30T10:00:00.123456+00:00 kernel: option 1-1:1.0: GSM modem (1-port) converter detected",
    "ofonod[214]: password authentication is required by the network",
    "wpa_supplicant: WPA: 4-way handshake failed - pre-shared key may be incorrect",
    "the password is wrong, or the user is unknown",
    "login: incorrect password",
    "Password is incorrect",
    "pin is required; sim pin retries = 3",
    "token bucket filter is not set",
    "usb 1-1: config 1 has an invalid interface number: 4 but max is 3",
    "mmc0: new high speed SDHC card at address aaaa",
    "eth0: link becomes ready; 100 Mbps full duplex",
    "serial8250: ttyS0 at I/O 0x3f8 (irq = 4, base_baud = 115200) is a 16550A",
    "30860000.serial: ttymxc0 at MMIO 0x30860000 (irq = 42, base_baud = 1500000) is a IMX",
    "session 1 of user is active since 10:00:00",
    "the serial is 19 times 0xff",
    "key slot 0 is empty; keyboard: US",
]


@pytest.mark.parametrize("line", STAY)
def test_what_a_diagnosis_needs_stays(line: str) -> None:
    assert masked(line) == line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\x1b[1;31mb\x1b[0mc", "abc"),
        ("a^[[1mb#033[0mc\\e[Kd", "abcd"),
        ("\\x41\\x42", "AB"),
        ("100% of %41", "100% of A"),
        ("\\x02\\x1a\\x2b\\x3c\\x4d\\x5f", "02:1a:2b:3c:4d:5f"),
        ("A\x00T\x00+\x00", "AT+"),
        ("&#65;&#x42;\\u0043\\104", "ABCD"),
        ("C:\\temp\\new", "C:\\temp\\new"),
    ],
)
def test_what_an_escape_says(text: str, said: str) -> None:
    assert escaped.read(text) == said
