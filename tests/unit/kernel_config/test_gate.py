# SPDX-License-Identifier: MIT
"""What the class huawei_modem_kernel_gate judges by: the layer's own files, and nothing but Python."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from huawei_modem_kernel.fragments import (
    FRAGMENTS,
    REQUIRED,
    FragmentError,
    fragment_files,
    linux_version,
    parse_required,
)
from huawei_modem_kernel.gate import asked_of, judge
from modem_image import HELPER, LIBRARY

FILES = fragment_files()
ASKED = asked_of(FILES, FRAGMENTS / REQUIRED)
SETTINGS = {item.symbol: item.value for item in ASKED}


def config(**changed: str | None) -> str:
    """A configuration with all that is asked, changed so; None takes a symbol out."""
    values = {**SETTINGS, **changed}
    lines = [f"CONFIG_{name}={value}" for name, value in values.items() if value not in (None, "n")]
    return "# Linux/arm 6.6.127 Kernel Configuration\n" + "\n".join(lines) + "\n"


def test_a_configuration_with_everything_passes() -> None:
    verdict = judge(ASKED, config(), ".config", config())
    assert (verdict.fatal, verdict.warning) == ("", "")


def test_a_dropped_symbol_stops_with_file_line_and_value() -> None:
    text = judge(ASKED, config(USB_NET_HUAWEI_CDC_NCM=None), "/build/.config").fatal
    path = FRAGMENTS / "huawei-modem-usb-net.cfg"
    line = path.read_text().splitlines().index("CONFIG_USB_NET_HUAWEI_CDC_NCM=m") + 1
    assert f"seen: {path}:{line}: asks for CONFIG_USB_NET_HUAWEI_CDC_NCM=m" in text
    assert "seen: /build/.config: CONFIG_USB_NET_HUAWEI_CDC_NCM is not set" in text


def test_a_required_symbol_stops_too() -> None:
    text = judge(ASKED, config(USB_STORAGE=None), "x").fatal
    assert "required.toml:" in text
    assert "CONFIG_USB_STORAGE=y or m" in text


def test_what_was_built_in_and_is_a_module_now_stops() -> None:
    text = judge(ASKED, config(PPP="m", PHYLINK="m"), "x", config(PPP="y", PHYLINK="y")).fatal
    assert text.count("kernel-symbol-demoted") == 2
    assert "CONFIG_PHYLINK was y, is m" in text
    assert judge(ASKED, config(PPP="m"), "x").fatal == "", "without a base nothing is said of it"


def test_a_wish_warns_and_does_not_stop() -> None:
    verdict = judge(ASKED, config(IKCONFIG=None), "x")
    assert verdict.fatal == ""
    assert "CONFIG_IKCONFIG=y" in verdict.warning


def test_an_accepted_symbol_and_a_removed_fragment_ask_nothing() -> None:
    fewer = [path for path in FILES if path.name != "huawei-modem-ppp.cfg"]
    asked = asked_of(fewer, FRAGMENTS / REQUIRED, {"TUN"})
    assert judge(asked, config(TUN=None, PPP=None), "x").fatal == ""


def test_no_reason_is_no_pass() -> None:
    def unread() -> None:
        raise AssertionError("not without a finding")

    assert judge(ASKED, config(), "x", read=unread).fatal == ""  # type: ignore[arg-type]


def test_the_judge_needs_nothing_but_the_layer(tmp_path: Path) -> None:
    """As in a build: the layer's two folders, no site-packages, no kconfiglib, and no tomllib."""
    program = (
        "import sys, json; sys.path[:0] = json.loads(sys.argv[1]); sys.modules['tomllib'] = None\n"
        "sys.modules['kconfiglib'] = None\n"
        "from pathlib import Path\n"
        "from huawei_modem_kernel import gate\n"
        "asked = gate.asked_of([Path(name) for name in sys.argv[3:]], Path(sys.argv[2]))\n"
        "print(gate.judge(asked, sys.stdin.read(), 'x', read=lambda: 1 / 0).fatal)\n"
    )
    command = [sys.executable, "-I", "-S", "-B", "-c", program, json.dumps([str(LIBRARY), str(HELPER)])]
    done = subprocess.run(
        [*command, FRAGMENTS / REQUIRED, *FILES],
        input=config(TUN=None),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "asks for CONFIG_TUN=m" in done.stdout, done.stderr


def test_the_judge_is_written_for_the_oldest_python_of_a_build_host() -> None:
    for path in (*(LIBRARY / "huawei_modem_kernel").glob("*.py"), HELPER / "huawei_modem" / "report.py"):
        text = path.read_text()
        ast.parse(text, feature_version=(3, 8))
        assert "from __future__ import annotations" in text or path.name == "__init__.py"
        for newer in (".removeprefix(", ".removesuffix(", "strict=", "contextlib.chdir"):
            assert newer not in text, f"{path.name}: {newer}"


def test_the_small_reader_reads_what_tomllib_reads() -> None:
    text = (FRAGMENTS / REQUIRED).read_text()
    tables = tomllib.loads(text)
    required = parse_required(text, REQUIRED)
    assert {item.symbol: item.reason for item in required.asked} == tables["y-or-m"]
    assert required.wished == set(tables["wished"])
    assert {name: f"{a}.{b}" for name, (a, b) in required.since.items()} == tables.get("since", {})
    lines = text.splitlines()
    assert all(lines[item.line - 1].startswith(f"{item.symbol} = ") for item in required.asked)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('USB = "x"\n', "x:1"),
        ("[y-or-m]\nUSB = 1\n", "x:2"),
        ('[y-or-m]\nUSB = "a\n', "x:2"),
        ('[since]\nlegacy = "new"\n', "x:2: 'new' is not a version"),
    ],
)
def test_what_the_small_reader_cannot_read_is_named(text: str, said: str) -> None:
    with pytest.raises(FragmentError, match=said):
        parse_required(text, "x")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("6.12.117", (6, 12)),
        ("# Automatically generated\n# Linux/arm 7.2.13 Kernel Configuration\n", (7, 2)),
        ("CONFIG_ARM=y\n", None),
    ],
)
def test_the_version_of_a_kernel(text: str, version: tuple[int, int] | None) -> None:
    assert linux_version(text) == version
