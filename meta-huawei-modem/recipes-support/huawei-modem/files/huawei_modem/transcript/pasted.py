# SPDX-License-Identifier: MIT
"""Text that somebody has pasted: forms of programs whose lines never leave a board by themselves.

Any program may stand in such a text: NetworkManager 1.42, gammu-smsd, chan_dongle, OpenWrt's UCI, the
elements of the sticks' web interface (HiLink), calls on the bus, and secrets in whatever notation. Settings
with an equals sign, YAML, JSON, Python and Qt show one as `name MARK value`, some with a type around it.
"""

from __future__ import annotations

from huawei_modem.mask import Masker, fields, numbers, octets, programs
from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import ADDRESS, HOST, NUMBER, PLACE, SECRET, SERIAL, SIM, TELEPHONE, WLAN
from huawei_modem.mask.patterns import Forms

_SENDER = r"\+?\[?(\[masked-\d+\]|\+?\d{3,20})\]?"
_UCI = r"(?:\w{1,30}_)?(?:key\d?|psk|pin_?code|puk_?code|passphrase|secret|auth_secret|preshared_key)"
_ANY = r"(?:\"([^\"]+)\"|'([^']+)'|([^\s\"'<>\[\]]+))"
_BUS = r"\b(?:busctl|dbus-send|gdbus|SetProperty|set-property)\b.{0,300}?"
_SECRETS = r"(?:Password|Username|\w{0,20}Passphrase|PreSharedKey|(?:Anonymous)?Identity)"
_GIVEN = r"(?:\\?[\"'])?[ ,]{1,2}(?:s |(?:variant:)?string:|\\?\"?<)?"
_SECRET = (
    r"(?:pass(?:wor[dt]|wd|phrase|key|code)?|pwd|psk|secret|credentials?|token|user(?:[_-]?name)?|identity|"  # noqa: S105
    r"auth[_-]?key|key content)"
)
_HINTS = "pass pwd psk secret credential token user identity auth key"
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


_PERSON = (
    r"(?!(?:name|id|user|was|password|rejected|resolution|server|lookup|and|or|must|may|cannot|field|too|"
    r"contains|mismatch|length)\b|\d+\b)([a-z][\w.@-]{2,})"
)
_WHO = (
    r"[\"']?(?!(?:user(?:name)?|root|the|this|that|an?|your|all|any|peer|client|account|connections?|"
    r"requests?|isolation|mode|data|reason|details|more|side|was|has|not|already|currently|being|must|can|may|should|(?:tty|wwan|usb|ppp|eth|wlan|tun|tap)\d?)\b)"
    r"([a-z][\w.@-]{2,}?)"
)


def _fields(kind: str, hints: str, names: str) -> tuple[Form, Form]:
    """XML's elements and JSON's members of such names."""
    return (
        Form(kind, hints, rf"<(?:\w{{1,20}}:)?(?:{names})(?:\s[^<>]{{0,80}})?>([^<>]+)</"),
        Form(kind, hints, rf"\"(?:{names})\\?\"\s{{0,4}}:\s{{0,4}}\\?\"?([^\s\"\\,\[{{}}\]][^\"\\,{{}}\]]*)"),
    )


