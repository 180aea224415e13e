# SPDX-License-Identifier: MIT
"""What sentences say of a layer, by its nouns: that it fails, that it works, and errors by their names.

One table each: a noun of the layer with a negation near it in the same clause, or a phrase that says it by
itself; and what says that it works. No fault is made of them: they say what to ask for where no line
shows the contrary (ladder.py).
"""

from __future__ import annotations

import re

from huawei_modem.transcript.languages import pieces_of, words_of

_DENIED = (
    r"not|never|cannot|cant|dont|doesnt|isnt|unable|fail\w*|lost|loses?|missing|refus\w+|reject\w+|denied|"
    r"forgets?|nicht|pas|"
    r"n[aã]o|non|nie|není"
)
_AFTER = rf"(?:\b(?:{_DENIED})\b|n[’'´`]t\b|(?<!\w)(?:не|нет)(?!\w)|\b(?:problems?|errors?|wrong|invalid)\b)"
_NOT = (
    rf"(?:\b(?:{_DENIED}|no|without|neither|kein\w*|aucun\w*|sin|sem|nessun\w*|brak|žádn\w*)\b|n[’'´`]t\b|"
    r"(?<!\w)(?:не|нет)(?!\w))"
)
_STAGES = (
    (
        "sim",
        "says-sim",
        r"(?:\b(?:u?SIM|sim)(?:[- ]?(?:card|karte|kaart))?\b(?! ?\d)|карт[аы]\b)",
        r"\basks? for (?:the |a |its )?(?:SIM )?PIN\b|\bPIN (?:is )?(?:asked|required)\b|\b(?:verlangt|"
        r"demande) .{0,12}\bPIN\b",
    ),
    (
        "radio",
        "says-radio",
        r"(?<!internet )(?<!web )\b(?:radio(?! (?:station|stream|show|app))|flight ?mode|"
        r"air ?plane mode|rf ?kill)\b",
        r"\b(?:modem|stick|dongle|it|E\d{3,4}\w?) (?:always )?(?:stays|remains|keeps) (?:disabled|"
        r"powered off|in low[- ]power)\b",
    ),
    (
        "registration",
        "says-registration",
        r"\b(?:regist(?:er(?:ed|s)?|ration|riert?\w*|ra\w*|ruje)|[xe]?REG|(?:mobile |"
        r"cellular )?(?:network|netz|réseau|red|rede|rete|"
        r"sie[ćc]i?|síť|сети)(?! ?-?(?:interface|card|adapter|device|connection|manager|name|address|"
        r"port|driver|mode|type|settings))|"
        r"(?:cell )?service|signal|coverage|operator|zasięgu|señal|segnale)(?!\w)",
        r"\bsearching (?:forever|all the time|for (?:a )?network)\b|\bbucht .{0,20}nicht ein\b|"
        r"(?<!\w)не регистрир",
    ),
    (
        "attached",
        "says-context",
        r"\b(?:APN|PDP|access point name|packet (?:data|service)|(?:GPRS|LTE|EPS|PS)[- ]attach\w*|"
        r"attach(?:es|ed)? to (?:the |a )?(?:network|GPRS|LTE|[234]G|operator))\b",
        r"\bwrong APN\b",
    ),
    ("session", "says-ppp", r"\bdial(?:s|ling|l?ed)?\b", r"\bno carrier\b"),
    (
        "address",
        "says-lease",
        r"\b(?:(?-i:IP(?:v4)?)(?:[- ]?addr\w*)?|ip[- ]?address\w*)\b(?![- ]?(?:v6|rout|fam|pack|stack|"
        r"tables|phone))|\bDHCP (?:lease|offer)",
        r"\bno (?:udhcpc|dhclient|dhcpcd|address)\b",
    ),
    (
        "session",
        "says-connect",
        r"\b(?:(?:re-?)?connect(?:s|ing|ed)?|online|verbind\w+|connecte\w*|conecta\w*|łączy|"
        r"připoj\w+)\b(?! to (?:the )?(?:service|server))",
        r"(?<!\w)не подключ|\b(?:no|without a) connection\b(?! (?:problem|issue|error))|"
        r"\bconnection (?:is |was |does |can|could ?)?(?:not|n't|never) (?:be )?(?:establish|work|come|made|"
        r"possible|start|succeed)\w*|\bconnection (?:always )?fails\b",
    ),
    (
        "traffic",
        "says-traffic",
        r"\b(?:inter-?net\w*|traffic|connectivity|pings?|web ?(?:pages?|sites?)|data(?! ?(?:card|port|"
        r"bits?|plan|sheet|sms|usage|model|option|menu|icon|setting)))\b|"
        r"(?<!\w)интернет\w*",
        r"\b(?:gets?|receives?|loads?) nothing\b|\bnothing (?:is |gets |comes )?(?:received|loads?|"
        r"through|back|arrives)\b|\bno (?:default )?(?:route|gateway)\b",
    ),
    (
        "traffic",
        "says-names",
        r"\b(?:DNS|(?:host ?)?names?|resolv\w+)\b(?= |\Z)(?! server)",
        r"\b(?:server not found|(?<!no )unknown host(?! any)|bad address|could(?: not|n't) resolve|"
        r"name or service not known|failure in name resolution)\b",
    ),
)
"""Layer, kind of question, the noun that a negation is said of, and what says it without one."""
_PHRASES = (
    (
        "mode",
        "slow-start",
        r"\bslow(?:s|ed|ing)? (?:down )?(?:the |my |our )?(?:re-?)?(?:boot|start-?up)\w*\b|"
        r"\b(?:very |too |extremely )(?:slow|long) (?:boot|start-?up)\b|\blong boot times?\b|"
        r"\bboot(?:ing|s)?(?: time)?(?: up)? (?:is|takes?|needs?|lasts?) [^,;:]{0,30}"
        r"\b(?:slow\w*|long\w*|forever|minutes|min)\b",
    ),
    (
        "mode",
        "at-start",
        r"\b(?:at|on|after|during|every (?:other|second)) (?:each |every |the |a |"
        r"power )?(?:re-?)?(?:boot|start|power-?(?:on|up))\w*\b|"
        r"\bwhen (?:the |my )?\w+ (?:re-?)?boots\b|\bonly after (?:a |an |I |the )?(?:re-?)?plug\w*|"
        r"\bbefore power\w*[ -]on\b|"
        r"\b(?:re-?plug\w*|plug\w* (?:it )?(?:back|again|out and)).{0,40}\b(?:works?|fix\w*|helps?|"
        r"solves?|connects)\b",
    ),
    (
        "session",
        "says-ppp",
        r"\b(?:LCP|IPCP|IPV6CP|CCP|PAP|CHAP|ConfReq|Conf(?:ig(?:ure)?)?-?Req(?:uest)?s?|TermReq)\b[^.;]{0,60}"
        r"\b(?:hangs? up|terminat\w+|fails?|times? out|disconnects?|drops?|ends)\b",
    ),
    (
        "session",
        "at-times",
        r"\b(?:connection|link|internet|session|ppp\d?|wwan\d|modem|stick|dongle|it|E\d{3,4}\w?|router|"
        r"ue\d|eth\d|usb\d)\b.{0,30}?\b(?:drops?|dropped|"
        r"disconnects?|dies|goes (?:down|offline|away)|hangs?(?: up)?|freezes|stops|re-?boots|resets|"
        r"hot|crashes|cuts? out|disappears|"
        r"terminates|breaks (?:down|off)|(?:is|gets) lost|times out|becomes unresponsive)\b|"
        r"\b(?:loses?|losing|drops|lost) (?:\w+ ){0,2}(?:connection|internet|net|link|signal|connectivity)\b|"
        r"\b(?:unreliabl\w+|intermittent\w*|unstabl[ey]|works? (?:\w+ )?(?:badly|poorly|sometimes)|"
        r"from time to time|every (?:few|\d+) "
        r"(?:minutes|hours)|at random|randomly|now and then|sporadic\w*)\b|"
        r"\b(?:manchmal|ab und zu|instabil|une fois sur|de temps en temps|instable|a ratos|a veces|"
        r"inestable|às vezes|instável|"
        r"ogni tanto|niestabiln\w+|czasem|občas)\b|(?<!\w)(?:нестабильн|иногда|отваливается)",
    ),
    (
        "traffic",
        "says-shared",
        r"\b(?:clients?|(?:wi-?fi|wlan|lan) (?:devices?|computers?)|(?:devices?|computers?|phones?) (?:on|in|"
        r"behind|connected to) (?:the |my )?(?:lan|wi-?fi|wlan|hotspot|AP|router))\b[^.;]{0,40}"
        r"\b(?:no (?:internet|connection|access)|cannot|can[’']t|can not|"
        r"(?:do|does) ?n[o’']t (?:get|have|reach))|"
        r"\bno (?:internet|connection|access)\b[^.;]{0,40}\bitself (?:is online|has|can|works|reaches)\b",
    ),
    (
        "traffic",
        "says-slow",
        r"\b(?:too|very|so|is|really|extremely|only) slow\b|\bslow(?:er)? (?:speed|connection|internet|"
        r"download)\b|\b(?:only|just|max\w*|about) (?:get |have |reach |see )?"
        r"\d[\d.,]* ?[kKmM]b(?:it|ps|/s)|\bspeed (?:is|drops|of) (?:to |"
        r"only |just )*\d|\bthroughput\b.{0,20}\b(?:low|bad|only)|"
        r"\b(?:large\w*|big\w*) packets\b|\bMTU\b.{0,30}\b(?:problem|wrong|small|large)|"
        r"\bhigh (?:latency|ping)\b|(?<!\d% )\bpacket loss\b",
    ),
    (
        "traffic",
        "says-outside",
        r"\b(?:from|to the) (?:the )?outside\b|\bport[- ]?forward\w*|\bCG-?NAT\b|"
        r"\bincoming (?:connection|port)|\bpublic IP\b",
    ),
    ("traffic", "says-offline", r"\b(?:still|says?|shows?|is|remains|stays) (?:always |still )?offline\b"),
)
"""Layer, kind of question, and phrases that say it by themselves."""
_FIRST = 3
"""Stages that come before the phrases: that the SIM is lost at each start is of the SIM."""


