# SPDX-License-Identifier: MIT
"""What a USB id of Huawei says about the mode of the stick, beyond the sticks of the database."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from huawei_modem.database import Database

STORAGE, MODEM, ROUTER, MBIM = "storage", "modem", "hilink", "mbim"
VENDOR = "12d1"


class Kin(NamedTuple):
    """Sticks of Huawei's kind under another vendor's id. `drive`: the kind of finding about their drive."""

    maker: str
    drive: str


KIN = {
    "3566": Kin("Brovi, which sells it as a Huawei E3372-325", "kin"),
    "3426": Kin("Huawei, whose later hotspots have another vendor's id", "later"),
}
"""By vendor id (forum.openwrt.org/t/153556; github.com/openwrt/openwrt pull request 15497)."""


MAKERS = {
    "05c6": "Qualcomm",
    "0af0": "Option",
    "0bdb": "Ericsson",
    "1199": "Sierra Wireless",
    "1266": "Pirelli",
    "1410": "Novatel Wireless",
    "1435": "Wistron",
    "1508": "Fibocom",
    "1546": "u-blox",
    "16d8": "CMOTECH",
    "1782": "Unisoc",
    "19d2": "ZTE",
    "1bbb": "TCL",
    "1bc7": "Telit",
    "1c9e": "Longcheer",
    "1e0e": "SIMCom",
    "1e2d": "Cinterion",
    "2020": "Mobiletek",
    "2077": "Olicard",
    "2357": "TP-Link",
    "2949": "Skymobi",
    "2c7c": "Quectel",
    "2cb7": "Fibocom",
    "2dee": "MeiG",
    "413c": "Dell",
    "0e8d": "MediaTek",
    "2001": "D-Link",
    "1004": "LG",
    "106c": "Pantech",
    "1da5": "Qualcomm",
    "201e": "Haier",
    "211f": "Celot",
    "22b8": "Motorola",
    "305a": "GosunCn",
    "33f8": "Rolling Wireless",
    "1286": "Marvell",
    "1076": "GCT",
    "0421": "Nokia",
    "0f3d": "Airprime",
    "04a5": "BenQ",
    "1614": "Amoi",
    "1726": "Axesstel",
    "0b3c": "Olivetti",
    "1e89": "Vertex",
    "22de": "WeTelecom",
}
"""Vendor ids of other makers' modems, as option.c and qmi_wwan.c of Linux 6.12 list them."""
MIXED = ("2001", "2357", "413c", "0e8d", "1004", "22b8", "0421", "05c6", "1286")
"""Makers of other things too: a modem where the name says so."""
_MIXED_MODEMS = re.compile(r"05c6:(?:9000|9001|9002|9003|9025|9090|9091|90b2|9215|6613|0023|1000)")
"""Modems under Qualcomm's own id (option.c, qcserial.c of Linux 6.12); 1000 is a drive of several makers."""
_MODEM_NAME = re.compile(
    r"modem|(?<![a-z])lte|\b[345]g\b|wwan|mobile broadband|wireless broadband|hs[dpu]*pa|gobi|datacard|"
    r"wireless.*module",
    re.IGNORECASE,
)
_WWAN = re.compile(r"03f0:(?:0857|1b1d|1e1d|201d|241d|251d|371d|4e1d|581d|9d1d|a31d)|413c:81[0-9a-f]{2}")
"""Modems under the id of who sells the computer: HP's and Dell's (option.c, qmi_wwan.c)."""
NO_MODEMS = {
    "0bda": "Realtek",
    "10c4": "Silicon Labs",
    "0403": "FTDI",
    "067b": "Prolific",
    "1a86": "QinHeng",
    "2341": "Arduino",
    "0665": "a UPS by its vendor id",
    "051d": "APC",
    "148f": "Ralink",
    "0cf3": "Qualcomm Atheros, a WLAN",
}
"""Vendor ids that no modem has, of devices that somebody's rule gives to option or usbserial."""
GOBI = ("14f0", "14f1")
"""Gobi 3000 under Huawei's id: qcserial drives its ports (drivers/usb/serial/qcserial.c)."""
_OTHER_DRIVES = """
    0421: 060c 0610 0618 061d 0622 0627 062c 0637
    05c6: 0010 1000 2000 2001 6503 9024 98ff f000
    0af0: 4007 8006 d001
    0b3c: c700 f000 f00c f017
    0e8d: 2870 7109
    1004: 607f 610c 613a 613f 614e 6156 6190 61dd 61e7 61eb 6327
    106c: 3b03 3b05 3b06 3b11 3b14
    1076: 7f40
    1199: 0fff
    1266: 1000
    1410: 5010 5020 5023 5030 5031 5041 5055 5059
    16d8: f000
    1726: 1900 f00e
    19d2: 0026 0040 0053 0090 0101 0103 0110 0115 0120 0146 0149 0150 0154 0166 0169 0198 0266 0304 0318
        0325 0388 0413 1001 1007 1009 1013 1017 1019 1020 1022 1026 1030 1034 1038 1042 1046 1171 1175
        1179 1201 1207 1210 1216 1219 1224 1225 1227 1232 1233 1237 1238 1420 1421 1511 1514 1517 1520
        1523 1528 1536 1542 1580 1588 1595 2000 2004 bccd ffde ffe6 fff5 fff6
    1bbb: 011f 025e f000 f017 f052
    1c9e: 1001 9101 9200 9401 98ff 9bfe 9e08 f000 f010 f030
    1da5: f000
    1e0e: f000
    1e89: f000
    2001: 00a6 00a7 98ff a401 a403 a405 a406 a407 a40a a40d a706 a707 a708 a805 a809 a80b ab00 ac01
    201e: 1023
    2020: 0002 2030 f00e f00f
    2077: 1000 f000
    2357: 0200 0600 f000
"""
"""Drives of other makers that become another id (usb-modeswitch-data 20191128): vendor, its products."""
_SAME_ID = re.compile(r"100[134]|14[0-3][0-9a-f]|1506|150f|151d")
"""Sticks that usb-storage switches itself and that keep their id (unusual_devs.h of Linux before 3.13)."""
_OLD_ID = re.compile(r"100[134]")
"""E220 and its like."""
_DRIVES = frozenset(
    [
        "1009",
        "101e",
        "1030",
        "1031",
        "1446",
        "1449",
        "14ad",
        "14b5",
        "14b7",
        "14ba",
        "14c1",
        "14c3",
        "14c4",
        "14c5",
        "14d1",
        "14fe",
        "1505",
        "151a",
        "1520",
        "1521",
        "1523",
        "1526",
        "1527",
        "1553",
        "1557",
        "155b",
        "1570",
        "1571",
        "1572",
        "1575",
        "1576",
        "1577",
        "157c",
        "157d",
        "1582",
        "1583",
        "15bb",
        "15ca",
        "15cd",
        "15ce",
        "15cf",
        "1597",
        "1c0b",
        "1c1b",
        "1c20",
        "1c24",
        "1d50",
        "1da1",
        "1f01",
        "1f02",
        "1f03",
        "1f11",
        "1f15",
        "1f16",
        "1f17",
        "1f18",
        "1f19",
        "1f1b",
        "1f1c",
        "1f1d",
        "1f1e",
        "1f46",
        "380b",
        "4b04",
    ]
)
"""What usb-modeswitch-data 20191128 switches: the ids of drives."""


