# SPDX-License-Identifier: MIT
"""What the text shows as done already: the commands typed in it, and those whose output it has.

A step of a remedy or a question is a list of commands between semicolons, with words about them behind a
colon. Who has run a command already is not asked to run it first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from huawei_modem.report import INSUFFICIENT_DATA, Finding
from huawei_modem.transcript import machines
from huawei_modem.transcript.model import History

_SHOWN_BY = {
    "lsusb -t": "lsusb -t",
    "lsusb -v": "lsusb -v; usb-devices",
    "cat /sys/kernel/debug/usb/devices": "lsusb; usb-devices",
    "ip addr": "ifconfig and ip; ip addr",
    "ip route": "ip route",
    "usb-devices": "usb-devices",
    "usbconfig": "usbconfig",
    "uname -r": "uname",
    "ls /lib/modules": "ls /lib/modules",
    "ls /dev/ttyUSB*": "ls /dev/ttyUSB*",
    "list-modems": "list-modems",
    "list-contexts": "list-contexts",
    "systemctl status ofono": "systemctl",
    "journalctl -b -u ofono": "ofonod",
    "mmcli -L": "mmcli; mmcli in part; mmcli -L; mmcli none",
    "mmcli -m": "mmcli",
    "mmcli -b": "mmcli of a bearer",
    "nmcli device": "nmcli; nmcli device",
    "dmesg": "kernel log",
    "logread": "netifd",
    "ifstatus": "ifstatus",
    "connmanctl services": "connmanctl services",
    "connmanctl technologies": "connmanctl",
    "fuser -v": "fuser",
    "ping -c 3 1": "ping; reach",
    "ping -c 3 kernel": "names",
    "qmicli -d /dev/cdc-wdm0 --nas-get-serving-system": "serving system",
    "qmicli -d /dev/cdc-wdm0 --wds-get-packet-service-status": "packet service",
    "AT+CPIN?": "sim",
    "AT+CREG?": "registration",
    "AT+CSQ": "signal",
    "AT+CGATT?": "attach",
}
"""A command by its beginning, and what shows its output: kinds of text, topics, and words (History.tried).

Of lsusb and lsmod, which are others with an option, the kinds of text are called as they are.
"""
_AT = re.compile(r"AT(?:[+^]\w+)?\??(?=$| on | and |: | \()")
"""An AT command, and where it ends within a question."""
_PROGRAM = re.compile(r"[a-z][\w.-]*|/[\w./-]+|AT(?:[+^]\w+)?\??")
_MARGIN = re.compile(r"(?:\[[a-z,]+\]|run|send|then|or|and|with plain \w+:|or plain \w+:) ", re.IGNORECASE)
_UNTOLD = re.compile(r"-[A-Za-z]\Z|\d+\Z|.*[A-Z]{3}|any\Z|tail\Z|\W+\Z")
"""Options of one letter, numbers, what stands for a name: they tell no command from another."""


_TELLING = {"lsusb": ("-t", "-v"), "mmcli": ("-m", "-L", "-b")}
"""Options of one letter that tell one command of a program from another."""
_MORE = re.compile(r"mmcli -m \w+ --|dmesg -w")
"""Does something, or shows something else, than the command that it begins with."""
_OTHER_TABLE = ("--bearer", "-b", "--sim", "-i")
"""Options of mmcli that show something else than the modem."""
_SETS_APN = re.compile(
    r"check the APN: AT\+CGDCONT|uci set network\.INTERFACE\.apn=NAME;|nmcli .* gsm\.apn|"
    r"mmcli -m any --simple-connect=apn=APN\Z|huawei-modem connect --apn|the APN as the operator"
)
"""Who shows that the APN was set is to look at other things first."""


class Done(NamedTuple):
    """What was run, as far as the text shows."""

    typed: tuple[tuple[str, ...], ...]
    """Program and telling words of each command."""
    shown: frozenset[str]
    """Kinds of recognised text, topics that were answered, what sentences say was tried (History.tried)."""


def of_history(history: History) -> Done:
    """What the transcript shows as run, on whichever system."""
    typed = {words for line in history.commands for words in (_words(line),) if words}
    shown = {part.kind for part in history.parts} | history.tried
    for state in history.states:
        shown |= state.latest.keys()
        if state.contexts is not None:
            shown.add("list-contexts")
        if state.services is not None:
            shown.add("connmanctl services")
    shown |= {"built in"} & history.words
    missing = history.claims.get("port")
    if missing is not None and "tty" in missing.place[1]:
        shown.add("ls /dev/ttyUSB*")  # what somebody has looked for, and says so
    return Done(tuple(sorted(typed)), frozenset(shown))


def to_do_first(finding: Finding, done: Done) -> Finding:
    """The finding with the steps that were run already after the others.

    Questions are whole where they come from: what they ask for belongs together.
    """
    steps = (_untried(step, done) for step in finding.remedy)
    finding = finding._replace(remedy=tuple(dict.fromkeys(step for step in steps if step)))
    if finding.code == INSUFFICIENT_DATA:
        return finding
    new = [_left(step, done) for step in finding.remedy if not _all_run(step, done)]
    if not new:
        return finding
    old = [step for step in finding.remedy if _all_run(step, done)]
    return finding._replace(remedy=(*new, *old))


_ADVICE = {
    "a powered USB hub": "hub",
    "a powered hub": "hub",
    "a short cable": "cable",
    "another port": "port",
}
_PIECE = "|".join(_ADVICE)
_LISTED = re.compile(
    rf"(?P<try>try )?(?P<pieces>(?:{_PIECE})(?:(?:, (?:and |or )?| and | or )(?:{_PIECE}))*)"
)
_BUILT_IN = (
    "the modem is built in: its supply, its power and reset lines (device tree, GPIO, rfkill), "
    "and its firmware"
)
_ELSEWHERE = re.compile(r"; (?:try it|the (?:same )?SIM) in a telephone(?: at that place)?")


def _untried(step: str, done: Done) -> str:
    """The step without what the person has tried; empty where nothing is left of it."""
    if "no lsusb" in done.shown:
        step = machines.without_lsusb(step)
    if "telephone" in done.shown:
        step = _ELSEWHERE.sub("", step)
    found = _LISTED.search(step)
    if found is None:
        return step
    if "built in" in done.shown:
        start = step[: found.start("pieces")] if step.startswith("if ") else ""
        return f"{start}{_BUILT_IN}"  # nobody can plug it in elsewhere
    named = re.findall(_PIECE, found["pieces"])
    pieces = [piece for piece in named if _ADVICE[piece] not in done.shown]
    if pieces == named:
        return step
    if pieces:
        whole = " and ".join((", ".join(pieces[:-1]), pieces[-1])) if len(pieces) > 1 else pieces[0]
        return f"{step[: found.start('pieces')]}{whole}{step[found.end() :]}"
    return "" if found[0] == step else step


def _left(step: str, done: Done) -> str:
    """The step without those of its commands that were run."""
    commands, colon, words = step.partition(": ")
    left = [piece for piece in commands.split("; ") if not _run(piece, done)]
    return "; ".join(left) + colon + words if left and not step.startswith(("or ", "with ")) else step


def without_done(question: Finding, done: Done) -> Finding | None:
    """The question without the commands that were run; None where all were."""
    if not question.remedy:
        return question
    pieces = question.remedy[0].split("; ")
    left = [piece for piece in pieces if not _run(piece, done)]
    if not left:
        return None
    if (
        left != pieces
        and left[-1] != pieces[-1]
        and (place := _place(pieces[-1]))
        and _AT.fullmatch(left[-1])
    ):
        left[-1] += place
    return question._replace(remedy=("; ".join(left), *question.remedy[1:]))


def _place(piece: str) -> str:
    """Where an AT command is to be sent, which the last of several says."""
    return " on the AT port" if " on the AT port" in piece else ""


def _all_run(step: str, done: Done) -> bool:
    """Whether each of the step's commands was run. What is no command was not."""
    if _SETS_APN.match(step):
        return "apn" in done.shown
    commands = step.partition(": ")[0] if not step.startswith(("or ", "with ")) else step
    return all(_run(piece, done) for piece in commands.split("; "))


