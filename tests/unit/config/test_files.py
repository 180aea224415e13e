# SPDX-License-Identifier: MIT
"""authorized_keys and config.ini are read before a build: OpenSSH, and the helper itself, are the judges."""

from __future__ import annotations

import re
import subprocess
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huawei_modem.settings import Config, ConnectError
from huawei_modem_config import rules
from huawei_modem_config.files import KEY_TYPES, SECTIONS, config_faults, key_faults
from modem_image import HELPER, PROJECT

TYPES = ("ed25519", "rsa", "ecdsa")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A public key of each type, by ssh-keygen, and one private key."""
    folder = tmp_path_factory.mktemp("keys")
    for kind in TYPES:
        command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "team key", "-f", folder / kind]
        subprocess.run(command, check=True)
    made = {kind: (folder / f"{kind}.pub").read_text() for kind in TYPES}
    return {**made, "private": (folder / "ed25519").read_text()}


def accepted(text: str, folder: Path) -> bool:
    """Whether OpenSSH finds a key in the line."""
    file = folder / "line"
    file.write_text(text)
    return subprocess.run(["ssh-keygen", "-l", "-f", file], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("options", ["", 'command="echo \\"a b\\"",no-pty ', "restrict "])
def test_keys_of_openssh_are_taken(keys: dict[str, str], kind: str, options: str) -> None:
    assert key_faults(f"# ours\n\n{options}{keys[kind]}") == []


@given(data=st.data())
def test_a_damaged_key_is_refused_where_openssh_refuses_it(
    keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    line = keys["ed25519"].strip()
    cut = data.draw(st.integers(0, len(line.rsplit(" ", 2)[0]) - 1))
    folder = tmp_path_factory.mktemp("line")
    assert key_faults(line[:cut])
    assert not accepted(line[:cut], folder)


def test_a_private_key_is_refused_by_its_name(keys: dict[str, str]) -> None:
    (fault,) = key_faults(keys["private"])
    assert "private" in fault
    assert keys["private"].splitlines()[1] not in fault


@pytest.mark.parametrize(
    "text", ["", "\n# nothing\n", "hello", "ssh-rsa", "ssh-rsa AAAA", "ssh-dss AAAAB3NzaC1kc3M= x"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    assert key_faults(text)


def test_the_example_and_each_of_its_lines_are_understood() -> None:
    text = (HELPER / "config.ini").read_text()
    assert config_faults(text) == []
    whole = "\n".join(line.removeprefix("#") for line in text.splitlines() if not line.startswith("# "))
    assert "[sim]" in whole
    assert config_faults(whole) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[apn defualt]\napn = a\n", "[apn defualt]"),
        ("[apn 1234]\napn = a\n", "[apn 1234]"),
        ("[apn default]\nanp = a\napn = a\n", "anp"),
        ("[apn default]\n", "apn is missing"),
        ("[apn default]\napn = in ternet\n", "no access point name"),
        ("[apn default]\napn = a\nauth = CHAPS\n", "auth is one of"),
        ("[apn default]\napn = a\n[apn default]\napn = b\n", "DuplicateSectionError"),
        ("apn = a\n", "MissingSectionHeaderError"),
        ("[sim]\nroaming = maybe\n", "roaming is yes or no"),
        ("[sim]\npin-file = pin\n", "absolute path"),
        ("[DEFAULT]\napn = a\n", "[DEFAULT]"),
    ],
)
def test_what_the_helper_would_pass_over_is_named(text: str, said: str) -> None:
    (fault,) = config_faults(text)
    assert said in fault


def test_no_fault_steers_a_terminal() -> None:
    (fault,) = config_faults("[\x1b[2J\u202e]\nx = 1\n")
    assert "[\\x1b[2J\\u202e]" in fault
    (fault,) = config_faults("[apn default]\napn = a\n\x1b[2J = 1\n")
    assert "\\x1b[2j is not one of" in fault


@pytest.mark.parametrize("octets", [b"[x]\n" * 400_000, b"".join(b"[x%d]\n" % n for n in range(50_000))])
def test_a_file_without_end_is_refused_in_few_words(octets: bytes, tmp_path: Path) -> None:
    path = tmp_path / "config.ini"
    path.write_bytes(octets)
    found = rules._files({"HUAWEI_MODEM_CONFIG": str(path)}.get)
    assert 1 <= len(found) <= 20


def test_no_fault_quotes_a_value() -> None:
    text = "[apn default]\napn = a\npasword = geheim\nauth = geheim\n"
    text += "[sim]\nroaming = geheim\npin-file = geheim\n"
    faults = config_faults(text) + config_faults("geheim") + config_faults("[apn default]\ngeheim\n")
    assert len(faults) == 6
    assert "geheim" not in "\n".join(faults)


names = st.sampled_from(["apn default", "apn 00101", "sim", "apn", "apn defualt", "apn 001"])
keys_of_all = st.sampled_from([*SECTIONS["apn"], *SECTIONS["sim"], "anp"])
values = st.sampled_from(["internet", "chap", "yes", "/etc/pin", "", "a b", "no"])
sections = st.dictionaries(names, st.dictionaries(keys_of_all, values))


@given(sections)
def test_what_is_accepted_the_helper_understands(content: dict[str, dict[str, str]]) -> None:
    lines = [
        line
        for name, keys in content.items()
        for line in (f"[{name}]", *(f"{k} = {v}" for k, v in keys.items()))
    ]
    text = "\n".join(lines)
    refused = False
    try:
        config = Config(text)
        _ = config.access_point("00101"), config.access_point(), config.roaming, config.pin_file
    except ConnectError:
        refused = True
    assert bool(config_faults(text)) or not refused


def test_the_types_are_openssh_s_own() -> None:
    done = subprocess.run(["ssh", "-Q", "key"], capture_output=True, text=True, check=True)
    assert set(KEY_TYPES) <= set(done.stdout.split())


def test_the_file_of_the_documentation_has_each_key_and_no_fault() -> None:
    page = (PROJECT / "docs/config.md").read_text()
    text = textwrap.dedent(page.split("\n\n", 2)[2].split("\n\nA comment")[0])
    assert config_faults(text) == []
    assert Config(text).access_point("00101") == ("internet", "user", "secret", "pap")
    rows = [row.split(" | ") for row in page.splitlines() if row.startswith("| ")]
    known = {name for cells in rows for name in re.findall(r"`([a-z-]+)`", cells[1])}
    keys = {key for names in SECTIONS.values() for key in names}
    assert keys == known == {line.split(" = ")[0] for line in text.splitlines() if " = " in line}
