# SPDX-License-Identifier: MIT
"""What may leave of configurations and of udev's data: keys that are known, line by line.

Comments stay: people leave passwords in them. A value of a key that is not known becomes a token, so that one
sees that the key is there.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from huawei_modem.mask import boot, vocabulary
from huawei_modem.mask.kinds import SECRET, VALUE, words

if TYPE_CHECKING:
    from huawei_modem.mask import Masker

Lines = Callable[[Iterable[str], "Masker"], Iterator[str]]

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
_SECTION = re.compile(r"\[(?:apn (?:default|\d{5,6})|sim|General|([A-Za-z]{1,20}))\]")
_SCSI = re.compile(r"\"?55534243[0-9A-Fa-f]{54}\"?")
_UNKNOWN = "# (a line that is neither a section nor a key)"


def _ini(allowed: dict[str, str], kind: str, secret: tuple[str, ...] = ()) -> Lines:
    """Lines of `key = value`. A value goes out where `allowed` has the key, and its pattern the value."""
    expected = {key.casefold(): re.compile(pattern) for key, pattern in allowed.items()}
    known = [*expected, *secret]

    def lines(text: Iterable[str], mask: Masker) -> Iterator[str]:
        for line in text:
            stripped = line.strip()
            if not stripped or stripped[0] in "#;":
                continue
            if stripped.startswith("["):
                known_one = _SECTION.fullmatch(stripped)
                yield stripped if known_one and (known_one[1] is None or _public(known_one[1])) else "[…]"
                continue
            key, separator, value = (part.strip() for part in _divided(stripped))
            if not separator or not _KEY.fullmatch(key) or line[:1].isspace():
                mask.token(stripped, kind)
                yield _UNKNOWN
                continue
            pattern = expected.get(key.casefold())
            right = pattern is not None and pattern.fullmatch(value)
            # A misspelt key says what is wrong; one like no other may be the secret itself.
            folded = key.casefold()
            named = key if folded in known or difflib.get_close_matches(folded, known, 1) else "…"
            shown = _plain(value, mask) if right else mask.token(value, kind) if value else ""
            yield f"{named} {separator} {shown}"

    return lines


def _public(text: str) -> bool:
    """Whether it is made of words that the programs have in their sources."""
    return vocabulary.shown(text, of_kernel=False) == text


def _plain(value: str, mask: Masker) -> str:
    """An allowed value, without an identity in it. SCSI commands are long numbers, and are none."""
    return value if _SCSI.fullmatch(value) else mask(value)


def _divided(line: str) -> tuple[str, str, str]:
    """Key, = or :, value; configparser takes both marks."""
    at = min((place for mark in "=:" if (place := line.find(mark)) >= 0), default=-1)
    return (line, "", "") if at < 0 else (line[:at], line[at], line[at + 1 :])


_PLAIN = r"[\w .,:/+*-]{0,200}"
_config = _ini(
    {
        "apn": r"[\w.-]{1,100}",
        "auth": "chap|pap|none",
        "roaming": "yes|no|on|off|true|false|0|1",
        "pin-file": r"/[\w./-]{1,200}",
    },
    SECRET,
    secret=("username", "password"),
)
# connman.conf(5), 1.41 and 1.42.
_connman = _ini(
    dict.fromkeys(
        words(
            """
    BackgroundScanning UseGatewaysAsTimeservers FallbackTimeservers FallbackNameservers
    AutoConnectRoamingServices DefaultAutoConnectTechnologies DefaultFavoriteTechnologies
    AlwaysConnectedTechnologies PreferredTechnologies NetworkInterfaceBlacklist AllowHostnameUpdates
    AllowDomainnameUpdates SingleConnectedTechnology TetheringTechnologies PersistentTetheringMode
    Enable6to4 EnableOnlineCheck EnableOnlineToReadyTransition OnlineCheckMode
    OnlineCheckInitialInterval OnlineCheckMaxInterval OnlineCheckIntervalStyle AutoConnect
    AddressConflictDetection UseGatewaysAsNameservers InputRequestTimeout BrowserLaunchTimeout
    AcdEnabled Localtime RegdomFollowsTimezone ResolvConf OnlineCheckConnectTimeout
    OnlineCheckIPv4URL OnlineCheckIPv6URL NetworkCellularMulticastSupport
