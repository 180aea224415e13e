# SPDX-License-Identifier: MIT
"""The content of the two files that a team gives to a build: authorized_keys and config.ini.

Pure functions from text to faults. No fault quotes a value: a line of config.ini may hold a password.
"""

from __future__ import annotations

import base64
import binascii
import configparser
import re

from huawei_modem_config import modes

KEY_TYPES = (
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)
"""What OpenSSH 9 and dropbear 2022.82 both take (sshd(8), dropbear's CHANGES). Neither takes ssh-dss."""

SECTIONS = {
    "apn": ("apn", "username", "password", "auth"),
    "sim": ("pin-file", "roaming"),
    "mode": ("use",),
}
"""Keys by kind of section: the helper reads apn and sim (huawei_modem/settings.py), the image class mode."""
AUTHENTICATION = ("chap", "pap", "none")
_NETWORK = re.compile(r"apn (?:default|[0-9]{5,6})")
# A label of a domain name or several, 100 octets at most (3GPP TS 23.003, 9.1).
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_APN = re.compile(rf"(?=.{{1,100}}$){_LABEL}(?:\.{_LABEL})*")


def key_faults(text: str) -> list[str]:
    """What is wrong with an authorized_keys file; empty when every line is a key and there is one."""
    if "PRIVATE KEY-----" in text:
        return ["this is a private key, which belongs on no device; give its .pub file"]
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    keys = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not keys:
        return ["there is no key in it"]
    return [f"line {number}: {fault}" for number, line in keys for fault in _key_line(line)]


def _key_line(line: str) -> list[str]:
    words = _without_options(line).split(None, 2)
    if not words or words[0] not in KEY_TYPES:
        return [f"no key of a known type ({', '.join(KEY_TYPES[:3])}, ...)"]
    try:
        blob = base64.b64decode(words[1] if len(words) > 1 else "", validate=True)
    except (binascii.Error, ValueError):
        return ["the key is not base64: is the line cut or wrapped?"]
    fields = _fields(blob)
    # RFC 4253, 6.6: the type as a string, then the key's own strings and numbers, and nothing behind them.
    if fields is None or len(fields) < 2 or fields[0] != words[0].encode("ascii"):
        return ["the key is damaged: is the line cut?"]
    return []


def _fields(blob: bytes) -> list[bytes] | None:
    """The strings of an SSH key (RFC 4251, 5: each with its length before it); None when they do not fit."""
    fields = []
    while blob:
        size = int.from_bytes(blob[:4], "big")
        if len(blob) < 4 + size:
            return None
        fields.append(blob[4 : 4 + size])
        blob = blob[4 + size :]
    return fields


def _without_options(line: str) -> str:
    """The line behind its options (sshd(8)): up to the first blank that no quotes enclose."""
    if line.split(None, 1)[0] in KEY_TYPES:
        return line
    quoted = False
    for position, letter in enumerate(line):
        if letter == '"' and line[position - 1 : position] != "\\":
            quoted = not quoted
        elif letter in " \t" and not quoted:
            return line[position:].lstrip()
    return ""


def config_faults(text: str) -> list[str]:
    """What is wrong with a config.ini; empty when the helper understands every line of it."""
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        parser.read_string(text)
    except configparser.Error as err:
        where = getattr(err, "lineno", None) or (getattr(err, "errors", None) or [(None, "")])[0][0]
        place = f"line {where}: " if where else ""
        return [f"{place}not a file of sections and keys ({type(err).__name__})"]
    return [fault for name in parser.sections() for fault in _section(name, parser[name])]


def _shown(name: str) -> str:
    """A name that anybody may have written, for a terminal and a log."""
    return name[:40].encode("unicode_escape").decode("ascii")


def _section(name: str, keys: configparser.SectionProxy) -> list[str]:
    kind = "apn" if _NETWORK.fullmatch(name) else "mode" if modes.SECTION.fullmatch(name) else name
    if kind not in SECTIONS or name in ("apn", "mode"):
        return [
            f"section [{_shown(name)}]: there are [apn default], [apn 00101] (the SIM's network code), [sim] "
            "and [mode 12d1:1f01] (a drive's USB id)"
        ]
    known = SECTIONS[kind]
    faults = [
        f"section [{_shown(name)}]: the key {_shown(key)} is not one of {', '.join(known)}"
        for key in keys
        if key not in known
    ]
    if kind == "apn" and not _APN.fullmatch(keys.get("apn", "")):
        faults.append(f"section [{_shown(name)}]: apn is missing or no access point name")
    if kind == "mode" and not modes.USE.fullmatch(keys.get("use", "")):
        faults.append(f"section [{_shown(name)}]: use is missing or no mode, such as modem")
    if keys.get("auth", "none") not in AUTHENTICATION:
        faults.append(f"section [{_shown(name)}]: auth is one of {', '.join(AUTHENTICATION)}")
    if keys.get("roaming", "no").lower() not in configparser.ConfigParser.BOOLEAN_STATES:
        faults.append(f"section [{_shown(name)}]: roaming is yes or no")
    if not keys.get("pin-file", "/").startswith("/"):
        faults.append(f"section [{_shown(name)}]: pin-file is an absolute path on the device")
    return faults
