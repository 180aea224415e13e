# SPDX-License-Identifier: MIT
"""Secrets in whatever notation: a name whose words say what follows, marks between, and the value.

Settings with an equals sign, YAML, JSON, Python and Qt show one as `name MARK value`, some with a type around
the value. What secrets.py reads (a key and a mark) is not read again here.
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import SECRET, SERIAL

_SECRET = (
    r"(?:pass(?:wor[dt]|wd|phrase|key|code)?|pwd|psk|secret|credentials?|token|user(?:[_-]?name)?|identity|"  # noqa: S105
    r"auth[_-]?key|key content)"
)
_SECRETS = "pass pwd psk secret credential token user identity auth key"
_NAME = r"(?<![A-Za-z0-9])[\w.-]{0,40}?"
_TYPED = r"(?:\w{1,20}\((?:\w{1,20}, ?)?|<(?:@\w{1,8} )?|b(?=['\"]))"
"""QVariant(QString, "x"); Some("x"); <@s 'x'>; b'x'."""
_THINGS = "client device station customer account subscriber peer"
_IDS = (
    rf"(?:(?:{_THINGS.replace(' ', '|')})[ _-]{{0,2}}"
    r"(?:id(?:ent(?:ity|ifier))?|names?|no|nr|number|uid|alias)|imei|imsi|iccid)"
)
_OURS = (
    r"(?!\d{1,3}\b|(?:0x)?[0-9a-f]{4}(?::[0-9a-f]{4})?\b|"
    r"(?:tty|wwan|usb|ppp|eth|wlan|cdc|mmc|sd|ci_hdrc)\w*|\S+\.(?:service|target|socket)\b)"
)
"""What a device is called on each system, and the ids of its kind: no identity."""
_OPTION = r"[\"']--?[A-Za-z][\w-]{0,30}[\"']"
"""An element of a list of arguments: what follows `sshpass` is none of its passwords."""
_QUOTED = r"(?:\"([^\"]+)\"|'([^']+)')"
FORMS = (
    # password["x"], pwd(x), {password,"x"}, ("Password", QVariant(QString, "x")), Password . . . : x
    Form(SECRET, _SECRETS, rf"{_NAME}{_SECRET}[\"']?(?:(?: \.){{1,20}} ?: ?| {{3,40}}: ?)(\S.*)$"),
    Form(SECRET, _SECRETS, rf"{_NAME}{_SECRET}[\"']?\s?,\s?(?!{_OPTION}){_TYPED}?{_QUOTED}"),
    Form(SECRET, _SECRETS, rf"{_NAME}{_SECRET}[\"']?\s?[=:]>?\s?{_TYPED}{_QUOTED}"),
    Form(
        SECRET,
        _SECRETS,
        rf"{_NAME}{_SECRET}\s?[\[(<{{]\s?[\"']?(?=[^\s\d])([^\s\"'\[\](){{}}<>,=:]{{3,}})[\"']?\s?[\])>}}]",
    ),
    Form(SECRET, _SECRETS, rf"\b(?:(?:psk|eap) )?{_SECRET} (?:is |for |of )?{_QUOTED}"),
    Form(SECRET, _SECRETS, rf"^\s*(?:\w{{1,20}}[_-])?{_SECRET}\s{{1,9}}(?![=:*])([^\s=:]+)$"),
    Form(
        SECRET, "user account login", r"\b(?:user(?:name)?|account|login|identity) (?:\"([^\"]+)\"|'([^']+)')"
    ),
    # A PIN or a PUK, which are digits alone.
    Form(SECRET, "pin puk", r"(?<![a-z0-9])(?:pin|puk)\d?\s?[\[(<{]\s?['\"]?(\d{4,8})['\"]?\s?[\])>}]"),
    Form(SECRET, "passkey pin", r"\b(?:passkey|pin ?code)\b\D{0,20}(\d{4,8})\b"),
    Form(SECRET, "code", r"\b(?:setup|pairing|unlock\w{0,6}(?:-sim)?|pin|puk)[ _-]code\b\W{1,3}(\d{4,11})\b"),
    Form(SECRET, "code", r"\bunlock\S{0,12} code\W{1,3}(\d{4,8})\b"),
    Form(SECRET, "pin puk", r"\b(?:pin|puk)[12]? (?:code )?(?:is |was |= ?)?['\"]?(\d{4,8})\b"),
    Form(SECRET, "pin puk", r"--(?:[\w-]+-)?(?:pin|puk)\d?[ =]+['\"]?(?:PIN\d?,)?(\d{4,8})\b"),
    Form(SECRET, "pin", r"\bpin:? (\d{4,8})\b"),
    Form(
        SECRET,
        "pin puk",
        r"\b(?:pin|puk)2? (?:\w{1,10} )?(?:entered|accepted|sent|used|tried|typed|rejected|refused)"
        r"\W{1,3}(\d{4,8})\b",
    ),
    Form(
        SECRET,
        "pass pin puk",
        r"\b(?:passw\w{0,4}|pass|pin|puk) \(\w{1,12}\)\s?[:=]\s?[\"']?([^\s\"'\[]{3,})",
    ),
    Form(SECRET, "pin", r"\bpin (?:file |code )?(?:says|reads|holds|contains) (\d{4,8})\b"),
    Form(SECRET, "pin puk", r"\b(?:\w{0,12}_)?(?:pin|puk)_?(?:value|code)? ?= ?'(\d{4,8})'"),
    # Addresses with credentials, addresses of mail, folders of people, a registry's account.
    Form(SECRET, "://", r"://([^\s/@\"'<>]+)@"),
    Form(
        SECRET,
        "@",
        r"(?<![\w.+:/-])([\w.+-]+@[\w-]+(?:\.[\w-]+)*\.(?!service|target|slice|socket|timer|mount|"
        r"path|device|scope|swap)[a-z]{2,})(?![\w.])",
    ),
    Form(SECRET, "/home/", r"/home/([\w.+-]+)"),
    Form(SECRET, "login", r"\blogin\b.{0,80}? (?:-u|--username)[ =](\S+)"),
    Form(SECRET, "login", r"\blogin\b.{0,80}? -p[ =]?(\S+)"),
    # What devices and customers are called by.
    Form(
        SERIAL,
        f"{_THINGS} imei imsi iccid",
        rf"{_NAME}{_IDS}\"?(?:\s{{0,3}}(?:[:=]=?|=>)\s{{0,3}}[\"']?| (?:is )?[\"'])"
        rf"{_OURS}([\w.@:-][\w.@:/-]{{2,}})",
    ),
)
