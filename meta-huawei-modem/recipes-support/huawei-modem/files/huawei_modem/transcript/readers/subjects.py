# SPDX-License-Identifier: MIT
"""What a text in words is about, by its nouns: it claims nothing of them, and says what to ask for.

Counted for texts of which no line is known: where one is, the layer that it leaves open says more.
"""

from __future__ import annotations

import re

from huawei_modem.transcript import prose
from huawei_modem.transcript.languages import pieces_of
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_SUBJECTS = (
    (
        "kernel",
        r"\b(?:kernel (?:modules?|config\w*|driver|version|build|panic)|kernel \d|\.config\b|CONFIG_\w+|"
        r"menuconfig|"
        r"modprobe|insmod|rmmod|lsmod|depmod|\w+\.ko\b|kmod-\w+|(?:compil|cross-compil)\w+|vermagic|"
        r"Kernelmodul\w*)",
    ),
    (
        "messages",
        r"\b(?:SMS(?:es|C)?|USSD|MMS|text messages?|(?:in|out)going (?:calls?|messages?)|(?:voice|"
        r"phone) calls?|caller ?id|"
        r"balance (?:check|query|code)|Kurznachricht\w*|сообщени\w+|смс)(?!\w)",
    ),
    (
        "sim",
        r"\b(?:U?SIM(?:[- ]?(?:cards?|karten?|kaart|slot))?|PIN|PUK|ICCID|eSIM|(?:sim|"
        r"SIM)[- ]?lock\w*)\b(?! ?\d)",
    ),
    (
        "signal",
        r"\b(?:signal|RSSI|RSRP|antenn\w+|coverage|roaming|(?:un)?regist(?:er(?:ed|s|ing)?|ration)|bands?|"
        r"operator|PLMN|"
        r"(?:2|3|4)G[- ]only|Empfang|Antenne|señal|segnale|sinal|zasięg\w*|сигнал\w*|антенн\w+)(?!\w)",
    ),
    (
        "container",
        r"\b(?:docker\w*|podman|LXC|containers?|kubernetes|k3s|balena\w*|resin(?:OS|\.io)|snap package|"
        r"flatpak)\b",
    ),
    (
        "link",
        r"\b(?:drops?|dropped|disconnect\w*|reconnect\w*|unstable|stability|slow\w*|speed\w*|bandwidth|"
        r"throughput|latency|"
        r"packet loss|overheat\w*|uptime|keep-?alive|watchdog|Abbr[uü]ch\w*|langsam\w*|coupures?|lent\w*|"
        r"lento|wolno|обрыв\w*)(?!\w)",
    ),
    (
        "switch",
        r"\b(?:usb[_-]?mode[_-]?switch|mode[- ]?switch\w*|MessageContent|TargetProduct|StandardEject|"
        r"eject\w*|HuaweiNewMode|"
        r"sdparm|usbmode)\b",
    ),
    (
        "way",
        r"\b(?:rout(?:e|es|ing|ed)|gateway|DNS|fail-?over|mwan3|multi-?wan|VPN|WireGuard|OpenVPN|firewall|"
        r"NAT|"
        r"port[- ]?forward\w*|hotspot|tether\w*|bridge\w*|dnsmasq|iptables|nftables|hostapd|public IP|"
        r"static IP)\b",
    ),
    (
        "power",
        r"\b(?:power(?:ed)? (?:supply|hub|adapter|consumption)|USB hub|hubs?|voltage|under-?voltage|\d+ ?mA|"
        r"suspend\w*|"
        r"hibernat\w+|autosuspend|Netzteil|alimentation)\b",
    ),
    (
        "setup",
        r"\b(?:set(?:ting)? ?-?up|configur\w+|install\w*|how ?-?to|guide|tutorial|instructions?|APN|"
        r"dial(?:ing|-up)?|"
        r"get(?:ting)? (?:it|this|the \w+) (?:to work|working)|support(?:ed|s)?|compatib\w+|einricht\w+|"
        r"konfigurier\w+|"
        r"configurer|configurar|installer|instalar|skonfigurowa\w+|настро\w+)(?!\w)",
    ),
)
"""Subject and its nouns; of two that are spoken of as often the first."""
_SAID = tuple(
    (name, re.compile(nouns, re.IGNORECASE if name not in ("sim", "way") else 0)) for name, nouns in _SUBJECTS
)
_CUES = pieces_of("""
    ernel CONFIG .config menuconf modpro smod mmod depmod .ko kmod ompil vermagic SMS sms USSD ussd MMS
    essage call alance nachricht ообщени смс SIM sim PIN PUK ICCID ignal RSSI RSRP ntenn overage oaming
    egist band perator PLMN G_only G-only mpfang señal egnal sinal zasi игнал нтенн ocker odman LXC
    ontainer ubernet k3s alena esin latpak snap drop Drop onnect stab slow Slow peed andwidth hroughput
    atency loss heat ptime keep atchdog bbr angsam oupure lent wolno брыв witch Message Target ject
    sdparm usbmode out ateway DNS ail-over ailover mwan wan WAN VPN WireG irewall NAT orward otspot
    ether ridge dnsmasq tables hostapd IP ower hub Hub olt mA uspend ibern Netzteil liment et_up etup
    etting onfig nstal ow_to owto uide utorial nstruct APN dial work upport ompatib einricht konfig
    астро
""")
"""Texts of which each subject has one."""
_LONGEST = 400


class Subjects:
    """Counts of what the sentences speak (History.subjects)."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(cues=((_CUES, self._sentence),))

    def _sentence(self, text: str) -> None:
        reader = self._reader
        if not reader.history.is_bare or prose.is_of_program(text):
            return
        subjects, weight = reader.history.subjects, reader.weight()
        said = " ".join(part for part in prose.clauses(text[:_LONGEST]) if not prose.is_elsewhere(part))
        for name, nouns in _SAID:
            if nouns.search(said):
                subjects[name] = subjects.get(name, 0) + weight


def leading(subjects: dict[str, int]) -> str:
    """What most of the sentences speak of, empty where they speak of nothing known; of equals the first."""
    return max((name for name, _nouns in _SUBJECTS if name in subjects), key=subjects.__getitem__, default="")