def _run(piece: str, done: Done) -> bool:
    piece = piece.strip().rstrip(".")
    for part in piece.split(", or "):
        while margin := _MARGIN.match(part):
            part = part[margin.end() :]
        if _one_run(part, done):
            return True
    return False


def _one_run(command: str, done: Done) -> bool:
    command = (at[0] if (at := _AT.match(command)) else command).partition(": ")[0]
    other = _MORE.match(command) is not None
    if command.startswith("mmcli -m") and "mmcli in part" in done.shown and not other:
        return "mmcli" in done.shown
    head = command.split(" ", 1)[0]
    if not _PROGRAM.fullmatch(head):
        return False
    name = command if at else f"{head.rpartition('/')[2]}{command[len(head) :]}"
    if name in done.shown:
        return True
    for shown, by in _SHOWN_BY.items():
        same = name == shown if at or other else name.startswith(shown)
        if same and done.shown.intersection(by.split("; ")):
            return True
    words = _words(command)
    return bool(words) and any(_same(words, typed) for typed in done.typed)


def _words(line: str) -> tuple[str, ...]:
    """Program and telling words of a command line; nothing of what is none."""
    pieces = line.split("|", 1)[0].replace('"', "").replace("'", "").split()
    while pieces and pieces[0] in ("sudo", "run", "send"):
        del pieces[0]
    if not pieces or not _PROGRAM.fullmatch(pieces[0].partition("=")[0]):
        return ()
    program = pieces[0].rpartition("/")[2]
    telling = [piece.removesuffix(".service").partition("=")[0] for piece in pieces[1:]]
    kept = _TELLING.get(program, ())
    return program, *(piece for piece in telling if piece in kept or (piece and not _UNTOLD.match(piece)))


def _same(step: Iterable[str], typed: tuple[str, ...]) -> bool:
    """Whether the typed command is the step's: each word of the step is typed too, or the beginning of it."""
    program, *words = step
    if program != typed[0]:
        return False
    if program == "mmcli" and any(word in typed and word not in words for word in _OTHER_TABLE):
        return False
    return all(any(_begins(word, other) for other in typed[1:]) for word in words)


def _begins(word: str, other: str) -> bool:
    word, other = word.rstrip("*"), other.rstrip("*")
    return word.startswith(other) or other.startswith(word)
