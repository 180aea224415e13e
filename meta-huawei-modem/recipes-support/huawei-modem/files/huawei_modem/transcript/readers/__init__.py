# SPDX-License-Identifier: MIT
"""The readers, one an area. Each says in its tables which lines are its own."""

from __future__ import annotations

from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers.about import About
from huawei_modem.transcript.readers.appliances import Appliances
from huawei_modem.transcript.readers.around import Around
from huawei_modem.transcript.readers.asked import Asked
from huawei_modem.transcript.readers.bsd import Bsd
from huawei_modem.transcript.readers.claims import Claims
from huawei_modem.transcript.readers.codes import Codes
from huawei_modem.transcript.readers.daemons import Daemons
from huawei_modem.transcript.readers.dialogue import Dialogue
from huawei_modem.transcript.readers.held import Held
from huawei_modem.transcript.readers.identity import Identity
from huawei_modem.transcript.readers.kernel import Kernel
from huawei_modem.transcript.readers.listings import Listings
from huawei_modem.transcript.readers.loops import Loops
from huawei_modem.transcript.readers.managers import Managers
from huawei_modem.transcript.readers.modeswitch import Modeswitch
from huawei_modem.transcript.readers.network import Network
from huawei_modem.transcript.readers.notations import Notations
from huawei_modem.transcript.readers.ofonod import Ofonod
from huawei_modem.transcript.readers.qmi import Qmi
from huawei_modem.transcript.readers.reach import Reach
from huawei_modem.transcript.readers.said import Said
from huawei_modem.transcript.readers.sentences import Sentences
from huawei_modem.transcript.readers.shown import Shown
from huawei_modem.transcript.readers.starts import Starts
from huawei_modem.transcript.readers.switching import Switching
from huawei_modem.transcript.readers.systems import Systems
from huawei_modem.transcript.readers.told import Told
from huawei_modem.transcript.readers.tried import Tried
from huawei_modem.transcript.readers.udev import Udev
from huawei_modem.transcript.readers.uqmi import Uqmi
from huawei_modem.transcript.readers.usb import Usb
from huawei_modem.transcript.tables import Tables

_OTHER_COMMANDS = """
    dmesg journalctl lsusb usb-devices udevadm ofonod ofono pppd modprobe depmod reboot zcat grep killall
    systemctl mmcli ping ping6 curl wget route netstat nslookup dig traceroute
"""


def new_reader() -> Reader:
    """A reader of everything that is known here."""
    return Reader(
        [
            *(Tried, Usb, Listings, Kernel, Said, Modeswitch, Switching, Udev),
            *(Ofonod, Daemons, Network, Managers, Reach, Appliances, Qmi, Uqmi),
            *(
                Notations,
                Identity,
                Codes,
                Dialogue,
                Bsd,
                Shown,
                Asked,
                About,
                Starts,
                Around,
                Sentences,
                Claims,
                Told,
                Held,
                Systems,
                Loops,
                _Others,
            ),
        ]
    )


class _Others:
    """Commands whose output speaks for itself, line by line: their prompts are known, no more."""

    def __init__(self, reader: Reader) -> None:
        del reader

    def tables(self) -> Tables:
        return Tables(commands=dict.fromkeys(_OTHER_COMMANDS.split(), _quiet))


def _quiet(_words: list[str]) -> None:
    return None
