# SPDX-License-Identifier: MIT
"""The kernel and its modules: uname, ls, lsmod, lines of a .config, the kernel's own messages."""

from __future__ import annotations

import re

from huawei_modem.transcript.line import is_comment
from huawei_modem.transcript.model import MOST_ENTRIES, WANTED_SYMBOLS, WHOLE_CONFIG, Part, Seen
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.tables import Output, Tables

_RELEASE = re.compile(r"\d+\.\d+(?:\.\d+)?[\w.+~-]*")
_UNAME_A = re.compile(
    r"Linux (\S+) (\d+\.\d+[\w.+~-]*) #\d+.* (?:armv?\w*|aarch64|x86_64|i\d86|mips\w*|ppc\w*|riscv\w*) ?.*"
)
_VERSION = re.compile(r"Linux version (\d+\.\d+[\w.+~-]*) ")
_MAGIC = re.compile(r"(\S+): version magic '(\S+) .*' should be '(\S+) .*'")
_INSERTED = re.compile(r"insmod /lib/modules/\S+/(option|qcserial|qmi_wwan|huawei_cdc_ncm)\.ko\S*")
_REGISTERED = re.compile(r"usbcore: registered new interface driver (\w+)")
_SYMBOLS = re.compile(
    r"(\S+): (?:disagrees about version of symbol \S+|no symbol version for \S+|"
    r"Unknown symbol \S+ \(err -22\))"
)
# grep puts the file's name or the line's number before it.
_SET = re.compile(r"(?:[\w./+-]+:)?\s*CONFIG_(\w+)=([ymn]|0x[0-9a-f]+|-?\d+|\"[^\"]*\")\s*")
_UNSET = re.compile(r"(?:[\w./+-]+:)?\s*#\s*CONFIG_(\w+) is not set\s*")
_WANTED = frozenset(f"CONFIG_{name}" for name in WANTED_SYMBOLS)
_NOT_SET = " is not set"
_GADGET = "USB_ETH_RNDIS"
_NODE = re.compile(r"(?:/dev/)?(tty\w*)")
_NO_TUN = re.compile(r"ls: (?:cannot access )?'?/dev/net/tun'?: No such file or directory")
_NO_TTY = re.compile(r"ls: (?:cannot access )?'?/dev/ttyU\S*?'?: No such file or directory")
_NO_FOLDER = re.compile(r"ls: (?:cannot access )?'?/lib/modules/?([^'/:]*).*'?: No such file or directory")
_DRIVERS = ("option:", "usbserial:", "usb_wwan:", "cdc_ncm:", "huawei_cdc_ncm:", "cdc_ether:", "tun:")
_MOST_NODES = 1024
_FAR = 8
"""Lines of a .config between two of its symbols: the titles of its menus."""
_LOADED = re.compile(r"(\w+) +\d+ +-?\d+.*")


_FEW_WORDS = 3
"""Of a sign and a command."""


