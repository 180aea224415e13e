# SPDX-License-Identifier: MIT
"""How the programs whose lines leave a board (logs.py) print who somebody is, or what somebody wrote.

Read in the sources of oFono 1.31 to 2.8, ConnMan 1.41, pppd and chat 2.4.9, ModemManager 1.20 with libqmi and
libmbim, and Linux. Those of other programs are in transcript/pasted.py.
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import HOST, NUMBER, SECRET, SIM, TELEPHONE, WLAN

_SUB = r"(?:\\x1a|\\032|\\26(?!\d)|\x1a|<SUB>|<CTRL-?Z>|\^Z)"
"""The end of a message's text (3GPP TS 27.005), as programs print it."""


PPP = (
    # %q and names, of upap.c, chap-new.c, eap.c, auth.c; the options that `dump` prints; what the peer says.
    Form(SECRET, "chap eap", r"\b(?:CHAP|EAP)\b.{0,200}?\b(?:name =?|identity) ?\"((?:[^\"\\]|\\.)*)\""),
    Form(
        SECRET,
        "peer secret authenticat login",
        r"\b(?:authentication (?:succeeded|failed) for|peer|authenticating(?: us to)?|(?:chap|pap|md5|srp) "
        r"secret found for|secret for|auth (?:to|of)) (?:\"([^\"]+)\"|'([^']+)')",
    ),
    Form(
        SECRET,
        "secret password",
        r"\b(?:secret found for|secret for|password for) (?!(?:auth(?:enticating)?|PAP|CHAP)\b)([^\s\"']\S*)"
        r"(?: on (\S+) (?:is|from)\b)?",
    ),
    # The peer without quotation marks, and who has started it: main.c, auth.c, chap-new.c, eap.c, eap-tls.c.
    Form(SECRET, "started by", r"\bstarted by (?!root\b)(\S+), uid"),
    Form(
        SECRET,
        "peer",
        r"\bPeer (?!authentication\b|is\b|was\b|has\b|not\b|refuse|\[)([^\s\"']\S*) "
        r"(?:authenticated|failed)\b",
    ),
    Form(SECRET, "authenticating", r"\bauthenticating (?:us to )?(?!us\b|peer\b|the\b)([^\s\"'\[]\S*)"),
    Form(
        SECRET,
        "authentication system auth tls",
        r"\b(?:authentication ok for|remote system \(|auth (?:to|of)|eap-?tls (?:client|server)) ?[\"']?"
        r"(?!\[|the\b|user\b|root\b)([\w.@\\/-]*[\w@]{2,})",
    ),
    Form(SECRET, "ident", r"\b(?:identi(?:ty|fy)(?: prompt)?|Ident \S+ \S+) \"([^\"]+)\""),
    Form(SECRET, "endpoint", r"<endpoint \[local:([0-9a-f.:]{4,})\]"),
    Form(SECRET, "login failures", r"LOGIN FAILURES ON \S+, (.+)"),
    Form(TELEPHONE, "calling", r"calling number \"?([^\"\s]+)"),
    Form(SECRET, "# (from", r"\b(?:user|name|remotename|password|passwd)\s{1,9}(\S.{0,199}?)\s{1,9}# \(from"),
    Form(SECRET, "pppd", r"\bpppd\b.{0,400} (?:user|name) (?!is\b)(\S+)"),
    Form(SECRET, "pppd", r"\bpppd\b.{0,400} password (\S+)"),
    Form(
        SECRET,
        "chap -challenge",
        r"\b(?:CHAP (?:Challenge|Response)|MD5-Challenge)\b.{0,20}?<(?:Value ?)?"
        r"([0-9a-f]{2}(?: ?[0-9a-f]{2}){3,})",
    ),
    # chat -v: what it sends, unless it is an AT command or harmless.
    Form(SECRET, "send (", r"\bsend \((?!AT|at|\\d|\+\+\+|\^M\)|\?|\[masked-)(.{3,}?)(?:\^M)?\)$"),
)
OFONO = (
    # doc/sim-api.txt, message-api.txt, message-waiting-api.txt; the drivers' and the core's debug lines.
    Form(
        SIM,
        "subscriber cardidentifier servicenumbers servicecenter fixeddialing mailbox",
        r"\b(?:Subscriber(?:Numbers|Identity)|CardIdentifier|ServiceNumbers|ServiceCenterAddress|FixedDialing"
        r"Numbers|\w*MailboxNumber) *= *([^\s\[\]{}][^\r\n]*|[\[{] *[^\s\]}][^\r\n]*)",
    ),
    Form(SECRET, "cid", r"\bcid \d+,? user(?:name)? (\S+) pass(?:word)? (\S+)"),
    Form(
        SIM,
        "notification requestreceived",
        r"\b(?:network notification|(?:Notification|Request)Received)\s?(?:[:=]\s?[\"']?|[\"'])(\w.*?)\"?$",
    ),
    Form(SIM, "message", r"\b(?:Incoming|Immediate)?Message(?:Received)?\b\W{1,4}['\"](.+?)['\"], ?\{"),
    Form(WLAN, "called_name", r"\bcalled_name (\S.*)$"),
    # oFono's mbim and qmi drivers print PIN, IMSI and numbers without a word before them.
    Form(
        SECRET,
        ".c:",
        r"\bdrivers/\w+/(?:sim\w*|sms|devinfo|ussd|phonebook|voicecall|call-\w+)\.c:\w+\(\) .{0,200}?"
        r"(?<![0-9a-fx])(\d{4,13})(?![0-9a-f])",
    ),
    Form(SIM, ".c:", r"\bsrc/(?:ussd|sms|smsutil|cbs|message\w*|phonebook|stk\w*)\.c:\w+\(\) (\S.*)$"),
    # NMEA.
    Form(SIM, "$g", r"\$G[A-Z]{2,4}[A-Z],([\d.,+A-Z*-]{6,})"),
)
CONNMAN = (
    Form(
        HOST,
        "hostname",
        r"\bhostname(?: is| set to|:)? <?(?!is\b|set\b|to\b|changed\b|not\b)([\w.-]{2,})>?\.?$",
    ),
    # Identifiers of services and the names before them; its plugins' debug lines.
    Form(WLAN, "ssid", r"(?<![a-z])e?ssid(?!' value=):? ?(?:\"((?:[^\"\\]|\\.)+)\"|'((?:[^'\\]|\\.)+)')"),
    Form(WLAN, "identifier", r"\btethering identifier (\S.*?)(?: passphrase\b|$)"),
    Form(WLAN, "connection", r"\bconnection:? (?:\"(?!:\d)([^\"]+)\"|'([^']+)')"),
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
    Form(
        WLAN,
        "ssid",
        r"\b(?:plugins|src|gsupplicant|supplicant)/\w+\.c:.{0,80}?\bssid (?!['\"\[])(\S.*?)"
        r"(?= strength\b| passphrase\b| freq| signal\b| mode\b|,|$)",
    ),
)
RAW = (
    # udevadm, libqmi, libmbim, the kernel's print_hex_dump: raw messages, which hold everything in octets.
    Form(
        SIM,
        "data raw hexdump payload",
        r"\b(?:data|raw|payload|hexdump)\b.{0,60}?[:=] ((?:[0-9a-f]{2}[: ]){7,}.*)",
    ),
    Form(
        SIM,
        "",
        r"(?<![0-9a-f])[0-9a-f]{8}: ((?:[0-9a-f]{2} ){5,}.*)",
        shape="00000000: 00 00 00 00 00 00",
    ),
)
COMMANDS = (
    # Whose message the bus has refused, with its whole command line.
    Form(SECRET, "comm=", r"\bcomm=\"[^\s\"]+ ([^\"]+)\""),
    Form(
        SECRET,
        "pin",
        r"\b(?:enter|change|reset|lock|unlock)-?pin\b\W{1,4}(?:s{2,3}\W{1,3})?(?:string:)?[\"']?"
        r"(?:pin2?|puk2?|ph[a-z]{2,12}|corp|service|network\w{0,8})[\"']?\W{1,3}(?:string:)?[\"']?"
        r"(\d{4,8}|\[masked-\d+\])(?![\w.])(?:[\"']?,?\s{1,3}(?:string:)?[\"']?(\d{4,8})(?![\w.]))?",
    ),
    Form(SIM, "initiate", r"\bInitiate[\"']?\W{1,3}(?:s |string:)?\\?[\"']?([*#][\d*#+]{2,})"),
    # Codes of services; a modem dials *99# and the like.
    Form(SIM, "#", r"(?<![\w*#])(?!\*9[89]\b(?!\*\d{5}))([*#]{1,2}\d[\d*]{0,80}#)"),
    Form(SECRET, "create-internet-context", r"\bcreate-internet-context \S+ (\S+) (\S+)"),
)
MESSAGES = (
    Form(
        SIM,
        "+cmgs +cmgw +cmgc",
        r"\+CMG[SWC]=[^\r\n\\]{0,80}?(?:\\[rn]|<CR>|<LF>|\^M|\r|\n){1,4}(?:> )?(?!OK\b|ERROR\b|[+>])"
        rf"([^\s'\"\\<)].*?)(?:{_SUB}|$)",
    ),
    Form(SIM, "\\x1a \\032 \\26 \x1a <sub> ctrl ^z", rf"(?:> |^|send \()['\"]?(?!AT)([^\s'\">].*?){_SUB}"),
    Form(SIM, "text:", r"\| {1,20}text: (\S.*)$"),
)
"""What people and networks write."""
