# SPDX-License-Identifier: MIT
"""What sentences are about beside the layers: subjects, steps that were tried, services, what stands around.

Of a subject nothing is claimed: it says what to ask for where no line is known. Who has done a step is not
asked to do it.
"""

from __future__ import annotations

import re

from huawei_modem.transcript.clause import (
    ASKED,
    BIDDEN,
    ELSEWHERE,
    HEARSAY,
    NEEDLESS,
    NO_CLAIM,
    ONCE,
    OPEN,
    SUPPOSED,
    WANTED,
)
from huawei_modem.transcript.languages import pieces_of

_NOUNS = (
    (
        "kernel",
        r"\b(?:kernel (?:modules?|config\w*|driver|version|build|panic)|kernel \d|\.config\b|CONFIG_\w+|"
        r"menuconfig|"
        r"modprobe|insmod|rmmod|lsmod|depmod|\w+\.ko\b|kmod-\w+|(?:compil|cross-compil)\w+|vermagic|"
        r"Kernelmodul\w*)",
    ),
    (
        "messages",
        r"\b(?:SMS(?:es|C)?|USSD|MMS|text messages?|(?:in|out)going (?:calls?|messages?)|(?:voice|"
        r"phone) calls?|caller ?id|balance (?:check|query|code)|Kurznachricht\w*|сообщени\w+|смс)(?!\w)",
    ),
    (
        "sim",
        r"\b(?:U?SIM(?:[- ]?(?:cards?|karten?|kaart|slot))?|PIN|PUK|ICCID|eSIM|(?:sim|"
        r"SIM)[- ]?lock\w*)\b(?! ?\d)",
    ),
    (
        "signal",
        r"\b(?:signal|RSSI|RSRP|antenn\w+|coverage|roaming|(?:un)?regist(?:er(?:ed|s|ing)?|ration)|bands?|"
        r"operator|PLMN|"
        r"(?:2|3|4)G[- ]only|Empfang|Antenne|señal|segnale|sinal|zasięg\w*|сигнал\w*|антенн\w+)(?!\w)",
    ),
    (
        "container",
        r"\b(?:docker\w*|podman|LXC|containers?|kubernetes|k3s|balena\w*|resin(?:OS|\.io)|snap package|"
        r"flatpak)\b",
    ),
    (
        "link",
        r"\b(?:drops?|dropped|disconnect\w*|reconnect\w*|unstable|stability|slow\w*|speed\w*|bandwidth|"
        r"throughput|latency|"
        r"packet loss|overheat\w*|uptime|keep-?alive|watchdog|Abbr[uü]ch\w*|langsam\w*|coupures?|lent\w*|"
        r"lento|wolno|обрыв\w*)(?!\w)",
    ),
    (
        "switch",
        r"\b(?:usb[_-]?mode[_-]?switch|mode[- ]?switch\w*|MessageContent|TargetProduct|StandardEject|"
        r"eject\w*|HuaweiNewMode|sdparm|usbmode)\b",
    ),
    (
        "way",
        r"\b(?:rout(?:e|es|ing|ed)|gateway|DNS|fail-?over|mwan3|multi-?wan|VPN|WireGuard|OpenVPN|firewall|"
        r"NAT|port[- ]?forward\w*|hotspot|tether\w*|bridge\w*|dnsmasq|iptables|nftables|hostapd|public IP|"
        r"static IP)\b",
    ),
    (
        "power",
        r"\b(?:power(?:ed)? (?:supply|hub|adapter|consumption)|USB hub|hubs?|voltage|under-?voltage|\d+ ?mA|"
        r"suspend\w*|hibernat\w+|autosuspend|Netzteil|alimentation)\b",
    ),
    (
        "setup",
        r"\b(?:set(?:ting)? ?-?up|configur\w+|install\w*|how ?-?to|guide|tutorial|instructions?|APN|"
        r"dial(?:ing|-up)?|"
        r"get(?:ting)? (?:it|this|the \w+) (?:to work|working)|support(?:ed|s)?|compatib\w+|einricht\w+|"
        r"konfigurier\w+|configurer|configurar|installer|instalar|skonfigurowa\w+|настро\w+)(?!\w)",
    ),
)
"""Subject and its nouns; of two that are spoken of as often the first."""
SUBJECTS = tuple(
    (name, re.compile(nouns, re.IGNORECASE if name not in ("sim", "way") else 0)) for name, nouns in _NOUNS
)
SUBJECT_CUES = pieces_of("""
    ernel CONFIG .config menuconf modpro smod mmod depmod .ko kmod ompil vermagic SMS sms USSD ussd MMS
    essage call alance nachricht ообщени смс SIM sim PIN PUK ICCID ignal RSSI RSRP ntenn overage oaming
    egist band perator PLMN G_only G-only mpfang señal egnal sinal zasi игнал нтенн ocker odman LXC
    ontainer ubernet k3s alena esin latpak snap drop Drop onnect stab slow Slow peed andwidth hroughput
    atency loss heat ptime keep atchdog bbr angsam oupure lent wolno брыв witch Message Target ject
    sdparm usbmode out ateway DNS ail-over ailover mwan wan WAN VPN WireG irewall NAT orward otspot
    ether ridge dnsmasq tables hostapd IP ower hub Hub olt mA uspend ibern Netzteil liment et_up etup
    etting onfig nstal ow_to owto uide utorial nstruct APN dial work upport ompatib einricht konfig
    астро
""")
"""Texts of which each subject has one."""
_SERVICE = (
    r"(?:SMS(?:es)?|USSD|text messages?|(?:voice|phone|incoming|outgoing) calls?|GPS|GNSS|"
    r"(?:firmware|modem)(?: firmware)? (?:update|upgrade|flash\w*)|"
    r"(?:updat|upgrad|flash)\w* (?:of |to )?(?:the |a |new )*(?:modem )?firmware)"
)
_FAILS = (
    r"(?:can ?not|unable|fail\w*|(?:do|does|did|is|are|was|has|have|no longer|not|never) not|not|never|"
    r"stopped|broken|kein\w*|nicht|\w*n[’']t)"
)
_WITHIN = r"(?:(?!\b(?:though|although|while|whereas|only|except|and|but)\b)[^,;:])"
SERVICE = re.compile(
    rf"\b{_FAILS}\b{_WITHIN}{{0,25}}\b{_SERVICE}\b|\b{_SERVICE}\b{_WITHIN}{{0,30}}\b{_FAILS}\b", re.IGNORECASE
)
NO_SERVICE = re.compile(
    r"\b(?:how to|use|care|interested|tried|tested|matter\w*|problems? with)\b", re.IGNORECASE
)
SERVICE_CUES = pieces_of("SMS sms USSD ussd essage call GPS GNSS irmware odem_update odem_upgrade")
_COMMAND = (
    r"(?:lsusb -t|lsusb(?! -[vd])|ip addr(?:ess)?|ifconfig|mmcli -L|mmcli|list-modems|list-contexts|"
    r"nmcli(?: device| d\b)?|usb-devices|connmanctl (?:services|technologies))"
)
_SHOWS = (
    r"(?:shows?|says?|lists?|finds?|found|gives?|prints?|reports?|returns?|sees?|detects?|recogni[sz]es|"
    r"is empty|zeigt|findet|meldet|listet|montre|affiche|muestra|mostra)"
)
RESULT = re.compile(
    rf"\b(?P<command>{_COMMAND})(?: output)?[`'\"]?,? (?:(?:only|also|just|still|correctly) )?"
    rf"(?:{_SHOWS}\b|(?:does ?n[o']t|do ?n[o']t|did ?n[o']t|could ?n[o']t|can ?not|can[' ]?t) (?:\w+ )?"
    r"(?:show|list|find|detect|see|recogni[sz]e)\w*)|"
    rf"\b(?:ran|(?:have|already|I) (?:already )?(?:run|tried|done|checked))\b.{{0,20}}?\b(?P<ran>{_COMMAND})",
    re.IGNORECASE,
)
_WAS_TRIED = (
    r"\b(?:tried|tested|used|using|use|swapped|changed|with|via|through|on|probiert|getestet|versucht|"
    r"essayé|probado|provato|testé)\b"
)
THINGS = (
    ("hub", re.compile(rf"{_WAS_TRIED}.{{0,50}}\b(?:self-?)?powered (?:usb ?)?hub", re.IGNORECASE)),
    (
        "port",
        re.compile(
            rf"{_WAS_TRIED}.{{0,40}}\b(?:other|another|different|all|both|every|each|several|anderen?|"
            rf"autres?|otros?)"
            r"(?: of the| the)? (?:\w+ )?(?:usb )?(?:ports?|sockets?|anschl\w+)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "cable",
        re.compile(
            rf"{_WAS_TRIED}.{{0,50}}\b(?:short(?:er)?|other|another|different|new) cables?\b", re.IGNORECASE
        ),
    ),
    (
        "telephone",
        re.compile(
            r"\b(?:tested|tried|checked|works?|working)\b.{0,20}\bsim\b.{0,20}\b(?:in|with)\b.{0,15}"
            r"\b(?:phones?|smartphone|tablet|i-?pad|devices?)\b|"
            r"\bsim\b.{0,40}\b(?:works?|working|worked|tested|fine|ok|funktioniert|geht|fonctionne|"
            r"funciona|funziona)\b"
            r".{0,40}\b(?:phones?|smartphone|tablet|i-?pad|mobile|handy|telefon\w*|t[eé]l[eé]phone|"
            r"other devices?|another device|other (?:modem|stick|router)s?|another (?:modem|stick|router))\b|"
            r"\b(?:phones?|smartphone|handy|t[eé]l[eé]phone|other devices?)\b.{0,30}\bsim\b.{0,20}"
            r"\b(?:works?|fine|ok|funktioniert|geht)\b",
            re.IGNORECASE,
        ),
    ),
)
NOT_DONE = re.compile(
    r"\b(?:no(?! (?:issues?|problems?|troubles?)\b)|not|never|without|kein\w*|nicht|have to|need|must|"
    r"going to|will|want)\b|n[’']t\b",
    re.IGNORECASE,
)
_MODEM = r"(?:(?:any |a |the |my |new )?(?:modems?|devices?|sticks?|dongles?|anything|it|E\d{3,4}\w?)\b)"
NO_MODEM = re.compile(
    rf"\b(?:mmcli|modem ?manager)\b[^.!?;]{{0,40}}?(?:(?:n[’'`]t|not|unable|cannot|"
    rf"never)\b[^.!?;,]{{0,16}}\b(?:find|found|see|show|list|"
    rf"detect|recogni[sz]e)\w*:? {_MODEM}|(?:finds?|found|shows?|lists?|sees?|detects?|says?|reports?|"
    rf"gives?|returns?|zeigt|findet|muestra|mostra|"
    r"affiche)\b[:,]? (?:that )?(?:there (?:is|are|were) )?(?:no|nothing|none|kein\w*|nichts|rien|nada|"
    r"aucun|ning[uú]n)\b"
    rf"(?: (?:found )?{_MODEM}| modem\w*|\W*(?:\Z|[.,;!]|and|but|while))|is empty|zeigt nichts)",
    re.IGNORECASE,
)
"""ModemManager has no modem, in words."""
TRIED_CUES = pieces_of("""
    lsusb ip_addr ifconfig mmcli list-modems list-contexts nmcli usb-devices connmanctl odemManager
    odem_manager odemmanager odem_Manager No_modems_were_found hub Hub HUB ports _port sockets nschl cable SIM
    sim_ Sim
""")
_GUEST = re.compile(
    r"-usbdevice host:|\busb-host\b|<hostdev\b|\bVBoxManage\b|\bvirt-manager\b|\blibvirt\b|"
    r"\bProxmox\b|\busbipd\b|\bESXi\b|\bqemu\b|\bWSL ?2?\b|\bQubes\b|\bsys-usb\b",
    re.IGNORECASE,
)
_VM = re.compile(
    r"\bvirtual ?box\b|\bVMware\b|\bHyper-V\b|\bvirtual machines?\b|\bVM\b|\bKVM guest\b", re.IGNORECASE
)
_CONTAINER = re.compile(
    r"\b(?:in|into|from|inside|with|using|run|runs|running) (?:\w+ ){0,2}"
    r"(?:docker\w*|podman|LXC|containers?)\b(?! (?:image|hub|desktop))",
    re.IGNORECASE,
)
_IN_PASSING = re.compile(
    r"\b(?:works?|worked|working|tested|built|build|image|compil\w+|laptop|mac ?book|notebook|windows|"
    r"instead)\b",
    re.IGNORECASE,
)
"""What a virtual machine is named for that has no part in the fault."""
_PAGE_OPENS = re.compile(
    r"(?:\b192\.168\.\d{1,3}\.1\b|\bweb ?(?:ui|gui|interface|page)\b|\bhi\.link\b)"
    r"(?:(?!\bnot\b|n[’']t\b|\bnever\b)[^.,;]){0,30}"
    r"\b(?:opens?|works?|loads?|is (?:reachable|accessible)|comes up|answers)\b|"
    r"\bcan (?:open|reach|access|log ?in ?to|see|get to) (?:\w+ ){0,3}(?:https?://)?"
    r"(?:192\.168\.\d{1,3}\.1\b|web ?(?:ui|gui|interface|page)\b|page\b)",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    r"\b(?:lsusb|usb/devices|usb-devices)\b(?:(?![0-9a-f]{4}:[0-9a-f]{4})[^.!?;]){0,40}\b(?:not|nothing|no|"
    r"never|empty|don't|doesn't|isn't)\b|"
    r"\b(?:not|nothing|never|no|don't|doesn't|isn't|can't|cannot)\b[^.!?:]{0,50}\blsusb\b",
    re.IGNORECASE,
)
_NO_TRACE = re.compile(
    r"\bdmesg\b[^.!?;]{0,40}\b(?:shows?|says?|prints?|has) nothing\b|\bdmesg\b[^.!?;]{0,30}\b(?:could|"
    r"can|did)(?: not|n't) find "
    r"any|\bdmesg is the same with and without\b|\bnothing (?:new |at all )?in dmesg\b|"
    r"\bno (?:new )?(?:lines?|messages?|trace) in dmesg\b",
    re.IGNORECASE,
)
"""The kernel's log has nothing of it."""
_NO_LSUSB = re.compile(
    r"\b(?:no|without|lacks?|(?:not|n't) have|have not) [\"'`]?lsusb\b(?! (?:entry|line|output))|"
    r"\blsusb[\"'`]?(?: command)?(?: (?:is|was)(?: not|n't) (?:installed|available|there|present|"
    r"included|part|in )|: (?:command )?not found)",
    re.IGNORECASE,
)
"""The program is not there, which says nothing of the bus."""
_UNDETECTED = re.compile(
    r"\b(?:modem|module|card|LTE|4G)\b.{0,30}\b(?:not|never|no longer|isn't|doesn't|n't)\b.{0,12}"
    r"\b(?:detect|recogni[sz]|found|seen|show)",
    re.IGNORECASE,
)
_OF_ELSE = re.compile(
    r"(?<!modem )(?<!stick )not found|No such|(?<!lsusb )command|tty|driver|unable to initialize|"
    r"permission|\[|"
    r"\b(?:despite|although|though|but)\b.{0,30}\blsusb\b|"
    r"(?<!not )(?<!n't )\b(?:listed|shown|shows? up|appears?) in lsusb",
    re.IGNORECASE,
)
"""A sentence about lsusb that is about something else."""
_CARRIER = re.compile(
    r"\bcarrier\b(?:(?! (?:and|but)\b)[^,;]){0,30}\b(?:lost|dropp(?:ed|ing)|drops|disappears|goes away)\b|"
    r"\b(?:loses?|losing|lost) (?:its |the |their )?carrier\b(?! signal)",
    re.IGNORECASE,
)
"""A network interface is set up and left alone again, as a sentence tells what a DHCP client logs."""
_NO_VM = r"\b(?:no|not|without)(?: an?| in an?| any)? (?:virtual|VM|Hyper|KVM)"
AROUND = (
    ("guest", NO_CLAIM, _GUEST, None),
    ("guest", NO_CLAIM, _VM, re.compile(rf"{_IN_PASSING.pattern}|{_NO_VM}", re.IGNORECASE)),
    ("container", NO_CLAIM, _CONTAINER, None),
    ("page-opens", NO_CLAIM | ELSEWHERE, _PAGE_OPENS, None),
    ("undetected", NO_CLAIM, _UNDETECTED, None),
    ("net-lost", NO_CLAIM, _CARRIER, None),
    ("no lsusb", NO_CLAIM | BIDDEN, _NO_LSUSB, None),
    ("unseen", NO_CLAIM | BIDDEN, _UNSEEN, _OF_ELSE),
    ("unseen", NO_CLAIM | BIDDEN, _NO_TRACE, _OF_ELSE),
)
"""What it says, which clauses do not, the words, and those beside which they say something else."""
AROUND_CUES = pieces_of("""
    usbdevice usb-host hostdev VBoxManage irtual virt-manager libvirt roxmox usbipd ESXi VMware QEMU qemu WSL
    Hyper-V _VM Qubes sys-usb ocker odman LXC lxc ontainer 192.168. web_interface eb_page hi.link ebpage eb_UI
    ebUI eb_GUI ebGUI detect ecogni arrier lsusb usb/devices usb-devices dmesg
""")
GATE_TRIED = ASKED | HEARSAY | ONCE | SUPPOSED | OPEN
GATE_SERVICE = NO_CLAIM | SUPPOSED | WANTED | NEEDLESS | BIDDEN


def leading(subjects: dict[str, int]) -> str:
    """What most of the sentences speak of, empty where they speak of nothing known; of equals the first."""
    return max((name for name, _words in SUBJECTS if name in subjects), key=subjects.__getitem__, default="")
