# SPDX-License-Identifier: MIT
"""Fields in whatever notation: a name whose words say what follows, marks between, and the value.

Secrets and what programs call people, devices and places by, whoever wrote the log: settings with an equals
sign, YAML, JSON, Python, Rust, Go, Java, Erlang and Qt show one as `name MARK value`, some with a type around
the value. What secrets.py reads (a key and a mark) is not read again here.
"""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import HOST, PLACE, SECRET, SERIAL, SIM, TELEPHONE, WLAN

_SECRET = (
    r"(?:pass(?:wor[dt]|wd|phrase|key|code)?|pwd|psk|secret|credentials?|token|user(?:[_-]?name)?|identity|"  # noqa: S105
    r"auth[_-]?key|key content)"
)
_SECRETS = "pass pwd psk secret credential token user identity auth key"
_NAME = r"(?<![A-Za-z0-9])[\w.-]{0,40}?"
_TYPED = r"(?:\w{1,20}\((?:\w{1,20}, ?)?|<(?:@\w{1,8} )?|b(?=['\"]))"
"""QVariant(QString, "x"); Some("x"); <@s 'x'>; b'x'."""
_THINGS = (
    "client device thing endpoint node station registration customer account nas asset tenant "
    "subscriber installation gateway vehicle peer lns lac router target controller site dev app "
    "join owner contract project meter sensor tracker box vin"
)
_IDS = (
    rf"(?:(?:{_THINGS.replace(' ', '|')})[ _-]{{0,2}}"
    r"(?:id(?:ent(?:ity|ifier))?|names?|no|nr|number|eui|uid|alias)|"
    r"imei|imsi|iccid|vin|licen[cs]e[_ -]?(?:plate|key))"
)
_ID_HINTS = f"{_THINGS} imei imsi iccid licen"
_HOSTS = (
    r"(?:domain|(?:proxy|dyndns|ddns|vpn|mqtt|broker)[ _-]?(?:host|server|name|domain)|fqdn|server[_ -]?name)"
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
    Form(SECRET, "login", r"\blogin \S+ (?:password|passwd) (\S+)"),
    Form(SECRET, "login", r"\blogin\b.{0,80}? (?:-u|--username)[ =](\S+)"),
    Form(SECRET, "login", r"\blogin\b.{0,80}? -p[ =]?(\S+)"),
    Form(SECRET, "pin puk", r"(?<![a-z0-9])(?:pin|puk)\d?\s?[\[(<{]\s?['\"]?(\d{4,8})['\"]?\s?[\])>}]"),
    Form(SECRET, "passkey pin", r"\b(?:passkey|pin ?code)\b\D{0,20}(\d{4,8})\b"),
    Form(SECRET, "token", r"\b[\w-]{0,20}token[ =:]{1,3}\"?((?=\S*\d)[\w+/=.-]{6,})"),
    Form(SECRET, '"auth"', r"\"auth\"\s?:\s?\"([\w+/=-]{6,})\""),
    Form(SECRET, "=>", r"=> ?([^\s:@]{1,64}:[^\s@]{1,64})@"),
    Form(SECRET, "eap psk xauth ntlm", r"^\s*(\S+) : (?:EAP|PSK|XAUTH|NTLM)\b"),
    Form(SECRET, "eap psk xauth ntlm", r" : (?:EAP|PSK|XAUTH|NTLM) \"?([^\"]+?)\"?$"),
    Form(SECRET, "community", r"\br[ow]community6? (\S+)"),
    Form(SECRET, "createuser", r"\bcreateUser (\S+)(?: \S+ \"?([^\s\"]+)\"?)?(?: \S+ \"?([^\s\"]+)\"?)?"),
    Form(
        SECRET,
        "identity authentication logged",
        rf"\b(?:identity|authentication of|authenticated as|logged in as|login as)[: ]{{1,2}}{_QUOTED}",
    ),
    Form(SECRET, "sip", rf"\bSIP {_QUOTED}"),
    # The subject of a certificate.
    Form(SECRET, "cn=", r"(?<=[/, '\"])(?:O|OU|L|ST|GN|SN|UID)=([^/,'\"\[]+)", 0),
    # What programs say of who has logged in, and where people type.
    Form(
        SECRET,
        "authenticat login",
        r"\b(?:authenticated as|authentication (?:succeeded|failed) for|login ok:) "
        r"\[?(?!user\b|root\b|unix-)([\w.@-]+)",
    ),
    Form(SECRET, "welcome", r"\bWelcome,? (?!to\b|back\b)([\w.@-]+)(?=[!.\"']|$)"),
    Form(SECRET, "login", r"\[(?!\d)([\w.@-]+)\] (?:OK|FAIL) LOGIN\b"),
    Form(SECRET, "user", r"^(?:\w+: )?USER (?!root\b)([\w.@-]+): Login\b"),
    Form(SECRET, "- ", r"\d{1,3}(?:\.\d{1,3}){3} - ([\w.@]+) \["),
    Form(SECRET, "sip: sips:", r"\bsips?:([^\s@;>]+)@"),
    Form(SECRET, "author committer", r"\b(?:Author|Committer): ([^\s<][^<]{0,80}?) <"),
    Form(SECRET, "chap pap", r"\b(?:chap|pap) (?:hostname|sent-username) (\S+)"),
    Form(SECRET, "username", r"^\s*(?:\w+: )?username (\S+) (?:privilege|secret|password)\b"),
    Form(
        SECRET,
        "apikey api_key key-data hvs.",
        r"(?:api_?key|key-data)\b\W{1,3}([\w+/=.-]{6,})|\b(hvs\.[\w-]{8,})",
    ),
    Form(SECRET, "code", r"\b(?:setup|pairing|unlock\w{0,6}(?:-sim)?|pin|puk)[ _-]code\b\W{1,3}(\d{4,11})\b"),
    Form(SECRET, "code", r"\bunlock\S{0,12} code\W{1,3}(\d{4,8})\b"),
    Form(SECRET, "pskc", r"\bpskc\b\W{1,3}([0-9a-f]{8,})"),
    Form(TELEPHONE, "receiver dst dialer", r"\b(?:receiver|dst|dialer string)\b\W{1,3}(\+?\d{6,15})\b"),
    Form(
        SIM,
        "msg text",
        r"\b(?:incoming|receiver|sender|sms)\b.{1,80}\b(?:msg|text)(?: \"|: ?\"?)([^\"\s].*?)\"?$",
    ),
    Form(WLAN, "wifi:connected", r"\bwifi:connected with (.+?), "),
    Form(WLAN, "wifi wlan", r"\"(?:wifi|wlan)\"\s?:\s?{[^{}]{0,80}\"name\"\s?:\s?\"([^\"]+)\""),
    Form(PLACE, "mci mtac mlac mnci mcid", r"\bm(?:Ci|Tac|Lac|Nci|Cid)=(\d{2,})"),
    Form(SERIAL, "uuid", r"\buuid\b\W{1,3}([0-9a-f]{12,32})\b"),
    # What devices and installations are called by.
    Form(
        SERIAL,
        _ID_HINTS,
        rf"{_NAME}{_IDS}\"?(?:\s{{0,3}}(?:[:=]=?|=>)\s{{0,3}}[\"']?| (?:is )?[\"'])"
        rf"{_OURS}([\w.@:-][\w.@:/-]{{2,}})",
    ),
    Form(SERIAL, "clientid", r"^\s*\w{0,20}_?clientid\s+(\S+)$"),
    Form(SERIAL, "endpoint", r"\bendpoint name (?!is\b|was\b)(\S+)"),
    Form(SERIAL, "eui", r"\b(?:dev|app|join)_?eui\b\W{1,4}((?:[0-9a-f]{2}[:-]?){8})(?![0-9a-f])"),
    Form(SERIAL, "psk", r"\bpsk (?:identity|id) ['\"]?([^\s'\"]+)"),
    Form(
        SERIAL,
        "client",
        r"\bclient (?!is\b|has\b|[\d.]+ )([^\s\"'\[(]+) "
        r"(?:closed|disconnected|has exceeded|already|sending|received)\b",
    ),
    Form(SERIAL, "(d (p", r"\b(?:from|to|as) ([^\s\[(]+) \((?:d\d|p\d)"),
    Form(HOST, "provides name", r"\bprovides name: (\S+)"),
    Form(
        HOST, "dhcp-host", r"\bdhcp-host=(?:\[masked-\d+\],|(?:[0-9a-f]{2}:){5}[0-9a-f]{2},)?(?!\d)([\w-]+)"
    ),
    Form(
        HOST,
        "domain proxy dyndns ddns vpn mqtt broker fqdn server",
        rf"{_NAME}{_HOSTS}\"?\s{{0,3}}[=:]\s{{0,3}}['\"]?([\w-]+(?:\.[\w-]+)+)",
    ),
    Form(HOST, "-proxy", r"\b(?:http|socks)-proxy ([\w-]+(?:\.[\w-]+)+)"),
    Form(HOST, "peer connection", r"\[([\w.@ -]+)\] Peer Connection\b"),
    Form(HOST, "(", r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3} \(([a-z][\w-]*(?:\.[\w-]+)+)\)"),
    Form(WLAN, "alias", r"^\s*Alias: (\S.*)$"),
    Form(
        WLAN,
        "device",
        r"\bDevice (?:\[masked-\d+\]|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}) "
        r"(?!RSSI|Connected|Paired|UUIDs|Services|Manufacturer|Tx)(\S.*)$",
    ),
    Form(WLAN, "_name()", r"_name\(\) name:? (\S.*)$"),
    Form(WLAN, "<name>", r"<Name>(?!(?:Formatted|Mobile|Home|Work)\w*<)([^<]+)</"),
    # 48°07'02.3"N; 48.1173N 11.5167E
    Form(PLACE, "\u00b0", r"(\d{1,3}\u00b0 ?\d{1,2}['\u2032] ?\d{1,2}(?:\.\d+)?[\"\u2033]? ?[NSEW])"),
)