"""
        ),
        _PLAIN,
    ),
    VALUE,
)
# usb_modeswitch(1), 2.6.1; its messages are SCSI commands, which everybody may know.
_MESSAGE = r"\"?[0-9A-Fa-fx,]{0,140}\"?"
_mode_switch = _ini(
    {
        **dict.fromkeys(
            words(
                """
    TargetVendor TargetProduct TargetProductList DefaultVendor DefaultProduct TargetClass
    MessageContent MessageContent2 MessageContent3 MessageEndpoint ResponseEndpoint Configuration
    AltSetting Interface WaitBefore ReleaseDelay CheckSuccess MessageDelay SetStorageDelay
    DisableSwitching EnableLogging DisableMBIMGlobal NeedResponse ResetUSB DetachStorageOnly
    HuaweiMode HuaweiNewMode HuaweiAltModeGlobal StandardEject NoDriverLoading NoMBIMCheck
    SierraMode SonyMode GCTMode BlackberryMode MobileActionMode CiscoMode QisdaMode QuantaMode
    PantechMode OptionMode
"""
            ),
            _MESSAGE,
        )
    },
    VALUE,
)
_os_release = _ini(
    dict.fromkeys(
        words(
            """
    ID ID_LIKE NAME VERSION VERSION_ID VERSION_CODENAME PRETTY_NAME BUILD_ID VARIANT VARIANT_ID
    DISTRO_CODENAME
"""
        ),
        r"\"?[\w .,:/()+~-]{0,120}\"?",
    ),
    VALUE,
)


def _modules_load(text: Iterable[str], _mask: Masker) -> Iterator[str]:
    for line in text:
        if re.fullmatch(r"\s*[A-Za-z][\w-]{0,60}\s*", line):
            yield line.strip()


def _proc_modules(text: Iterable[str], _mask: Masker) -> Iterator[str]:
    """Name, size, use; where it lies in memory is nobody's business (proc(5), modules)."""
    for line in text:
        if found := re.match(
            r"([A-Za-z][\w-]{0,60} \d{1,9} \d{1,6} [\w,-]{1,2000}) (Live|Loading|Unloading)\b", line
        ):
            yield f"{found[1]} {found[2]} 0x0"


def _cmdline(text: Iterable[str], _mask: Masker) -> Iterator[str]:
    yield from (boot.shown(line) for line in text)


# udev's rules: keys of udev(7) with the attributes and properties that tell ports apart.
_ATTRIBUTES = (
    r"idVendor|idProduct|bcdDevice|bInterface\w+|bConfigurationValue|bNumConfigurations|bDevice\w+|modalias|speed|"
    r"removable|power/\w+|bNumInterfaces|avoid_reset_quirk|authorized\w*"
)
_PROPERTIES = (
    r"OFONO_\w+|ID_USB_INTERFACE_NUM|ID_USB_INTERFACES|ID_VENDOR_ID|ID_MODEL_ID|ID_USB_VENDOR_ID|ID_USB_MODEL_ID|"
    r"ID_USB_DRIVER|ID_USB_TYPE|ID_USB_REVISION|ID_REVISION|ID_BUS|ID_TYPE|ID_MM_\w+|MM_\w+|ID_PATH|ID_PATH_TAG|"
    r"ID_USB_CLASS_FROM_DATABASE|ID_NET_DRIVER|ID_NET_NAME_PATH|DEVTYPE|DRIVER|INTERFACE|PRODUCT|TYPE|SYSTEMD_WANTS|SYSTEMD_READY|"
    r"SYSTEMD_ALIAS|ID_INPUT|HUAWEI_\w+|USB_MODESWITCH\w*|NM_UNMANAGED|TAGS|CURRENT_TAGS"
)
_RULE = re.compile(
    r"\s*(?P<key>[A-Z_]+)(?:\{(?P<name>[^}]*)\})?\s*(?P<mark>==|!=|\+=|-=|:=|=)\s*(?P<type>[ei]?)\"(?P<value>(?:[^\"\\]|\\.)*)\"\s*,?"
)
_COMMAND = re.compile(r"(?:/usr)?/(?:s?bin|lib|libexec)/[\w./-]{1,60}|[\w-]{1,40}")
"""What the system has; what lies elsewhere may have somebody's name in its path."""
_RULE_KEYS = words(
    """
    ACTION SUBSYSTEM SUBSYSTEMS KERNEL KERNELS DRIVER DRIVERS DEVPATH TAG TAGS NAME SYMLINK LABEL
    GOTO MODE GROUP OWNER OPTIONS TEST RESULT CONST
"""
)


def _rules(text: Iterable[str], mask: Masker) -> Iterator[str]:
    joined = re.sub(r"\\\n\s*", " ", "\n".join(text))
    for line in joined.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        terms, at = [], 0
        while match := _RULE.match(line, at):
            terms.append(_term(match, mask))
            at = match.end()
        if line[at:].strip():
            terms.append("…")
        yield ", ".join(terms)


