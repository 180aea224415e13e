# SPDX-License-Identifier: MIT
"""A word, whose or how many, and the value: `password for bob "…"`, `numbers: (2) '…'`, `name set to …`;
commands of FTP, POP, IMAP and the like with their arguments, and what answers them; who is at the other end,
as VPNs, brokers and NetworkManager say it; tables of iw and nmcli; packets in octets.
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import ADDRESS, SECRET, SERIAL, SIM, TELEPHONE, WLAN

_SECRET = r"(?:secret|pass(?:wor[dt]|wd|phrase|code)?|psk|key)s?"  # noqa: S105
_STRONG = r"((?=\S*\d)(?=\S*[a-z])[^\s\"'\[]{5,})"
_NAME = (
    r"(?!(?:name|id|user|password|rejected|resolution|server|lookup|and|or|must|may|cannot|field|too|"
    r"contains|mismatch|length)\b|\d+\b)([a-z][\w.@-]{2,})"
)
_OF = rf"\b(?:\w{{1,12}}_)?{_SECRET} (?:for|of) (?:the )?(?:\w{{1,12}} )?[^\s\"']{{1,64}}?"
_NUMBER = r"(\+?\d{6,15})"
_QUOTED = r"(?:\"([^\"]+)\"|'([^']+)')"
_WHO = (
    r"[\"']?(?!(?:user(?:name)?|root|the|this|that|an?|your|all|any|peer|client|account|connections?|"
    r"requests?|isolation|mode|data|reason|details|more|side|was|has|not|already|currently|being|must|can|may|should|(?:tty|wwan|usb|ppp|eth|wlan|tun|tap)\d?)\b)"
    r"([a-z][\w.@-]{2,}?)"
)
_OCTETS = r"((?:[0-9a-f]{2}[ :]){5}[0-9a-f]{2})"
_IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_END_OF_IKE = r"(?:\[(?!%any|[\d.]+\]|(?=[0-9a-f]*:)[0-9a-f:]+\])([^\[\]]{2,})\]|\[[^\[\]]*\])"
"""Who is at one end of an IKE_SA, 192.0.2.1[name]; an address alone is no name."""
_PACKET = (
    r"(?:PING(?:REQ|RESP)|CONN(?:ECT|ACK)|(?:UN)?SUB(?:SCRIBE|ACK)|PUB(?:LISH|ACK|REC|REL|COMP)|"
    r"DISCONNECT|AUTH)"
)
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
    Form(SECRET, "/pass", r"\buser(?:name)?/pass(?:word)?\s?[=:]\s?([^\s/]{2,})/(\S{3,})"),
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
    Form(SECRET, "account login user", rf"\b(?:account|login|user) pass(?:word|phrase|wd) {_STRONG}"),
    Form(SECRET, "name", r"\bname ([\w.@-]{3,}), port\b"),
    Form(SECRET, "name to", rf"\b(?:local|remote|peer) name (?:set )?to (?:\"([^\"]+)\"|{_NAME})"),
    # RFC 959, 1939, 3501, 1734; redis; IRC's services.
    Form(SECRET, "user pass", r"[\"'](?:USER|PASS) ([^\"']+)[\"']", 0),
    Form(SECRET, "user", r"(?:^|[>\]:-] )USER (?!root\b)([\w.@-]+)(?:$|:)", 0),
    Form(SECRET, "login", r"\b[A-Z]\d{3,5} LOGIN ([^\s\"\[]\S*) ([^\s\"\[]\S*)", 0),
    Form(SECRET, "auth", r"\bAUTH ((?=\S*[a-z0-9])[\w+/]{8,}={0,2})$", 0),
    Form(SECRET, '"auth"', r"\"AUTH\"(?: \"([^\"]+)\")? \"([^\"]+)\""),
    Form(SECRET, "identify", r"\bIDENTIFY (\S+)(?: (\S+))?$", 0),
    # What servers answer: FTP's 230 and 331 (RFC 959), POP's +OK, a message of PAP or CHAP.
    Form(
        SECRET,
        "incorrect fail denied reject refus invalid unknown expired disabled locked accept succe grant",
        r"\b(?:log ?[io]n|auth\w{0,12}|access|account|credentials?|password|eap)\b.{0,40}? "
        r"(?:incorrect|fail(?:ed|ure)|denied|rejected|refused|invalid|unknown|expired|disabled|locked|"
        rf"accepted|succe\w{{1,8}}|granted) for (?:user(?:name)? |account |peer |client )?{_WHO}"
        r"(?=[\"'.,;!)\]]{0,3}(?:$| from\b|\]))",
    ),
    Form(SECRET, "331 332 530", rf"\b(?:331|332|530)[ -].{{0,60}}? for (?:user )?{_WHO}[\"']?\.?$"),
    Form(
        SECRET,
        "user",
        rf"\buser {_WHO}[\"']? (?:has )?(?:logged (?:in|out|on|off)|ok\b|okay|cannot log|access denied)",
    ),
    Form(SECRET, "+ok", rf"\+OK (?:user|mailbox of|mailbox|welcome|hello),? {_WHO}(?=[\"'.,;! ]|$)"),
    # strongSwan: whose key, who is allowed, both ends, and what a connection is called.
    Form(
        SECRET,
        "found for",
        r"\bno (?:(?:(?:pre-?)?shared|private|public|trusted|valid|rsa|ecdsa|eap|pap|chap|psk|ike|user) )"
        rf"{{1,3}}(?:key|secret|certificate|password|credentials?) found for {_QUOTED}"
        rf"(?: - {_QUOTED})?",
    ),
    Form(SECRET, "idi idr", rf"\bID(?:i|r|ir) {_QUOTED}"),
    Form(SECRET, "]...", rf"{_END_OF_IKE}\.\.\.(?:%any|[\w.:]+){_END_OF_IKE}"),
    Form(
        WLAN,
        "config stroke:",
        rf"\b(?:peer config|(?:added|deleted|loaded|updated) configuration|stroke: (?:\w+ )?\w+) {_QUOTED}",
    ),
    Form(WLAN, "vici", r"\bvici (?:peer )?(?:connection|config): (\S+)"),
    Form(WLAN, "ke_sa ld_sa", r"\b(?:IK|CHIL)[ED]_SA ([a-z][\w-]{2,})[\[{]\d"),
    # OpenVPN puts a client's name before its address; its status has lists of them.
    Form(SECRET, "client '", r"\bclient '([^']+)'"),
    Form(
        SECRET,
        "/",
        r"(?<![\w/.:@-])(?!(?:tcp|udp|sctp|icmp|http|https|ipv?[46]?|inet6?|dns|port|lan|wan)[46]?/)"
        rf"([a-z][\w.@-]{{2,}})/(?:\[AF_INET6?\])?{_IPV4}:\d{{1,5}}(?!\d)",
    ),
    Form(SECRET, "client_list", r"\bCLIENT_LIST[,\t]([^,\t]+)[,\t]"),
    Form(SECRET, "routing_table", r"\bROUTING_TABLE[,\t][^,\t]+[,\t]([^,\t]+)[,\t]"),
    Form(SECRET, "x509name", r"\bX509NAME OK: ([^\s,=]{3,})$"),
    Form(SECRET, "ccd/", r"/ccd/([\w.@-]+)"),
    # Brokers of MQTT: whose packet it is.
    Form(
        SERIAL, "to from", rf"\b{_PACKET} (?:to|from) (?!\d{{1,3}}\.|\[|client\b|broker\b|server\b)(\S+)", 0
    ),
    Form(
        SERIAL,
        "client",
        rf"\b(?:on|for|from) client {_WHO}(?=[\"']?[,:.]?(?:$| (?:disconnecting|due|will|was)\b))",
    ),
    # NetworkManager, sshd, systemd.
    Form(WLAN, "as default", rf"\bset {_QUOTED} \(\S+\) as default"),
    Form(SECRET, "(serial", r"\bID \"?([^\s\"\[]+)\"? \(serial"),
    Form(SECRET, "uid", r"\bUID [1-9]\d{3,} \(([\w.-]+)\)"),
    Form(SECRET, "uid=", r"\buid=[1-9]\d{3,}\(([\w.-]+)\)"),
    # RFC 6749, 4.1.2, and what else an address gives for once.
    Form(
        SECRET,
        "code= ticket= sig= signature= assertion= otp= auth= sid=",
        r"[?&](?:\w{1,20}_)?(?:code|ticket|sig|signature|assertion|otp|auth|sid)="
        r"(?=[^\s?&\"'<>#]*\d)([^\s?&\"'<>#\[]{6,})",
    ),
    # Packets in octets: the kernel's print_hex_dump and `ll header`, tcpdump -xx.
    Form(
        ADDRESS,
        "ll header",
        rf"\bll header: (?:[0-9a-f]{{8}}: )?{_OCTETS}[ :]{_OCTETS}\b",
    ),
    Form(
        SIM,
        "",
        r"(?<![0-9a-f])[0-9a-f]{8}: ((?:[0-9a-f]{2} ){5,}.*)",
        shape="00000000: 00 00 00 00 00 00",
    ),
    Form(SIM, "0x", r"\b0x[0-9a-f]{4}: {1,2}((?:[0-9a-f]{4} ){3,}.*)"),
    # What people and networks write.
    Form(
        SIM,
        "ussd",
        r"\bUSSD (?:reply|response|notification|text|string|answer|message)"
        r"\s?(?:[:=]\s?[\"']?|[\"'])(\w.*?)\"?$",
    ),
    Form(
        SIM,
        "notification requestreceived",
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
        "wifi 802-11-wireless",
        r"^(\S.*?) {1,40}(?:\[masked-\d+\]|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) {1,9}"
        r"(?:802-11-wireless|wifi)\b",
    ),
    Form(SERIAL, "serial", r"\bSerial\s{1,8}: ([0-9a-f]{8,32})\b"),
    Form(
        SECRET, "option", r"\boption 12\b\W{0,3}(?:\(?host-?name\)?\W{0,3})?(?!host-?name\b)([a-z][\w-]{2,})$"
    ),
)
