# SPDX-License-Identifier: MIT
"""Free text: the forms in which programs print identities and secrets, each with the program that does.

Read in the sources of oFono 1.31 to 2.8, ConnMan 1.41, pppd and chat 2.4.9, wpa_supplicant 2.10, ModemManager
1.20 with libqmi and libmbim, NetworkManager 1.42, systemd, Linux. A run of digits that is none of these goes
too: a lost number costs less than a leaked one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from huawei_modem.mask import boot, commands, fields, keys, languages, programs, secrets, spoken
from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import (
    ADDRESS,
    CASELESS,
    HOST,
    NUMBER,
    PLACE,
    SECRET,
    SERIAL,
    SIM,
    TELEPHONE,
    TOKEN,
    WLAN,
    words,
)
from huawei_modem.mask.notations import CREDENTIALS, REST

Token = Callable[[str, str], str]

_HEX2 = "[0-9a-f]{2}"

# What is wide comes first, so that a part of it is not left.
_FORMS = (
    # udevadm, libqmi, libmbim, wpa_supplicant -dd: raw messages, which hold everything in octets.
    Form(
        SIM,
        "data raw hexdump payload",
        r"\b(?:data|raw|payload|hexdump)\b.{0,60}?[:=] ((?:[0-9a-f]{2}[: ]){7,}.*)",
    ),
    Form(WLAN, "hexdump_ascii", r"hexdump_ascii\(len=\d+\): *(\S.*)"),
    Form(SIM, "$g", r"\$G[A-Z]{2,4}[A-Z],([\d.,+A-Z*-]{6,})"),
    # chat -v: what it sends, unless it is an AT command or harmless.
    Form(SECRET, "send (", r"\bsend \((?!AT|at|\\d|\+\+\+|\^M\)|\?|\[masked-)(.{3,}?)(?:\^M)?\)$"),
    # oFono's doc/sim-api.txt, message-api.txt, message-waiting-api.txt.
    Form(
        SIM,
        "subscriber cardidentifier servicenumbers servicecenter fixeddialing mailbox",
        r"\b(?:Subscriber(?:Numbers|Identity)|CardIdentifier|ServiceNumbers|ServiceCenterAddress|FixedDialing"
        r"Numbers|\w*MailboxNumber) *= *([^\s\[\]{}][^\r\n]*|[\[{] *[^\s\]}][^\r\n]*)",
    ),
    # pppd: %q and names, of upap.c, chap-new.c, eap.c, auth.c; the options that `dump` prints; pap-secrets.
    Form(SECRET, "chap eap", r"\b(?:CHAP|EAP)\b.{0,200}?\b(?:name =?|identity) ?\"((?:[^\"\\]|\\.)*)\""),
    Form(
        SECRET,
        "peer secret authenticat login",
        r"\b(?:authentication (?:succeeded|failed) for|peer|authenticating(?: us to)?|(?:chap|pap|md5|srp) "
        r"secret found for|secret for|auth (?:to|of)) (?:\"([^\"]+)\"|'([^']+)')",
    ),
    Form(SECRET, "secret", r"\b(?:no (?:PAP|CHAP) secret found for|secret for|password for) ([^\s\"']\S*)"),
    Form(SECRET, "login failures", r"LOGIN FAILURES ON \S+, (.+)"),
    Form(TELEPHONE, "calling", r"calling number \"?([^\"\s]+)"),
    Form(SECRET, "# (from", r"\b(?:user|name|remotename|password|passwd)\s{1,9}(\S.{0,199}?)\s{1,9}# \(from"),
    Form(SECRET, "user pass name", r"^\s*(?:user|password|remotename|pap-secret)\s+(?!=)(\S[^=:;]*)$", 0),
    Form(SECRET, "pppd", r"\bpppd\b.{0,400} (?:user|name) (?!is\b)(\S+)"),
    Form(SECRET, "pppd", r"\bpppd\b.{0,400} password (\S+)"),
    Form(
        SECRET,
        "*",
        r"^\s*(?:\"([^\"]+)\"|([^\s\"#*=:]+))\s+\*\s+(?:\"([^\"]*)\"|([^\s\"#*=:]+))(?:\s+[\"*\d.]*)?\s*$",
    ),
    # Command lines of any program, in a journal or in a rule; addresses with credentials.
    Form(SECRET, "-u --user", r"(?<!\S)(?:-u|--user|--proxy-user|-U)[ =]([^\s:\"']+:\S+)"),
    Form(SECRET, "://", r"://([^\s/@\"'<>]+)@"),
    Form(SECRET, "bearer basic digest", r"\b(?:Bearer|Basic|Digest) +([\w+/=.~-]{6,})"),
    Form(
        SECRET,
        "@",
        r"(?<![\w.+:/-])([\w.+-]+@[\w-]+(?:\.[\w-]+)*\.(?!service|target|slice|socket|timer|mount|"
        r"path|device|scope|swap)[a-z]{2,})(?![\w.])",
    ),
    # systemd, logind, sshd, sudo, pam.
    Form(
        HOST,
        "hostname host",
        r"\bhostname (?:set to|changed from|to) (?:<([^>]+)>|'([^']+)'(?: to '([^']+)')?)",
    ),
    Form(HOST, "hostname", r"\b(?:static |transient |pretty )?hostname[:=] *(\S+)"),
    Form(
        SECRET,
        "user ",
        r"\b(?:for(?: invalid)?|of|invalid) user (?!root\b|is\b|was\b|has\b|\d+\b)([^\s(,.']+)",
    ),
    Form(SECRET, "accepted failed", r"\b(?:accepted|failed) [\w/-]+ for (?!invalid|root\b)(\S+) from"),
    Form(SECRET, "sudo", r"\bsudo(?:\[\d+\])?: +(?!root )([\w.-]+) : "),
    Form(SECRET, "/home/", r"/home/([\w.+-]+)"),
    Form(SECRET, "sha256: md5:", r"\b(?:SHA256|MD5):([\w+/=:]{20,})"),
    Form(NUMBER, "machine", r"\bmachine[_ -]?id\b\W{1,4}([0-9a-f]{32})"),
    # WLAN: wpa_supplicant, iw, NetworkManager, iwd, ConnMan's identifiers and the names before them.
    Form(WLAN, "ssid", r"(?<![a-z])e?ssid(?!' value=):? ?(?:\"((?:[^\"\\]|\\.)+)\"|'((?:[^'\\]|\\.)+)')"),
    Form(WLAN, "connection", r"\bconnection:? (?:\"([^\"]+)\"|'([^']+)')"),
    Form(WLAN, "audit:", r"\baudit: op=\"connection.{0,200} name=\"([^\"]+)\""),
    Form(WLAN, "network hotspot", r"\b(?:network|access point|hotspot) (?:\"([^\"]+)\"|'([^']+)')"),
    Form(WLAN, "wifi_ bluetooth_ p2p_ vpn_", r"^[ *AROacfi]{3,4} (\S.*?)\s+(?:wifi|bluetooth|p2p|vpn)_", 0),
    Form(
        WLAN, "wifi_", r"\bwifi_[^_\s]+_(?!hidden)([0-9a-f]{2,64}|\[masked-\d+\])_(?:managed|adhoc|ap|mesh)"
    ),
    Form(
        WLAN,
        "service",
        r"\bservice (?:0x)?[0-9a-f]{5,16} (?!state|name|ident|method|error|type|mode|target|network|"
        r"interface|reason|domain|index|auto|ipconfig|\[)(\S.*?)(?= is | has |$)",
    ),
    Form(NUMBER, "cellular_", r"\bcellular_([0-9a-z]{6,})"),
    # Serial numbers: dmesg, usb-devices, udev's database and rules, usb_modeswitch, lsusb, /dev/serial.
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
        r"(?<!\.)(?:\b|(?<=\\[rn]))serial(?: number| #|#)? *[=:]? *\"?"
        r"(?=[\w-]*\d[\w-]*\d[\w-]*\d)([\w-]{6,})(?![\w/])",
    ),
    Form(SERIAL, "iserial", r"\biSerial +\d+ +(\S+)"),
    Form(SERIAL, "serial", r"\{serial\}[=!]=?\"([^\"]{4,})\""),
    Form(SERIAL, "usb-", r"\busb-\w{1,80}_(\w{4,80})-if\d\d\b"),
    Form(SERIAL, "sn s/n", r"(?:(?<![\w/])|(?<=\\[rn]))s/?n[:=# ] *\"?((?=\S*\d)[\w-]{5,})"),
    # MAC addresses, with whatever stands between the octets, and where names and IPv6 hide them.
    Form(
        ADDRESS,
        "",
        rf"(?<![0-9a-z])((?:{_HEX2}[:-]){{5,31}}{_HEX2})(?![0-9a-f])",
        shape="00:00:00:00:00:00",
    ),
    Form(ADDRESS, "", rf"(?<![0-9a-f])({_HEX2}(?:_{_HEX2}){{5}})(?![0-9a-f])", shape="00_00_00_00_00_00"),
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
    # oFono's mbim and qmi drivers print PIN, IMSI and numbers without a word before them.
    Form(
        SECRET,
        ".c:",
        r"\bdrivers/\w+/(?:sim\w*|sms|devinfo|ussd|phonebook|voicecall|call-\w+)\.c:\w+\(\) .{0,200}?"
        r"(?<![0-9a-fx])(\d{4,13})(?![0-9a-f])",
    ),
    # Numbers.
    Form(
        NUMBER,
        "imei imsi iccid msisdn meid eid gsn esn equipment",
        r"\b(?:IMEI\w*|IMSI|ICCID|MEID|ESN|EID|CGSN|equipment"
        r"[ _-]?identifier)\W{1,6}((?:0x)?[0-9a-f](?:[ ./:_-]?[0-9a-f]){6,31})(?![0-9a-z])",
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
    Form(SIM, "", r"(?<![0-9a-f])(?=\d{14,22}f?[a-f][0-9a-f])([0-9a-f]{18,})(?![0-9a-f])", shape="0" * 18),
    Form(NUMBER, "", r"(?<!\d)(?<!0x)(?!0000)(\d{14,22}f?)(?!\d)", shape=14),
    Form(NUMBER, "0x", r"(0x(?!00)\d{14,20})(?![0-9a-f])", shape=14),
    Form(SIM, "", r"(?<![0-9a-f])([0-9a-f]{18,})(?![0-9a-f])", shape="0" * 18),
    Form(
        NUMBER,
        "",
        r"(?<![0-9a-f-])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-(?!00805f9b34fb)[0-9a-f]{12})(?![0-9a-f])",
        shape="00000000:0000:0000:0000:000000000000",
    ),
    # Where the stick is.
    Form(
        PLACE,
        "lac tac cell ci location tracking",
        r"(?<![a-z])(?:lac|tac|cell[ _-]?(?:id(?:entity)?)?|ci|"
        r"(?:location|tracking) ?area ?code|lac/ci)"
        r"(?:\W{1,4}|\W{0,3}= ?\"?)((?:0x)?(?=[a-f]*\d)[0-9a-f]{2,10})(?![\w.])",
    ),
    Form(PLACE, "lat lon lng", r"\b(?:lat|lon|lng|lati?tude|longi?tude)\W{1,4}(-?\d{1,3}\.\d{3,})"),
)
_PEOPLE = (
    # Names of people, devices and networks, which only the words around them tell from other words.
    Form(HOST, "host", r"\bhost[ _]?name\b[^\w\[=:>'\"]{0,24}[=:>'\"][^\w\[]{0,4}([\w.-]{2,64})"),
    Form(HOST, "host name is", r"\bhost name is ([\w.-]+?)(?:\.local)?\.?(?:\s|$)"),
    Form(HOST, "dhcp", r"\bDHCP[A-Z]+\(\S+\) \S+ \[masked-\d+\] ([\w.-]+)$"),
    Form(NUMBER, "duid iaid", r"\bDUID\b:? +((?:[0-9a-f]{1,16}[:-]?){4,})"),
    Form(
        SERIAL,
        " id",
        r"\b(?:unique|chip|device|client|machine|board|hardware)[ _-]?id\b\W{1,3}((?:0x)?[0-9a-f-]{8,64})\b",
    ),
    Form(SECRET, "pin", r"\bpin:? (\d{4,8})\b"),
    Form(
        SECRET,
        "pin puk",
        r"\b(?:pin|puk)2? (?:\w{1,10} )?(?:entered|accepted|sent|used|tried|typed|rejected|refused)"
        r"\W{1,3}(\d{4,8})\b",
    ),
    Form(SECRET, "pass psk pwd", r"(?:psk|pass\w{0,7}|pwd) (?:is|was) \[(?!masked-)([^\s\[\]]{4,})\]"),
    Form(
        SECRET,
        "user credentials auth",
        r"\b(?:user|credentials|auth)[ =](?!\d)([\w.-]{2,40}:(?=\S*\d)(?=\S*[a-z])[^\s:/]{5,})",
    ),
    Form(
        SECRET,
        "log",
        r"\b(?:log(?:in|ged in|ging in)) as:? (?:user )?"
        r"(?!root\b|an?\b|the\b|user\b|soon\b|well\b)([\w@-][\w.@-]+)",
    ),
    Form(
        SECRET,
        "user login",
        r"\b(?:user|username|login) (?!(?:name|and|or)\b)([^\s'\"\[]\S*?),? (?:or )?password\b",
    ),
    Form(
        SECRET, "user account login", r"\b(?:user(?:name)?|account|login|identity) (?:\"([^\"]+)\"|'([^']+)')"
    ),
    Form(SECRET, "user ", r"\bauthenticating user (\S+)"),
    Form(SECRET, "login", r"\bLOGIN\b.{0,60} FOR '([^']+)'"),
    Form(SECRET, "su[ su:", r"\bsu(?:\[\d+\])?: \(to \S+\) (\S+) on "),
    Form(SECRET, "cmd", r"\((?!root\))([\w.-]+)\) (?:CMD|RELOAD|END|BEGIN)\b"),
    Form(SECRET, "cn", r"\bCN ?= ?([^,/'\"\s][^,/'\"]*)"),
    Form(SECRET, "connected from", r"\bconnected from \S+ as (\S+)"),
    Form(SECRET, "u'", r"(?<!-)\bu'([^']+)'"),
    Form(WLAN, "name='", r"(?<!\bid=\d )\b\w*name='([^']+)'"),
    Form(WLAN, '("', r"\[masked-\d+\] \(\"([^\"]+)\"\)"),
    Form(WLAN, "ssid", r"\b(?:for|to|of|with|on) (?:WLAN|network )?SSID:? (?!['\"\[])(\S.*)$"),
    Form(
        WLAN, "system-connections/ iwd/", r"/(?:system-connections|iwd)/([^\"'/]+?)(?:\.\w+)?(?=[\"']|\s|$)"
    ),
    Form(WLAN, "called_name", r"\bcalled_name (\S.*)$"),
    Form(SIM, "text body", r"(?:\bsms\b|\bnumber\b).{0,120}?\b(?:text|body)\b[: ]{1,3}\"?([^\"\s].*)$"),
    Form(SIM, ".c:", r"\bsrc/(?:ussd|sms|smsutil|cbs|message\w*|phonebook|stk\w*)\.c:\w+\(\) (\S.*)$"),
)
_ALL = (
    *commands.FORMS,
    *CREDENTIALS,
    *spoken.FORMS,
    *programs.FIELDS,
    *fields.FORMS,
    *_FORMS,
    *programs.MESSAGES,
    *programs.PEOPLE,
    *_PEOPLE,
    *languages.FORMS,
    *REST,
)
_UNHINTED = tuple(place for place, form in enumerate(_ALL) if not form.hints)
_HINTED: dict[str, list[int]] = {}
_FOREIGN: dict[str, list[int]] = {}
"""Hints that no text in ASCII has."""
for _place, _form in enumerate(_ALL):
    for _hint in _form.hints:
        (_HINTED if _hint.isascii() else _FOREIGN).setdefault(_hint, []).append(_place)
_HEXADECIMAL = str.maketrans("0123456789abcdef-", "0" * 16 + ":")
_DECIMAL = str.maketrans("0123456789", "0" * 10, " ./_()-")
_GROUPED = re.compile(r"(?<![\w.:-])(\d{1,8}([ ./_-])\d{1,8}(?:\2\d{1,8}){0,6})(?![\w:])")
_BOOT = re.compile(r"\b[Cc]ommand line: (.+)")
_HARMLESS = frozenset(
    ("none", "<hidden", "<hidden>", "(null)", "not", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00")
)
"""The last two are everybody's: broadcast, and none."""
_SAID_OR_KEYS = words(keys.SAID) | words("user username name pass password passwd login pin https http")
_QUAD = re.compile(r"\(?\d{1,3}(?:\.\d{1,3}){1,3}(?![\d.])")
"""An IPv4 address, or a version."""
_RANGE = re.compile(r"\bfrom (\S{1,20}) to (\S{1,20})", re.IGNORECASE)
_TELEPHONY = re.compile(
    r"\b(?:asterisk|dongle|sms|mms|messages?$|message (?:sent|from|to)|call(?:s|ed|er|ing)?\b|dial|gammu|"
    r"phone|telephon|voice|forward|ring|sip|msisdn|subscriber)",
    re.IGNORECASE,
)


