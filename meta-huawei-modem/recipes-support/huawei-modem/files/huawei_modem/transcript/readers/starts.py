# SPDX-License-Identifier: MIT
"""Programs that do not start: absent, for another processor, without their loader or a library.

The words are those of bash 5, BusyBox's ash, dash, glibc, musl, uClibc and Android's linker. The kernel
answers ENOENT to the start of a file whose ELF interpreter is missing, as it does where the file itself is.
"""

from __future__ import annotations

import re

from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Tables

_NAMES = """
    pppd chat wvdial wvdialconf usb_modeswitch usbmode ofonod connmand ModemManager mmcli NetworkManager
    qmicli mbimcli uqmi umbim comgt gcom gammu gammu-smsd smsd minicom picocom sms_tool quectel-CM sakis3g
    gnokii mpd5
"""
_DIALLERS = ("pppd", "chat", "wvdial", "wvdialconf", "comgt")
"""Programs whose absence is why nothing dials. Of others the person may have another."""
_PATH = rf"(?P<path>(?:[\w.~-]*/)*(?P<name>{'|'.join(map(re.escape, _NAMES.split()))}))"
_SHELL = r"(?:-?(?:\w+/)*(?:ba|a|da|z|mk)?sh: |/\S{1,60}: |sudo: |exec: |nohup: |env: )?(?:(?:line )?\d+: )?"
_TOLD = (
    (re.compile(rf"{_SHELL}{_PATH}: (?:cannot execute binary file.*|.*[Ee]xec format error)"), "format"),
    (re.compile(rf"{_SHELL}{_PATH}: (?:line )?\d+: (?:\S+: )?[Ss]yntax error: .*\(.*"), "format"),
    (re.compile(rf"{_SHELL}{_PATH}: (?:line )?\d+: \W*ELF.*: (?:command )?not found"), "format"),
    (re.compile(rf"{_SHELL}{_PATH}: (?:No such file or directory|(?:command )?not found)"), "path"),
    (re.compile(rf"{_SHELL}{_PATH}: cannot execute: required file not found"), "loader"),
    (re.compile(rf"{_SHELL}{_PATH}: Permission denied"), "denied"),
    (re.compile(rf"{_PATH}: error while loading shared libraries: .*"), "library"),
    (re.compile(rf"{_PATH}: .*version `\S+' not found \(required by .*"), "library"),
    (re.compile(rf"{_PATH}: can't load library '.*"), "library"),
    (re.compile(rf"CANNOT LINK EXECUTABLE \"?{_PATH}\"?: .*"), "library"),
    (re.compile(rf"Error (?:loading shared library .*needed by|relocating) {_PATH}\)?.*"), "library"),
)
_LISTED = re.compile(r"-r[w-]x[r-][w-]x\S* .*[ /]([^\s/]+)")
"""ls -l: a file that may be executed."""


class Starts:
    """Reads what shell, loader and kernel say of a program that they cannot start."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def tables(self) -> Tables:
        cues = (
            *("No such file or directory", "not found", "ermission denied", "xecut", "xec format"),
            *("yntax error", "shared librar", "LINK EXECUTABLE", "relocating", "load library"),
        )
        return Tables(cues=((cues, self._refused), (("-rwx", "-r-x"), self._listed)))

    def _refused(self, text: str) -> None:
        text = text.strip()
        for words, kind in _TOLD:
            match = words.fullmatch(text)
            if match is None:
                continue
            path, name, sign = match["path"], match["name"], kind
            if kind == "path" and "/" not in path:
                if name not in _DIALLERS:
                    return
                sign = "absent"
            self._reader.mark("a shell's answer")
            self._reader.state.add(f"program-not-runnable:{sign}", self._reader.seen(path))
            return

    def _listed(self, text: str) -> None:
        if match := _LISTED.fullmatch(text.strip()):
            self._reader.state.add("=file-there", self._reader.seen(match[1]))