class Kernel:
    """Reads what is said about the running kernel, its modules and its options."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._names: list[str] = []
        self._nodes: set[str] = set()
        """What the present listing of ttys or modules holds; the state has it too, as it grows."""
        self._config = Part("", "", 0, 0)
        self._symbols = 0
        """How many symbols of the present .config came."""
        self._first: Seen[str] | None = None

    def tables(self) -> Tables:
        return Tables(
            heads={
                "Linux": self._uname_a,
                "insmod": self._inserted,
                "ls:": self._ls_error,
                "Module": self._lsmod_title,
                "#": self._hashed,
            },
            kernel={
                "Linux": self._version,
                "Booting": self._boot,
                "usbcore:": self._registered,
                **dict.fromkeys(_DRIVERS, self._refused),
            },
            commands={"uname": self._uname, "ls": self._ls, "lsmod": lambda _words: None},
            cues=((("CONFIG_",), self._symbol),),
            symbols=(self._symbol,),
        )

    def _uname_a(self, text: str) -> None:
        if match := _UNAME_A.fullmatch(text):
            self._reader.release_is(match[2])

    def _uname(self, words: list[str]) -> Output | None:
        flags = "".join(word[1:] for word in words[1:] if word.startswith("-"))
        if "r" not in flags or "a" in flags:
            return None

        def output(text: str) -> bool:
            # uname -sr names the system before its release.
            release = text.strip().removeprefix("Linux ")
            if _RELEASE.fullmatch(release):
                self._reader.release_is(release)
            return False

        return output

    def _boot(self, text: str) -> None:
        if text.startswith("Booting Linux on"):
            self._reader.new_state()

    def _version(self, text: str) -> None:
        if match := _VERSION.match(text):
            self._reader.release_is(match[1])

    def _inserted(self, text: str) -> bool:
        """What modprobe -v says of a module that it loads; an error of it follows, or the module is there."""
        if match := _INSERTED.fullmatch(text.strip()):
            self._reader.mark("modprobe")
            registered = self._reader.state.registered
            if len(registered) < MOST_ENTRIES:
                registered[match[1]] = self._reader.seen(match[1])
        return False

    def _registered(self, text: str) -> None:
        if match := _REGISTERED.fullmatch(text):
            self._reader.mark("kernel log")
            registered = self._reader.state.registered
            if len(registered) < MOST_ENTRIES:
                registered[match[1]] = self._reader.seen(match[1])

    def _refused(self, text: str) -> None:
        if _MAGIC.match(text) or _SYMBOLS.match(text):
            self._reader.mark("kernel log")
            self._reader.state.add("modules-mismatch:refused", self._reader.seen(text))

    def _ls(self, words: list[str]) -> Output | None:
        paths = [word for word in words[1:] if not word.startswith("-")]
        path = paths[0].rstrip("/") if len(paths) == 1 else ""
        self._names, self._nodes = [], set()
        if path == "/lib/modules":
            return self._modules_entry
        if path == "/dev" or path.startswith("/dev/tty"):
            return self._tty_entry
        return None

    def _modules_entry(self, text: str) -> bool:
        names = [word.rstrip("/") for word in text.split() if _RELEASE.fullmatch(word.rstrip("/"))]
        if not names:
            return False
        self._names += names[: MOST_ENTRIES - len(self._names)]
        self._reader.mark("ls /lib/modules")
        self._reader.state.folders = self._reader.seen(tuple(self._names))
        return True

    def _tty_entry(self, text: str) -> bool:
        if text.startswith("ls:"):
            return False
        names = [match[1] for word in text.split() if "tty" in word and (match := _NODE.fullmatch(word))]
        if len(self._nodes) < _MOST_NODES:
            self._nodes.update(names)
        # The consoles are there on every system: without them the list is a part of the whole.
        whole = "tty0" in self._nodes or any(name.startswith("ttyUSB") for name in names)
        if names and whole:
            self._reader.mark("ls /dev")
            self._reader.state.tty_nodes = self._reader.seen(self._nodes)
        return bool(text)

    def _ls_error(self, text: str) -> None:
        if _NO_TUN.fullmatch(text):
            self._reader.mark("ls /dev")
            self._reader.state.add("tun-missing", self._reader.seen(text))
        elif _NO_TTY.fullmatch(text):
            self._reader.mark("ls /dev")
            self._reader.state.add("=no-ttyusb", self._reader.seen(text))
        elif match := _NO_FOLDER.fullmatch(text):
            self._reader.mark("ls /lib/modules")
            if not match[1]:
                self._reader.state.folders = self._reader.seen(())
            else:
                self._reader.state.add("modules-missing:not-found", self._reader.seen(text))

    def _lsmod_title(self, text: str) -> None:
        if text.split() == ["Module", "Size", "Used", "by"]:
            self._nodes = set()
            self._reader.mark("lsmod")
            self._reader.state.loaded = self._reader.seen(self._nodes)
            self._reader.output = self._lsmod_entry

    def _lsmod_entry(self, text: str) -> bool:
        match = _LOADED.fullmatch(text)
        if match is None:
            return False
        self._reader.mark("lsmod")
        if len(self._nodes) < _MOST_NODES:
            self._nodes.add(match[1])
        return True

    def _hashed(self, text: str) -> bool:
        """A symbol that is not set; else a title or a comment, unless it may be a command of root's."""
        if "CONFIG_" in text:
            self._symbol(text)
            return True
        return not is_comment(text) and (" -" in text or len(text.split()) <= _FEW_WORDS)

    def _symbol(self, text: str) -> None:
        # A whole .config is thousands of lines, of which a dozen are looked at.
        head, equals, _value = text.partition("=")
        if not equals and text.endswith(_NOT_SET):
            head = text[2 : -len(_NOT_SET)]
        elif not equals:
            head = ""
        if head[:7] == "CONFIG_" and head not in _WANTED:
            config, line = self._config, self._reader.line
            if config is self._reader.part and line - config.last <= _FAR and self._symbols > WHOLE_CONFIG:
                config.last = line
            else:
                self._count()
            return
        match = _SET.fullmatch(text) or _UNSET.fullmatch(text)
        if match is not None:
            self._count()
            value = match[2] if match.re is _SET else "n"
            if match[1] in WANTED_SYMBOLS:
                self._reader.state.symbols[match[1]] = self._reader.seen(value)
        elif _GADGET in text:
            self._reader.history.mentions.setdefault(_GADGET, self._reader.seen(_GADGET))

    def _count(self) -> None:
        """One more symbol of a .config, or the first of another one."""
        reader = self._reader
        line = reader.line
        if reader.part is not self._config or line - self._config.last > _FAR:
            reader.mark("kernel configuration")
            self._config, self._symbols, self._first = reader.part, 0, reader.seen("")
        self._config.last = line
        self._symbols += 1
        if self._symbols == WHOLE_CONFIG:
            reader.state.whole_config = self._first