def _of_noun(noun: str, said: str) -> str:
    return rf"{_NOT}[^,;:]{{0,30}}?(?:{noun})|(?:{noun})[^,;:]{{0,30}}?{_AFTER}|{said}"


_PIECES = {
    "says-sim": "sim карт pin",
    "says-radio": "radio flight plane kill disabled powered low",
    "says-registration": "regist reg netw netz réseau red rede rete sie sí сети servi signal coverage "
    "operator zasi señal segnal searching bucht регистр",
    "says-context": "apn pdp access_point packet attach",
    "says-ppp": "dial carrier lcp ipcp ipv6cp ccp pap chap req",
    "says-lease": "ip dhcp udhcpc dhclient address",
    "says-connect": "connect online verbind conecta łączy řipoj подключ",
    "says-traffic": "internet inter-net traffic connectiv ping web data интернет nothing route gateway",
    "says-names": "dns name resol server unknown address",
    "slow-start": "boot start",
    "at-start": "boot start power plug",
    "at-times": "drop disconnect dies goes hang freez stop boot reset hot crash cut disapp terminat "
    "break lost "
    "times unresp los unrel interm unst work time_to every random now_and sporad manchm ab_und "
    "instab une_fois "
    "de_temps ratos a_veces inest às_vezes instáv ogni_tanto niestab czasem občas нестаб иногда отвалив",
    "says-shared": "client device computer phone itself",
    "says-slow": "slow bit mb kb speed throughput packet mtu latency ping",
    "says-outside": "outside forward nat incoming public",
    "says-offline": "offline",
}
"""Pieces of words of which any text of the kind has one, in small letters: cheap to look for."""
_ALL = [(layer, kind, _of_noun(noun, said)) for layer, kind, noun, said in _STAGES]
COMPLAINTS = tuple(
    (layer, kind, words_of(_PIECES[kind], words))
    for layer, kind, words in (*_ALL[:_FIRST], *_PHRASES, *_ALL[_FIRST:])
)
SAID_OF_START = re.compile(
    rf"{_NOT}|\b(?:only|must|have to|hangs?|each|every|solves|fix\w*|helps)\b", re.IGNORECASE
)
"""What happens at the start is a complaint where something else is said with it."""
DONE_AT_START = re.compile(
    r"\b(?:works?|working|connect|com(?:e|es|ing) up|dial|recogni[sz]|detect|switch|find|found|appear|plug)",
    re.IGNORECASE,
)
"""What a stick does or does not do then: a setting that is lost at a start is none of it."""
COMPLAINT_CUES = pieces_of("""
    SIM Sim _sim PIN egist REG etwork netz Netz seau signal ignal service verage APN PDP dial arrier IP
    _ip_ DHCP udhcpc DNS ames _name esolv erver_not boot start plug power onnect nline erbind onect łączy
    řipoj дключ link nternet ession ppp wwan odem tick ongle drop lose losing lost unreliabl ntermittent
    unstabl badly poorly time_to_time every andom manchmal instab fois_sur ratos veces inestab niestab
    нестаб иногда регистр сети карт slow speed kbit bit/s bps packets MTU latency packet_loss outside
    forward NAT offline brak rete segnale zasi rede señal občas czasem ogni_tanto sporadic hangs freezes
    hot_and nothing route gateway ping data raffic pages интернет nknown_host ad_address esolve esolution
    lient lan_ LAN Wi-Fi WLAN wlan ervice_not adio light irplane rfkill attach acket
""")
"""Texts of which each complaint has one."""
_WORKS = (
    r"(?:works?|working|worked|fine|ok|okay|correct\w*|proper\w*|success\w*|good|"
    r"funktioniert|geht|fonctionne|funciona)"
)
WORKS = (
    (
        "bus",
        re.compile(
            r"\blsusb\b.{0,30}\b(?:shows?|lists?|displays?|detects?|sees?|finds?)\b|"
            r"\b(?:stick|dongle|modem|device|card|it)\b.{0,20}\b(?:is|shows? up|appears?)\b.{0,20}\blsusb\b",
            re.IGNORECASE,
        ),
    ),
    (
        "port",
        re.compile(
            r"\b(?:see|have|get|got|gives?|creates?|created|there (?:is|are)|appears?|exists?|shows?|"
            r"present|available)\b"
            r".{0,40}\btty(?:USB|ACM)\d|"
            r"\btty(?:USB|ACM)\d\S*.{0,30}\b(?:appears?|exists?|are there|is there|present|"
            r"created|available)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "answers",
        re.compile(
            rf"\bAT[ -]?commands?\b.{{0,30}}\b(?:{_WORKS}|answer\w*|respon\w+)\b|"
            rf"\b(?:minicom|picocom|screen|putty|gammu-detect|(?:gammu )?--?identify)\b.{{0,30}}"
            rf"\b(?:{_WORKS}|shows?|returned|returns?|answers?|responds?)\b|"
            r"\b(?:can|able to) (?:talk|communicate|speak|access|send AT)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "sim",
        re.compile(
            r"\b[Uu]?(?:SIM|sim)(?:[ -]?card)?,? (?:is|was|itself is) (?:\w+ )?"
            r"(?:present|inserted|in place|in the slot|active|valid|"
            r"fine|ok|good|recogni[sz]ed|detected|seen)\b"
        ),
    ),
    (
        "registration",
        re.compile(
            r"\b(?:is|it|modem|and|but) registered\b(?! (?:as|in|by|at) )|"
            r"\b(?:shows?|says?|reports?|goes|becomes?|status|state)\b[^,;:]{0,20}[\"'`“‘]registered\b|"
            r"\bregisters? (?:on|to|with|fine|in)\b|"
            r"\b(?:makes?|making|receives?) (?:\w+ )?calls?\b|"
            rf"\b(?:sends?|sending|can send|sent) (?:\w+ ){{0,2}}SMS\b|\bSMS (?:sending )?{_WORKS}\b",
            re.IGNORECASE,
        ),
    ),
    (
        "session",
        re.compile(
            r"\b(?:connects (?:fine|ok|to the (?:network|internet))|"
            r"connected successfully|connection (?:is )?established|"
            r"successfully connect\w*|is connected)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "address",
        re.compile(
            r"\b(?:gets?|got|has|receives?|obtains?|obtained|receiv\w+|assigned) (?:\w+ ){0,3}"
            r"(?:IP|ip)(?:[ -]?(?:v4 )?addr\w+)?\b",
        ),
    ),
    ("traffic", re.compile(r"\b(?:can ping|pings? works?|ping is ok|internet works)\b", re.IGNORECASE)),
)
"""Layer, and what says of it that it works: who denies it says nothing here."""
WORK_CUES = pieces_of("""
    lsusb ttyUSB ttyACM AT_command AT-command minicom picocom screen utty identify detect egister call SMS
    SIM sim_ onnect _IP _ip ping nternet_works able_to _can_
""")
NAMED = (
    ("dial-failed:no-carrier", re.compile(r"NO CARRIER")),
    (
        "ppp-no-answer",
        re.compile(r"IPCP: timeout sending Config\-Requests|LCP: timeout sending Config\-Requests"),
    ),
    ("ppp-no-answer:refused", re.compile(r"No network protocols running")),
    ("ppp-no-answer:looped", re.compile(r"looped back")),
    (
        "not-connected:plugin",
        re.compile(
            r"wwan plugin is missing|wwan plugin missing|wwan plugin in missing|wwan plugin not |"
            r"'wwan' plugin not "
        ),
    ),
    ("sim-missing", re.compile(r"SIM not inserted|sim\-missing")),
    ("modem-offline", re.compile(r"\bmode\b.{0,60}\b(?:low-power|factory-test|persistent-low-power)\b")),
    ("no-signal", re.compile(r"\bCSQ\b.{0,40}\b99 ?, ?99\b")),
    ("not-registered:denied", re.compile(r"\bC(?:E|G)?REG\b.{0,30}\b[0-2] ?, ?3\b")),
    (
        "not-registered",
        re.compile(r"\b(?:C(?:E|G)?REG\b.{0,30}\b[0-2] ?, ?[02]|CREG\b.{0,30}\b[0-2] ?, ?4)\b"),
    ),
)
"""Errors that mean one thing wherever they are named, and answers of the modem that a sentence tells."""
TELLS = re.compile(
    r"\b(?:get|gets|got|getting|fails?|failed|error|errors|says?|message|messages|with|shows?|see|seeing|"
    r"ends?|always|just|only|returns?|receive|answers?)\b",
    re.IGNORECASE,
)
NOT_HAD = re.compile(
    r"(?:\b(?:not|never|no longer)|n[’']t) (?:\w+ )?(?:get|see|have|receive|show)\w* (?:an? |the |"
    r"any )?[\"'`]?\Z",
    re.IGNORECASE,
)
"""Before an error that does not come."""
SILENT = re.compile(
    r"\b(?:no|not any|without|never (?:get|got|any)) (?:echo|response|answer|reply)\b|"
    r"\bnothing (?:happens|comes)\b|"
    r"(?:n't|not|never) (?:even )?(?:respond|answer|repl(?:y|ies))|\bunresponsive\b",
    re.IGNORECASE,
)
OF_PORT = re.compile(r"\bAT\b|\bminicom\b|\bpicocom\b|\bscreen /dev|ttyUSB\d|ttyACM\d|\bserial port\b")
"""A person says that a port is silent."""
NAMED_CUES = pieces_of("""
    NO_CARRIER timeout_sending No_network_protocols looped_back plugin SIM_not_inserted sim-missing CSQ REG
    low-power factory-test
""")
SILENT_CUES = pieces_of("AT minicom picocom ttyUSB ttyACM serial_port")
