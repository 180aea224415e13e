# SPDX-License-Identifier: MIT
"""Commands with secrets among their arguments: as a shell traces them, as lists of programs' debuggers show
them, and as the kernel's audit does (`a3="-P" a4="…"`); calls on D-Bus by busctl, gdbus and dbus-send.

Options from the manuals of the programs; what -p is of one (a password) it is not of another (a port).
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import SECRET, SIM, WLAN

_Q = r"\\?[\"']"
_NEXT = rf"{_Q},?\s{{0,4}}(?:a\d{{1,2}}=)?{_Q}"
"""Between two elements of a list, and between two arguments in a record of the audit."""
_ANY = r"(?:\"([^\"]+)\"|'([^']+)'|([^\s\"'<>\[\]]+))"
_OPTIONS = (
    ("sshpass", "sshpass", "p", "?"),
    ("mosquitto_", r"mosquitto_\w+", "uP", "?"),
    ("curl", "curl", "uU", ""),
    ("zip", r"(?:un)?zip(?:cloak)?", "P", ""),
    ("7z rar", r"(?:7z[ar]?|(?:un)?rar)", "p", "?"),
    ("ipmitool", "ipmitool", "UP", ""),
    (
        "snmp",
        r"snmp(?:get|getnext|set|walk|bulkwalk|bulkget|trap|inform|table|status|test|df|delta|usm|vacm)",
        "cuAX",
        "",
    ),
    ("ldap", r"ldap(?:add|delete|modify|passwd|search|whoami)", "wD", ""),
    ("redis-cli", "redis-cli", "a", ""),
    ("lftp ncftp", r"(?:lftp|ncftp\w*)", "up", ""),
    ("mongo", r"mongo\w*", "up", ""),
    ("docker podman", r"(?:docker|podman)\b.{1,20}?\blogin", "up", ""),
)
"""Hints, the program, its options with secrets, and whether the value may follow without a blank."""
_BUS = r"\b(?:busctl|dbus-send|gdbus|SetProperty|set-property)\b.{0,300}?"
_SECRETS = r"(?:Password|Username|\w{0,20}Passphrase|PreSharedKey|(?:Anonymous)?Identity)"
_GIVEN = r"(?:\\?[\"'])?[ ,]{1,2}(?:s |(?:variant:)?string:|\\?\"?<)?"


def _option(hints: str, program: str, option: str, glued: str) -> Form:
    return Form(
        SECRET,
        hints,
        rf"\b{program}\b.{{0,300}}?(?<=[\s\"'])-{option}"
        rf"(?:{_NEXT}([^\"'\\]+)|[ =]{glued}(?:\"([^\"]+)\"|'([^']+)'|([^\s\"',\[\]-][^\s\"']*)))",
        0,
    )


FORMS = (
    *(
        _option(hints, program, option, glued)
        for hints, program, options, glued in _OPTIONS
        for option in options
    ),
    # Of any program: by the option's name, or by what follows a short one, which may be a port or a file.
    Form(
        SECRET,
        "pass psk secret token",
        rf"{_Q}--?[\w-]{{0,30}}(?:passw(?:or)?d|passphrase|pass|psk|secret|token){_NEXT}(?!/)([^\"'\\]+)",
    ),
    # -p of qmicli and mbimcli has no value: an option follows; of ip6tables it is a protocol.
    Form(
        SECRET,
        "-p",
        rf"{_Q}-[pP]{_NEXT}(?![./~\d]|--[a-z]|(?:icmpv6|ipv6-icmp){_Q})"
        r"(?=[^\"'\\]*\d)(?![^\"'\\]*\.[a-z]{1,5}[\"'])([^\s\"'\\/]{5,})",
        0,
    ),
    Form(SECRET, "-u", rf"{_Q}-[uU]{_NEXT}(?!\d+:\d)([^\s\"'\\:/]+:(?!//)[^\"'\\]+)"),
    # SSHPASS=…, WIFIPASS=…
    Form(
        SECRET,
        "pass=",
        r"\b(?:[A-Z0-9_]{2,40}(?<!BY)(?<!COM)|(?:ssh|wifi|wlan|apn|user|db|root|ftp|smb|mqtt|my))(?:PASS|pass)="
        rf"(?!\d{{1,3}}\b|/){_ANY}",
        0,
    ),
    # D-Bus.
    Form(SECRET, "pass user key identity", rf"{_BUS}\b{_SECRETS}{_GIVEN}{_ANY}", 0),
    Form(WLAN, "tetheringidentifier", rf"{_BUS}\bTetheringIdentifier{_GIVEN}{_ANY}", 0),
    Form(
        SECRET,
        "pin",
        r"\b(?:enter|change|reset|lock|unlock)-?pin\b\W{1,4}(?:s{2,3}\W{1,3})?(?:string:)?[\"']?"
        r"(?:pin2?|puk2?|ph[a-z]{2,12}|corp|service|network\w{0,8})[\"']?\W{1,3}(?:string:)?[\"']?"
        r"(\d{4,8}|\[masked-\d+\])(?![\w.])(?:[\"']?,?\s{1,3}(?:string:)?[\"']?(\d{4,8})(?![\w.]))?",
    ),
    Form(SIM, "initiate", r"\bInitiate[\"']?\W{1,3}(?:s |string:)?\\?[\"']?([*#][\d*#+]{2,})"),
    Form(SIM, "#", r"(?<![\w*#])([*#]{1,2}\d{2,4}\*\d{5,20}(?:\*\d+){0,4}#)"),
    # Clients of ConnMan and oFono, and the secrets of pppd where a shell or grep shows them.
    Form(WLAN, "tether", rf"\bconnmanctl\W{{1,3}}tether wifi on {_ANY}"),
    Form(SECRET, "tether", rf"\bconnmanctl\W{{1,3}}tether wifi on (?:\"[^\"]+\"|'[^']+'|\S+) {_ANY}"),
    Form(SECRET, "create-internet-context", r"\bcreate-internet-context \S+ (\S+) (\S+)"),
    Form(
        SECRET,
        "ap-secrets",
        r"\b(?:ch|p)ap-secrets:(?:\d+:)?\s*[\"']?([^\s\"'*#]+)[\"']?\s+[\"']?[*\w.-]+[\"']?\s+[\"']?([^\s\"'*]+)",
    ),
    Form(
        SECRET,
        "ap-secrets",
        r"\b(?:echo|printf) (?:-\w+ )?[\\\"']{0,3}([^\s\"'*\\]+)[\\\"']{0,2}\s+[\\\"']{0,2}\*[\\\"']{0,2}\s+"
        r"[\\\"']{0,2}([^\s\"'*\\>]+).{0,60}(?:ch|p)ap-secrets",
    ),
)
