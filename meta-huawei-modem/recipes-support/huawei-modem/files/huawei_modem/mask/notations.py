# SPDX-License-Identifier: MIT
"""Credentials and identities by what they look like, in whatever program's words.

Tokens of services have prefixes that say so (RFC 7519, and the services' own pages); numbers and addresses
are written as digits between marks, as octets, and as a SIM holds them (3GPP TS 31.102, TS 51.011).
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import ADDRESS, HOST, NUMBER, PLACE, SECRET, SERIAL, SIM, TELEPHONE, WLAN

_OCTET = "[0-9a-f]{2}"
_MAC_WORD = (
    r"\b(?:mac|macaddr|hwaddr|lladdr|chaddr|bssid|ether|(?:hw|hardware|mac|ethernet)[ _-]addr(?:ess)?)\b"
)
_CALLED = r"(?:\"([^\"]+)\"|'([^']+)'|([^\s\"'\[-]\S*))"
CREDENTIALS = (
    # JSON web tokens; AWS, GitHub, GitLab, Slack, Google, Telegram; keys of 32 octets, as WireGuard's.
    Form(SECRET, "eyj", r"(?<![\w-])(eyJ[\w-]{8,}(?:\.[\w-]*){1,4})"),
    Form(SECRET, "akia asia", r"\b(A[KS]IA[0-9A-Z]{12,})", 0),
    Form(
        SECRET,
        "gh github_pat_ glpat- xox sk- pk- sk_ pk_ aiza npm_ pypi- dop_v1_ hf_",
        r"(?<![\w-])((?:gh[opsru]_|github_pat_|glpat-|xox[abeprs]-|[ps]k[-_](?:live|test)[-_]|sk-|AIza|npm_|"
        r"pypi-|dop_v1_|hf_)[\w-]{16,})",
        0,
    ),
    Form(SECRET, ":aa", r"(?<!\d)(\d{8,10}:AA[\w-]{30,})", 0),
    Form(
        SECRET,
        "hook",
        r"https?://[^\s/]{0,80}hook[^\s/]{0,80}/(\S{8,})|https?://\S{0,200}?/\w{0,40}hooks?/(\S{8,})",
    ),
    Form(SECRET, "sig=", r"[?&;: ]sig=([\w%+/=-]{8,})"),
    Form(SECRET, "=", r"(?<![\w+/])([\w+/]{42}[AEIMQUYcgkosw048]=)(?![\w=])", 0),
    Form(SECRET, "$", r"(\$(?:1|2[aby]?|5|6|7|y|gy|sha1|md5|apr1)\$[^\s:\"']{8,})", 0),
    Form(
        SECRET,
        "private static",
        r"-----BEGIN [\w ]*(?:PRIVATE|Static) key[\w ]*-----(?:\\r)?(?:\\n)?([^-\n].*)",
    ),
    Form(SECRET, "ssh- ecdsa-", r"\b(?:ssh-[\w-]+|ecdsa-[\w-]+|sk-[\w@.-]+) (AAAA[\w+/=]{8,}(?: \S.*)?)$"),
    Form(SECRET, "<sesinfo> <tokinfo>", r"<(?:Ses|Tok)Info>([^<]+)<"),
    # Command lines, and commands of FTP, POP, IMAP, SMTP and IRC.
    Form(SECRET, "sshpass", r"\bsshpass\s+-p[ =]?(\S+)"),
    Form(SECRET, "mysql mariadb", r"\b(?:mysql|mariadb)\w*\s(?:.{0,300}\s)?-p([^\s-]\S*)", 0),
    Form(SECRET, "mosquitto_", r"\bmosquitto_\w+\s(?:.{0,300}\s)?-P[ =]?(\S+)", 0),
    Form(SECRET, "redis-cli", r"\bredis-cli\s(?:.{0,300}\s)?-a[ =]?(\S+)", 0),
    Form(SECRET, "ldap", r"\bldap\w+\s(?:.{0,300}\s)?-w[ =]?(\S+)", 0),
    Form(SECRET, "lftp", r"\blftp\s(?:.{0,300}\s)?-u[ =]?(\S+)", 0),
    Form(SECRET, "-u", r"\b(?:smbclient|rpcclient|net|smbget)\b.{0,300}\s-U[ =]?([^\s%]+%\S+)"),
    Form(
        SECRET,
        "sudo su passwd openssl gpg",
        r"\b(?:echo|printf)\s+(?:-\w+\s+)?(\S+)\s*\|\s*(?:sudo|su|passwd|chpasswd|openssl|gpg)\b",
    ),
    Form(SECRET, "<(", r"pass\S*=<\((?:echo|printf) ([^\s)]+)"),
    Form(SECRET, "chpasswd", r"\bchpasswd\b.{0,300}?['\" ]([\w.-]+:[^\s'\"]+)"),
    Form(SECRET, "umbim uqmi", r"\b(?:umbim|uqmi)\b.{0,300} (?:pap|chap|both) (\S+) (\S+)"),
    Form(SECRET, "expect", r"\bexpect\b.{0,300}?\bsend(?: --)? \"(?!AT)([^\"]{4,}?)(?:\\r|\\n)*\""),
    Form(SECRET, "auth", r"\bAUTH(?:ENTICATE)? (?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5) +([\w+/=-]{6,})", 0),
    Form(SECRET, "pass", r"(?:^|[>\]:] ?)PASS :?(\S+)", 0),
    Form(
        SECRET,
        "community",
        r"\bcommunity(?: string)?\b\W{1,4}(?!string\b|is\b|name\b)([\w.!@#$%^&*-]{4,})",
    ),
    Form(SECRET, "credential", r"\bcredentials?\b[^\w]{1,3}\w+ ?/ ?(\S+)"),
    Form(
        SECRET,
        "otp code passcode one-time tan",
        r"\b(?:OTP|TAN|one-time \w+|passcode|(?:verification|security|activation|auth\w*|login|unlock|"
        r"OTP|SMS|pin) code)\b(?: code)?(?: is|:)?\W{1,4}(\d{4,8})\b",
    ),
    Form(SECRET, "pin puk", r"\b(?:pin|puk)[12]? (?:code )?(?:is |was |= ?)?['\"]?(\d{4,8})\b"),
    Form(SECRET, "pin puk", r"--(?:[\w-]+-)?(?:pin|puk)\d?[ =]+['\"]?(?:PIN\d?,)?(\d{4,8})\b"),
    Form(SECRET, "from: to: cc:", r"\b(?:From|To|Cc|Reply-To): ?\"?([^\s<\"][^<\"@]{0,200}?)\"? <"),
)
NUMBERS = (
    # A mark between all digits; octets of ASCII; semi-octets with parity; base64 of digits.
    Form(NUMBER, "", r"(?<![\d.:_/-])(\d[./_-](?:\d[./_-]){12,20}\d)(?![./_-]?\d)", shape=14),
    Form(
        NUMBER,
        "imei imsi iccid eid",
        r"\b(?:IMEI|IMSI|ICCID|EID)(?:SV)?\b[^\n]{0,20}?[=:{(\[ ](\d(?:[,;:] ?\d){13,31})(?![,;:]? ?\d)",
    ),
    Form(NUMBER, "3", r"(?<![0-9a-f])((?:(?:0x|\\x|%)?3\d[ ,:-]{0,2}){13,21}(?:0x|\\x|%)?3\d)(?![0-9a-f])"),
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
    Form(
        TELEPHONE,
        "nummer num n\u00famero num\u00e9ro telefo t\u00e9l address anruf appel llamada chiamata",
        r"\b(?:(?:ruf|telefon|handy|mobil)?nummer|n[u\u00fa]mero|num[e\u00e9]ro|t[e\u00e9]l[e\u00e9][fp]h?ono?e?|"
        r"telefoon|anruf(?:er)?|appel|llamada|chiamata|(?:smsc|sms|sc|service cent(?:re|er)) address)\b"
        r"(?: (?:von|an|de|del|di|is|to))?\W{1,4}(\+?\(?\d[\d ()./-]{5,18}\d)(?![\w.:])",
    ),
    Form(TELEPHONE, "0", r"(?<![\w.:/+-])(0\d{2,4}[/-]\d{6,9})(?![\w./:-])"),
)
ADDRESSES = (
    Form(ADDRESS, ":", r"(?<![0-9a-f:.])((?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2})(?![0-9a-f:])"),
    Form(ADDRESS, ".", r"(?<![\w.])((?=[\d.]*[a-f])(?:[0-9a-f]{2}\.){5}[0-9a-f]{2})(?![\w.])"),
    Form(ADDRESS, "lan eth usb ww br en", r"\b(?:wlan|eth|usb|wwan|br|en\w+)\d*-([0-9a-f]{12})(?![0-9a-z])"),
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
    ),
)
OTHERS = (
    Form(
        SERIAL,
        "seri ser# s\u00e9rie seryjny \u0441\u0435\u0440\u0438\u0439\u043d \u5e8f\u5217\u53f7",
        r"(?:\bserial (?:no|num|number|nr|is|was)\b\.?|\bser ?#|\bseri(?:en|e|al)[ -]?(?:nummer|nr\b\.?)|"
        r"\bn[u\u00fa]m[e\u00e9]ro de s[e\u00e9]rie|\bnumero di serie|\bnumer seryjny|"
        r"\b\u0441\u0435\u0440\u0438\u0439\u043d\u044b\u0439 \u043d\u043e\u043c\u0435\u0440|"
        r"\u5e8f\u5217\u53f7)[\s:=#\uff1a]{1,4}\"?(?=[\w/-]{0,40}\d)([\w/-]{5,})",
    ),
    Form(
        WLAN,
        "nmcli",
        rf"\bnmcli\b.{{0,300}} (?:wifi connect|con(?:nection)? (?:up|down)(?: id)?) {_CALLED}",
    ),
    Form(WLAN, "iwctl", rf"\biwctl\b.{{0,300}} connect(?:-hidden)? {_CALLED}"),
    Form(WLAN, "wpa_passphrase", rf"\bwpa_passphrase {_CALLED}"),
    Form(SECRET, "wpa_passphrase", r"\bwpa_passphrase (?:\"[^\"]+\"|'[^']+'|\S+) ['\"]?([^\s'\"]{4,})"),
    Form(
        WLAN, "wlan wifi wi-fi hotspot", rf"\b(?:wlan|wi-?fi|hotspot)[ _-](?:name|network)\W{{1,3}}{_CALLED}"
    ),
    Form(WLAN, "ssid", r"\bssid (?:is|ist|lautet|=) ?(\S.*)$"),
    Form(WLAN, "ssid", r"\b(?:ap|network|station|hidden|join|scan) ssid (?!is\b|not\b)(\S+)$"),
    Form(
        WLAN,
        "connect associat join roam",
        r"\b(?:connect(?:ed|ing)|associat(?:ed|ing)|joined|joining|roamed) (?:to|with)?(?: \w+)? ?"
        r"\"([^\"]+)\"",
    ),
    Form(WLAN, "associat", r"\bassociat(?:e|ed|ing|ion) (?:to|with) '([^']+)'"),
    Form(
        WLAN,
        "ap access hotspot",
        r"\b(?:connected|associated|connecting|roamed|joined) (?:to|with) (?:AP|access point|hotspot) "
        r"([^\s\[:(]\S{0,31})(?= \(|$)",
    ),
    Form(HOST, "host", r"\bhost ?name is (?!not\b|set\b|un\w+\b)([\w.-]+)"),
    Form(SECRET, "\\users /users", r"(?:[\\/]Users[\\/]+)(?!Public\b|Shared\b|Default\b)([^\\/\s:\"']+)"),
    Form(SECRET, "~", r"(?<![\w/~])~([a-z][\w.-]{2,})/"),
    Form(SECRET, "login", r"\blogin(?:\[\d+\])?: \w+ login by (\S+)"),
    Form(PLACE, ".", r"(?<![\d.])(\d{1,3}\.\d{3,}) ?\u00b0? ?[NSEW]\b", 0),
    Form(PLACE, ".", r"(?<![\d.\w])(-?\d{1,3}\.\d{4,}), ?(-?\d{1,3}\.\d{4,})(?![\d.])"),
    Form(PLACE, "cgi", r"\b[EN]?CGI\W{1,3}([0-9a-f]+(?:-[0-9a-f]+)+)"),
    Form(PLACE, "cid", r"\bcid\W{1,3}(0x[0-9a-f]{4,8}|\d{5,9})\b"),
    Form(SIM, "message", r"\b(?:Incoming|Immediate)?Message(?:Received)?\b\W{1,4}['\"](.+?)['\"], ?\{"),
)
REST = (*NUMBERS, *ADDRESSES, *OTHERS)
