# SPDX-License-Identifier: MIT
"""Numbers, addresses and places by what they look like, in whatever program's words.

They are written as digits between marks, as octets, and as a SIM holds them (3GPP TS 31.102, TS 51.011). A
run of digits that is nothing else goes too: a lost number costs less than a leaked one.
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import ADDRESS, NUMBER, PLACE, SECRET, SERIAL, SIM, TELEPHONE

_OCTET = "[0-9a-f]{2}"
_MAC_WORD = (
    r"\b(?:mac|macaddr|hwaddr|lladdr|chaddr|bssid|ether|(?:hw|hardware|mac|ethernet)[ _-]addr(?:ess)?)\b"
)
_WRAPPER = "55534243[0-9a-f]{54}(?![0-9a-f])"
"""usb_modeswitch's message to a drive, a command block wrapper (USBC): what a person has to type."""
_NUMBER = r"(\+?\d{6,15})"

SERIALS = (
    # drivers/usb/core/hub.c: all that follows is the device's own string.
    Form(SERIAL, "serialnumber:", r"\bSerialNumber: (\S.*)$"),
    # dmesg, usb-devices, udev's database and rules, usb_modeswitch, lsusb, /dev/serial and /dev/disk.
    Form(
        SERIAL,
        "serial",
        r"(?:(?:\b|(?<=\\[rn]))Serial(?:Number| No\.?)|\bserialno|ID_(?:\w{1,40}_)?SERIAL(?:_SHORT)?|"
        r"serial[-_]number|\w_serial)(?:\}|\\?\")?\s*(?:[=:]=?)\s*\\?\"?([^\s\",;]{4,})",
    ),
    # Serial: 8250/16550 driver and 30860000.serial: ttymxc0 are of ports, and have few digits in a word.
    Form(
        SERIAL,
        "serial",
        r"(?<!\.)(?:\b|(?<=\\[rn]))serial(?: number| #|#)? {0,9}[=:]? {0,9}\"?"
        r"(?=(?:(?:[^\W\d]|-)*\d){3})([\w-]{6,})(?![\w/])",
    ),
    Form(SERIAL, "iserial", r"\biSerial +\d+ +(\S+)"),
    Form(SERIAL, "serial", r"\{serial\}[=!]=?\"([^\"]{4,})\""),
    Form(SERIAL, "usb-", r"\busb-\w{1,80}_(\w{4,80})-if\d\d\b"),
    Form(SERIAL, "usb-", r"\busb-\w{1,80}_(\w{4,80})-(?:\d:\d|part\d)"),
    Form(SERIAL, "sn s/n", r"(?:(?<![\w/])|(?<=\\[rn]))s/?n[:=# ] *\"?((?=\S*\d)[\w-]{5,})"),
    Form(SERIAL, "wwn eui nguid", r"\b(?:wwn|eui|nguid)\b[-.:= ]{1,2}((?:0x)?[0-9a-f]{16,32})\b"),
    Form(
        SERIAL,
        " id",
        r"\b(?:unique|chip|device|client|machine|board|hardware)[ _-]?id\b\W{1,3}((?:0x)?[0-9a-f-]{8,64})\b",
    ),
)
ADDRESSES = (
    # With whatever stands between the octets, and where names and IPv6 hide them.
    Form(
        ADDRESS,
        "",
        rf"(?<![0-9a-z])((?:{_OCTET}[:-]){{5,31}}{_OCTET})(?![0-9a-f])",
        shape="00:00:00:00:00:00",
    ),
    Form(ADDRESS, "", rf"(?<![0-9a-f])({_OCTET}(?:_{_OCTET}){{5}})(?![0-9a-f])", shape="00_00_00_00_00_00"),
    Form(
        ADDRESS,
        "",
        r"(?<![0-9a-f.])([0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![0-9a-f.])",
        shape="0000.0000.0000",
    ),
    Form(ADDRESS, "ff:fe", r"(?<![0-9a-f:])([0-9a-f:]{2,30}ff:fe[0-9a-f]{2}:[0-9a-f]{1,4})\b"),
    Form(
        ADDRESS, "mac addr", r"\b(?:mac|hw|ether|eth|dev_|host_)\w*addr\w*\W{1,3}([0-9a-f]{12})(?![0-9a-f])"
    ),
    # A kernel's release may end in a commit of twelve digits: -gHASH (setlocalversion), +git.HASH (Toradex).
    Form(
        ADDRESS,
        "",
        r"(?<![0-9a-f-])(?<![-+]g)(?<!git[._-])(?=[a-f]*\d)([0-9a-f]{12})(?![0-9a-f])",
        shape="0" * 12,
    ),
    Form(ADDRESS, ":", r"(?<![0-9a-f:.])((?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2})(?![0-9a-f:])", times=5),
    Form(ADDRESS, ".", r"(?<![\w.])((?=[\d.]*[a-f])(?:[0-9a-f]{2}\.){5}[0-9a-f]{2})(?![\w.])", times=5),
    Form(
        ADDRESS,
        "lan eth usb ww br en",
        r"\b(?:wlan|eth|usb|wwan|br|en\w+)\d*-([0-9a-f]{12})(?![0-9a-z])",
        shape="0" * 12,
    ),
    Form(
        ADDRESS,
        "mac addr bssid ether",
        rf"{_MAC_WORD}\W{{1,8}}((?:0x)?{_OCTET}(?:[ ,:;_-]{{1,2}}(?:0x)?{_OCTET}){{5}})(?![0-9a-f])",
    ),
    # A device tree and U-Boot without leading zeros; a module's parameter, which is a list.
    Form(
        ADDRESS, "mac addr", rf"{_MAC_WORD}\W{{1,4}}([0-9a-f]{{1,2}}(?: [0-9a-f]{{1,2}}){{5}})(?! ?[0-9a-f])"
    ),
    Form(ADDRESS, "addr mac", rf"\b\w{{0,12}}(?:addr|mac)\W{{1,3}}({_OCTET}(?:,{_OCTET}){{5}})(?![0-9a-f,])"),
    Form(
        ADDRESS,
        "mac addr bssid ether",
        rf"{_MAC_WORD}\W{{1,4}}([0-9a-f]{{6}}[-:. ]?[0-9a-f]{{6}})(?![0-9a-f])",
    ),
    Form(
        ADDRESS,
        "mac addr bssid ether",
        rf"{_MAC_WORD}\W{{1,4}}(\d{{1,3}}(?:[,. ] ?\d{{1,3}}){{5}})(?![\d.])",
    ),
    Form(
        ADDRESS,
        "0x",
        rf"(?<![\w,] )(?<![\w,])(0x{_OCTET}(?:,? 0x{_OCTET}){{5}})"
        r"(?=\W{0,3} (?:is|as) (?:the |a |its )?(?:\w*addr|mac\b))",
        times=6,
    ),
)
NUMBERS = (
    Form(
        NUMBER,
        "imei imsi iccid msisdn meid eid gsn esn equipment",
        r"\b(?:IMEI\w*|IMSI|ICCID|MEID|ESN|EID|CGSN|equipment"
        r"[ _-]?identifier)\W{1,6}((?:0x)?[0-9a-f](?:[ ./:_-]?[0-9a-f]){6,31})(?![0-9a-z])",
    ),
    Form(
        TELEPHONE,
        "number",
        rf"\bnumbers?\W{{0,3}}\(\d{{1,3}}\)\W{{1,4}}{_NUMBER}(?:\W{{1,4}}{_NUMBER})?(?:\W{{1,4}}{_NUMBER})?"
        rf"(?:\W{{1,4}}{_NUMBER})?",
    ),
    Form(TELEPHONE, "+", r"(?<![\w+])(\+ ?\(?\d(?:[ ()./-]{0,2}\d){6,16})(?!\d)", shape=7),
    Form(
        TELEPHONE,
        "number msisdn phone tel call sms from dial smsc sca to:",
        r"\b(?:(?:own |telephone|calling ?|called ?|phone ?|sms ?|smsc ?)?numbers?|own|msisdn|"
        r"(?:tele)?phone|tel|caller(?: ?id)?|call(?:ing|ed)?|dial(?:ing|led|ed)?|smsc|sca|sms|sender|"
        r"recipient|lineidentification|clip|from|to)\b"
        r"\W{1,6}(?:is |from |to |= ?)?\"?(\(?\d[\d ()./-]{5,18}\d)(?![\w.:])",
    ),
    Form(TELEPHONE, "", r"(?<![\d.-])(\(?\d{3}\)?[-. ]\d{3}[-.]\d{4})(?![\d.-])", shape=10),
    Form(TELEPHONE, "tel:", r"\btel:([\d+().-]{5,})"),
    # Of a longer one in hexadecimal, such as a card's CID, not its decimal beginning alone.
    Form(
        SIM,
        "",
        rf"(?<![0-9a-f])(?!{_WRAPPER})(?=\d{{14,22}}f?[a-f][0-9a-f])([0-9a-f]{{18,}})(?![0-9a-f])",
        shape="0" * 18,
    ),
    Form(NUMBER, "", r"(?<!\d)(?<!0x)(?!0000)(\d{14,22}f?)(?!\d)", shape=14),
    Form(NUMBER, "0x", r"(0x(?!00)\d{14,20})(?![0-9a-f])", shape=14),
    Form(SIM, "", rf"(?<![0-9a-f])(?!{_WRAPPER})([0-9a-f]{{18,}})(?![0-9a-f])", shape="0" * 18),
    Form(
        NUMBER,
        "",
        r"(?<![0-9a-f-])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-(?!00805f9b34fb)[0-9a-f]{12})(?![0-9a-f])",
        shape="00000000:0000:0000:0000:000000000000",
    ),
    # A mark between all digits; octets of ASCII; semi-octets with parity; base64 of digits.
    Form(NUMBER, "", r"(?<![\d.:_/-])(\d[./_-](?:\d[./_-]){12,20}\d)(?![./_-]?\d)", shape=14),
    Form(
        SECRET,
        "pin puk",
        r"\bP(?:IN|UK)[12]?\b\W{1,3}(?=(?:[ ,.-]{0,2}\d){4,8}(?![ ,.-]{0,2}\w))"
        r"(\d{1,4}(?:[ ,.-]{1,2}\d{1,4}){1,7})",
    ),
    Form(
        NUMBER,
        "imei imsi iccid eid",
        r"\b(?:IMEI|IMSI|ICCID|EID)(?:SV)?\b[^\n]{0,20}?[=:{(\[ ](\d(?:[,;:] ?\d){13,31})(?![,;:]? ?\d)",
    ),
    Form(
        NUMBER,
        "3",
        r"(?<![0-9a-f])((?:(?:0x|\\x|%)?3\d[ ,:-]{0,2}){13,21}(?:0x|\\x|%)?3\d)(?![0-9a-f])",
        times=14,
    ),
    Form(NUMBER, "9", r"(?<![0-9a-f])((?:0[7-9][ :])?[0-9a-f]9(?:[ :][0-9]{2}){7})(?![ :]?[0-9a-f]{2})"),
    Form(
        NUMBER,
        "98",
        r"(?<![0-9a-f])((?:0x)?98(?:[ :,]{0,2}(?:0x)?[0-9]{2}){8,9}(?:[ :,]{0,2}(?:0x)?F?[0-9]F?)?)"
        r"(?![0-9a-f])",
    ),
    Form(
        NUMBER,
        "m n o",
        r"(?<![\w+/])((?:[MNO][DTjz][AEIMQUYcgk][w-z0-5]){4,7}(?:[MNO][DTjz][AEIMQUYcgk]=?|[MNO][AQgw](?:==)?)?)"
        r"(?![\w+/])",
        0,
    ),
    Form(NUMBER, "", r"(?<![\d.-])(\d{3}[ -]\d{2,3}[ -]\d{9,10})(?![\d.-])", shape=14),
    Form(
        NUMBER,
        "tmsi guti suci supi",
        r"\b(?:[PMS]-?TMSI|TMSI|[45]?G?-?GUTI|SUCI|SUPI)\b\W{1,4}((?:0x)?[\w-]{6,})",
    ),
    Form(TELEPHONE, "0", r"(?<![\w.:/+-])(0\d{2,4}[/-]\d{6,9})(?![\w./:-])", shape=9),
)
PLACES = (
    Form(
        PLACE,
        "lac tac cell ci location tracking",
        r"(?<![a-z])(?:lac|tac|cell[ _-]?(?:id(?:entity)?)?|ci|"
        r"(?:location|tracking) ?area ?code|lac/ci)"
        r"(?:\W{1,4}|\W{0,3}= ?\"?)((?:0x)?(?=[a-f]*\d)[0-9a-f]{2,10})(?![\w.])",
    ),
    Form(PLACE, "lat lon lng", r"\b(?:lat|lon|lng|lati?tude|longi?tude)\W{1,4}(-?\d{1,3}\.\d{3,})"),
    Form(PLACE, "mci mtac mlac mnci mcid", r"\bm(?:Ci|Tac|Lac|Nci|Cid)=(\d{2,})"),
    Form(PLACE, ".", r"(?<![\d.])(\d{1,3}\.\d{3,}) ?\u00b0? ?[NSEW]\b", 0),
    Form(PLACE, ",", r"(?<![\d.\w])(-?\d{1,3}\.\d{3,}), ?(-?\d{1,3}\.\d{3,})(?![\d.])"),
    Form(
        PLACE,
        "\u00b0 \u00ba",
        r"(\d{1,3} ?[\u00b0\u00ba] ?\d{1,2}(?:\.\d+)? ?['\u2032\u2019]"
        r"(?: ?\d{1,2}(?:\.\d+)? ?(?:[\"\u2033\u201d]|''))?)",
    ),
    # A receiver's degrees and minutes (NMEA 0183), and as people write them; a pair beside its word.
    Form(PLACE, ".", r"(?<![\d.])(\d{4,5}\.\d{2,}) ?,? ?[NSEW]\b", 0),
    Form(
        PLACE,
        "n s",
        r"(?<![\w.])([NS] ?\d{1,2}[ :]\d{1,2}(?:[ :.]\d{1,2}(?:\.\d+)?)?[ ,;/]{1,3}"
        r"[EWO] ?\d{1,3}[ :]\d{1,2}(?:[ :.]\d{1,2}(?:\.\d+)?)?)(?![\w.])",
    ),
    Form(
        PLACE,
        "n s",
        r"(?<![\w.])(\d{1,2}[ :]\d{1,2}(?:[ :.]\d{1,2}(?:\.\d+)?)? ?[NS][ ,;/]{1,3}"
        r"\d{1,3}[ :]\d{1,2}(?:[ :.]\d{1,2}(?:\.\d+)?)? ?[EWO])(?![\w.])",
    ),
    Form(
        PLACE,
        "fix gps position location coord place",
        r"\b(?:fix|gps|position|location|coord\w*|place)\b\W{1,3}(-?\d{1,3}\.\d{2,}) ?[,;/ ] ?"
        r"(-?\d{1,3}\.\d{2,})",
    ),
    Form(PLACE, "cgi", r"\b[EN]?CGI\W{1,3}([0-9a-f]+(?:-[0-9a-f]+)+)"),
    Form(PLACE, "cid", r"\bcid\W{1,3}(0x[0-9a-f]{4,8}|\d{5,9})\b"),
)
FORMS = (*SERIALS, *ADDRESSES, *NUMBERS, *PLACES)