COMMANDS = (
    Form(SECRET, "pass user key identity", rf"{_BUS}\b{_SECRETS}{_GIVEN}{_ANY}", 0),
    Form(WLAN, "tetheringidentifier", rf"{_BUS}\bTetheringIdentifier{_GIVEN}{_ANY}", 0),
    Form(WLAN, "tether", rf"\bconnmanctl\W{{1,3}}tether wifi on {_ANY}"),
    Form(SECRET, "tether", rf"\bconnmanctl\W{{1,3}}tether wifi on (?:\"[^\"]+\"|'[^']+'|\S+) {_ANY}"),
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
_PUBLIC = (
    r"(?!(?:[\w-]{1,40}\.){0,4}(?:example|google|gmail|youtube|cloudflare|one|quad9|yahoo|bing|mozilla|debian|ubuntu|"
    r"openwrt|raspberrypi|kernel|github|toradex|ntp)\.\w+(?:\.\w\w)?(?![\w.-]))"
)
_SERVER = rf"{_PUBLIC}(?=[\d.]*[a-z_-])([\w-]{{1,60}}(?:\.[\w-]{{1,60}}){{1,6}})"
SERVERS = (
    # ping, wget, curl, nslookup, apt of a name that is not resolved: it may be somebody's own.
    Form(
        HOST,
        "host address resolv find",
        rf"\b(?:unknown host|bad address|host address|resolve(?: host)?|resolving|find(?: host)?):? "
        rf"['\"]?{_SERVER}",
    ),
    Form(
        HOST,
        "resolution known",
        rf"(?<![\w.-]){_SERVER}: (?:Temporary failure in name resolution|Name or service not known)",
    ),
)
NOTATIONS = (
    # password["x"], pwd(x), {password,"x"}, ("Password", QVariant(QString, "x")), Password . . . : x
    Form(SECRET, _HINTS, rf"{_NAME}{_SECRET}[\"']?(?:(?: \.){{1,20}} ?: ?| {{3,40}}: ?)(\S.*)$"),
    Form(SECRET, _HINTS, rf"{_NAME}{_SECRET}[\"']?\s?,\s?(?!{_OPTION}){_TYPED}?{_QUOTED}"),
    Form(SECRET, _HINTS, rf"{_NAME}{_SECRET}[\"']?\s?[=:]>?\s?{_TYPED}{_QUOTED}"),
    Form(
        SECRET,
        _HINTS,
        rf"{_NAME}{_SECRET}\s?[\[(<{{]\s?[\"']?(?=[^\s\d])([^\s\"'\[\](){{}}<>,=:]{{3,}})[\"']?\s?[\])>}}]",
    ),
    Form(SECRET, _HINTS, rf"\b(?:(?:psk|eap) )?{_SECRET} (?:is |for |of )?{_QUOTED}"),
    Form(SECRET, _HINTS, rf"^\s*(?:\w{{1,20}}[_-])?{_SECRET}\s{{1,9}}(?![=:*])([^\s=:]+)$"),
    Form(
        SECRET, "user account login", r"\b(?:user(?:name)?|account|login|identity) (?:\"([^\"]+)\"|'([^']+)')"
    ),
)
THINGS = (
    # What devices and customers are called by.
    Form(
        SERIAL,
        f"{_THINGS} imei imsi iccid",
        rf"{_NAME}{_IDS}\"?(?:\s{{0,3}}(?:[:=]=?|=>)\s{{0,3}}[\"']?| (?:is )?[\"'])"
        rf"{_OURS}([\w.@:-][\w.@:/-]{{2,}})",
    ),
)
PEOPLE = (
    # Telephone numbers at home, without a word that says so; an IMEI in two parts.
    Form(TELEPHONE, "0", r"(?<![\w.:/+-])(0[1-9]\d{8,11})(?![\w.:/-])", shape=10),
    Form(TELEPHONE, "0", r"(?<![\w.:/+-])(0[1-9]\d{1,3}(?:[ /-]\d{3,5}){2,3})(?![\w.:/-])", shape=9),
    Form(TELEPHONE, "0", r"(?<![\w.:/+-])(?<!: )(0[1-9](?: \d\d){4})(?![\w.:/-]| \d)", shape=10),
    Form(TELEPHONE, "0", r"(?<![\w.:/+-])(0[1-9](?:\.\d\d){4})(?![\w:/-]|\.\d)"),
    Form(TELEPHONE, "(0", r"(?<![\w.])(\(0[1-9]\d{1,3}\)[ /-]?\d{3,8}(?:[ -]\d{2,5}){0,2})(?![\w.:/-])"),
    Form(
        NUMBER,
        "",
        r"(?<![\w.:/-])(\d{8}[ -]\d{7}|\d{7}[ -]\d{8}|\d{10}[ -]\d{5}|\d{6}[ -]\d{9}|\d{9}[ -]\d{6})"
        r"(?![\w.:/-])",
        shape=15,
    ),
    Form(SECRET, "pin puk", r"\bP(?:IN|UK)[12]?\b(?: \w{1,12}){0,4}? (?:is|was) ?[\"']?(\d{4,8})\b"),
    Form(SECRET, "@", r"(?<![\w/])[\w.+-]{2,40}:([^\s:@/]{3,80})@"),
    Form(SECRET, "bearer", r"\bBearer ([\w.~+/=-]{8,})"),
    # A JSON web token (RFC 7519) begins so: `{"` in base64.
    Form(SECRET, "eyj", r"\b(eyJ[\w-]{8,}(?:\.[\w-]*){0,2})", 0),
    Form(
        SECRET,
        "users\\ benutzer\\ utilisateurs\\ usuarios\\",
        r"\b[A-Z]:\\+(?:Users|Benutzer|Utilisateurs|Usuarios)\\+([^\\\s]+)",
    ),
    # Six octets that are no descriptor of a class (type 24).
    Form(
        ADDRESS,
        "",
        r"(?<![0-9a-f])(?<![0-9a-f] )([0-9a-f]{2}(?! 24)(?: [0-9a-f]{2}){5})(?! ?[0-9a-f]{2}\b|\w)",
    ),
    Form(WLAN, "ssid", r"\b(?:wlan|radio|phy|ath)\d\S*:? SSID (\S{3,32})"),
    Form(WLAN, "netifd", r"\bnetifd(?:\[\d+\])?: .{0,200}?\bSSID (?![=:])(\S{3,32})"),
    Form(PLACE, "", r"(?<![\w.:-])(-?\d{1,2}\.\d{5,8}) (-?\d{1,3}\.\d{5,8})(?![\w.:-])", shape=11),
    Form(
        SECRET,
        "user account login auth remote local peer",
        r"\b(?:user|account|login|auth|remote|local|peer)[ _-](?:user ?)?(?:name|id|user)(?: set)?"
        rf"(?: to|:| is| was| =)? (?:\"([^\"]+)\"|'([^']+)'|{_PERSON})",
    ),
    Form(SECRET, "name to", rf"\b(?:local|remote|peer) name (?:set )?to (?:\"([^\"]+)\"|{_PERSON})"),
    Form(
        SECRET,
        "incorrect fail denied reject refus invalid unknown expired disabled locked accept succe grant",
        r"\b(?:log ?[io]n|auth\w{0,12}|access|account|credentials?|password|eap)\b.{0,40}? "
        r"(?:incorrect|fail(?:ed|ure)|denied|rejected|refused|invalid|unknown|expired|disabled|locked|"
        rf"accepted|succe\w{{1,8}}|granted) for (?:user(?:name)? |account |peer |client )?{_WHO}"
        r"(?=[\"'.,;!)\]]{0,3}(?:$| from\b|\]))",
    ),
    Form(SECRET, "welcome", r"\bWelcome,? (?!to\b|back\b)([\w.@-]+)(?=[!.\"']|$)"),
    Form(
        SECRET,
        "remote",
        r"\bRemote message: .{0,120}?(?<![\w=])((?=[\w.@-]*[a-z]{3})[a-z][\w.@-]*\d)",
    ),
)
HOSTS = (
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
ABROAD = (
    Form(
        SERIAL,
        "seri ser# s\u00e9rie seryjny \u0441\u0435\u0440\u0438\u0439\u043d \u5e8f\u5217\u53f7",
        r"(?:\bserial (?:no|num|number|nr|is|was)\b\.?|\bser ?#|\bseri(?:en|e|al)[ -]?(?:nummer|nr\b\.?)|"
        r"\bn[u\u00fa]m[e\u00e9]ro de s[e\u00e9]rie|\bnumero di serie|\bnumer seryjny|"
        r"\b\u0441\u0435\u0440\u0438\u0439\u043d\u044b\u0439 \u043d\u043e\u043c\u0435\u0440|"
        r"\u5e8f\u5217\u53f7)[\s:=#\uff1a]{1,4}\"?(?=[\w/-]{0,40}\d)([\w/-]{5,})",
    ),
    Form(
        TELEPHONE,
        "nummer num n\u00famero num\u00e9ro telefo t\u00e9l address anruf appel llamada chiamata",
        r"\b(?:(?:ruf|telefon|handy|mobil)?nummer|n[u\u00fa]mero|num[e\u00e9]ro|t[e\u00e9]l[e\u00e9][fp]h?ono?e?|"
        r"telefoon|anruf(?:er)?|appel|llamada|chiamata|(?:smsc|sms|sc|service cent(?:re|er)) address)\b"
        r"(?: (?:von|an|de|del|di|is|to))?\W{1,4}(\+?\(?\d[\d ()./-]{5,18}\d)(?![\w.:])",
    ),
    Form(TELEPHONE, "receiver dst dialer", r"\b(?:receiver|dst|dialer string)\b\W{1,3}(\+?\d{6,15})\b"),
)
"""Numbers, in other languages."""
_FORMS = Forms(
    (
        *programs.RAW,
        *programs.COMMANDS,
        *COMMANDS,
        *WEB,
        *NOTATIONS,
        *fields.FORMS,
        *THINGS,
        *programs.PPP,
        *PEOPLE,
        *programs.OFONO,
        *programs.CONNMAN,
        *HOSTS,
        *UCI,
        *octets.FORMS,
        *numbers.FORMS,
        *ABROAD,
        *programs.MESSAGES,
        *MESSAGES,
        *SERVERS,
    )
)


def masker() -> Masker:
    """One that knows the forms of these programs too."""
    return Masker(_FORMS)
