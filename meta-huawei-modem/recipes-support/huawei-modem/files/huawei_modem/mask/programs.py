# SPDX-License-Identifier: MIT
"""Messages of single programs that name a person, a host or a network, or hold what somebody wrote.

From the sources of Linux-PAM, shadow, util-linux, dropbear, OpenSSH, systemd, BusyBox, wpa_supplicant,
OpenVPN, gammu-smsd, chan_dongle and mmcli; OpenWrt's UCI; the elements of the sticks' web interface (HiLink).
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import ADDRESS, HOST, NUMBER, PLACE, SECRET, SERIAL, SIM, TELEPHONE, WLAN

_SUB = r"(?:\\x1a|\\032|\\26(?!\d)|\x1a|<SUB>|<CTRL-?Z>|\^Z)"
"""The end of a message's text (3GPP TS 27.005), as programs print it."""
_SENDER = r"\+?\[?(\[masked-\d+\]|\+?\d{3,20})\]?"
_SET = (
    r"(?:psk|passphrase|password|sae_password|pin|wep_key\d|private_key\w*|identity|anonymous_identity|ssid|"
    r"key_mgmt|proto|pairwise|group|auth_alg|eap|scan_ssid|priority|disabled|mode|frequency|bssid|phase[12])"
)
_UCI = r"(?:\w{1,30}_)?(?:key\d?|psk|pin_?code|puk_?code|passphrase|secret|auth_secret|preshared_key)"


def _fields(kind: str, hints: str, names: str) -> tuple[Form, Form]:
    """XML's elements and JSON's members of such names."""
    return (
        Form(kind, hints, rf"<(?:\w{{1,20}}:)?(?:{names})(?:\s[^<>]{{0,80}})?>([^<>]+)</"),
        Form(kind, hints, rf"\"(?:{names})\\?\"\s{{0,4}}:\s{{0,4}}\\?\"?([^\s\"\\,\[{{}}\]][^\"\\,{{}}\]]*)"),
    )


