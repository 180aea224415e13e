# SPDX-License-Identifier: MIT
"""The forms in which single programs print who somebody is, or what somebody wrote.

Of the programs whose lines leave a board (logs.py), and of those whose lines the doctor quotes. Read in the
sources of oFono 1.31 to 2.8, ConnMan 1.41, pppd and chat 2.4.9, ModemManager 1.20 with libqmi and libmbim,
NetworkManager 1.42, gammu-smsd, chan_dongle and Linux; OpenWrt's UCI; the elements of the sticks' web
interface (HiLink).
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import ADDRESS, HOST, NUMBER, PLACE, SECRET, SERIAL, SIM, TELEPHONE, WLAN

_SUB = r"(?:\\x1a|\\032|\\26(?!\d)|\x1a|<SUB>|<CTRL-?Z>|\^Z)"
"""The end of a message's text (3GPP TS 27.005), as programs print it."""
_SENDER = r"\+?\[?(\[masked-\d+\]|\+?\d{3,20})\]?"
_UCI = r"(?:\w{1,30}_)?(?:key\d?|psk|pin_?code|puk_?code|passphrase|secret|auth_secret|preshared_key)"
_NAME = (
    r"(?!(?:name|id|user|password|rejected|resolution|server|lookup|and|or|must|may|cannot|field|too|"
    r"contains|mismatch|length)\b|\d+\b)([a-z][\w.@-]{2,})"
)
_WHO = (
    r"[\"']?(?!(?:user(?:name)?|root|the|this|that|an?|your|all|any|peer|client|account|connections?|"
    r"requests?|isolation|mode|data|reason|details|more|side|was|has|not|already|currently|being|must|can|may|should|(?:tty|wwan|usb|ppp|eth|wlan|tun|tap)\d?)\b)"
    r"([a-z][\w.@-]{2,}?)"
)
_ANY = r"(?:\"([^\"]+)\"|'([^']+)'|([^\s\"'<>\[\]]+))"
_BUS = r"\b(?:busctl|dbus-send|gdbus|SetProperty|set-property)\b.{0,300}?"
_SECRETS = r"(?:Password|Username|\w{0,20}Passphrase|PreSharedKey|(?:Anonymous)?Identity)"
_GIVEN = r"(?:\\?[\"'])?[ ,]{1,2}(?:s |(?:variant:)?string:|\\?\"?<)?"


def _fields(kind: str, hints: str, names: str) -> tuple[Form, Form]:
    """XML's elements and JSON's members of such names."""
    return (
        Form(kind, hints, rf"<(?:\w{{1,20}}:)?(?:{names})(?:\s[^<>]{{0,80}})?>([^<>]+)</"),
        Form(kind, hints, rf"\"(?:{names})\\?\"\s{{0,4}}:\s{{0,4}}\\?\"?([^\s\"\\,\[{{}}\]][^\"\\,{{}}\]]*)"),
    )