def mask(text: str, token: Token) -> str:
    """`text` without what its forms give away."""
    if "ommand line: " in text and (found := _BOOT.search(text)):
        return f"{mask(text[: found.start(1)], token)}{boot.shown(found[1])}"
    lowered = (text if text.isascii() else text.translate(CASELESS)).lower()
    shapes = _Shapes(lowered)
    text = secrets.mask(text, token)
    for form in _hinted(lowered, shapes):
        text = form.pattern.sub(lambda match, kind=form.kind: _replaced(match, kind, token), text)  # type: ignore[misc]
    return _GROUPED.sub(lambda match: _number(match, token), text) if shapes.has(14) else text


class _Shapes:
    """What a text looks like when one digit is as another.

    In the hexadecimal one : and - are the same mark too; the decimal one has no mark that stands between the
    digits of a number.
    """

    def __init__(self, lowered: str) -> None:
        self._known = lowered.isascii()  # other alphabets have digits of their own
        self._hexadecimal = lowered.translate(_HEXADECIMAL) if self._known else ""
        self._decimal = lowered.translate(_DECIMAL) if self._known else ""

    def has(self, shape: str | int) -> bool:
        """Whether `shape` is in it, a number being that of decimal digits one after the other."""
        if not self._known:
            return True
        return "0" * shape in self._decimal if isinstance(shape, int) else shape in self._hexadecimal