FIELDS = (
    Form(SECRET, "value='", rf"\bname='{_SET}' value='(.*?)'?$"),
    *_fields(SERIAL, 'serial <sn> "sn', r"\w{0,20}serial_?-?(?:n(?:o|r|um(?:ber)?))?|sn"),
    *_fields(
        NUMBER,
        "imei imsi iccid meid esn eid uuid",
        r"\w{0,20}(?:imei(?:sv)?|imsi|iccid|meid|\besn|\beid|uuid)",
    ),
    *_fields(
        TELEPHONE,
        "msisdn phone number sca smsc caller",
        r"\w{0,20}(?:msisdn|phone(?:_?number)?|own_?numbers?|mobile_?number|smsc|caller(?:_?id)?)|sca",
    ),
    *_fields(ADDRESS, "mac", r"\w{0,20}mac_?addr(?:ess)?\w{0,6}|mac"),
    *_fields(
        SIM, "content smstext sms_text formattedname formatted_name", r"content|sms_?text|formatted_?name"
    ),
    *_fields(WLAN, "ssid", r"\w{0,20}ssid\d{0,2}"),
    *_fields(HOST, "host actualname actual_name", r"host_?-?name|actual_?name"),
    *_fields(
        SECRET,
        "pin puk psk wep key",
        r"(?:sim|current|new|old|user)?_?(?:pin|puk)_?(?:code|value)?|\w{0,12}psk|wifi_?wep_?key\d?",
    ),
    *_fields(PLACE, "cell lac tac enb enodeb enodb", r"cell_?id|lac|tac|enode?b_?id"),
)
"""In the order of what is most specific."""
MESSAGES = (
    Form(
        SIM,
        "+cmgs +cmgw +cmgc",
        r"\+CMG[SWC]=[^\r\n\\]{0,80}?(?:\\[rn]|<CR>|<LF>|\^M|\r|\n){1,4}(?:> )?(?!OK\b|ERROR\b|[+>])"
        rf"([^\s'\"\\<)].*?)(?:{_SUB}|$)",
    ),
    Form(SIM, "\\x1a \\032 \\26 \x1a <sub> ctrl ^z", rf"(?:> |^|send \()['\"]?(?!AT)([^\s'\">].*?){_SUB}"),
    Form(SIM, "text:", r"\| {1,20}text: (\S.*)$"),
    Form(
        SIM,
        "sms message mms",
        rf"\b(?:sms|message|mms)\b,? (?:from|to|by) {_SENDER}(?: ?: ?|,? "
        r"(?:with )?(?:text|body|content)[:=]? ?)(['\"]?[^\s'\"].*)$",
    ),
    Form(SIM, "got", r"\bGot (?:SMS|MMS|message) from .{1,60}?: ?'(.+?)'?$"),
    Form(SIM, "[msg:", r"\[msg:\d+:(.+?)\](?: \[|$)"),
    Form(SIM, "/sms", r"/sms\d*\].{0,40}\btext\b\W{1,4}(\w.*)$"),
    Form(SIM, "data:", r"\| {1,20}data: ([0-9a-f]{4,})"),
    Form(
        SIM,
        '"text" "body" "msg" "message"',
        r"\"(?:sms|number|sender|from|phone|recipient)\".{0,200}?\"(?:text|body|msg|message)\"\s{0,3}:\s{0,3}\"((?:[^\"\\]|\\.)*)\"",
    ),
    Form(
        SIM,
        '"text" "body" "msg" "message"',
        r"\"(?:text|body|msg|message)\"\s{0,3}:\s{0,3}\"((?:[^\"\\]|\\.)*)\".{0,200}?\"(?:number|sender|phone|recipient)\"",
    ),
    Form(SIM, "<value>", r"<Name>(?:Formatted|Mobile|Home|Work)\w*</Name>\s*<Value>([^<]+)<"),
    Form(SIM, "got", r"\bGot USSD.{0,60}: ?'(.+?)'?$"),
    Form(SIM, "received", r"\breceived message from .{1,40}? text \"(.+?)\"?$"),
)
PEOPLE = (
    # Linux-PAM, shadow and util-linux.
    Form(SECRET, "(uid=", r"\bby (?!root\b)([\w.-]+)\(uid="),
    Form(SECRET, "su", r"\bsu for \S+ by (?!root\b)([\w.-]+)"),
    Form(SECRET, "su", r"\bsu for (?!root\b)([\w.-]+) by "),
    Form(SECRET, "su", r"\bsu(?:\[\d+\])?: (?:FAILED SU )?\(to (?!root\b)([\w.-]+)\)"),
    Form(SECRET, "su", r"\bsu(?:\[\d+\])?: FAILED SU \(to \S+\) (?!root\b)([\w.-]+) on "),
    Form(SECRET, "su", r"\bsu(?:\[\d+\])?: [+-] \S+ (?!root:)([\w.-]+)[:-]"),
    Form(SECRET, "login", r"\bLOGIN ON \S+ BY (?!root\b)([\w.-]+)"),
    Form(SECRET, "login", r"\bLOGIN ON \S+ BY \S+ FROM ([\w-]*[a-z][\w.-]*)"),
    Form(SECRET, "login dialup", r"\bLOGIN\b.{0,60} FOR (?!root\b)([\w.-]+),"),
    Form(SECRET, "login", r"\blogin(?:\[\d+\])?: (?!root\b)([\w.-]+) login on '"),
    Form(SECRET, "pkexec", r"\bpkexec(?:\[\d+\])?: (?!root\b)([\w.-]+): Executing"),
    Form(SECRET, "dialup", r"\bDIALUP AT \S+ BY (?!root\b)([\w.-]+)"),
    Form(SECRET, "crontab", r"\bcrontab(?:\[\d+\])?: \((?!root\))([\w.-]+)\) [A-Z ]{2,20} \(([\w.-]+)\)"),
    Form(SECRET, "useradd usermod userdel adduser groupadd", r"\b(?:user|group)\w*\b.{0,80} name=([^\s,]+)"),
    Form(
        SECRET,
        "useradd usermod userdel passwd chage gpasswd",
        r"\b(?:user(?:add|mod|del)|passwd|chage|gpasswd)(?:\[\d+\])?:.{0,60}? "
        r"(?:user|add|delete|removed?|for) '([\w.-]+)'",
    ),
    # sshd and dropbear.
    Form(SECRET, "attempt succeeded", r"\b(?:auth succeeded|attempt) for '([^']+)'"),
    Form(
        SECRET,
        "exit",
        r"\bExit (?:before auth[^(]{0,60})?\((?:user )?'?(?!root\b|\d)([\w.-]+)(?:',|\) from <|\): )",
    ),
    Form(SECRET, "wrong", r"\bwith wrong user (\S+) from "),
    Form(SECRET, "user", r"\b(?:disconnected from|closed by|reset by) user (?!root\b)(\S+) \S+ port "),
    Form(SECRET, "user", r"\bsession: user (?!root\b)(\S+) from "),
    Form(SECRET, "allowed", r"\buser (?!root\b)(\S+) from \S+ not allowed"),
    Form(
        SECRET, "postponed starting", r"\b(?:postponed|starting session)\b.{1,60}? for (?!root\b)(\S+) from"
    ),
    # systemd, polkit, BusyBox's crond.
    Form(SECRET, "slice", r"\bUser Slice of (?!UID\b|root\b)(\S+?)\.?$"),
    Form(SECRET, "unix-user:", r"\bunix-user:(?!root\b)([\w.-]+)"),
    Form(SECRET, "user", r"\bUSER (?!root\b)([\w.-]+) pid ", 0),
    Form(
        SECRET,
        "remote",
        r"\bRemote message: .{0,120}?(?<![\w=])((?=[\w.@-]*[a-z]{3})[a-z][\w.@-]*\d)",
    ),
    # The names of hosts and devices.
    Form(
        HOST,
        "hostname",
        r"\b(?:set|setting|set up|changing|changed) [\w/]{0,20}hostname to "
        r"(?!be\b|the\b|a\b)([\w-][\w.-]*\w)$",
    ),
    Form(
        HOST,
        "hostname",
        r"\bhostname changed from (?:\"([\w.-]+)\"|([\w.-]+)|\"?\(none\)\"?) to (?:\"([\w.-]+)\"|([\w.-]+))",
    ),
    Form(
        HOST,
        "hostname",
        r"\.c:\w+\(\) (?:\w+ )?hostname (?!is\b|was\b|set\b|to\b|from\b|not\b)([\w-][\w.-]*\w)$",
    ),
    Form(
        HOST,
        "host",
        r"\bchanged (?:\w+ )?host ?name (?:from '([^']*)' )?to (?:'([^']+)'|([\w.-]*\w))",
    ),
    Form(
        HOST,
        "dhcp dhclient",
        r"\b(?:udhcp\w|dhcp\w*|dhclient)\b.{0,120}\bhost-?name "
        r"(?!is\b|was\b|set\b|to\b|from\b|not\b|option\b)['\"]?([\w-][\w.-]*\w)['\"]?(?:[;,]|$)",
    ),
    Form(HOST, "wps-", r"\bWPS-[A-Z-]+ .{0,200}?[\[|]([^|\[\]]+)\|"),
    # Networks.
    Form(
        WLAN,
        "point:",
        r"\b(?:connected|connecting to|new|joined|found|selected) (?:[\w-]{1,20} )?access point: "
        r"(\S.*?)(?: \([^()]*\))?$",
    ),
    Form(
        WLAN,
        "ssid",
        r"\b(?:plugins|src|gsupplicant|supplicant)/\w+\.c:.{0,80}?\bssid (?!['\"\[])(\S.*?)"
        r"(?= strength\b| passphrase\b| freq| signal\b| mode\b|,|$)",
    ),
    # Credentials with words of their own.
    Form(
        SECRET,
        "cmd",
        r"\bCMD '(?:password|username) (?:\"[^\"]*\"|[^\s\"]+) \\?\"?((?:[^\"\\]|\\.)+?)\\?\"?'?$",
    ),
    Form(SECRET, "mosquitto_", r"\bmosquitto_\w+\s(?:.{0,300}\s)?-u[ =]?(\S+)", 0),
    Form(SECRET, "cid", r"\bcid \d+,? user(?:name)? (\S+) pass(?:word)? (\S+)"),
    Form(
        SECRET,
        "option list",
        rf"^\s*(?:option|list)\s+['\"]?{_UCI}['\"]?\s+(?:'([^']*)'|\"([^\"]*)\"|([^\s'\"]+))",
    ),
    Form(SECRET, "key psk pin puk secret pass", rf"[\w\])]\.{_UCI}=(?:'([^']*)'|\"([^\"]*)\"|([^\s'\"]+))"),
    Form(SECRET, "pin puk", r"\b(?:\w{0,12}_)?(?:pin|puk)_?(?:value|code)? ?= ?'(\d{4,8})'"),
    # Serial numbers in the names of links and of disks.
    Form(SERIAL, "usb-", r"\busb-\w{1,80}_(\w{4,80})-(?:\d:\d|part\d)"),
    Form(SERIAL, "wwn eui nguid", r"\b(?:wwn|eui|nguid)\b[-.:= ]{1,2}((?:0x)?[0-9a-f]{16,32})\b"),
)