COMMANDS = (
    # Whose message the bus has refused, with its whole command line.
    Form(SECRET, "comm=", r"\bcomm=\"[^\s\"]+ ([^\"]+)\""),
    # Calls on D-Bus by busctl, gdbus and dbus-send, and what sets secrets on a command line.
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
    Form(WLAN, "tether", rf"\bconnmanctl\W{{1,3}}tether wifi on {_ANY}"),
    Form(SECRET, "tether", rf"\bconnmanctl\W{{1,3}}tether wifi on (?:\"[^\"]+\"|'[^']+'|\S+) {_ANY}"),
    Form(SECRET, "create-internet-context", r"\bcreate-internet-context \S+ (\S+) (\S+)"),
    Form(SECRET, "umbim uqmi", r"\b(?:umbim|uqmi)\b.{0,300} (?:pap|chap|both) (\S+) (\S+)"),
)
WEB = (
    Form(SECRET, "<sesinfo> <tokinfo>", r"<(?:Ses|Tok)Info>([^<]+)<"),
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
"""Elements and members, in the order of what is most specific."""
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
        "user account login auth remote local peer",
        r"\b(?:user|account|login|auth|remote|local|peer)[ _-](?:user ?)?(?:name|id|user)(?: set)?"
        rf"(?: to|:| is| =)? (?:\"([^\"]+)\"|'([^']+)'|{_NAME})",
    ),
    Form(SECRET, "name to", rf"\b(?:local|remote|peer) name (?:set )?to (?:\"([^\"]+)\"|{_NAME})"),
    Form(
        SECRET,
        "incorrect fail denied reject refus invalid unknown expired disabled locked accept succe grant",
        r"\b(?:log ?[io]n|auth\w{0,12}|access|account|credentials?|password|eap)\b.{0,40}? "
        r"(?:incorrect|fail(?:ed|ure)|denied|rejected|refused|invalid|unknown|expired|disabled|locked|"
        rf"accepted|succe\w{{1,8}}|granted) for (?:user(?:name)? |account |peer |client )?{_WHO}"
        r"(?=[\"'.,;!)\]]{0,3}(?:$| from\b|\]))",
    ),
    Form(
        SECRET,
        "chap -challenge",
        r"\b(?:CHAP (?:Challenge|Response)|MD5-Challenge)\b.{0,20}?<(?:Value ?)?"
        r"([0-9a-f]{2}(?: ?[0-9a-f]{2}){3,})",
    ),
    Form(SECRET, "welcome", r"\bWelcome,? (?!to\b|back\b)([\w.@-]+)(?=[!.\"']|$)"),
    Form(
        SECRET,
        "remote",
        r"\bRemote message: .{0,120}?(?<![\w=])((?=[\w.@-]*[a-z]{3})[a-z][\w.@-]*\d)",
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
    # Identifiers of services and the names before them; its plugins' debug lines.
    Form(WLAN, "ssid", r"(?<![a-z])e?ssid(?!' value=):? ?(?:\"((?:[^\"\\]|\\.)+)\"|'((?:[^'\\]|\\.)+)')"),
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
    # The host's name.
    Form(
        HOST,
        "hostname host",
        r"\bhostname (?:set to|changed from|to) (?:<([^>]+)>|'([^']+)'(?: to '([^']+)')?)",
    ),
    Form(HOST, "hostname", r"\b(?:static |transient |pretty )?hostname[:=] *(\S+)"),
    Form(HOST, "host", r"\bhost[ _]?name\b[^\w\[=:>'\"]{0,24}[=:>'\"][^\w\[]{0,4}([\w.-]{2,64})"),
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
UCI = (
    Form(
        SECRET,
        "option list",
        rf"^\s*(?:option|list)\s+['\"]?{_UCI}['\"]?\s+(?:'([^']*)'|\"([^\"]*)\"|([^\s'\"]+))",
    ),
    Form(SECRET, "key psk pin puk secret pass", rf"[\w\])]\.{_UCI}=(?:'([^']*)'|\"([^\"]*)\"|([^\s'\"]+))"),
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
    Form(
        SIM,
        "msg text",
        r"\b(?:incoming|receiver|sender|sms)\b.{1,80}\b(?:msg|text)(?: \"|: ?\"?)([^\"\s].*?)\"?$",
    ),
    Form(
        SIM,
        "ussd",
        r"\bUSSD (?:reply|response|notification|text|string|answer|message)"
        r"\s?(?:[:=]\s?[\"']?|[\"'])(\w.*?)\"?$",
    ),
    Form(SIM, "message text body", r"\bmessage\b.{0,40}?\b(?:text|body)=\"([^\"]+)\""),
    Form(SIM, "from", r"\"([^\"]{2,})\" from \+?\d{6,}"),
    Form(SIM, "text body", r"(?:\bsms\b|\bnumber\b).{0,120}?\b(?:text|body)\b[: ]{1,3}\"?([^\"\s].*)$"),
)
"""What people and networks write."""
