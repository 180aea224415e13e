# SPDX-License-Identifier: MIT
"""What a text is about, by its words: whose modem, on which system, with which program; and what was refused.

Words decide nothing that lines of programs show. They keep a question from asking for what the person cannot
do.
"""

from __future__ import annotations

import functools
import re

from huawei_modem.transcript.languages import pieces_of
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_MAKERS = {
    "Quectel": (
        "Quectel",
        "EC20",
        "EC21",
        "EC25",
        "EG25",
        "EG91",
        "EP06",
        "EM05",
        "EM06",
        "EM12",
        "RM50",
        "BG96",
    ),
    "Sierra Wireless": ("Sierra", "MC73", "MC74", "MC77", "MC83", "MC87", "EM73", "EM74", "EM75", "AirCard"),
    "ZTE": ("ZTE", "MF190", "MF626", "MF627", "MF636", "MF668", "MF79", "MF82", "MF83", "MF86"),
    "SIMCom": (
        "SIMCOM",
        "SIMCom",
        "SIM52",
        "SIM53",
        "SIM70",
        "SIM71",
        "SIM75",
        "SIM76",
        "SIM80",
        "SIM82",
        "SIM90",
    ),
    "Telit": ("Telit", "LE910", "LE920", "HE910", "LN940"),
    "Fibocom": ("Fibocom", "L850-GL", "L860-GL", "L830-EB", "FM350"),
    "u-blox": ("u-blox", "SARA-", "TOBY-", "LARA-"),
    "Option": ("GlobeTrotter", "Globetrotter", "iCON "),
    "Novatel Wireless": ("Novatel",),
    "Alcatel": ("Alcatel", "IK40", "IK41"),
    "Qualcomm (Gobi)": ("Gobi 1000", "Gobi 2000", "Gobi 3000", "Gobi2000", "Gobi3000"),
    "Ericsson": ("F3507g", "F5521gw", "H5321gw"),
    "D-Link": ("DWM-",),
    "Thales (Cinterion)": ("Cinterion", "Gemalto"),
}
"""What other makers and their modems are called."""
_MAKER_OF = {word: maker for maker, words in _MAKERS.items() for word in words}
_MAKER = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(map(re.escape, _MAKER_OF))})(?!Mode\b)\w*")
_NAMES = re.compile(
    r"\bplug-?ins?\b|\.rules\b|\.so\b|\bregistered new interface driver\b|\bkmod-|\bmodprobe\b", re.IGNORECASE
)
"""A list of what programs know: no word on the modem."""
_HUAWEI = (
    "uawei",
    "UAWEI",
    "E3372",
    "E3131",
    "E3276",
    "E173",
    "E220",
    "E1750",
    "ME909",
    "ME906",
    "MS2131",
    "K3765",
)
_UNLIKE = re.compile(
    r"\b(?:unlike|instead of|another|other|old|previous|also have|same with)\b", re.IGNORECASE
)
"""A sentence that compares."""
_ABOUT = (
    ("buildroot", re.compile(r"\b[Bb]uildroot\b|\bBR2_")),
    ("yocto", re.compile(r"\b(?:[Yy]octo|bitbake|OpenEmbedded|IMAGE_INSTALL|meta-[a-z]+)\b")),
    ("terminal", re.compile(r"\b(?:minicom|picocom|microcom)\b|\bscreen /dev/|\bcu -l\b|\bPuTTY\b")),
    ("openbsd", re.compile(r"\b(?:OpenBSD|NetBSD)\b|\bubsa\d|\bobsd[#$]|\bumsm\d|usbdevs")),
    (
        "bsd",
        re.compile(
            r"/dev/cuaU|\b(?:FreeBSD|OPNsense|pfSense|OpenBSD|NetBSD|HISADDR|usbconfig|u3g\d?|umb\d|UMB_DEBUG)\b"
        ),
    ),
    (
        "gobinet",
        re.compile(r"(?<!without )(?<!removed )(?<!blacklist )(?<!instead of )\b(?:GobiNet\b|qcqmi\d)"),
    ),
    (
        "ethernet modem",
        re.compile(
            r"\b(?:RNDIS|u?rndis\d?|HiLink|cdce\d|ue\d|CDC[- ]?ECM|[Ee]thernet (?:device|modem|mode|stick))\b"
        ),
    ),
    ("mikrotik", re.compile(r"\b(?:MikroTik|Mikrotik|RouterOS|routerboard)\b|/interface (?:ppp-client|lte)")),
    ("macos", re.compile(r"/dev/(?:cu|tty)\.[A-Za-z]|\bmacOS\b|\bOS ?X\b|\bMac ?[Bb]ook")),
    (
        "windows",
        re.compile(r"\bWindows (?:XP|Vista|7|8|10|11|CE)\b|Device Manager|\bCOM\d{1,2}\b|HKEY_|USB\\VID_"),
    ),
    (
        "linux",
        re.compile(r"\bLinux\b|Ubuntu|Debian|Fedora|Raspbi|OpenW[Rr][Tt]|\bsudo\b|/etc/|/dev/tty[US]|mmcli"),
    ),
    ("qmi", re.compile(r"\bqmicli\b|\bqmi-network\b|\b[Qq]uectel-CM\b")),
    (
        "noconnman",
        re.compile(
            r"\b(?:[Nn]o|[Ww]ithout|not) (?:use )?[Cc]onn?[Mm]an\b|connman\.service could not be found"
        ),
    ),
    (
        "asterisk",
        re.compile(
            r"\bchan[_-](?:dongle|quectel|datacard)\b|\b[Aa]sterisk\b|\bdongle show\b|"
            r"\[dongle\d+\]|\bat_response(?:_\w+)?\b|\bCLI> *dongle\b|"
            r"\bdongle (?:cmd|sms|ussd|reset) dongle\d|"
            r"\bDongle has (?:NO )?(?:voice|connected|disconnected)|Got Response for user's command"
        ),
    ),
    ("gammu", re.compile(r"\b[Gg]ammu\b|\bWammu\b|\bgnokii\b")),
    ("smstools", re.compile(r"\bsms(?:tools|d\.conf)\b|\bsmsd(?:\[\d+\])?:")),
    ("teltonika", re.compile(r"\b(?:RutOS|RUT\w?\d{2,3}|TRB\d{3}|[Tt]eltonika|gsmctl)\b")),
    (
        "aosp",
        re.compile(
            r"\b(?:AOSP|logcat|rild|reference-ril|RILJ?|[sg]etprop|init\.\w+\.rc)\b|"
            r"\bAndroid (?:\d|[Bb]ox|[Tt]ablet|TV|x86|[Bb]oard|[Ii]mage|[Bb]uild|ICS|KitKat|[Ff]irmware)"
        ),
    ),
    (
        "messages",
        re.compile(
            r"\bPuppy (?:Linux|\d)|\b[Tt]iny ?[Cc]ore\b|\bDD-?WRT\b|\bTomato ?USB\b|\bPadavan\b|"
            r"\bVenus ?OS\b|\b(?:Cerbo|Ekrano|Venus|Octo)[ -]GX\b|\bCCGX\b|"
            r"\bSlackware\b|\bAlpine Linux\b|\bSynology\b|\bQNAP\b|\bwl-?500g|\bAsuswrt\b"
        ),
    ),
    (
        "syslog",
        re.compile(
            r"\bUbuntu (?:[5-9]|1[0-4])\.(?:04|10)\b|"
            r"\bDebian (?:[4-7]\b|[Ll]enny|[Ss]queeze|[Ww]heezy)|\bDevuan\b"
        ),
    ),
)
"""System or program, and the words that name it."""
_TOLD = re.compile(
    r"\b(AT[+^$*][A-Z]\w*)(?![\w+])"
    r"(?:(?!\b(?:and|but|yet|still|when|while|though|und|aber|et|mais|y|pero|e|ma)\b)[^.;]){0,60}?"
    r"\b(?:ERROR|[Ee]rror)\b"
)
"""A sentence: the modem answers this command with an error."""
_NOT_TOLD = re.compile(
    r"ABORT|\b(?:if|should|would|until|no|without|fixed|solved|other|another|anderer?n?|sometimes|autre|otro|"
    r"outro|altro)\b|n't|SAY",
    re.IGNORECASE,
)

