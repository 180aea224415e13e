# SPDX-License-Identifier: MIT
"""Which program dials, as a sentence says it: those that it uses, and those that it does not use."""

from __future__ import annotations

import re

from huawei_modem.transcript.languages import CONTRACTED, words_of

_PROGRAMS = (
    ("wvdial", r"(?<![/\w.])wvdial\b(?!\.conf)"),
    ("ppp", r"\bno carrier\b|\bpppd\b|\bpon\b(?= \w)|\bchat scripts?\b"),
    ("ofono", r"\bofonod?\b|\blist-(?:modems|contexts)\b"),
    ("connman", r"\bconnman(?:d|ctl)?\b"),
    ("mm", r"\bmodem[- ]?manager\b|\bmmcli\b"),
    ("nm", r"\bnetwork[- ]?manager\b|\bnmcli\b|\bnm-applet\b"),
    ("netifd", r"\bnetifd\b|\bluci\b|\bproto(?:col)? (?:ncm|3g|qmi|mbim)\b"),
    ("qmi", r"\bqmicli\b|\bqmi-network\b|\bquectel-cm\b|\bmbimcli\b"),
    ("sakis3g", r"\bsakis ?3g\b"),
    ("umtskeeper", r"\bumtskeeper\b"),
    ("umtsmon", r"\bumtsmon\b"),
    ("gnome-ppp", r"\bgnome-ppp\b"),
    ("kppp", r"\bkppp\b"),
    ("hologram", r"\bhologram network\b"),
    ("gammu", r"\bgammu\b(?!-?\w)"),
    (
        "program",
        r"\b(?:my|our|own|a|the) (?:own )?(?:\w+ )?(?:python|go|golang|java|node(?:\.?js)?|c\+\+|c#|php|"
        r"perl|rust) "
        r"(?:program|script|code|app\w*|library)\b|\bmy (?:own )?(?:program|script|code|app)\b|\bpyserial\b",
    ),
)
"""Who dials, and the words that name it."""
SCRIPTS = ("sakis3g", "umtskeeper", "umtsmon", "gnome-ppp", "kppp", "hologram")
"""Programs that have no reader here: their own output and log are asked for."""
PROGRAM = words_of(
    "wvdial pppd pon_ chat carrier ofono connman list- manager mmcli nmcli nm-applet netifd luci proto "
    "qmi quectel "
    "mbimcli sakis umts gnome-ppp kppp hologram gammu program script code app pyserial library",
    "|".join(f"(?P<p{number}>{said})" for number, (_n, said) in enumerate(_PROGRAMS)),
)
_INSTALLS = re.compile(
    r"\b(?:apt|apt-get|aptitude|opkg|yum|dnf|pacman|zypper|emerge|apk|dpkg|rpm)\b|IMAGE_INSTALL|"
    r"\b(?<!is )(?<!are )install\w*\b|\bpackages?\b",
    re.IGNORECASE,
)
_DISMISSED = re.compile(
    r"\b(?:instead of|in place of|rather than|without|replac\w+|(?:get|got|getting) rid of|stop\w*|"
    r"disabl\w+|remov\w+|"
    r"kill\w*|"
    r"uninstall\w*|purg\w+|unlike|ohne|statt|anstatt|sans|sin|sem|senza|bez|без|вместо)\b"
    r"(?: (?!(?:and|now|with|und|et|y|e)\b)\S+){0,4} ?\Z|"
    rf"(?:{CONTRACTED}|\bnot|\bnever) (?:us\w+|run\w*|want\w*|have|need|like)(?: \w+){{0,3}} ?\Z|"
    r"\b(?:no|not) \Z|"
    r"\b(?:slow|old)\b(?: \S+){0,3} ?\Z",
    re.IGNORECASE,
)
"""Before the name of a program that is not wanted or not there."""
_GONE = re.compile(
    r"\A.{0,12}?\b(?:is|was|are|has been)?\s*(?:not (?:used|installed|running|present)|disabled|stopped|"
    r"removed|masked|"
    r"killed|uninstalled|off)\b|\A\S* (?:it |that )?(?:worked|works? (?:fine|well))\b",
    re.IGNORECASE,
)


def programs(clause: str, low: str) -> tuple[list[str], list[str]]:
    """Programs that the clause uses, and those that it says are not used."""
    used: list[str] = []
    unused: list[str] = []
    if PROGRAM.search(clause, low) is None or _INSTALLS.search(clause):
        return used, unused
    for match in PROGRAM.pattern.finditer(clause):
        name = next(name for number, (name, _said) in enumerate(_PROGRAMS) if match[f"p{number}"])
        before, after = clause[: match.start()], clause[match.end() :]
        gone = _DISMISSED.search(before) or _GONE.search(after)
        (unused if gone else used).append(name)
    return used, unused