def _hinted(lowered: str, shapes: _Shapes) -> list[Form]:
    """The forms that a text may have, in their order."""
    places = set(_UNHINTED)
    for hinted in (_HINTED,) if lowered.isascii() else (_HINTED, _FOREIGN):
        for hint, of in hinted.items():
            if hint in lowered:
                places.update(of)
    forms = (_ALL[place] for place in sorted(places))
    return [form for form in forms if not form.shape or shapes.has(form.shape)]


def _replaced(match: re.Match[str], kind: str, token: Token) -> str:
    done, last = [], match.start()
    for group in range(1, (match.re.groups or 0) + 1):
        value = match[group]
        if value is None or value.lower() in _HARMLESS:
            continue
        if TOKEN.fullmatch(value) or TOKEN.fullmatch(f"[{value}]"):
            continue
        if _says_nothing(match.string, value, match.start(group), kind):
            continue
        done += [match.string[last : match.start(group)], token(value, kind)]
        last = match.end(group)
    return "".join(done) + match.string[last : match.end()]


def _says_nothing(text: str, value: str, start: int, kind: str) -> bool:
    """Whether `value`, which has the form of an identity, is something else by itself or by its place."""
    if not any(map(str.isalnum, value)):
        return kind != PLACE  # a joint between two words, a comma of a list
    if kind == SECRET:
        # user canceled; password wrong; Account username: the next word is the value
        return value.casefold().rstrip(";,.:!)") in _SAID_OR_KEYS
    if kind == HOST:
        # hostname: hostname changed from (none) to ""
        return value.casefold() in ("hostname", "(none)")
    if kind not in (TELEPHONE, NUMBER):
        return False
    if _QUAD.match(value):
        return True
    # capacity change from 0 to 15523840
    ranges = (found.span() for found in _RANGE.finditer(text))
    return any(first <= start < last for first, last in ranges) and _TELEPHONY.search(text) is None


def _number(match: re.Match[str], token: Token) -> str:
    """An IMEI, IMSI or ICCID in groups, as people write it: with one mark between all of them."""
    groups = match[1].split(match[2])
    digits = "".join(groups)
    lengths = [len(group) for group in groups]
    grouped = (
        len(groups) > 2
        and max(lengths) >= 4
        and not (match[2] == "." and len(groups) == 4 and max(lengths) <= 3)
    )
    if 14 <= len(digits) <= 20 and (grouped or (len(digits) == 15 and _luhn(digits))):
        return token(match[1], NUMBER)
    return match[0]


def _luhn(digits: str) -> bool:
    """The check digit of an IMEI (3GPP TS 23.003, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