def _term(match: re.Match[str], mask: Masker) -> str:
    key, name, value = match["key"], match["name"], match["value"]
    head = key if name is None else f"{key}{{{name}}}"
    if key in ("RUN", "PROGRAM", "IMPORT"):
        command = value.split(" ")[0] if name in (None, "program", "builtin") else "…"
        plain = _COMMAND.fullmatch(command) and not re.search(r"\d{6}", command)
        named = re.fullmatch("[a-z]*", name or "")
        rest = " …" if " " in value else ""
        return f'{head if named else key}{match["mark"]}"{command if plain else "…"}{rest}"'
    listed = key in _RULE_KEYS and name is None
    listed |= key in ("ATTR", "ATTRS") and re.fullmatch(_ATTRIBUTES, name or "") is not None
    listed |= key == "ENV" and re.fullmatch(_PROPERTIES, name or "") is not None
    if listed:
        return f'{head}{match["mark"]}{match["type"]}"{vocabulary.shown(mask(value), of_kernel=True)}"'
    if not re.fullmatch(r"[\w/.-]{1,40}", name or "x") or key not in _RULE_KEYS | {
        "ATTR",
        "ATTRS",
        "ENV",
        "SYSCTL",
    }:
        return f'…="{mask.token(value, VALUE)}"'
    return f'{head}{match["mark"]}"{mask.token(value, VALUE) if value else ""}"'


_DATABASE = re.compile(rf"E:(?:{_PROPERTIES})=.*|[IGQV]:[\w.:-]{{1,40}}|S:serial/by-path/.*")


def udev_database(text: str, mask: Masker) -> Iterator[str]:
    """What udev knows of a port (a file of /run/udev/data), without the stick's own strings."""
    yield from (mask(line) for line in text.splitlines() if _DATABASE.fullmatch(line))


_CONFIG = re.compile(r"(CONFIG_[A-Za-z0-9_]{1,80})=(y|m|n|-?[0-9]{1,12}|0x[0-9a-fA-F]{1,9}|\".*\")")
_NOT_SET = re.compile(r"# CONFIG_[A-Za-z0-9_]{1,80} is not set")
_CONFIG_TEXTS = (
    "CONFIG_LOCALVERSION",
    "CONFIG_CC_VERSION_TEXT",
    "CONFIG_EXTRA_FIRMWARE",
    "CONFIG_DEFAULT_TCP_CONG",
)


def kernel_config(text: str, mask: Masker) -> Iterator[str]:
    """Lines of a .config; of the texts in it only those that tell how the kernel was made."""
    for line in text.splitlines():
        if _NOT_SET.fullmatch(line):
            yield line
        elif found := _CONFIG.fullmatch(line):
            value = found[2]
            if not value.startswith('"'):
                yield line
            elif found[1] == "CONFIG_CMDLINE":
                yield f'CONFIG_CMDLINE="{boot.shown(value[1:-1])}"'
            else:
                shown = mask(value) if found[1] in _CONFIG_TEXTS or value == '""' else '"…"'
                yield f"{found[1]}={shown}"


def descriptors(data: bytes) -> bytes:
    """The USB descriptors at the start of `data`, as far as they are of the kinds that a stick has.

    They hold indexes of strings, and no string (USB 2.0, 9.5 and 9.6).
    """
    at = 0
    while (
        at + 2 <= len(data) and data[at] >= 2 and data[at + 1] in _DESCRIPTORS and at + data[at] <= len(data)
    ):
        at += data[at]
    return data[:at]


_DESCRIPTORS = frozenset((0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0B, 0x0F, 0x10, 0x21, 0x24, 0x25, 0x30))

FILES: dict[str, Lines] = {
    "etc/udev/rules.d/*.rules": _rules,
    "usr/lib/udev/rules.d/*huawei*.rules": _rules,
    "etc/usb_modeswitch.conf": _mode_switch,
    "etc/usb_modeswitch.d/*": _mode_switch,
    "etc/connman/main.conf": _connman,
    "etc/huawei-modem/config.ini": _config,
    "etc/modules-load.d/*.conf": _modules_load,
    "usr/lib/modules-load.d/huawei-modem.conf": _modules_load,
    "etc/os-release": _os_release,
    "proc/cmdline": _cmdline,
    "proc/modules": _proc_modules,
}
"""Which files a capture holds, and what of each of them."""
