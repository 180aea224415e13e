# SPDX-License-Identifier: MIT
"""A word, whose or how many, and the value: `password for bob "…"`, `numbers: (2) '…'`, `name set to …`;
commands of FTP, POP, IMAP and the like with their arguments; tables of iw and nmcli.
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import SECRET, SERIAL, SIM, TELEPHONE, WLAN

_SECRET = r"(?:secret|pass(?:wor[dt]|wd|phrase|code)?|psk|key)s?"  # noqa: S105
_STRONG = r"((?=\S*\d)(?=\S*[a-z])[^\s\"'\[]{5,})"
_NAME = (
    r"(?!(?:name|id|user|password|rejected|resolution|server|lookup|and|or|must|may|cannot|field|too|"
    r"contains|mismatch|length)\b|\d+\b)([a-z][\w.@-]{2,})"
)
_OF = rf"\b(?:\w{{1,12}}_)?{_SECRET} (?:for|of) (?:the )?(?:\w{{1,12}} )?[^\s\"']{{1,64}}?"
_NUMBER = r"(\+?\d{6,15})"
FORMS = (
    # charon, pppd, hostapd: whose secret it is comes first.
    Form(
        SECRET,
        "secret pass psk key",
        rf"{_OF}(?: is| to|:| =)? "
        r"(?:\"([^\"]{3,})\"|'([^']{3,})')",
    ),
    Form(
        SECRET,
        "secret pass psk key",
        rf"{_OF}(?: is|:| =) {_STRONG}",
    ),
    Form(
        SECRET,
        "pass pin puk",
        r"\b(?:passw\w{0,4}|pass|pin|puk) \(\w{1,12}\)\s?[:=]\s?[\"']?([^\s\"'\[]{3,})",
    ),
    Form(SECRET, "pin", r"\bpin (?:file |code )?(?:says|reads|holds|contains) (\d{4,8})\b"),
    Form(SECRET, "user/pass", r"\buser(?:name)?/pass(?:word)?\s?[=:]\s?([^\s/]{2,})/(\S{3,})"),
    # mbimcli counts what follows: Telephone numbers: (2) 'A, B'.
    Form(
        TELEPHONE,
        "number",
        rf"\bnumbers?\W{{0,3}}\(\d{{1,3}}\)\W{{1,4}}{_NUMBER}(?:\W{{1,4}}{_NUMBER})?(?:\W{{1,4}}{_NUMBER})?"
        rf"(?:\W{{1,4}}{_NUMBER})?",
    ),
    # Who it is, by two words: user name X, account id X, remote name: X, local name set to X.
    Form(
        SECRET,
        "user account login auth remote local peer",
        r"\b(?:user|account|login|auth|remote|local|peer)[ _-](?:user ?)?(?:name|id|user)(?: set)?"
        rf"(?: to|:| is| =)? (?:\"([^\"]+)\"|'([^']+)'|{_NAME})",
    ),
    Form(SECRET, "account password", rf"\b(?:account|login|user) pass(?:word|phrase|wd) {_STRONG}"),
    Form(SECRET, "name", r"\bname ([\w.@-]{3,}), port\b"),
    Form(SECRET, "name to", rf"\b(?:local|remote|peer) name (?:set )?to (?:\"([^\"]+)\"|{_NAME})"),
    # RFC 959, 1939, 3501, 1734; redis; IRC's services.
    Form(SECRET, "user pass", r"[\"'](?:USER|PASS) ([^\"']+)[\"']", 0),
    Form(SECRET, "user", r"(?:^|[>\]:-] )USER (?!root\b)([\w.@-]+)(?:$|:)", 0),
    Form(SECRET, "login", r"\b[A-Z]\d{3,5} LOGIN ([^\s\"\[]\S*) ([^\s\"\[]\S*)", 0),
    Form(SECRET, "auth", r"\bAUTH ((?=\S*[a-z0-9])[\w+/]{8,}={0,2})$", 0),
    Form(SECRET, '"auth"', r"\"AUTH\"(?: \"([^\"]+)\")? \"([^\"]+)\""),
    Form(SECRET, "identify", r"\bIDENTIFY (\S+)(?: (\S+))?$", 0),
    # What people and networks write.
    Form(
        SIM,
        "ussd",
        r"\bUSSD (?:reply|response|notification|text|string|answer|message)"
        r"\s?(?:[:=]\s?[\"']?|[\"'])(\w.*?)\"?$",
    ),
    Form(
        SIM,
        "notification",
        r"\b(?:network notification|(?:Notification|Request)Received)\s?(?:[:=]\s?[\"']?|[\"'])(\w.*?)\"?$",
    ),
    Form(SIM, "message text body", r"\bmessage\b.{0,40}?\b(?:text|body)=\"([^\"]+)\""),
    Form(SIM, "from", r"\"([^\"]{2,})\" from \+?\d{6,}"),
    # Tables: iw dev, nmcli device wifi, nmcli connection; /proc/cpuinfo.
    Form(WLAN, "ssid", r"^(?:.{0,80}: )?\s+ssid (\S.*)$"),
    Form(
        WLAN,
        "infra ad-hoc mesh",
        r"(?:\[masked-\d+\]|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}) {2,}(\S.*?) {2,}(?:Infra|Ad-Hoc|Mesh) ",
    ),
    Form(
        WLAN,
        "wifi",
        r"^(\S.*?) {1,40}(?:\[masked-\d+\]|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) {1,9}"
        r"(?:802-11-wireless|wifi)\b",
    ),
    Form(SERIAL, "serial", r"\bSerial\s{1,8}: ([0-9a-f]{8,32})\b"),
    Form(
        SECRET, "option", r"\boption 12\b\W{0,3}(?:\(?host-?name\)?\W{0,3})?(?!host-?name\b)([a-z][\w-]{2,})$"
    ),
)