_CUES = (
    *("BR2_", "IMAGE_INSTALL", "UMB_DEBUG", "HKEY_", "VID_", "at_response"),
    *pieces_of("""
    inicom icocom icrocom screen_/dev cu_-l PuTTY uildroot octo bitbake OpenEmbedded meta- cuaU BSD
    Nsense fSense HISADDR usbconfig u3g umb0 ubsa ikro RouterOS outerboard ppp-client /interface
    /dev/cu. /dev/tty. macOS OS_X OSX Mac Windows evice_Manager COM sterisk chan dongle_show [dongle
    dongle_cmd dongle_sms dongle_ussd Dongle_has user's_command ammu gnokii smsd smstools inux buntu
    ebian edora aspbi OpenW sudo /etc/ /dev/ttyUSB mmcli onnman onnMan qmi uectel-CM utOS RUT TRB
    eltonika gsmctl AOSP logcat rild RIL -ril etprop GobiNet qcqmi RNDIS rndis iLink cdce ue0 ue1
    ECM thernet_ Venus _GX -GX CCGX init. ndroid uppy iny WRT omato adavan lackware lpine ynology
    QNAP wl500g wl-500g Asuswrt evuan
    """),
)


@functools.lru_cache(maxsize=512)
def _named_in(text: str) -> tuple[str, ...]:
    """The systems and programs that the line names. Threads and logs repeat their lines."""
    return tuple(name for name, said in _ABOUT if said.search(text))


class About:
    """Keeps what the words of the text say of the system, the program and the modem."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        return Tables(
            programs={"netbsd": self._about},
            cues=(
                (_CUES, self._about),
                (_HUAWEI, self._huawei),
                (tuple(_MAKER_OF), self._maker),
                (("AT+", "AT^"), self._told),
            ),
        )

    def _about(self, text: str) -> None:
        self._reader.history.words.update(_named_in(text))

    def _huawei(self, _text: str) -> None:
        self._reader.history.words.add("huawei")

    def _maker(self, text: str) -> None:
        """Another maker's modem by its name."""
        makers = self._reader.history.makers
        if (match := _MAKER.search(text)) and not _UNLIKE.search(text) and not _NAMES.search(text):
            makers.setdefault(_MAKER_OF[match[1]], self._reader.seen(match[0]))

    def _told(self, text: str) -> None:
        """A sentence tells of a command that the modem refuses."""
        if (match := _TOLD.search(text)) and not _NOT_TOLD.search(text):
            self._reader.state.add("=at-refused", self._reader.seen(match[1]))