_MOBILE = re.compile(
    r"\b(?:(?:mobile|wireless) broadband|wwan|hs[dup]*pa\+?|umts|lte|[345]g)\b"
    r"(?!.*\b(?:hub|router|wi-?fi|wlan)\b)|"
    r"\b(?:broadband|gsm|cellular|mobile) (?:modem|module|minicard|card)\b",
    re.IGNORECASE,
)
"""What the name of a modem for mobile networks says, whoever made it."""


def maker_of(usb: str, name: str = "") -> str:
    """The maker of another modem; empty for what is none, or Huawei's."""
    vendor = usb[:4]
    if _WWAN.fullmatch(usb):
        return "HP" if vendor == "03f0" else MAKERS[vendor]
    if vendor not in MAKERS:
        spoken = vendor != VENDOR and vendor not in KIN and vendor not in NO_MODEMS and _MOBILE.search(name)
        return name.split()[0].rstrip(",") if spoken and "uawei" not in name else ""
    if (
        vendor not in MIXED
        or _MODEM_NAME.search(name)
        or _MIXED_MODEMS.fullmatch(usb)
        or is_others_drive(usb)
    ):
        return MAKERS[vendor]
    return ""


def is_called_modem(name: str) -> bool:
    """Whether lsusb's name of a device says that it is a modem, whoever made it."""
    return _MODEM_NAME.search(name) is not None


def keeps_id(usb: str) -> bool:
    """Whether the stick has one id as a drive and as a modem: it is never the same one as another id."""
    return _OLD_ID.fullmatch(usb[5:]) is not None


def is_no_modem(usb: str, name: str) -> bool:
    """Whether a device is something else than a modem, by its vendor's id or by the name that it has."""
    vendor = usb[:4]
    if vendor == VENDOR or vendor in KIN or vendor in MAKERS or _WWAN.fullmatch(usb):
        return False
    return vendor in NO_MODEMS or (bool(name) and not _MODEM_NAME.search(name))


@functools.lru_cache(maxsize=1)
def _other_drives() -> frozenset[str]:
    found: set[str] = set()
    vendor = ""
    for word in _OTHER_DRIVES.split():
        if word.endswith(":"):
            vendor = word
        else:
            found.add(vendor + word)
    return frozenset(found)


def is_others_drive(usb: str) -> bool:
    """Whether usb-modeswitch-data switches this id of another maker to another id."""
    return usb in _other_drives()


def may_be_drive(usb: str) -> bool:
    """Whether usb_modeswitch's data switches this id."""
    return usb.startswith(f"{VENDOR}:") and usb[5:] in _DRIVES


def mode_of(usb: str, database: Database, name: str = "") -> str | None:
    """storage, modem, mbim or hilink (a router); None when the id and the name in lsusb say nothing."""
    if not usb.startswith(f"{VENDOR}:"):
        return None
    if (known := database.mode_name(usb)) is not None:
        return known
    product = usb[5:]
    if product in _DRIVES or "mass storage mode" in name.lower():
        return STORAGE
    return MODEM if product in GOBI or _SAME_ID.fullmatch(product) else None
